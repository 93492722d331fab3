"""Who may open which tip: the officer's unit, the role, and a key that was sealed to them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import KeyHolderId, TipId
from bot.core.officers import Act, Officer
from bot.core.sealing import TipSealing
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.tips import RecordKind, Tip
from bot.services.audit import Audit
from bot.services.tips.records import Records, sight_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A moderator with the private key unlocked in memory."""

    officer: Officer
    holder_id: KeyHolderId
    private_key: bytes


class TipChanged(RuleBroken):
    """Somebody changed the tip while this officer looked at it: look again, then decide."""

    def __init__(self) -> None:
        super().__init__("tip_changed")


class Access:
    """The one gate in front of every tip."""

    def __init__(self, sealing: TipSealing) -> None:
        self._sealing = sealing

    async def tip(self, work: Work, tip_id: TipId, officer: Officer) -> Tip:
        """Return the tip. Raise `NotFound` if it is not in the officer's sight, as if unknown."""
        tip = await work.tips.get(tip_id)
        if not officer.may(Act.MODERATE) or not (await sight_of(work, officer)).shows(tip):
            raise NotFound("no such tip")
        return tip

    async def key(self, work: Work, tip: Tip, reader: Reader) -> bytes:
        """Return the tip's key. Raise `RuleBroken` if it was not sealed to the reader."""
        held = await work.tips.key_for(tip.id, reader.holder_id)
        if held is None:
            raise RuleBroken("tip_not_sealed_to_you")
        return self._sealing.unwrap(held.wrapped, reader.private_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One tip, locked while one officer does one thing to it."""

    work: Work = field(repr=False)
    tip: Tip
    key: bytes = field(repr=False)
    reader: Reader = field(repr=False)


class Handling:
    """Carries out acts: each on a tip that is held, checked before, audited with the change."""

    def __init__(
        self, *, storage: Storage, access: Access, records: Records, audit: Audit, clock: Clock
    ) -> None:
        self.storage = storage
        self.access = access
        self._records = records
        self._audit = audit
        self.clock = clock

    @asynccontextmanager
    async def held(
        self, tip_id: TipId, reader: Reader, *, version: int | None = None
    ) -> AsyncIterator[Held]:
        """Open a tip for one act. Nothing is kept unless `done` is called.

        Raise `NotFound`, `RuleBroken` without a key, `TipChanged` if it is no more at `version`.
        """
        async with self.storage.begin() as work:
            tip = await self.access.tip(work, tip_id, reader.officer)
            key = await self.access.key(work, tip, reader)
            if version is not None and version != tip.version:
                raise TipChanged
            yield Held(work=work, tip=tip, key=key, reader=reader)

    async def write(self, held: Held, kind: RecordKind, plain: bytes) -> None:
        """Seal one more record to the tip."""
        record = self._records.sealed(
            held.tip,
            held.key,
            kind,
            sequence=await held.work.tips.next_sequence(held.tip.id),
            plain=plain,
            at=self.clock.now(),
        )
        await held.work.tips.add_record(record)

    async def done(self, held: Held, tip: Tip, act: str, **facts: str) -> Tip:
        """Save the tip as it is now, audit the act, commit; return the tip."""
        tip = replace(tip, version=held.tip.version + 1)
        await held.work.tips.save(tip)
        await self.noted(held.work, held.reader, act, tip, **facts)
        await held.work.commit()
        return tip

    async def noted(self, work: Work, reader: Reader, act: str, tip: Tip, **facts: str) -> int:
        """Audit an act that belongs to the caller's transaction; return its number."""
        return await self._audit.note(work, act, by=reader.officer.id, subject=tip.id, facts=facts)

    async def searched(self, work: Work, reader: Reader, *, looked: int, found: int) -> None:
        """Audit a search, without its words."""
        facts = {"looked": str(looked), "found": str(found)}
        await self._audit.note(work, "tip.search", by=reader.officer.id, facts=facts)
