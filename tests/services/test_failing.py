"""A sending that goes wrong is paused by the program, once for each count, and officers hear."""

from datetime import timedelta

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.audience import Audience
from bot.core.audit import AuditEntry
from bot.core.deliveries import Delivery, DeliveryState
from bot.core.errors import UnlawfulMove
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.messages import Address
from bot.core.officers import Role
from bot.core.sending import Reason
from bot.core.units import Unit
from bot.services.announcements.failing import FEWEST, LOOKED_AT
from bot.services.announcements.watching import Watching
from bot.services.officers.accounts import NewOfficer
from tests.builders.town import PASSWORD, Town
from tests.services.sending import FAILED, LATER, SENT, UNKNOWN, end, taken

SECOND = timedelta(seconds=1)
HERE = Address(channel_id=ChannelId("telegram"), chat="officer-chat")
Ends = tuple[DeliveryState, Reason | None]


async def going(town: Town, people: int = 80, **wording: object) -> AnnouncementId:
    for number in range(people):
        await town.member("web", f"chat-{number}")
    one = (await town.announced(**wording)).id  # type: ignore[arg-type] # fields by name
    town.clock.advance(SECOND)
    return one


async def ended(town: Town, *ends: Ends) -> None:
    """Let so many copies end, each a second after the one before."""
    for copy, how in zip(await taken(town, limit=len(ends)), ends, strict=True):
        town.clock.advance(SECOND)

        def so(_: Delivery, how: Ends = how) -> Ends:
            return how

        await end(town, [copy], so)


async def officer(town: Town, role: Role = Role.ANNOUNCER, *, unit: Unit | None = None) -> None:
    new = NewOfficer(
        login=f"an-{role}",
        name="Cán Bộ Bịa",
        password=PASSWORD,
        unit_id=(unit or town.commune).id,
        roles=frozenset({role}),
    )
    added = await town.officers.add(new, by="test")
    code = await town.notices.make_code(added)
    async with town.storage.begin() as work:
        await town.notices.link(work, code, HERE)
        await work.commit()


async def state_of(town: Town, one: AnnouncementId) -> AnnouncementState:
    return (await town.announcements.show(one, to=None)).announcement.state


async def told(town: Town) -> list[str]:
    return [message.text for message in await town.outbox()]


async def acts(town: Town) -> list[AuditEntry]:
    return [one for one in await town.audit.newest() if one.record.act == "announcement.held"]


CASES = [
    pytest.param([FAILED] * (FEWEST - 1), False, id="too few to tell"),
    pytest.param([FAILED] * FEWEST, True, id="all of the fewest"),
    pytest.param([UNKNOWN] * FEWEST, True, id="nothing is known"),
    pytest.param([SENT] * 10 + [FAILED] * 10, True, id="half"),
    pytest.param([SENT] * 11 + [FAILED] * 10, False, id="just under half"),
    pytest.param([FAILED] * 10 + [SENT] * 10, True, id="half, whichever came first"),
    pytest.param([SENT] * 50 + [FAILED] * 24, False, id="few of the last fifty"),
    pytest.param([SENT] * 50 + [FAILED] * 25, True, id="half of the last fifty"),
    pytest.param([LATER] * 30 + [FAILED] * 15, False, id="who cannot be written to now"),
]


@pytest.mark.parametrize(("ends", "is_paused"), CASES)
async def test_it_is_paused_when_half_of_the_last_did_not_arrive(
    town: Town,
    ends: list[Ends],
    is_paused: bool,  # noqa: FBT001 - a row's column
) -> None:
    one = await going(town)
    await ended(town, *ends)
    assert await town.failure_watch.look() == int(is_paused)
    wanted = AnnouncementState.PAUSED if is_paused else AnnouncementState.SENDING
    assert await state_of(town, one) is wanted


async def test_officers_of_one_of_its_units_are_not_told_of_all(town: Town) -> None:
    await officer(town, unit=town.hamlet)
    await going(town, audience=Audience(more_unit_ids=(town.elsewhere.id,)))
    await ended(town, *[FAILED] * FEWEST)
    assert await town.failure_watch.look() == 1
    assert await told(town) == []


