"""What can be done to any text without knowing what it means: cleaning, folding, cutting.

Understanding a question belongs to `bot.services.answers.answers`.
"""

import json
import re
import unicodedata
from typing import Final

# Left-to-right and right-to-left marks, embeddings, isolates, and other invisible characters
# people paste by accident or to hide a word from a filter.
_INVISIBLE: Final = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\ufeff\u3164\uffa0")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+")


def clean(text: str) -> str:
    r"""Return `text` in NFC without control, bidi and other invisible characters, trimmed.

    Line breaks stay (as `\n`), tabs become spaces, lone surrogates are dropped, so that what
    is returned can be stored in any database and sent to any platform.
    """
    # Nearly every text is printable, which is told quickly; only others are looked through.
    if text.replace("\n", "").isprintable() and _INVISIBLE.isdisjoint(text):
        return unicodedata.normalize("NFC", text).strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (mark for mark in text if mark == "\n" or _is_visible(mark))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def whole_json(raw: bytes) -> bytes:
    r"""Return JSON that is well spelled, though a text in `raw` may hold half a character.

    A phone that cuts a text in the middle of an emoji sends "\ud83d" alone; the half becomes a
    question mark. Raise `ValueError` for what is no JSON.
    """
    try:
        read = json.loads(raw.decode("utf-8", "replace"))
        return json.dumps(read, ensure_ascii=False).encode("utf-8", "replace")
    except RecursionError:
        raise ValueError("too deep to be read") from None


def _is_visible(mark: str) -> bool:
    if mark in _INVISIBLE:
        return False
    category = unicodedata.category(mark)
    # ZWJ is a format character too, but taking it out of emoji only splits a family in two.
    return category not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def fold(text: str) -> str:
    """Return `text` lower-case, without marks, đ as d, words one space apart.

    "Báo  CHÁY" and "bao chay" fold alike; letters of other scripts are kept as they are.
    """
    lowered = text.casefold()
    bare = lowered.translate(_UNMARKED)
    if not bare.isascii():
        apart = unicodedata.normalize("NFD", lowered)
        bare = "".join(mark for mark in apart if not unicodedata.combining(mark))
        bare = bare.replace("đ", "d")
    return " ".join(bare.split())


def _unmarked() -> dict[int, str]:
    """Return the small Vietnamese letters with marks, each with its bare letter."""
    shaped = [
        unicodedata.normalize("NFC", letter + shape)
        for letter in "aeiouy"
        for shape in ("", "\u0302", "\u0306", "\u031b")
    ]
    marked = [
        unicodedata.normalize("NFC", letter + tone)
        for letter in shaped
        for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    ]
    known = {
        ord(letter): unicodedata.normalize("NFD", letter)[0]
        for letter in marked
        if len(letter) == 1 and not letter.isascii()
    }
    return known | {ord("đ"): "d"}


# The common letters; what holds others is taken apart letter by letter.
_UNMARKED: Final = _unmarked()


def split_text(text: str, limit: int) -> list[str]:
    """Cut `text` into parts of at most `limit` code points, none empty.

    Cuts at a blank line, else a line end, else a sentence end, else a space, else anywhere.
    """
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        at = _cut(rest, limit)
        parts.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    if rest:
        parts.append(rest)
    return parts


def _cut(text: str, limit: int) -> int:
    head = text[: limit + 1]
    for mark in ("\n\n", "\n"):
        at = head.rfind(mark)
        if at > limit // 3:
            return at
    ends = [found.start() for found in _SENTENCE_END.finditer(head) if found.start() > limit // 3]
    if ends:
        return ends[-1]
    space = head.rfind(" ")
    return space if space > 0 else limit
