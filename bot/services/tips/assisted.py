"""A tip that somebody told an officer, by telephone or at the desk, typed in by the officer.

The receipt passes through the officer's hands, so whoever uses it first is given another.
"""

from typing import Final

from bot.core.errors import LocatorTaken, NotFound, RuleBroken
from bot.core.officers import Act, Officer
from bot.core.sealing import Receipt, TipSeals
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.core.tips import Report
from bot.core.units import Unit
from bot.services.audit import Audit
from bot.services.tips.receiving.fresh import FreshTips
from bot.services.tips.receiving.intake import Intake
from bot.services.tips.receiving.limits import TipLimits
from bot.services.tips.receiving.ready_receipts import ReadyReceipts
from bot.services.tips.records import KnownReaders, Records, seen_by

LONGEST_REPORT: Final = 4_000
_TRIES: Final = 5


class AssistedEntry:
    """Use cases of writing down what is told. It can take tips in and open none."""

    def __init__(self, *, storage: Storage, intake: Intake, audit: Audit) -> None:
        self._storage = storage
        self._intake = intake
        self._audit = audit

    async def enter(
        self, report: Report, unit: Unit, *, by: Officer, about_officer: bool = False
    ) -> Receipt:
        """Store a tip and return its receipt, to be handed over once. Audited without content.

        Raise `NotFound` for a unit that is not the officer's, `RuleBroken` for an empty report
        or where nobody may read it.
        """
        if not report.what.strip():
            raise RuleBroken("tip_empty")
        if len(report.what) + len(report.where) + len(report.when) > LONGEST_REPORT:
            raise RuleBroken("too_long", longest=LONGEST_REPORT)
        async with self._storage.read() as work:
            if not by.may(Act.MODERATE) or unit.id not in await seen_by(work, by):
                raise NotFound("no such unit")
        for _ in range(_TRIES):
            submission = await self._intake.submit(
                report, unit, about_officer=about_officer, is_handed=True
            )
            try:
                async with self._storage.begin() as work:
                    await submission.effect(work)
                    # Which tip it became is not said: about an officer, nobody here may know.
                    await self._audit.note(work, "tip.enter", by=by.id, subject=unit.id)
                    await work.commit()
            except LocatorTaken:
                continue
            return submission.receipt
        raise LocatorTaken("receipts began alike several times")


def assisted_over(
    *,
    storage: Storage,
    seals: TipSeals,
    audit: Audit,
    clock: Clock,
    chance: Chance,
    delay_max_s: int,
) -> AssistedEntry:
    """Join what takes tips down for somebody; it has no way to anybody's chat."""
    # What officers type in is no flood, and is counted apart from what residents send.
    limits = TipLimits(clock=clock, chance=chance)
    intake = Intake(
        readers=KnownReaders(storage),
        records=Records(seals.tips),
        seals=seals,
        fresh=FreshTips(
            seals=seals,
            ready=ReadyReceipts(receipts=seals.receipts, talks=seals.talks, clock=clock),
            limits=limits,
            clock=clock,
            chance=chance,
            delay_max_s=delay_max_s,
        ),
        routes=None,
        clock=clock,
        chance=chance,
    )
    return AssistedEntry(storage=storage, intake=intake, audit=audit)