async def test_it_is_on_record_and_officers_who_may_announce_are_told(town: Town) -> None:
    await officer(town)
    await going(town)
    await ended(town, *[SENT] * 8, *[FAILED] * 7, *[UNKNOWN] * 6)
    assert await town.failure_watch.look() == 1
    assert await town.failure_watch.look() == 0
    (message,) = await told(town)
    assert "“Họp tổ” (Tổ 1 Bịa)" in message
    assert "trong 21 tin vừa gửi có 13 tin" in message
    (entry,) = await acts(town)
    assert (entry.record.actor, dict(entry.record.facts)) == (
        "clock",
        {"lost": "13", "tried": "21"},
    )


async def test_officers_who_may_not_announce_are_not_told(town: Town) -> None:
    await officer(town, Role.ADMIN)
    await going(town)
    await ended(town, *[FAILED] * FEWEST)
    assert await town.failure_watch.look() == 1
    assert await told(town) == []


async def test_going_on_begins_a_new_count(town: Town) -> None:
    await officer(town)
    one = await going(town)
    await ended(town, *[FAILED] * 30)
    assert await town.failure_watch.look() == 1
    assert len(await told(town)) == 1
    await town.announcements.resume(one, by=None)
    assert await town.failure_watch.look() == 0
    assert await state_of(town, one) is AnnouncementState.SENDING
    await ended(town, *[FAILED] * (FEWEST - 1))
    assert await town.failure_watch.look() == 0
    await ended(town, FAILED)
    assert await town.failure_watch.look() == 1
    # Within the same hour, and told all the same: it is another pause.
    assert len(await told(town)) == 1


async def test_copies_that_were_on_their_way_at_the_pause_do_not_count_after_it(
    town: Town,
) -> None:
    one = await going(town)
    copies = await taken(town, limit=60)
    await end(town, copies[:FEWEST], lambda _: FAILED)
    assert await town.failure_watch.look() == 1
    town.clock.advance(SECOND)
    await end(town, copies[FEWEST:], lambda _: FAILED)
    town.clock.advance(SECOND)
    await town.announcements.resume(one, by=None)
    assert await town.failure_watch.look() == 0


async def test_an_urgent_one_goes_on_and_officers_are_told_once_an_hour(town: Town) -> None:
    await officer(town)
    one = await going(town, is_urgent=True)
    await ended(town, *[FAILED] * FEWEST)
    for _ in range(3):
        assert await town.failure_watch.look() == 0
    (message,) = await told(town)
    assert "Thông báo khẩn" in message
    assert await state_of(town, one) is AnnouncementState.SENDING
    assert await acts(town) == []
    town.clock.advance(timedelta(hours=1))
    await town.failure_watch.look()
    assert len(await told(town)) == 1


async def test_what_is_taken_back_goes_on_too(town: Town) -> None:
    first = await going(town, people=25)
    await end(town, await taken(town))
    recall = await town.amendments.recall(first, by=None)
    town.clock.advance(SECOND)
    await ended(town, *[FAILED] * FEWEST)
    assert await town.failure_watch.look() == 0
    assert await state_of(town, recall.id) is AnnouncementState.SENDING


async def test_what_has_nothing_left_to_send_is_left_alone(town: Town) -> None:
    one = await going(town, people=FEWEST)
    await ended(town, *[FAILED] * FEWEST)
    assert await town.failure_watch.look() == 0
    assert (await town.announcements.show(one, to=None)).state == "finished"


async def test_an_officers_own_pause_is_not_the_programs(town: Town) -> None:
    one = await going(town)
    watching = Watching(announcements=town.announcements, storage=town.storage, clock=town.clock)
    await ended(town, *[FAILED] * FEWEST)
    await town.failure_watch.look()
    held = await watching.progress(one, to=None)
    assert held.held_at == town.clock.now()
    await town.announcements.resume(one, by=None)
    await town.announcements.pause(one, by=None)
    assert (await watching.progress(one, to=None)).held_at is None
    assert await town.failure_watch.look() == 0


async def test_a_paused_one_can_be_cancelled(town: Town) -> None:
    one = await going(town)
    await ended(town, *[FAILED] * LOOKED_AT)
    await town.failure_watch.look()
    await town.announcements.cancel(one, by=None)
    with pytest.raises(UnlawfulMove):
        await town.announcements.pause(one, by=None)
