"""The recovery key on three sheets, of which any two give it back and one gives nothing.

Shamir's secret sharing (Communications of the ACM 22, 1979) with a threshold of two, for each
byte by itself over GF(256) with the polynomial of AES: sheet n holds key + chance * n, for n of
1, 2 and 3. What is shared is the key and its checksum, so that sheets of different sets, which
give a wrong key, are told from those of one set, while a single sheet betrays neither.

    sheet = number (1 sign) | name of the set (3 signs) | check sign
          | 14 groups of four signs of the share (35 bytes), each with a check sign

The check signs begin at other values than those of the undivided key: a group of one kind of
paper is never taken for a group of the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from nacl.utils import random

from bot.core.ids import ALPHABET
from bot.core.sealing import PaperFault
from bot.vault import crockford
from bot.vault.errors import RecoveryTextWrong
from bot.vault.recovery import SHARED_BYTES, from_shared, to_shared, typed_groups

SHARES: Final = 3
GROUPS: Final = 15
GROUP_SIGNS: Final = 5
_SET_SIGNS: Final = 3
_FIRST_START: Final = 16
# x^8 + x^4 + x^3 + x + 1
_POLYNOMIAL: Final = 0x11B
_BITS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One sheet, read: its number (1 to 3), the name of its set, and its bytes."""

    number: int
    set_name: str
    content: bytes = field(repr=False)


def share_texts(
    private: bytes, *, random_bytes: Callable[[int], bytes] = random
) -> tuple[str, ...]:
    """Return the three sheets as text to print. Raises `KeyUnusable` unless it is 32 bytes."""
    shared = to_shared(private)
    chance = random_bytes(SHARED_BYTES)
    set_name = "".join(ALPHABET[byte % len(ALPHABET)] for byte in random_bytes(_SET_SIGNS))
    return tuple(
        _text(number, set_name, _point(shared, chance, number)) for number in range(1, SHARES + 1)
    )


def share_of(text: str) -> Share:
    """Return what somebody typed from one sheet. Raises `RecoveryTextWrong`."""
    groups = typed_groups(text, many=GROUPS, size=GROUP_SIGNS)
    wrong = tuple(
        place + 1
        for place, group in enumerate(groups)
        if len(group) != GROUP_SIGNS or not crockford.is_guarded(group, start=_FIRST_START + place)
    )
    # Numbers that no sheet has are as wrong as a sign that does not fit.
    if not wrong and groups[0][0] not in {str(number) for number in range(1, SHARES + 1)}:
        wrong = (1,)
    if wrong:
        raise RecoveryTextWrong(PaperFault.GROUPS, groups=wrong)
    return Share(
        number=int(groups[0][0]),
        set_name=groups[0][1:-1],
        content=crockford.to_bytes("".join(group[:-1] for group in groups[1:])),
    )


def joined(one: Share, other: Share) -> bytes:
    """Return the private key (32 bytes) of two sheets. Raises `RecoveryTextWrong`."""
    if one.number == other.number:
        raise RecoveryTextWrong(PaperFault.SAME_SHARE)
    if one.set_name != other.set_name:
        raise RecoveryTextWrong(PaperFault.OTHER_SET)
    # The line through two points, where it meets zero.
    divisor = _inverse(one.number ^ other.number)
    shared = bytes(
        _times(_times(a, other.number) ^ _times(b, one.number), divisor)
        for a, b in zip(one.content, other.content, strict=True)
    )
    return from_shared(shared)


def _text(number: int, set_name: str, content: bytes) -> str:
    groups: Sequence[str] = [
        f"{number}{set_name}",
        *crockford.grouped(crockford.to_signs(content), GROUP_SIGNS - 1),
    ]
    return "-".join(
        group + crockford.check_sign(group, start=_FIRST_START + place)
        for place, group in enumerate(groups)
    )


def _point(shared: bytes, chance: bytes, number: int) -> bytes:
    return bytes(byte ^ _times(slope, number) for byte, slope in zip(shared, chance, strict=True))


def _times(one: int, other: int) -> int:
    product = 0
    for place in range(_BITS):
        if other >> place & 1:
            product ^= one << place
    for place in reversed(range(_BITS, 2 * _BITS)):
        if product >> place & 1:
            product ^= _POLYNOMIAL << (place - _BITS)
    return product


def _inverse(value: int) -> int:
    # The group has 255 elements, so the 254th power is the inverse.
    power = 1
    for _ in range(254):
        power = _times(power, value)
    return power
