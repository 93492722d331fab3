"""The recovery key: proved to be there, used when keys are lost, changed for another.

Its private half comes from paper, typed anew each time, and lives only as long as the request it
came with. Nothing of it is stored, logged or audited; the chain says only that it was used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import KeyHolderId, OfficerId, new_id
from bot.core.officers import HolderKind, KeyHolder
from bot.core.sealing import HolderKeys, RecoveryPaper
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.officers.papers import PrintedKey, printed, read_paper
from bot.services.officers.retiring import Retiring
from bot.services.officers.scope import By, administered, check_unit, name_of
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.key_care import Giver, KeyCare, Noted, takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """How an exchange ended: `left` tips are still opened only by the paper of before."""

    given: int
    left: int


class Recovery:
    """Use cases with the paper in hand. All need who administers the recovery key's unit."""

    def __init__(
        self,
        *,
        storage: Storage,
        keys: HolderKeys,
        paper: RecoveryPaper,
        key_care: KeyCare,
        retiring: Retiring,
        audit: Audit,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._keys = keys
        self._paper = paper
        self._key_care = key_care
        self._retiring = retiring
        self._audit = audit
        self._clock = clock
        self._chance = chance

    async def holders(self, *, by: By) -> list[KeyHolder]:
        """Return the recovery keys tips are sealed to; usually one. Raise `NotFound`."""
        async with self._storage.read() as work:
            return await self._holders(work, by)

    async def checked_at(self) -> datetime | None:
        """Return when a paper was last proved to fit."""
        async with self._storage.read() as work:
            return await self._retiring.paper_checked_at(work)

    async def check(self, sheets: Sequence[str], *, by: By) -> KeyHolder:
        """Prove that a paper still opens the tips. Audited, also when it does not.

        Raise `NotFound`, `RuleBroken`.
        """
        async with self._storage.begin() as work:
            holder, _ = await self._fitting(work, sheets, by)
            await self._retiring.note_paper(work)
            await self._note(work, "recovery.check", by=by)
            await work.commit()
        return holder

    async def give(
        self, sheets: Sequence[str], officer_id: OfficerId, *, by: By, most: int | None = None
    ) -> int:
        """Seal to a moderator what the paper opens and they lack; return how many.

        Raise `NotFound`; `RuleBroken` if the paper does not fit or the officer has no key.
        """
        async with self._storage.begin() as work:
            _, giver = await self._fitting(work, sheets, by)
            officer = await administered(work, officer_id, by)
            taker = _living(await work.officers.holders_of(officer.id))
            units = await work.units.all()
            await self._retiring.note_paper(work)
            await self._note(work, "recovery.use", by=by, subject=officer.id)
            await work.commit()
        return await self._key_care.hand_over(
            giver,
            taker,
            noted=Noted(act="key.recover", by=name_of(by), subject=officer.id),
            among=takes(taker, units),
            most=most,
        )

    def can_read(self, sheets: Sequence[str]) -> bool:
        """Tell whether what was typed is some recovery key, whichever."""
        try:
            read_paper(self._paper, sheets)
        except RuleBroken:
            return False
        return True

    def new_paper(self) -> PrintedKey:
        """Return a fresh key, kept nowhere: it becomes one by `exchange`, typed from paper."""
        pair = self._keys.new_pair()
        return printed(self._paper, pair.private, pair.public)

    async def split(self, sheets: Sequence[str], *, by: By) -> PrintedKey:
        """Return the sheets of a paper, and three of which any two are enough. Audited.

        Raise `NotFound`, `RuleBroken`.
        """
        async with self._storage.begin() as work:
            holder, giver = await self._fitting(work, sheets, by)
            await self._retiring.note_paper(work)
            await self._note(work, "recovery.split", by=by)
            await work.commit()
        return printed(self._paper, giver.private_key, holder.public_key)

    async def exchange(
        self,
        new_sheets: Sequence[str],
        *,
        by: By,
        old_sheets: Sequence[str] = (),
        reader: Reader | None = None,
        most: int | None = None,
    ) -> Exchanged:
        """Make a new paper, typed in full, the recovery key; the one before ends.

        What the old key opens is sealed to the new one with the old paper, or with the key of
        a moderator who is signed in. What neither opens keeps the old key alive: then both
        papers are needed, and the exchange can be done again. So it is after `most` tips.

        Raise `NotFound`, `RuleBroken`.
        """
        if reader is None and not any(old_sheets):
            raise RuleBroken("paper_hand_missing")
        private = read_paper(self._paper, new_sheets)
        public = self._keys.public_of(private)
        old: Giver | None = None
        async with self._storage.begin() as work:
            known = await self._holders(work, by)
            units = await work.units.all()
            if any(old_sheets):
                _, old = await self._fitting(work, old_sheets, by)
            new = next((one for one in known if one.public_key == public), None)
            if new is None:
                new = KeyHolder(
                    id=KeyHolderId(new_id(self._chance)),
                    kind=HolderKind.RECOVERY,
                    unit_id=known[0].unit_id,
                    public_key=public,
                )
                await work.officers.save_holder(new)
            elif old is not None and old.holder_id == new.id:
                raise RuleBroken("paper_not_new")
            await self._retiring.note_paper(work)
            await self._note(work, "recovery.exchange", by=by)
            await work.commit()
        given = 0
        noted = Noted(act="key.give", by=name_of(by), subject=HolderKind.RECOVERY)
        hands = [old] if old is not None else []
        if reader is not None:
            hands.append(Giver(holder_id=reader.holder_id, private_key=reader.private_key))
        for hand in hands:
            given += await self._key_care.hand_over(
                hand, new, noted=noted, among=takes(new, units), most=most
            )
        return Exchanged(given=given, left=await self._end_old(new, by))

    async def _end_old(self, new: KeyHolder, by: By) -> int:
        """End the recovery keys that open nothing the new one does not; count what is left."""
        left = 0
        async with self._storage.begin() as work:
            await self._note(work, "recovery.retire", by=by)
            for old in await self._holders(work, by):
                if old.id == new.id:
                    continue
                alone = await work.tip_keys.giveable(old.id, new.id)
                left += alone
                if not alone:
                    await self._retiring.end(work, old)
            await work.commit()
        return left

    async def _holders(self, work: Work, by: By) -> list[KeyHolder]:
        found = [one for one in await work.officers.holders() if one.kind is HolderKind.RECOVERY]
        if not found:
            raise NotFound("there is no recovery key yet")
        await check_unit(work, found[0].unit_id, by)
        return found

    async def _fitting(self, work: Work, sheets: Sequence[str], by: By) -> tuple[KeyHolder, Giver]:
        """Return which recovery key the paper is, and the key in hand."""
        holders = await self._holders(work, by)
        private = read_paper(self._paper, sheets)
        public = self._keys.public_of(private)
        for holder in holders:
            if holder.public_key == public:
                return holder, Giver(holder_id=holder.id, private_key=private)
        raise RuleBroken("paper_other_key")

    async def _note(self, work: Work, act: str, *, by: By, subject: str = "") -> None:
        await self._audit.note(work, act, by=name_of(by), subject=subject or HolderKind.RECOVERY)


def _living(holders: Sequence[KeyHolder]) -> KeyHolder:
    for holder in holders:
        if holder.retired_at is None:
            return holder
    raise RuleBroken("key_none_yet")
