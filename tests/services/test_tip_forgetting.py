"""Tips are forgotten on time, keys first, and a weekly look proves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.backups import Backup, OpenedBackup
from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.storage import Storage
from bot.core.tips import Report, TipCategory, TipState
from bot.services.tips.forgetting import KEPT, SPREAD_DAYS, TipForgetting
from bot.services.tips.reading.access import Reader
from tests.builders.town import Town
from tests.storage.rig import open_sqlite

DAY_S = 86_400
LAST_DAY = KEPT + timedelta(days=SPREAD_DAYS)
FIRST_DAY = KEPT - timedelta(days=SPREAD_DAYS)


@dataclass
class Shelf:
    """Backups as a test lays them out: copies of the town's database file."""

    found: list[Backup] = field(default_factory=list)

    def all(self) -> list[Backup]:
        return self.found

    @asynccontextmanager
    async def opened(self, path: Path) -> AsyncIterator[OpenedBackup]:
        backup = next(one for one in self.found if one.path == path)
        async with open_sqlite(path) as storage:
            yield OpenedBackup(made_at=backup.made_at, storage=storage, keys=path)

    async def make(self, town: Town, name: str) -> None:
        folder = town.folder / name
        folder.mkdir()
        async with open_sqlite(folder) as copy:
            await copied(town.storage, copy)
        self.found.insert(0, Backup(path=folder, made_at=town.clock.now(), size_bytes=1))


async def copied(source: Storage, target: Storage) -> None:
    """Copy the tips and their keys with what they hang on."""
    async with source.read() as old, target.begin() as new:
        # Parents before their children.
        for unit in sorted(await old.units.all(), key=lambda unit: unit.parent_id or ""):
            await new.units.save(unit)
        for officer in await old.officers.all():
            await new.officers.save(officer)
        for holder in await old.officers.holders():
            await new.officers.save_holder(holder)
        units = {unit.id for unit in await old.units.all()}
        for tip in await old.tips.routed(units, limit=100):
            await new.tips.add(tip, [], [])
        kept = {tip.id for tip in await old.tips.routed(units, limit=100)}
        for holder in await old.officers.holders():
            keys = [key for key in await old.tips.keys_of(holder.id) if key.tip_id in kept]
            await new.tips.add_keys(keys)
        await new.commit()


@pytest.fixture
async def reader(town: Town) -> Reader:
    await town.founded()
    return await town.moderator(unit=town.hamlet)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def forgetting(town: Town, shelf: Shelf) -> TipForgetting:
    return TipForgetting(
        storage=town.storage,
        backups=shelf,
        audit=town.audit,
        notices=town.notices,
        clock=town.clock,
        chance=town.chance,
    )


async def sent(town: Town) -> TipId:
    """Send a tip; return its id."""
    before = {tip.id for tip in await town.reading.queue.metadata(town.commune, by="test")}
    report = Report(category=TipCategory.SCAM, what="Gọi điện xưng là công an.")
    submission = await town.receiving.intake.submit(report, town.hamlet)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    tips = await town.reading.queue.metadata(town.commune, by="test")
    (new,) = {tip.id for tip in tips} - before
    return new


async def closed(town: Town, reader: Reader) -> TipId:
    tip_id = await sent(town)
    await town.reading.desk.move(tip_id, TipState.SPAM, reader, reason="thử")
    return tip_id


async def left(town: Town) -> set[TipId]:
    return {tip.id for tip in await town.reading.queue.metadata(town.commune, by="test")}


def later(town: Town, by: timedelta) -> None:
    town.clock.advance(by.total_seconds())


async def test_a_closed_tip_is_forgotten_in_its_week_and_not_before(
    town: Town, reader: Reader, forgetting: TipForgetting
) -> None:
    tip_id, still_open = await closed(town, reader), await sent(town)
    assert await forgetting.forget_due() == 0
    later(town, FIRST_DAY - timedelta(days=1))
    assert await forgetting.forget_due() == 0
    later(town, 2 * timedelta(days=SPREAD_DAYS + 1))
    assert await forgetting.forget_due() == 1
    assert await left(town) == {still_open}
    async with town.storage.read() as work:
        assert await work.tips.records(tip_id) == []
        assert await work.tip_ends.with_keys([tip_id, still_open]) == {still_open}
    (entry,) = [one for one in await town.audit.newest() if one.record.act == "tip.forgotten"]
    assert entry.record.subject == tip_id
    assert await forgetting.forget_due() == 0


