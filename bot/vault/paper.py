"""What lies in the safe: the recovery key on one sheet, or on three of which two are enough."""

from collections.abc import Sequence
from typing import Final

from bot.core.sealing import PaperFault
from bot.vault import crockford, recovery, shares
from bot.vault.errors import RecoveryTextWrong

_SHEETS_NEEDED: Final = 2


class Paper:
    """Writes and reads the sheets. Holds nothing."""

    def whole(self, private: bytes) -> str:
        """Return the one sheet. Raises `KeyUnusable` unless the key is 32 bytes."""
        return recovery.recovery_text(private)

    def shares(self, private: bytes) -> tuple[str, ...]:
        """Return three sheets, new ones at each call: sheets of two calls do not fit together."""
        return shares.share_texts(private)

    def read(self, sheets: Sequence[str]) -> bytes:
        """Return the private key of what was typed: the one sheet, or two of the three.

        Raises `RecoveryTextWrong`.
        """
        typed = [sheet for sheet in sheets if crockford.words(sheet)]
        if len(typed) == 1 and not _looks_like_share(typed[0]):
            return recovery.recovery_private(typed[0])
        read: list[shares.Share] = []
        for place, sheet in enumerate(typed[:_SHEETS_NEEDED]):
            try:
                read.append(shares.share_of(sheet))
            except RecoveryTextWrong as error:
                raise RecoveryTextWrong(
                    error.fault, groups=error.groups, sheet=place + 1
                ) from error
        if len(read) < _SHEETS_NEEDED:
            raise RecoveryTextWrong(PaperFault.ONE_SHARE if read else PaperFault.LENGTH)
        return shares.joined(read[0], read[1])


def _looks_like_share(sheet: str) -> bool:
    words = crockford.words(sheet)
    signs = shares.GROUPS * shares.GROUP_SIGNS
    return len(words) == shares.GROUPS or len("".join(words)) == signs
