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
    lowered = unicodedata.normalize("NFD", text.casefold())
    bare = "".join(mark for mark in lowered if not unicodedata.combining(mark))
    return " ".join(bare.replace("đ", "d").split())


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
