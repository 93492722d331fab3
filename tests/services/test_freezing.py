"""Rows are made in pieces: whoever comes along goes on, and nothing is called finished before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.announcements import Announcement
from bot.core.audience import Audience
from bot.core.errors import RuleBroken
from bot.services.announcements.amendments import Correction
from bot.services.announcements.announcing import Wording
from tests.announcement_builder import made_announcements
from tests.builders.town import Town
from tests.one_book import the_book
from tests.services.sending import delivered


@pytest.fixture(autouse=True)
def small_pieces(town: Town) -> None:
    town.announcements = made_announcements(
        the_book(),
        storage=town.storage,
        audit=town.audit,
        notices=town.notices,
        clock=town.clock,
        chance=town.chance,
        offers=town.channels.offers,
        piece=2,
    )


async def members(town: Town, count: int) -> None:
    for number in range(count):
        await town.member("web", f"w{number}")


async def kept(town: Town, one: Announcement) -> Announcement:
    return (await town.announcements.show(one.id, to=None)).announcement


async def state(town: Town, one: Announcement) -> str:
    return (await town.announcements.show(one.id, to=None)).state


async def test_the_officer_waits_for_the_first_piece_only_and_the_clock_makes_the_rest(
    town: Town,
) -> None:
    await members(town, 7)
    one = await town.announced()
    assert await town.tally(one.id) == {"waiting": 2}
    assert (await kept(town, one)).freezing_after
    await town.announcements.start_due()
    assert await town.tally(one.id) == {"waiting": 7}
    assert (await kept(town, one)).freezing_after is None


async def test_what_was_sent_of_the_first_piece_is_not_called_finished(town: Town) -> None:
    await members(town, 5)
    one = await town.announced()
    await delivered(town)
    assert await state(town, one) == "sending"
    await town.announcements.pause(one.id, by=None)
    await town.announcements.start_due()
    await town.announcements.resume(one.id, by=None)
    await delivered(town)
    assert await state(town, one) == "finished"


async def test_who_joins_while_rows_are_made_gets_none(town: Town) -> None:
    await members(town, 5)
    one = await town.announced()
    town.clock.advance(timedelta(seconds=1))
    await town.member("web", "late")
    await town.announcements.start_due()
    assert await town.tally(one.id) == {"waiting": 5}


async def test_who_joined_since_gets_it_when_asked_for(town: Town) -> None:
    await members(town, 3)
    one = await town.announced()
    await town.announcements.start_due()
    await delivered(town)
    town.clock.advance(timedelta(hours=1))
    await town.member("web", "late")
    await town.announcements.take_late(one.id, by=None)
    await town.announcements.start_due()
    assert await town.tally(one.id) == {"sent": 3, "waiting": 1}
    await town.announcements.cancel(one.id, by=None)
    with pytest.raises(RuleBroken):
        await town.announcements.take_late(one.id, by=None)


async def test_one_that_is_cancelled_half_way_accounts_for_everybody(town: Town) -> None:
    await members(town, 7)
    one = await town.announced()
    await town.announcements.cancel(one.id, by=None)
    await town.announcements.start_due()
    assert await town.tally(one.id) == {"skipped": 7}
    assert (await kept(town, one)).freezing_after is None


async def test_a_correction_waits_until_everybody_has_a_row_to_be_corrected(town: Town) -> None:
    await members(town, 7)
    one = await town.announced()
    first = await delivered(town)
    correction = await town.amendments.correct(
        one.id, Correction(title="Họp", text="20 giờ."), by=None
    )
    assert await town.tally(correction.id) == {}
    await town.announcements.start_due()
    await town.announcements.start_due()
    assert await town.tally(one.id) == {"sent": len(first), "skipped": 7 - len(first)}
    assert await town.tally(correction.id) == {"waiting": 7}


async def test_something_urgent_starts_while_rows_are_made(town: Town) -> None:
    await members(town, 9)
    await town.announced()
    wording = Wording(unit_id=town.hamlet.id, title="Cháy", text="Gọi 114.", is_urgent=True)
    urgent = await town.announcements.write(wording, by=None)
    await town.announcements.release(urgent.id, by=None)
    assert await town.tally(urgent.id) == {"waiting": 2}
    await town.announcements.start_due()
    assert await town.tally(urgent.id) == {"waiting": 9}


async def test_units_are_added_and_left_out(town: Town) -> None:
    await town.member("web", "a")
    await town.member("web", "b", town.elsewhere)
    both = await town.announced(audience=Audience(more_unit_ids=(town.elsewhere.id,)))
    less = await town.announced(
        unit_id=town.commune.id, audience=Audience(without_unit_ids=(town.hamlet.id,))
    )
    assert await town.tally(both.id) == {"waiting": 2}
    assert await town.tally(less.id) == {"waiting": 1}
    with pytest.raises(RuleBroken, match="audience_empty"):
        await town.announced(audience=Audience(without_unit_ids=(town.commune.id,)))


async def test_households_that_were_missed_are_told_again(town: Town) -> None:
    await members(town, 1)
    one = await town.announced()
    await delivered(town)
    town.clock.advance(timedelta(hours=1))
    await town.member("web", "new")
    again = await town.announced(audience=Audience(missed=one.id))
    assert await town.tally(again.id) == {"waiting": 1}
    assert replace(again, audience=Audience()).mark != again.mark
