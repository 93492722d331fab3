"""What every store must do about large and narrowed audiences, and about households."""
# ruff: noqa: ANN401  # the changes are whatever arguments the call has

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.audience import Selection
from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome
from bot.core.groups import GroupState
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.people import PersonState
from bot.core.reach import Latecomers, ReachCase
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from tests.storage.nouns import (
    HAMLET,
    MINUTE,
    NEWS,
    NOON,
    WEB,
    ZALO,
    announcement,
    freeze,
    group,
    household,
    person,
    settle,
)

DAY = timedelta(days=1)
ALL = Selection(unit_ids=frozenset({HAMLET}))


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


async def claim(work: Work, channel: ChannelId = WEB) -> list[Delivery]:
    return await work.deliveries.claim(
        channel, tuple(Lane), 50, owner="one", now=NOON, lease_until=NOON + MINUTE
    )


async def end(work: Work, found: list[Delivery], state: DeliveryState, **changes: Any) -> None:
    ids = [one.id for one in found]
    until = NOON + MINUTE
    await work.deliveries.mark_sending(ids, owner="one", attempt_id="a", now=NOON, until=until)
    ends = [Outcome(delivery_id=one, attempt_id="a", state=state, **changes) for one in ids]
    await work.deliveries.record(ends, at=NOON)


async def outcomes(work: Work, name: AnnouncementId = NEWS) -> dict[str, int]:
    tally = await work.deliveries.tally(name)
    return {state.value: many for state, many in tally.outcomes.items()}


async def people(work: Work, *names: str, **changes: Any) -> None:
    for name in names:
        await work.people.save(person(name, **changes))


# --- in pieces ---------------------------------------------------------------------------------


async def test_pieces_add_up_to_the_whole(store: Storage) -> None:
    async with store.begin() as work:
        await people(work, *(f"p{number:02}" for number in range(7)))
        await work.groups.save(group(unit_id=HAMLET, state=GroupState.LINKED))
        await work.announcements.save(announcement(freezing_after=""))
        after: str | None = ""
        counts = []
        while after is not None:
            after = await work.deliveries.freeze(
                NEWS, ALL, lane=Lane.ORDINARY, at=NOON, after=after, most=3
            )
            tally = await work.deliveries.tally(NEWS)
            counts.append(tally.recipients)
            assert tally.finished_at is None
        # The group comes with the first piece.
        assert counts == [4, 7, 8]


async def test_a_piece_that_is_made_again_doubles_nobody(store: Storage) -> None:
    async with store.begin() as work:
        await people(work, *(f"p{number}" for number in range(5)))
        await work.announcements.save(announcement())
        for _ in range(2):
            await work.deliveries.freeze(NEWS, ALL, lane=Lane.ORDINARY, at=NOON, most=3)
        assert await outcomes(work) == {"waiting": 3}


async def test_nothing_is_finished_before_everybody_has_a_row(store: Storage) -> None:
    async with store.begin() as work:
        await work.announcements.save(announcement(freezing_after="p1"))
        assert (await work.deliveries.tally(NEWS)).finished_at is None
        assert [one.id for one in await work.announcements.freezing()] == [NEWS]
        await work.announcements.save(announcement())
        assert (await work.deliveries.tally(NEWS)).finished_at == NOON
        assert await work.announcements.freezing() == []


async def test_what_was_stopped_before_its_row_was_made_says_so(store: Storage) -> None:
    async with store.begin() as work:
        await people(work, "p1", "p2")
        await work.groups.save(group(unit_id=HAMLET, state=GroupState.LINKED))
        await work.announcements.save(announcement(state=AnnouncementState.CANCELLED))
        await freeze(work, stopped=Reason.CANCELLED)
        tally = await work.deliveries.tally(NEWS)
    assert dict(tally.outcomes) == {DeliveryState.SKIPPED: 3}
    assert dict(tally.reasons) == {Reason.CANCELLED: 3}


async def test_a_household_over_two_pieces_gets_one_copy(store: Storage) -> None:
    house = household("h")
    async with store.begin() as work:
        await work.households.save_many([house])
        await people(work, "a", "c", household_id=house.id)
        await people(work, "b")
        await work.announcements.save(announcement())
        await work.deliveries.freeze(NEWS, ALL, lane=Lane.ORDINARY, at=NOON, most=1)
        await work.deliveries.freeze(NEWS, ALL, lane=Lane.ORDINARY, at=NOON, after="a", most=9)
        assert [one.person_id for one in await claim(work)] == ["a", "b"]
        assert await outcomes(work) == {"waiting": 2, "skipped": 1}


# --- who ---------------------------------------------------------------------------------------


async def test_who_joined_later_gets_nothing_until_asked_for(store: Storage) -> None:
    async with store.begin() as work:
        await people(work, "early")
        await people(work, "late", joined_at=NOON + MINUTE)
        await work.announcements.save(announcement())
        assert await freeze(work, joined_until=NOON) == 1
        assert await freeze(work, joined_until=NOON + MINUTE) == 2


