"""Writing the audit chain and checking it."""

from collections.abc import Mapping, Sequence

from bot.core.audit import AuditEntry, AuditHead, AuditRecord, MovingKey
from bot.core.audit_check import ChainReport, ChainWalk
from bot.core.ids import OfficerId
from bot.core.storage import Storage, Work
from bot.core.time import Clock

MACHINE = "machine"  # somebody at the command line, with the machine in their hands
CLOCK = "clock"  # the scheduler
RESIDENT = "resident"  # never which one


class Audit:
    """The chain, for every service that acts."""

    def __init__(self, *, storage: Storage, clock: Clock, key: MovingKey | None = None) -> None:
        """`key` is the one this machine makes MACs with, for finding that the end was cut off."""
        self._key = key
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
    ) -> int:
        """Append one act within the caller's transaction; return its number in the chain."""
        record = AuditRecord(
            at=self._clock.now(), actor=str(by), act=act, subject=subject, facts=facts or {}
        )
        return (await work.audit.append(record)).number

    async def newest(self, *, limit: int = 100) -> list[AuditEntry]:
        """Return the newest entries, newest first."""
        async with self._storage.read() as work:
            return await work.audit.newest(limit=limit)

    async def verify(
        self, *, starts: Sequence[bytes] = (), heads: Sequence[AuditHead] = ()
    ) -> ChainReport:
        """Walk the whole chain; name the first entry that was changed, removed or swapped.

        `starts` are keys (32 bytes) the auditor holds, `heads` what was posted elsewhere.
        """
        # Before the chain is looked at: what is committed then is at least that far.
        state = self._key.state() if self._key is not None else None
        walk = ChainWalk(starts=starts, heads=heads, key=self._key, state=state)
        async with self._storage.read() as work:
            async for entry in work.audit.walk():
                if not walk.take(entry):
                    break
        return walk.report()
