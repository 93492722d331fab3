"""Writing the audit chain and checking it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.audit import GENESIS, AuditEntry, AuditRecord, chain_hash
from bot.core.ids import OfficerId
from bot.core.storage import Storage, Work
from bot.core.time import Clock

MACHINE = "machine"  # somebody at the command line, with the machine in their hands
CLOCK = "clock"  # the scheduler
RESIDENT = "resident"  # never which one


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a walk along the chain found. `broken_at` is the first entry that does not fit."""

    entries: int
    broken_at: int | None = None


class Audit:
    """The chain, for every service that acts."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def note(
        self,
        work: Work,
        act: str,
        *,
        by: OfficerId | str,
        subject: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Append one act within the caller's transaction."""
        record = AuditRecord(
            at=self._clock.now(), actor=str(by), act=act, subject=subject, facts=facts or {}
        )
        await work.audit.append(record)

    async def newest(self, *, limit: int = 100) -> list[AuditEntry]:
        """Return the newest entries, newest first."""
        async with self._storage.read() as work:
            return await work.audit.newest(limit=limit)

    async def verify(self) -> ChainReport:
        """Walk the whole chain; name the first entry that was changed, removed or swapped."""
        before, expected = GENESIS, 1
        async with self._storage.read() as work:
            async for entry in work.audit.walk():
                fits = entry.number == expected and entry.hash == chain_hash(
                    before, entry.number, entry.record
                )
                if not fits:
                    return ChainReport(entries=expected - 1, broken_at=expected)
                before, expected = entry.hash, expected + 1
        return ChainReport(entries=expected - 1)
