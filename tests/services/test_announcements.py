"""Announcements: started once, on time or not at all; paused, resumed, cancelled, sent again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.audience import Audience
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.errors import NotFound, RuleBroken, UnlawfulMove
from bot.core.ids import AnnouncementId, AttachmentId, ChannelId
from bot.core.people import Person
from bot.core.sending import Reason
from bot.core.windows import WindowRule
from bot.services.announcements.announcing import TITLE_LONGEST, Wording
from bot.services.announcements.results import Results
from bot.services.announcements.texts import TEXT_LONGEST
from tests.builders.town import Town
from tests.services.sending import LATER, end, taken

HOUR = timedelta(hours=1)


async def state_of(town: Town, announcement_id: AnnouncementId) -> str:
    return (await town.announcements.show(announcement_id, to=None)).state


async def scheduled(town: Town, *, due_in: timedelta = HOUR) -> AnnouncementId:
    return (await town.announced(due_at=town.clock.now() + due_in)).id


async def test_one_for_now_starts_now_and_reaches_everybody_once(town: Town) -> None:
    await town.member("web", "a")
    await town.member("zalo", "b")
    await town.member("web", "c", town.elsewhere)
    announcement = await town.announced()
    assert await town.tally(announcement.id) == {"waiting": 2}


async def test_nobody_reached_is_finished_at_once(town: Town) -> None:
    assert await state_of(town, (await town.announced()).id) == "finished"


async def test_it_starts_at_its_hour(town: Town) -> None:
    await town.member("web", "a")
    announcement_id = await scheduled(town)
    assert await town.announcements.start_due() == 0
    town.clock.advance(HOUR)
    assert await town.announcements.start_due() == 1
    assert await town.announcements.start_due() == 0
    assert await state_of(town, announcement_id) == "sending"


async def test_several_clocks_start_it_once(town: Town) -> None:
    await town.member("web", "a")
    announcement_id = await scheduled(town)
    town.clock.advance(HOUR)
    started = await asyncio.gather(*(town.announcements.start_due() for _ in range(10)))
    assert sum(started) == 1
    assert await town.tally(announcement_id) == {"waiting": 1}


async def test_a_start_that_is_too_late_asks_an_officer(town: Town) -> None:
    await town.member("web", "a")
    announcement_id = await scheduled(town)
    town.clock.advance(HOUR + timedelta(minutes=31))
    assert await town.announcements.start_due() == 0
    assert await state_of(town, announcement_id) == "overdue"
    await town.announcements.reschedule(announcement_id, None, by=None)
    assert await state_of(town, announcement_id) == "sending"


async def test_one_that_is_overdue_is_answered_and_not_released_again(town: Town) -> None:
    await town.member("web", "a")
    announcement_id = await scheduled(town)
    town.clock.advance(HOUR + timedelta(minutes=31))
    await town.announcements.start_due()
    # Its hour was claimed when it was found too late: under the same hour it would never start.
    with pytest.raises(UnlawfulMove):
        await town.announcements.release(announcement_id, by=None)
    await town.announcements.reschedule(announcement_id, None, by=None)
    assert await state_of(town, announcement_id) == "sending"


async def test_an_hour_just_past_can_be_chosen_again(town: Town) -> None:
    await town.member("web", "a")
    due_at = town.clock.now() + HOUR
    announcement_id = (await town.announced(due_at=due_at, grace=timedelta(minutes=1))).id
    town.clock.advance(HOUR + timedelta(seconds=90))
    await town.announcements.start_due()
    assert await state_of(town, announcement_id) == "overdue"
    await town.announcements.reschedule(announcement_id, due_at, by=None)
    assert await state_of(town, announcement_id) == "sending"


async def test_pausing_resuming_and_cancelling(town: Town) -> None:
    await town.member("web", "a")
    announcement_id = (await town.announced()).id
    await town.announcements.pause(announcement_id, by=None)
    assert await state_of(town, announcement_id) == "paused"
    await town.announcements.resume(announcement_id, by=None)
    await town.announcements.cancel(announcement_id, by=None)
    assert await state_of(town, announcement_id) == "cancelled"
    assert await town.tally(announcement_id) == {"skipped": 1}
    with pytest.raises(RuleBroken):
        await town.announcements.resume(announcement_id, by=None)
    with pytest.raises(UnlawfulMove):
        await town.announcements.pause(announcement_id, by=None)


async def test_what_is_unknown_is_sent_again_only_while_it_is_being_sent(town: Town) -> None:
    await town.member("web", "a")
    announcement_id = (await town.announced()).id
    async with town.storage.begin() as work:
        now = town.clock.now()
        (row,) = await work.deliveries.claim(
            ChannelId("web"), [Lane.ORDINARY], 5, owner="x", now=now, lease_until=now + HOUR
        )
        await work.deliveries.mark_sending(
            [row.id], owner="x", attempt_id="a", now=now, until=now + HOUR
        )
        unknown = Outcome(delivery_id=row.id, attempt_id="a", state=DeliveryState.UNKNOWN)
        await work.deliveries.record([unknown], at=now)
        await work.commit()
    assert await town.announcements.resend_unknown(announcement_id, by=None) == 1
    assert await town.tally(announcement_id) == {"waiting": 1}
    await town.announcements.cancel(announcement_id, by=None)
    with pytest.raises(UnlawfulMove):
        await town.announcements.resend_unknown(announcement_id, by=None)


@pytest.mark.parametrize(
    ("wording", "key"),
    [
        ({"title": " \u200f "}, "title_wrong"),
        ({"title": "x" * (TITLE_LONGEST + 1)}, "title_wrong"),
        ({"text": ""}, "text_wrong"),
        ({"text": "x" * (TEXT_LONGEST + 1)}, "text_wrong"),
    ],
)
async def test_what_is_empty_or_too_long_is_refused(
    town: Town, wording: dict[str, object], key: str
) -> None:
    with pytest.raises(RuleBroken, match=key):
        await town.announced(**wording)  # type: ignore[arg-type] # fields by name


async def test_the_longest_one_fits_into_one_message_of_every_channel(town: Town) -> None:
    one = await town.announced("x" * TEXT_LONGEST, title="y" * TITLE_LONGEST, is_urgent=True)
    letter = await town.announcements.letter(one.id)
    assert len(letter.text) <= 2_000


@pytest.mark.parametrize("due_in", [timedelta(minutes=-3), timedelta(days=367)])
async def test_an_hour_gone_by_or_far_away_is_refused(town: Town, due_in: timedelta) -> None:
    with pytest.raises(RuleBroken, match="due_wrong"):
        await scheduled(town, due_in=due_in)


async def test_only_a_draft_is_revised(town: Town) -> None:
    wording = Wording(unit_id=town.hamlet.id, title="Họp", text="Mời họp")
    draft = await town.announcements.write(wording, by=None)
    revised = await town.announcements.revise(draft.id, replace(wording, text="Hoãn"), by=None)
    assert revised.text == "Hoãn"
    await town.announcements.release(draft.id, by=None)
    with pytest.raises(RuleBroken, match="announcement_not_draft"):
        await town.announcements.revise(draft.id, wording, by=None)
    with pytest.raises(UnlawfulMove):
        await town.announcements.release(draft.id, by=None)


async def test_an_officer_reaches_only_the_own_units(town: Town) -> None:
    reader = await town.moderator(unit=town.hamlet)
    mine = Wording(unit_id=town.hamlet.id, title="Họp", text="Mời họp")
    await town.announcements.write(mine, by=reader.officer)
    other = replace(mine, unit_id=town.elsewhere.id)
    with pytest.raises(NotFound):
        await town.announcements.write(other, by=reader.officer)
    foreign = await town.announced(unit_id=town.elsewhere.id)
    with pytest.raises(NotFound):
        await town.announcements.show(foreign.id, to=reader.officer)
    with pytest.raises(NotFound):
        await town.announcements.cancel(foreign.id, by=reader.officer)
    assert len(await town.announcements.newest(reader.officer)) == 1


async def test_who_keeps_one_of_its_units_does_not_see_what_went_to_others_too(
    town: Town,
) -> None:
    beside = (await town.moderator(unit=town.hamlet)).officer
    above = (await town.moderator("tren", unit=town.commune)).officer
    wide = await town.announced(audience=Audience(more_unit_ids=(town.elsewhere.id,)))
    own = await town.announced()
    results = Results(storage=town.storage, audit=town.audit)
    with pytest.raises(NotFound):
        await town.announcements.show(wide.id, to=beside)
    with pytest.raises(NotFound):
        await results.summary(wide.id, to=beside)
    assert [one.announcement.id for one in await town.announcements.newest(beside)] == [own.id]
    seen = {one.announcement.id for one in await town.announcements.newest(above)}
    assert seen == {wide.id, own.id}
    assert len(await town.announcements.newest(above, limit=1)) == 1


async def test_who_writes_again_within_a_week_gets_what_was_skipped(town: Town) -> None:
    person = await town.member("zalo", "a")
    announcement_id = (await town.announced()).id
    await skipped(town, announcement_id)
    town.clock.advance(timedelta(days=8))
    assert await chance(town, person) == 0
    town.clock.advance(timedelta(days=-2))
    assert await chance(town, person) == 1
    assert await town.tally(announcement_id) == {"waiting": 1}


async def chance(town: Town, person: Person) -> int:
    async with town.storage.begin() as work:
        again = await town.announcements.next_chance(work, person, town.clock.now())
        await work.commit()
    return again


async def skipped(town: Town, announcement_id: AnnouncementId) -> None:
    await end(town, await taken(town), lambda _: LATER)


RULE = WindowRule(free_for=timedelta(hours=48), open_for=timedelta(days=7))


async def test_whose_window_is_closed_is_on_record_as_such_from_the_start(town: Town) -> None:
    zalo = town.channel("zalo")
    zalo.capabilities = replace(zalo.capabilities, windows=RULE)
    await town.member("zalo", "long ago")
    await town.member("web", "long ago")
    town.clock.advance(timedelta(days=8))
    await town.member("zalo", "new")
    one = await town.announced()
    shown = await town.announcements.show(one.id, to=None)
    assert shown.tally.outcomes == {DeliveryState.WAITING: 2, DeliveryState.SKIPPED: 1}
    assert shown.tally.reasons == {Reason.NO_WINDOW: 1}


async def test_what_goes_out_with_it_must_be_there(town: Town) -> None:
    with pytest.raises(NotFound):
        await town.announced(attachment_id=AttachmentId("nowhere"))
