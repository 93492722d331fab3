"""Texts cut where Telegram would refuse them: it counts UTF-16 units, not characters.

A cut falls on a paragraph, a sentence or a space; where there is none, never inside of what
people see as one sign.
"""

import re
import unicodedata
from typing import Final

from bot.core.text import split_text

# No sign people use is built of more characters than this.
_LONGEST_SIGN: Final = 40
_JOINER: Final = "\u200d"
# Variation selectors, skin tones, and the tags of the flags of regions.
_FOLLOWERS: Final = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAG_LETTERS: Final = re.compile("[\U0001f1e6-\U0001f1ff]+$")


def units(text: str) -> int:
    """Return how long `text` is to Telegram."""
    return len(text) + sum(mark > "\uffff" for mark in text)


def cut(text: str, limit: int) -> tuple[str, ...]:
    """Return `text` in parts of at most `limit` units, none empty, nothing but spaces lost."""
    parts: list[str] = []
    rest = text.strip()
    while rest:
        count = _fitting(rest, limit)
        part = rest if count == len(rest) else split_text(rest, count)[0]
        part = part[: _between_signs(rest, len(part))]
        parts.append(part.rstrip())
        rest = rest[len(part) :].lstrip()
    return tuple(parts)


def _fitting(text: str, limit: int) -> int:
    """Return how many characters from the beginning of `text` fit."""
    if len(text) <= limit // 2 or units(text) <= limit:
        return min(len(text), limit)
    used = 0
    for count, mark in enumerate(text):
        used += 2 if mark > "\uffff" else 1
        if used > limit:
            return count
    return len(text)


def _between_signs(text: str, at: int) -> int:
    """Return the last place up to `at` where one sign ends and the next begins."""
    for earlier in range(at, max(at - _LONGEST_SIGN, 0), -1):
        if not _joins(text, earlier):
            return earlier
    return at


def _joins(text: str, at: int) -> bool:
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if _JOINER in {before, after} or _FOLLOWERS.match(after):
        return True
    if unicodedata.combining(after):
        return True
    letters = _FLAG_LETTERS.search(text, max(0, at - _LONGEST_SIGN), at)
    is_inside_flag = letters is not None and len(letters[0]) % 2 == 1
    return is_inside_flag and _FLAG_LETTERS.match(after) is not None
