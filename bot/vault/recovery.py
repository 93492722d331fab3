"""The recovery key on paper: the private key that opens every tip when all else is lost.

Fourteen groups of five signs. Four signs of each carry the key (32 bytes) and a checksum of the
whole (3 bytes); the fifth guards its group and its place, so that a slip is found where it is.
Printing it and splitting it are for others.
"""

import hashlib
import hmac
from typing import Final

from bot.vault import crockford, sealing
from bot.vault.errors import RecoveryTextWrong

GROUPS: Final = 14
_GROUP_SIGNS: Final = 5
_CHECKSUM_BYTES: Final = 3


def recovery_text(private: bytes) -> str:
    """Return the key as text to print. Raises `KeyUnusable` unless it is 32 bytes."""
    content = sealing.checked_key(private) + _checksum(private)
    groups = crockford.grouped(crockford.to_signs(content), _GROUP_SIGNS - 1)
    return "-".join(
        group + crockford.check_sign(group, start=place) for place, group in enumerate(groups)
    )


def recovery_private(text: str) -> bytes:
    """Return the private key (32 bytes) somebody typed from paper.

    Raises `RecoveryTextWrong`, with the numbers of the wrong groups where they can be known.
    """
    groups = _groups(text)
    wrong = tuple(
        place + 1
        for place, group in enumerate(groups)
        if len(group) != _GROUP_SIGNS or not crockford.is_guarded(group, start=place)
    )
    if wrong:
        numbers = ", ".join(str(number) for number in wrong)
        raise RecoveryTextWrong(f"mistakes in these groups: {numbers}", groups=wrong)
    content = crockford.to_bytes("".join(group[:-1] for group in groups))
    private, checksum = content[:-_CHECKSUM_BYTES], content[-_CHECKSUM_BYTES:]
    if not hmac.compare_digest(_checksum(private), checksum):
        raise RecoveryTextWrong("every group looks right, but the whole does not fit together")
    return private


def _groups(text: str) -> list[str]:
    words = crockford.words(text)
    signs = "".join(words)
    if len(signs) == GROUPS * _GROUP_SIGNS:
        return list(crockford.grouped(signs, _GROUP_SIGNS))
    # A sign too many or too few: only the gaps somebody typed can tell where.
    if len(words) == GROUPS:
        return words
    raise RecoveryTextWrong(
        f"{len(signs)} signs instead of {GROUPS} groups of {_GROUP_SIGNS}",
    )


def _checksum(private: bytes) -> bytes:
    return hashlib.blake2b(
        private, person=b"binhyen.recovery", digest_size=_CHECKSUM_BYTES
    ).digest()