async def test_who_came_late_is_counted_as_freezing_once_more_takes_them(store: Storage) -> None:
    windows = replace(ALL, closed_before={WEB: NOON - DAY})
    async with store.begin() as work:
        await work.households.save_many([household("served"), household("new")])
        await people(work, "early")
        await people(work, "first", household_id="served")
        await work.announcements.save(announcement())
        await freeze(work)
        assert await work.people.late(NEWS, windows) == Latecomers(people=0, groups=0)
        await people(work, "later")
        await people(work, "second", household_id="served")
        await people(work, "one", "other", household_id="new")
        await people(work, "silent", joined_at=NOON - 2 * DAY)
        await people(work, "gone", state=PersonState.LEFT)
        await work.groups.save(group(unit_id=HAMLET, state=GroupState.LINKED))
        assert await work.people.late(NEWS, windows) == Latecomers(people=2, groups=1)
        before = (await outcomes(work))["waiting"]
        await freeze(work, closed_before=windows.closed_before)
        assert (await outcomes(work))["waiting"] - before == 3
        assert await work.people.late(NEWS, windows) == Latecomers(people=0, groups=0)


async def test_topics_reach_only_who_chose_one_and_no_group(store: Storage) -> None:
    async with store.begin() as work:
        await people(work, "fire", "scam", "none")
        await work.people.set_interests(person("fire").id, ["fire_safety", "traffic"])
        await work.people.set_interests(person("scam").id, ["online_scam"])
        await work.groups.save(group(unit_id=HAMLET, state=GroupState.LINKED))
        await work.announcements.save(announcement())
        assert await freeze(work, topics=("fire_safety", "drugs")) == 1
        assert [one.person_id for one in await claim(work)] == ["fire"]
        await work.people.set_interests(person("fire").id, [])
        assert await work.people.interests(person("fire").id) == frozenset()
        await work.people.remove(person("scam").id)
        assert await work.people.interests(person("scam").id) == frozenset()


async def test_only_households_that_were_missed(store: Storage) -> None:
    house = household("h")
    again = AnnouncementId("again")
    async with store.begin() as work:
        await work.households.save_many([house])
        await people(work, "got", "missed")
        await people(work, "of_house", household_id=house.id)
        await work.groups.save(group(unit_id=HAMLET, state=GroupState.LINKED))
        await work.announcements.save(announcement())
        await freeze(work)
        found = {str(one.person_id): one for one in await claim(work)}
        await end(work, [found["got"], found["of_house"]], DeliveryState.SENT)
        await end(work, [found["missed"]], DeliveryState.FAILED, reason=Reason.BLOCKED)
        await end(work, await claim(work, ZALO), DeliveryState.SENT)
        # Somebody else of a household that was reached is not asked again.
        await people(work, "late", household_id=house.id)
        await work.announcements.save(announcement(again))
        assert await freeze(work, again, missed=NEWS) == 1
        assert [one.person_id for one in await claim(work)] == ["missed"]


# --- households --------------------------------------------------------------------------------


async def test_of_a_household_the_free_one_goes_before_the_paid_one(store: Storage) -> None:
    house = household("h")
    zalo = {"channel_id": ZALO, "household_id": house.id}
    async with store.begin() as work:
        await work.households.save_many([house])
        await people(work, "paid", joined_at=NOON - 5 * DAY, **zalo)
        await people(work, "free", joined_at=NOON - DAY, **zalo)
        await work.announcements.save(announcement())
        await freeze(work, free_from={ZALO: NOON - 2 * DAY})
        assert [one.person_id for one in await claim(work, ZALO)] == ["free"]


async def test_of_a_household_the_one_something_pays_for_goes_first(store: Storage) -> None:
    house = household("h")
    old = {"household_id": house.id, "joined_at": NOON - 5 * DAY}
    async with store.begin() as work:
        await work.households.save_many([house])
        await people(work, "a_spent", channel_id=ZALO, **old)
        await people(work, "b_paid", channel_id=WEB, **old)
        await work.announcements.save(announcement())
        paid = dict.fromkeys((ZALO, WEB), NOON - 2 * DAY)
        await freeze(work, free_from=paid, spent=frozenset({ZALO}))
        assert [one.person_id for one in await claim(work, WEB)] == ["b_paid"]
        assert await claim(work, ZALO) == []


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (DeliveryState.FAILED, Reason.BLOCKED),
        (DeliveryState.FAILED, Reason.PLATFORM_ERROR),
        (DeliveryState.SKIPPED, Reason.NO_WINDOW),
        (DeliveryState.SKIPPED, Reason.NO_QUOTA),
    ],
    ids=str,
)
async def test_where_the_first_is_not_reached_the_next_of_the_household_is(
    store: Storage, state: DeliveryState, reason: Reason
) -> None:
    house = household("h")
    async with store.begin() as work:
        await work.households.save_many([house])
        for number, name in enumerate(("first", "second", "third")):
            moment = NOON - (3 - number) * DAY
            await people(work, name, household_id=house.id, joined_at=moment)
        await work.announcements.save(announcement())
        await freeze(work)
        reached = []
        while found := await claim(work):
            reached += [one.person_id for one in found]
            await end(work, found, state, reason=reason)
        assert reached == ["first", "second", "third"]


