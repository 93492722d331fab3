"""The recovery key as it lies in a safe: printed, and typed again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.errors import RuleBroken
from bot.core.officers import mark_of
from bot.core.sealing import PaperMistyped, RecoveryPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedKey:
    """A recovery key as text to print: one sheet, or three of which any two are enough."""

    mark: str
    whole: str = field(repr=False)
    shares: tuple[str, ...] = field(repr=False)


def printed(paper: RecoveryPaper, private: bytes, public: bytes) -> PrintedKey:
    """Return a key as text to print; the three sheets are new ones at each call."""
    return PrintedKey(
        mark=mark_of(public), whole=paper.whole(private), shares=paper.shares(private)
    )


def read_paper(paper: RecoveryPaper, sheets: Sequence[str]) -> bytes:
    """Return the private key of what was typed. Raise `RuleBroken` that says what is wrong."""
    try:
        return paper.read(sheets)
    except PaperMistyped as error:
        raise RuleBroken(
            f"paper_{error.fault}",
            groups=", ".join(str(number) for number in error.groups),
            sheet=error.sheet,
        ) from None
