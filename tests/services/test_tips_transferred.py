"""A tip given to another unit: its key goes with it, and who has no business with it loses it."""

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import UnitId
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.officers import HolderKind
from bot.core.tips import Report, Tip, TipCategory
from bot.core.units import Unit, UnitKind
from bot.services.tips.reading.access import TipChanged
from bot.services.tips.receiving.routes import ReplyTo
from bot.services.tips.talk import Letter
from bot.services.units.units import UnitRow
from tests.builders.town import Town
from tests.services.test_tips_about_officers import inspectorate

REPORT = Report(category=TipCategory.DRUGS, what="Nhà cuối ngõ có người lạ ra vào ban đêm.")
REASON = "việc ở địa bàn khác"


async def neighbour(town: Town) -> Unit:
    row = UnitRow(code="to-9", name="Tổ 9", kind=UnitKind.NEIGHBOURHOOD, parent=town.commune.code)
    return (await town.units.add([row], by="test"))[0]


async def submitted(town: Town) -> Tip:
    address = Address(channel_id=town.channels.all()[0].id, chat="sender-1")
    submission = await town.receiving.intake.submit(
        REPORT, town.hamlet, reply_to=ReplyTo(address=address, language=Language.VI)
    )
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    async with town.storage.read() as work:
        tip = await work.tips.by_locator(submission.receipt.locator)
    assert tip is not None
    return tip


async def test_the_other_units_readers_open_it_and_the_old_ones_no_more(town: Town) -> None:
    await town.founded()
    giver = await town.moderator(unit=town.hamlet)
    other = await neighbour(town)
    taker, chief = await town.moderator("taker", other), await town.moderator("chief")
    tip = await submitted(town)
    await town.reading.claims.claim(tip.id, giver)
    with pytest.raises(NotFound):
        await town.reading.desk.open(tip.id, taker)
    given = await town.reading.transfers.to_unit(tip.id, giver, other.id, reason=REASON)
    assert (given.unit_id, given.sealed_for) == (other.id, town.hamlet.id)
    assert (given.claimed_by, given.has_news) == (None, True)
    opened = await town.reading.desk.open(tip.id, taker)
    assert opened.report == REPORT
    assert [one.text for one in opened.records] == [REASON]
    assert (await town.reading.desk.open(tip.id, chief)).report == REPORT
    with pytest.raises(NotFound):
        await town.reading.desk.open(tip.id, giver)
    async with town.storage.read() as work:
        assert await work.tips.key_for(tip.id, giver.holder_id) is None


async def test_an_answer_in_the_chat_still_finds_a_tip_that_was_given_away(town: Town) -> None:
    await town.founded()
    giver = await town.moderator(unit=town.hamlet)
    other = await neighbour(town)
    taker = await town.moderator("taker", other)
    tip = await submitted(town)
    await town.reading.transfers.to_unit(tip.id, giver, other.id, reason=REASON)
    conversation = town.envelopes.conversation(town.channels.all()[0].id, "sender-1")
    (talk,) = await town.receiving.routes.talks(conversation)
    effect = town.receiving.routes.answer(talk, Letter(text="Dạ 11 giờ đêm."))
    async with town.storage.begin() as work:
        await effect(work)
        await work.commit()
    assert await town.reading.talks.collect(giver) == 0
    assert await town.reading.talks.collect(taker) == 1
    opened = await town.reading.desk.open(tip.id, taker)
    assert [said.text for said in opened.said] == ["Dạ 11 giờ đêm."]


async def test_what_turns_out_to_be_about_an_officer_goes_to_the_inspectorate_alone(
    town: Town,
) -> None:
    await town.founded()
    giver, chief = await town.moderator(unit=town.hamlet), await town.moderator("chief")
    tip = await submitted(town)
    with pytest.raises(RuleBroken, match="no_inspectorate"):
        await town.reading.transfers.to_inspectorate(tip.id, giver, reason=REASON)
    unit = await inspectorate(town)
    inspector = await town.moderator("inspector", unit)
    await town.reading.transfers.to_inspectorate(tip.id, giver, reason=REASON)
    for reader in (giver, chief):
        with pytest.raises(NotFound):
            await town.reading.desk.open(tip.id, reader)
    opened = await town.reading.desk.open(tip.id, inspector)
    assert opened.tip.is_about_officer
    async with town.storage.read() as work:
        holders = {one.id: one for one in await work.officers.public_holders()}
        held = [holders[one] for one in await work.tips.holders_of(tip.id)]
    assert [(one.kind, one.unit_id) for one in held] == [(HolderKind.OFFICER, unit.id)]
    # And it cannot be given back to those it may be about.
    with pytest.raises(RuleBroken, match="tip_unit_wrong"):
        await town.reading.transfers.to_unit(tip.id, inspector, town.hamlet.id, reason=REASON)


async def test_a_tip_is_not_given_where_nobody_could_open_it(town: Town) -> None:
    await town.founded()
    giver = await town.moderator(unit=town.hamlet)
    row = UnitRow(code="xa-2", name="Xã khác", kind=UnitKind.COMMUNE)
    (elsewhere,) = await town.units.add([row], by="test")
    tip = await submitted(town)
    with pytest.raises(RuleBroken, match="tip_unit_keyless"):
        await town.reading.transfers.to_unit(tip.id, giver, elsewhere.id, reason=REASON)
    assert (await town.reading.desk.open(tip.id, giver)).report == REPORT


@pytest.mark.parametrize("case", ["reason", "same", "unknown", "stale"])
async def test_giving_away_is_refused(town: Town, case: str) -> None:
    await town.founded()
    giver = await town.moderator(unit=town.hamlet)
    other = await neighbour(town)
    await town.moderator("taker", other)
    tip = await submitted(town)
    to = {"same": town.hamlet.id, "unknown": UnitId("nowhere")}.get(case, other.id)
    with pytest.raises((NotFound, RuleBroken, TipChanged)):
        await town.reading.transfers.to_unit(
            tip.id,
            giver,
            to,
            reason="" if case == "reason" else REASON,
            version=7 if case == "stale" else None,
        )
    assert (await town.reading.desk.open(tip.id, giver)).tip.unit_id == town.hamlet.id
