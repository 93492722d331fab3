"""What the Bot API makes of a text: entities parsed, length counted.

Leaves keyboards to `telegram_keyboards`.
"""

import re
from typing import Final, cast

from tests.channels.stubs.telegram_request import Params, TelegramRefusal

TEXT_MAX: Final = 4096
CAPTION_MAX: Final = 1024
ENTITIES_MAX: Final = 100

_TAGS: Final = frozenset(
    [
        *("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre"),
        *("blockquote", "span", "tg-spoiler", "tg-emoji"),
    ]
)
_PIECE: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)>|<|&(#?\w+);")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


def utf16_length(text: str) -> int:
    """Return the length the way Telegram counts offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shown_text(params: Params, *, name: str, most: int) -> str:
    """Return the text as the person sees it; TelegramRefusal if it is not one that can be sent."""
    raw = params.text(name) or ""
    mode = params.text("parse_mode")
    if mode is None:
        _check_entities(params, text=raw, name=name)
        shown = raw
    elif mode.upper() == "HTML":
        shown = parsed_html(raw)
    else:
        raise TelegramRefusal(
            400, "Bad Request: unsupported parse_mode", rule="parse_mode HTML or entities"
        )
    if utf16_length(shown.strip()) > most:
        what = "message is too long" if name == "text" else "message caption is too long"
        raise TelegramRefusal(400, f"Bad Request: {what}", rule=f"{name} at most {most}")
    return shown.strip()


def parsed_html(text: str) -> str:
    """Return `text` without its tags; TelegramRefusal if a tag is unknown or open."""
    shown: list[str] = []
    open_tags: list[str] = []
    entities = 0
    at = 0
    for piece in _PIECE.finditer(text):
        shown.append(text[at : piece.start()])
        at = piece.end()
        if piece[4] is not None:
            shown.append(_character(piece[4], written=piece[0]))
            continue
        if piece[2] is None or piece[2].lower() not in _TAGS:
            raise _unparsable(f"Unsupported start tag at offset {piece.start()}")
        if not piece[1]:
            open_tags.append(piece[2].lower())
            entities += 1
        elif not open_tags or open_tags.pop() != piece[2].lower():
            raise _unparsable(f"Unexpected end tag at offset {piece.start()}")
    if open_tags:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{open_tags[-1]}"')
    _check_entity_count(entities)
    return "".join([*shown, text[at:]])


def _character(name: str, *, written: str) -> str:
    """Return the character of `&name;`; an unknown one stays as it was written."""
    if name.startswith("#"):
        digits, base = (name[2:], 16) if name[1:2] in {"x", "X"} else (name[1:], 10)
        try:
            return chr(int(digits, base))
        except (ValueError, OverflowError):
            return written
    return _NAMED.get(name, written)


def _unparsable(reason: str) -> TelegramRefusal:
    return TelegramRefusal(
        400, f"Bad Request: can't parse entities: {reason}", rule="HTML that can be parsed"
    )


def _check_entity_count(count: int) -> None:
    if count > ENTITIES_MAX:
        raise TelegramRefusal(
            400, "Bad Request: too many entities", rule=f"at most {ENTITIES_MAX} entities"
        )


def _check_entities(params: Params, *, text: str, name: str) -> None:
    entities = params.structure("entities" if name == "text" else "caption_entities")
    if entities is None:
        return
    if not isinstance(entities, list):
        raise _unparsable("entities is not an array")
    _check_entity_count(len(entities))
    for entity in entities:
        span = cast(dict[str, object], entity) if isinstance(entity, dict) else {}
        offset, length = span.get("offset"), span.get("length")
        if not isinstance(offset, int) or not isinstance(length, int) or "type" not in span:
            raise _unparsable("an entity needs type, offset and length")
        if offset < 0 or length <= 0 or offset + length > utf16_length(text):
            raise _unparsable("an entity lies outside of the text")
