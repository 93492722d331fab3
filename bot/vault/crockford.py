"""Secrets as text that survives paper, telephones and thumbs: Crockford's base32, and a check.

The check sign is a weighted sum over the field of 32 elements: every single wrong sign and every
swap of two signs shows, up to 30 signs. What the text means is for receipts and recovery keys.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

from bot.core.ids import ALPHABET

VALUES: Final = {sign: value for value, sign in enumerate(ALPHABET)}
_BITS: Final = 5
# x^5 + x^2 + 1: the field's defining polynomial, of which x is a primitive element.
_POLYNOMIAL: Final = 0b100101
_ALIKE: Final = str.maketrans("OIL", "011")
# Spaces, dashes, underscores, line ends, and the invisible marks that phones put between.
_SEPARATORS: Final = frozenset({"Zs", "Zl", "Zp", "Pd", "Pc", "Cc", "Cf"})


def words(text: str) -> list[str]:
    """Return what was typed as it was meant, cut where spaces and dashes stand.

    Upper case, O as 0, I and L as 1. Signs that do not belong are kept, for the caller to refuse.
    """
    upper = unicodedata.normalize("NFKC", text).upper().translate(_ALIKE)
    return "".join(
        " " if unicodedata.category(sign) in _SEPARATORS else sign for sign in upper
    ).split()


def check_sign(signs: str, *, start: int) -> str:
    """Return the sign that guards `signs`; texts with another `start` (0 to 31) do not fit."""
    total = start
    for sign in signs:
        total = _times_x(total) ^ VALUES[sign]
    return ALPHABET[_times_x(total)]


def is_guarded(signs: str, *, start: int) -> bool:
    """Tell whether all signs are lawful and the last one guards those before it."""
    if not signs or not VALUES.keys() >= set(signs):
        return False
    return check_sign(signs[:-1], start=start) == signs[-1]


def to_signs(content: bytes) -> str:
    """Return `content` in base32; its bits must be a multiple of five."""
    number = int.from_bytes(content, "big")
    length = len(content) * 8 // _BITS
    return "".join(ALPHABET[number >> _BITS * place & 31] for place in reversed(range(length)))


def to_bytes(signs: str) -> bytes:
    """Return what `to_signs` made; all signs must be lawful."""
    number = 0
    for sign in signs:
        number = number << _BITS | VALUES[sign]
    return number.to_bytes(len(signs) * _BITS // 8, "big")


def grouped(signs: str, size: int) -> Sequence[str]:
    """Return `signs` in groups of `size`."""
    return [signs[start : start + size] for start in range(0, len(signs), size)]


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ _POLYNOMIAL if doubled & 0b100000 else doubled