async def test_a_household_that_has_it_or_may_have_it_gets_no_second_one(store: Storage) -> None:
    houses = [household("h1"), household("h2")]
    async with store.begin() as work:
        await work.households.save_many(houses)
        for house in houses:
            await people(work, f"{house.id}-a", f"{house.id}-b", household_id=house.id)
        await work.announcements.save(announcement())
        await freeze(work)
        sent, unknown = await claim(work)
        await end(work, [sent], DeliveryState.SENT)
        await end(work, [unknown], DeliveryState.UNKNOWN, reason=Reason.NO_ANSWER)
        assert await claim(work) == []
        assert await outcomes(work) == {"sent": 1, "unknown": 1, "skipped": 2}


async def test_who_leaves_before_their_turn_leaves_it_to_the_household(store: Storage) -> None:
    house = household("h")
    first = person("first", household_id=house.id, joined_at=NOON - DAY)
    async with store.begin() as work:
        await work.households.save_many([house])
        await work.people.save(first)
        await people(work, "second", household_id=house.id)
        await work.announcements.save(announcement())
        await freeze(work)
        await work.people.save(replace(first, state=PersonState.LEFT, left_at=NOON))
        assert [one.person_id for one in await claim(work)] == ["second"]


async def test_who_is_forgotten_leaves_it_to_the_household(store: Storage) -> None:
    house = household("h")
    first = person("first", household_id=house.id, joined_at=NOON - DAY)
    async with store.begin() as work:
        await work.households.save_many([house])
        await work.people.save(first)
        await people(work, "second", household_id=house.id)
        await work.announcements.save(announcement())
        await freeze(work)
        await work.people.remove(first.id)
        assert [one.person_id for one in await claim(work)] == ["second"]


async def test_nothing_of_a_cancelled_one_falls_to_the_household(store: Storage) -> None:
    house = household("h")
    async with store.begin() as work:
        await work.households.save_many([house])
        await people(work, "a", "b", household_id=house.id)
        await work.announcements.save(announcement())
        await freeze(work)
        found = await claim(work)
        ids = [one.id for one in found]
        await work.deliveries.mark_sending(
            ids, owner="one", attempt_id="a", now=NOON, until=NOON + MINUTE
        )
        await work.announcements.save(announcement(state=AnnouncementState.CANCELLED))
        failed = Outcome(
            delivery_id=ids[0], attempt_id="a", state=DeliveryState.FAILED, reason=Reason.BLOCKED
        )
        await work.deliveries.record([failed], at=NOON)
        assert await outcomes(work) == {"failed": 1, "skipped": 1}


# --- behind the numbers ------------------------------------------------------------------------


async def test_the_people_behind_each_number(store: Storage) -> None:
    house = household("h", address="Ngõ Bịa")
    old = NOON - 9 * DAY
    chosen = Selection(
        unit_ids=frozenset({HAMLET}),
        closed_before={ZALO: NOON - 7 * DAY},
        free_from={ZALO: NOON - 2 * DAY},
    )
    async with store.begin() as work:
        await work.households.save_many([house])
        await people(work, "free", "free2", channel_id=ZALO)
        await people(work, "paid", channel_id=ZALO, joined_at=NOON - 3 * DAY)
        await people(work, "closed", channel_id=ZALO, joined_at=old)
        await people(work, "left", channel_id=ZALO, state=PersonState.LEFT, left_at=NOON)
        await people(work, "blocked", channel_id=ZALO, state=PersonState.UNREACHABLE, left_at=NOON)
        await people(work, "first", household_id=house.id, joined_at=old, channel_id=ZALO)
        await people(work, "second", household_id=house.id)

        async def behind(channel: ChannelId, case: ReachCase, **page: Any) -> list[str]:
            found = await work.people.behind(chosen, channel, case, **page)
            return [one.person_id for one in found]

        assert await behind(ZALO, ReachCase.FREE) == ["free", "free2"]
        assert await behind(ZALO, ReachCase.FREE, after="free", limit=1) == ["free2"]
        assert await behind(ZALO, ReachCase.PAID) == ["paid"]
        assert await behind(ZALO, ReachCase.CLOSED) == ["closed"]
        assert await behind(ZALO, ReachCase.DOUBLED) == ["first"]
        assert await behind(ZALO, ReachCase.BLOCKED) == ["blocked"]
        assert await behind(ZALO, ReachCase.OPTED_OUT) == ["left"]
        gone = await work.people.gone(chosen)
        (second,) = await work.people.behind(chosen, WEB, ReachCase.FREE)
    assert gone == {(ZALO, ReachCase.BLOCKED): 1, (ZALO, ReachCase.OPTED_OUT): 1}
    assert (second.household_code, second.household_address) == ("H-h", "Ngõ Bịa")
