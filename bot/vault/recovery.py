"""The recovery key on paper: the private key that opens every tip when all else is lost.

Fourteen groups of five signs. Four signs of each carry the key (32 bytes) and a checksum of the
whole (3 bytes); the fifth guards its group and its place, so that a slip is found where it is.
Printing it is for others, splitting it for `bot.vault.shares`.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from bot.core.sealing import PaperFault
from bot.vault import crockford, sealing
from bot.vault.errors import RecoveryTextWrong

GROUPS: Final = 14
GROUP_SIGNS: Final = 5
_CHECKSUM_BYTES: Final = 3
SHARED_BYTES: Final = sealing.KEY_BYTES + _CHECKSUM_BYTES


def recovery_text(private: bytes) -> str:
    """Return the key as text to print. Raises `KeyUnusable` unless it is 32 bytes."""
    groups = crockford.grouped(crockford.to_signs(to_shared(private)), GROUP_SIGNS - 1)
    return "-".join(
        group + crockford.check_sign(group, start=place) for place, group in enumerate(groups)
    )


def recovery_private(text: str) -> bytes:
    """Return the private key (32 bytes) somebody typed from paper.

    Raises `RecoveryTextWrong`, with the numbers of the wrong groups where they can be known.
    """
    groups = typed_groups(text, many=GROUPS, size=GROUP_SIGNS)
    wrong = tuple(
        place + 1
        for place, group in enumerate(groups)
        if len(group) != GROUP_SIGNS or not crockford.is_guarded(group, start=place)
    )
    if wrong:
        raise RecoveryTextWrong(PaperFault.GROUPS, groups=wrong)
    return from_shared(crockford.to_bytes("".join(group[:-1] for group in groups)))


def typed_groups(text: str, *, many: int, size: int) -> Sequence[str]:
    """Return what was typed as `many` groups, some perhaps of another size than `size`.

    Raises `RecoveryTextWrong` where nothing tells which group lacks a sign or has one too many.
    """
    typed = crockford.words(text)
    signs = "".join(typed)
    if len(signs) == many * size:
        return crockford.grouped(signs, size)
    # A sign too many or too few: only the gaps somebody typed can tell where.
    if len(typed) == many:
        return typed
    raise RecoveryTextWrong(PaperFault.LENGTH)


def to_shared(private: bytes) -> bytes:
    """Return the key and its checksum, 35 bytes. Raises `KeyUnusable` unless it is 32 bytes."""
    return sealing.checked_key(private) + _checksum(private)


def from_shared(content: bytes) -> bytes:
    """Return the key, 32 bytes. Raises `RecoveryTextWrong` if the checksum does not fit."""
    private, checksum = content[:-_CHECKSUM_BYTES], content[-_CHECKSUM_BYTES:]
    if not hmac.compare_digest(_checksum(private), checksum):
        raise RecoveryTextWrong(PaperFault.WHOLE)
    return private


def _checksum(private: bytes) -> bytes:
    return hashlib.blake2b(
        private, person=b"binhyen.recovery", digest_size=_CHECKSUM_BYTES
    ).digest()
