"""Tips: taken in sealed, opened only with a key of the unit, followed by receipt."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import NotFound, RuleBroken, UnlawfulMove
from bot.core.officers import Role
from bot.core.tips import TIP_MOVES, PassedTo, Report, Tip, TipCategory, TipState
from bot.core.units import Unit
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.talks import TooManyTries
from bot.vault import crockford
from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.fakes import NOON

REPORT = Report(
    category=TipCategory.DRUGS,
    what="Có người bán hàng lạ ở đầu ngõ",
    where="Ngõ 5, cạnh cây đa",
    when="tối qua",
)


async def submitted(town: Town, report: Report = REPORT, unit: Unit | None = None) -> str:
    """Store a tip; return its receipt."""
    submission = await town.receiving.intake.submit(report, unit or town.hamlet)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    return submission.receipt.text


async def the_tip(town: Town) -> Tip:
    (tip,) = await town.reading.queue.metadata(town.commune, by="test")
    return tip


async def test_a_tip_is_opened_and_moved_by_a_moderator_of_its_unit(town: Town) -> None:
    await town.founded()
    reader = await town.moderator(unit=town.hamlet)
    receipt = await submitted(town)
    (tip,) = await town.reading.queue.tips(reader.officer)
    assert (await town.reading.desk.open(tip.id, reader)).report == REPORT
    await town.reading.desk.move(tip.id, TipState.IN_VERIFICATION, reader)
    await town.reading.desk.move(tip.id, TipState.RESOLVED, reader, reason=" đã xử lý ")
    opened = await town.reading.desk.open(tip.id, reader)
    assert [record.text for record in opened.records] == ["đã xử lý"]
    followed = await town.receiving.talks.follow(receipt)
    assert followed is not None
    assert followed.state is TipState.RESOLVED


async def test_nothing_of_a_tip_is_readable_on_the_disk(town: Town) -> None:
    await town.founded()
    reader = await town.moderator()
    receipt = await submitted(town)
    tip = await the_tip(town)
    await town.reading.desk.move(tip.id, TipState.SPAM, reader, reason="lý do kín đáo")
    stored = town.on_disk()
    for plain in (REPORT.what, REPORT.where, REPORT.when, "lý do kín đáo", receipt):
        assert plain.encode() not in stored
    assert receipt.replace("-", "")[4:].encode() not in stored


async def test_without_anybody_who_could_read_it_a_tip_is_refused(town: Town) -> None:
    with pytest.raises(RuleBroken):
        await town.receiving.intake.submit(REPORT, town.hamlet)


async def test_a_moderator_of_another_neighbourhood_sees_nothing(town: Town) -> None:
    await town.founded()
    reader = await town.moderator(unit=town.elsewhere)
    await submitted(town)
    tip = await the_tip(town)
    assert await town.reading.queue.tips(reader.officer) == []
    for act in (
        town.reading.desk.open(tip.id, reader),
        town.reading.desk.move(tip.id, TipState.SPAM, reader),
    ):
        with pytest.raises(NotFound):
            await act


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ANNOUNCER, Role.APPROVER, Role.VIEWER])
async def test_only_moderators_see_the_queue_or_open_a_tip(town: Town, role: Role) -> None:
    await town.founded()
    reader = await town.moderator()
    await submitted(town)
    tip = await the_tip(town)
    other = replace(reader.officer, roles=frozenset({role}))
    with pytest.raises(NotFound):
        await town.reading.queue.tips(other)
    with pytest.raises(NotFound):
        await town.reading.desk.open(tip.id, replace(reader, officer=other))


async def test_a_moderator_added_after_set_up_cannot_open_what_came_before(town: Town) -> None:
    await town.founded()
    await submitted(town)
    town.vault.setup.destroy()
    reader = await town.moderator()
    with pytest.raises(RuleBroken, match="tip_not_sealed_to_you"):
        await town.reading.desk.open((await the_tip(town)).id, reader)


async def test_every_look_is_in_the_chain(town: Town) -> None:
    await town.founded()
    reader = await town.moderator()
    await submitted(town)
    tip = await the_tip(town)
    await town.reading.queue.tips(reader.officer)
    await town.reading.desk.open(tip.id, reader)
    await town.reading.desk.move(
        tip.id, TipState.PASSED_ON, reader, passed_to=PassedTo.INVESTIGATORS
    )
    acts = [entry.record.act for entry in await town.audit.newest(limit=3)]
    assert acts == ["tip.move", "tip.open", "tip.list"]
    assert (await town.audit.verify()).broken_at is None


@pytest.mark.parametrize("is_urgent", [True, False])
async def test_moments_are_coarse(town: Town, *, is_urgent: bool) -> None:
    await town.founded()
    town.clock.advance(timedelta(minutes=38, seconds=17))
    await submitted(town, replace(REPORT, is_urgent=is_urgent))
    tip = await the_tip(town)
    expected = NOON.replace(minute=30 if is_urgent else 0, second=0, microsecond=0)
    assert {tip.received_at, tip.moved_at, tip.visible_at} == {expected}
    async with town.storage.read() as work:
        assert {record.at for record in await work.tips.records(tip.id)} == {expected}


async def test_a_delayed_tip_shows_no_fraction_of_the_moment_it_came(tmp_path: Path) -> None:
    async with open_town(tmp_path, delay_max_s=600) as town:
        await town.founded()
        reader = await town.moderator()
        await submitted(town)
        town.clock.advance(601)
        tip = (await town.reading.queue.tips(reader.officer))[0]
        assert (tip.visible_at.second, tip.visible_at.microsecond) == (0, 0)
        assert tip.visible_at <= NOON + timedelta(seconds=600)


async def test_an_urgent_tip_is_shown_at_once_and_first(tmp_path: Path) -> None:
    async with open_town(tmp_path, delay_max_s=600) as town:
        await town.founded()
        reader = await town.moderator()
        await submitted(town, replace(REPORT, is_urgent=True))
        assert len(await town.reading.queue.tips(reader.officer)) == 1


async def test_wrong_receipts_are_slowed_down_and_the_right_one_forgives(town: Town) -> None:
    await town.founded()
    receipt = await submitted(town)
    signs = receipt[:4] + "0" * 19
    wrong = signs + crockford.check_sign(signs, start=1)
    for _ in range(4):
        assert await town.receiving.talks.follow(wrong) is None
    assert await town.receiving.talks.follow(receipt) is not None
    for _ in range(5):
        assert await town.receiving.talks.follow(wrong) is None
    with pytest.raises(TooManyTries):
        await town.receiving.talks.follow(receipt)
    town.clock.advance(61)
    assert await town.receiving.talks.follow(receipt) is not None


@pytest.mark.parametrize("typed", ["", "abc", "0" * 24, "\x00", "Ω" * 24, "a" * 4_000])
async def test_what_is_no_receipt_leads_nowhere(town: Town, typed: str) -> None:
    assert await town.receiving.talks.follow(typed) is None


async def moved(town: Town, tip: Tip, to: TipState, reader: Reader) -> Tip:
    return await town.reading.desk.move(
        tip.id, to, reader, reason="vì thế", passed_to=PassedTo.INVESTIGATORS
    )


@pytest.mark.parametrize("to", TipState)
async def test_only_lawful_moves_are_made(town: Town, to: TipState) -> None:
    await town.founded()
    reader = await town.moderator()
    await submitted(town)
    tip = await the_tip(town)
    if to in TIP_MOVES[TipState.NEW]:
        assert (await moved(town, tip, to, reader)).state is to
    else:
        with pytest.raises(UnlawfulMove):
            await moved(town, tip, to, reader)


async def test_closing_needs_a_reason(town: Town) -> None:
    await town.founded()
    reader = await town.moderator()
    await submitted(town)
    with pytest.raises(RuleBroken, match="tip_reason_missing"):
        await town.reading.desk.move((await the_tip(town)).id, TipState.SPAM, reader, reason="  ")


async def test_a_moderator_whose_account_was_closed_gets_no_keys(town: Town) -> None:
    await town.founded()
    reader = await town.moderator()
    async with town.storage.begin() as work:
        await work.officers.save(replace(reader.officer, is_active=False))
        await work.commit()
    await submitted(town)
    async with town.storage.read() as work:
        assert await work.tips.keys_of(reader.holder_id) == []
