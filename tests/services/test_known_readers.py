"""Who may read tips is known until it changes, and never taken from what was undone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import RuleBroken
from bot.core.officers import Role
from bot.services.tips.records import KnownReaders
from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.services.test_attested_keys import REPORT, holder_of, sealed_to
from tests.services.test_notices import officer


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        await opened.founded()
        yield opened


async def test_each_change_of_a_unit_an_officer_or_a_key_is_seen_at_once(town: Town) -> None:
    one = await officer(town, role=Role.MODERATOR)
    holder = await holder_of(town, one)
    known = KnownReaders(town.storage)
    seen = await known()
    assert await known() is seen
    async with town.storage.begin() as work:
        await work.units.save(replace(town.commune, name="Tên Khác"))
        await work.commit()
    assert (await known()).units[town.commune.id].name == "Tên Khác"
    async with town.storage.begin() as work:
        await work.officers.save(replace(one, name="Người Khác"))
        await work.commit()
    assert (await known()).officers[one.id].name == "Người Khác"
    async with town.storage.begin() as work:
        await work.officers.save_holder(replace(holder, retired_at=town.clock.now()))
        await work.commit()
    assert holder.id not in {one.id for one in (await known()).holders}


async def test_what_was_undone_is_never_known(town: Town) -> None:
    known = KnownReaders(town.storage)
    await known()
    async with town.storage.begin() as work:
        await work.units.save(replace(town.commune, name="Bỏ Đi"))
        assert (await known.now(work)).units[town.commune.id].name == "Bỏ Đi"
    async with town.storage.begin() as work:
        await work.units.save(replace(town.commune, name="Giữ Lại"))
        await work.commit()
    assert (await known()).units[town.commune.id].name == "Giữ Lại"


async def test_a_tip_that_nobody_can_read_any_more_is_refused_and_not_stored(town: Town) -> None:
    assert await sealed_to(town)
    submission = await town.receiving.intake.submit(REPORT, town.commune)
    async with town.storage.begin() as work:
        for holder in await work.officers.holders():
            await work.officers.save_holder(replace(holder, retired_at=town.clock.now()))
        await work.commit()
    with pytest.raises(RuleBroken):
        await town.storage.change(submission.effect)
    async with town.storage.read() as work:
        assert await work.tips.by_locator(submission.receipt.locator) is None
