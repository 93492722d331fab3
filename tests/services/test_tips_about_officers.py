"""A tip about an officer goes to the inspectorate alone; colleagues see that nothing exists."""

from dataclasses import replace

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import UnitId
from bot.core.officers import HolderKind
from bot.core.storage import Work
from bot.core.tips import Report, Tip, TipCategory, TipState
from bot.core.units import Unit
from bot.services.tips.records import readers_of
from bot.services.units.units import UnitRow
from tests.builders.town import Town

REPORT = Report(category=TipCategory.CRIME, what="Một cán bộ đòi tiền để bỏ qua lỗi.")


async def inspectorate(town: Town, *, named_by: Unit | None = None) -> Unit:
    """Name a unit of its own as the inspectorate of the commune (or of another)."""
    row = UnitRow(code="thanh-tra", name="Thanh tra", kind=town.commune.kind)
    (unit,) = await town.units.add([row], by="test")
    async with town.storage.begin() as work:
        naming = named_by or town.commune
        await work.units.save(replace(naming, inspectorate_id=unit.id))
        await work.commit()
    return unit


async def submitted(town: Town, unit: Unit) -> Tip:
    submission = await town.receiving.intake.submit(REPORT, unit, about_officer=True)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    async with town.storage.read() as work:
        tip = await work.tips.by_locator(submission.receipt.locator)
    assert tip is not None
    return tip


async def test_the_inspectorate_reads_it_and_the_units_own_moderators_know_nothing(
    town: Town,
) -> None:
    await town.founded()
    own, above = await town.moderator(unit=town.hamlet), await town.moderator(login="above")
    unit = await inspectorate(town)
    inspector = await town.moderator(unit=unit, login="inspector")
    tip = await submitted(town, town.hamlet)
    assert (await town.reading.desk.open(tip.id, inspector)).report == REPORT
    for reader in (own, above):
        assert await town.reading.queue.tips(reader.officer) == []
        assert await town.reading.queue.counts(reader.officer) == {}
        with pytest.raises(NotFound):
            await town.reading.desk.open(tip.id, reader)
        with pytest.raises(NotFound):
            await town.reading.desk.move(tip.id, TipState.SPAM, reader, reason="x")
    assert await town.reading.queue.metadata(town.commune, by="test") == []


async def test_it_is_sealed_to_no_key_of_the_commune(town: Town) -> None:
    await town.founded()
    await town.moderator()
    unit = await inspectorate(town)
    await town.moderator(unit=unit, login="inspector")
    tip = await submitted(town, town.hamlet)
    async with town.storage.read() as work:
        holders = {one.id: one for one in await work.officers.holders()}
        held = [holders[one] for one in await work.tips.holders_of(tip.id)]
    assert [one.unit_id for one in held] == [unit.id]
    assert HolderKind.RECOVERY not in {one.kind for one in held}


async def test_an_inspectorate_below_the_unit_is_not_looked_into_from_above(town: Town) -> None:
    await town.founded()
    chief = await town.moderator()
    async with town.storage.begin() as work:
        await work.units.save(replace(town.commune, inspectorate_id=town.hamlet.id))
        await work.commit()
    inspector = await town.moderator(unit=town.hamlet, login="inspector")
    tip = await submitted(town, town.commune)
    assert [one.id for one in await town.reading.queue.tips(inspector.officer)] == [tip.id]
    assert await town.reading.queue.tips(chief.officer) == []
    with pytest.raises(NotFound):
        await town.reading.desk.open(tip.id, chief)


async def test_a_later_moderator_of_the_unit_is_not_given_its_key(town: Town) -> None:
    await town.founded()
    unit = await inspectorate(town)
    inspector = await town.moderator(unit=unit, login="inspector")
    tip = await submitted(town, town.hamlet)
    late = await town.moderator(unit=town.hamlet, login="late")
    async with town.storage.begin() as work:
        (holder,) = (one for one in await work.officers.holders() if one.id == late.holder_id)
        given = await town.reading.rewrapping.rewrap(
            work, inspector.holder_id, inspector.private_key, holder
        )
    assert given == 0
    async with town.storage.read() as work:
        assert await work.tips.key_for(tip.id, late.holder_id) is None


async def test_where_none_is_named_the_sender_is_told_and_nothing_is_kept(town: Town) -> None:
    await town.founded()
    reader = await town.moderator()
    with pytest.raises(RuleBroken, match=r"tips\.no_inspectorate"):
        await town.receiving.intake.submit(REPORT, town.hamlet, about_officer=True)
    assert await town.reading.queue.tips(reader.officer) == []


async def test_an_inspectorate_without_a_key_cannot_be_told(town: Town) -> None:
    await town.founded()
    await town.moderator()
    await inspectorate(town)
    with pytest.raises(RuleBroken, match=r"tips\.no_inspectorate"):
        await town.receiving.intake.submit(REPORT, town.hamlet, about_officer=True)


async def _read_by(work: Work, unit_id: UnitId) -> int:
    return len(await readers_of(work, unit_id))


async def test_ordinary_tips_go_where_they_went(town: Town) -> None:
    await town.founded()
    await town.moderator(unit=town.hamlet)
    async with town.storage.read() as work:
        before = await _read_by(work, town.hamlet.id)
    unit = await inspectorate(town)
    await town.moderator(unit=unit, login="inspector")
    async with town.storage.read() as work:
        assert await _read_by(work, town.hamlet.id) == before
