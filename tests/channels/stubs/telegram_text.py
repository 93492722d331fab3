"""What the Bot API makes of a text: entities parsed, length counted.

Leaves keyboards to `telegram_keyboards`.
"""

import html
import re
from dataclasses import dataclass
from typing import Final, cast

from tests.channels.stubs.telegram_members import Body
from tests.channels.stubs.telegram_request import Params, TelegramRefusal

TEXT_MAX: Final = 4096
CAPTION_MAX: Final = 1024
ENTITIES_MAX: Final = 100

_TAGS: Final = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("span", "tg-spoiler"), "spoiler"),
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_LINK: Final = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PIECE: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)>|<|&(#?\w+);")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


def utf16_length(text: str) -> int:
    """Return the length the way Telegram counts offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText:
    """A text as people see it, and how it is dressed up; an edit must change one of them."""

    text: str
    entities: tuple[Body, ...] = ()

    def stripped(self) -> "ShownText":
        """Return it without the blanks around it, as the server cuts it."""
        text = self.text.strip()
        lead = utf16_length(self.text[: len(self.text) - len(self.text.lstrip())])
        entities = []
        for entity in self.entities:
            begin = max(int(str(entity["offset"])) - lead, 0)
            end = int(str(entity["offset"])) + int(str(entity["length"])) - lead
            if (length := min(end, utf16_length(text)) - begin) > 0:
                entities.append({**entity, "offset": begin, "length": length})
        return ShownText(text=text, entities=tuple(entities))


def shown_text(params: Params, *, name: str, most: int) -> ShownText:
    """Return the text as the person sees it; TelegramRefusal if it is not one that can be sent."""
    raw = params.text(name) or ""
    mode = params.text("parse_mode")
    if mode is None:
        shown = ShownText(text=raw, entities=_checked_entities(params, text=raw, name=name))
    elif mode.upper() == "HTML":
        shown = parsed_html(raw)
    else:
        raise TelegramRefusal(
            400, "Bad Request: unsupported parse_mode", rule="parse_mode HTML or entities"
        )
    shown = shown.stripped()
    if utf16_length(shown.text) > most:
        what = "message is too long" if name == "text" else "message caption is too long"
        raise TelegramRefusal(400, f"Bad Request: {what}", rule=f"{name} at most {most}")
    return shown


def parsed_html(text: str) -> ShownText:
    """Return `text` without its tags; TelegramRefusal if a tag is unknown or open."""
    shown = ""
    open_tags: list[tuple[str, Body]] = []
    entities: list[Body] = []
    at = 0
    for piece in _PIECE.finditer(text):
        shown += text[at : piece.start()]
        at = piece.end()
        if piece[4] is not None:
            shown += _character(piece[4], written=piece[0])
            continue
        if piece[2] is None or piece[2].lower() not in _TAGS:
            raise _unparsable(f"Unsupported start tag at offset {piece.start()}")
        tag = piece[2].lower()
        if not piece[1]:
            open_tags.append((tag, _begun(tag, piece[3], offset=utf16_length(shown))))
            continue
        opened, entity = open_tags.pop() if open_tags else ("", {})
        if opened != tag:
            raise _unparsable(f"Unexpected end tag at offset {piece.start()}")
        entity["length"] = utf16_length(shown) - int(str(entity["offset"]))
        if tag != "a" or "url" in entity:
            entities.append(entity)
    if open_tags:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    _check_entity_count(len(entities))
    return ShownText(text=shown + text[at:], entities=tuple(entities))


def _begun(tag: str, attributes: str, *, offset: int) -> Body:
    """Return the entity a start tag begins."""
    if tag == "span" and "tg-spoiler" not in attributes:
        raise _unparsable('Tag "span" must have class "tg-spoiler"')
    entity: Body = {"type": _TAGS[tag], "offset": offset}
    if tag == "a" and (link := _LINK.search(attributes)) is not None:
        entity["url"] = html.unescape(link[1] or link[2] or "")
    return entity


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


def _checked_entities(params: Params, *, text: str, name: str) -> tuple[Body, ...]:
    entities = params.structure("entities" if name == "text" else "caption_entities")
    if entities is None:
        return ()
    if not isinstance(entities, list):
        raise _unparsable("entities is not an array")
    _check_entity_count(len(entities))
    for entity in entities:
        span = cast(Body, entity) if isinstance(entity, dict) else {}
        offset, length = span.get("offset"), span.get("length")
        if not isinstance(offset, int) or not isinstance(length, int) or "type" not in span:
            raise _unparsable("an entity needs type, offset and length")
        if offset < 0 or length <= 0 or offset + length > utf16_length(text):
            raise _unparsable("an entity lies outside of the text")
    return tuple(entities)