async def test_a_tip_taken_up_again_is_kept(
    town: Town, reader: Reader, forgetting: TipForgetting
) -> None:
    tip_id = await closed(town, reader)
    await forgetting.forget_due()
    later(town, timedelta(days=10))
    await town.reading.desk.move(tip_id, TipState.IN_VERIFICATION, reader)
    later(town, LAST_DAY)
    assert await forgetting.forget_due() == 0
    await town.reading.desk.move(tip_id, TipState.SPAM, reader, reason="thử")
    later(town, FIRST_DAY - timedelta(days=1))
    assert await forgetting.forget_due() == 0
    later(town, LAST_DAY)
    assert await forgetting.forget_due() == 1


async def test_a_held_tip_is_kept_until_it_is_let_go(
    town: Town, reader: Reader, forgetting: TipForgetting
) -> None:
    tip_id = await closed(town, reader)
    await town.reading.holding.hold(tip_id, reader, reason="Công văn số 12 (bịa)")
    await forgetting.forget_due()
    later(town, 4 * LAST_DAY)
    assert await forgetting.forget_due() == 0
    await town.reading.holding.let_go(tip_id, reader, reason="Hết yêu cầu")
    assert await forgetting.forget_due() == 1


@pytest.mark.parametrize("act", ["hold", "let_go"])
async def test_holding_wants_a_reason(town: Town, reader: Reader, act: str) -> None:
    tip_id = await closed(town, reader)
    with pytest.raises(RuleBroken):
        await getattr(town.reading.holding, act)(tip_id, reader, reason="  ")


async def test_what_was_cut_off_halfway_is_taken_up_and_shut_in_between(
    town: Town, reader: Reader, forgetting: TipForgetting
) -> None:
    tip_id = await closed(town, reader)
    await forgetting.forget_due()
    later(town, LAST_DAY)
    async with town.storage.begin() as work:
        await work.tip_ends.remove_keys(tip_id)
        await work.commit()
    with pytest.raises(RuleBroken, match="tip_not_sealed_to_you"):
        await town.reading.desk.open(tip_id, reader)
    assert await forgetting.forget_due() == 1
    assert await left(town) == set()


async def test_the_days_differ_so_that_none_tells_when_a_tip_was_closed(
    town: Town, reader: Reader, forgetting: TipForgetting
) -> None:
    ids = [await closed(town, reader) for _ in range(12)]
    await forgetting.forget_due()
    async with town.storage.read() as work:
        days = {(await work.tips.get(tip_id)).forget_on for tip_id in ids}
    assert len(days) > 1
    today = town.clock.now().date()
    assert all(day and FIRST_DAY <= day - today <= LAST_DAY for day in days)


async def test_the_proof_holds_where_everything_is_gone(
    town: Town, reader: Reader, forgetting: TipForgetting, shelf: Shelf
) -> None:
    await closed(town, reader)
    await forgetting.forget_due()
    later(town, LAST_DAY)
    await forgetting.forget_due()
    later(town, timedelta(days=1))
    await shelf.make(town, "new")
    proof = await forgetting.prove()
    assert (proof.holds, proof.forgotten, proof.looked_at) == (True, 1, ("new",))
    (noted,) = [one for one in await town.audit.newest() if "proved" in one.record.act]
    assert noted.record.facts["forgotten"] == "1"


async def test_a_backup_that_holds_a_forgotten_tip_for_too_long_is_named(
    town: Town, reader: Reader, forgetting: TipForgetting, shelf: Shelf
) -> None:
    tip_id = await closed(town, reader)
    async with town.storage.begin() as work:
        await work.tips.save(replace(await work.tips.get(tip_id), has_route=True))
        await work.commit()
    await forgetting.forget_due()
    await shelf.make(town, "old")
    later(town, LAST_DAY)
    await forgetting.forget_due()
    young = await forgetting.prove()
    assert (young.holds, young.lagging, young.stale) == (True, 1, ())
    later(town, timedelta(days=31))
    proof = await forgetting.prove()
    assert (proof.holds, proof.stale) == (False, ("old",))


async def test_a_key_that_came_back_is_found(
    town: Town, reader: Reader, forgetting: TipForgetting
) -> None:
    tip_id = await closed(town, reader)
    async with town.storage.read() as work:
        tip = await work.tips.get(tip_id)
        keys = await work.tips.keys_of(reader.holder_id)
    await forgetting.forget_due()
    later(town, LAST_DAY)
    await forgetting.forget_due()
    async with town.storage.begin() as work:
        await work.tips.add(tip, [], keys)
        await work.commit()
    proof = await forgetting.prove()
    assert (proof.holds, proof.open_here) == (False, 1)
