"""What every store must do about who gets an announcement: groups, windows, amendments."""
# ruff: noqa: ANN401  # the changes are whatever arguments the call has

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.announcements import Amendment, AnnouncementState
from bot.core.audience import Selection
from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome
from bot.core.groups import GroupState
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.messages import Address
from bot.core.people import PersonState
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from bot.core.windows import Window
from tests.storage.nouns import (
    HAMLET,
    MINUTE,
    NEWS,
    NOON,
    WEB,
    ZALO,
    announcement,
    freeze,
    freeze_amendment,
    group,
    household,
    person,
    settle,
)

DAY = timedelta(days=1)
LATER = NOON + MINUTE
CORRECTION = AnnouncementId("correction")


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


async def claim(work: Work, channel: ChannelId = ZALO, *, now: Any = NOON) -> list[Delivery]:
    return await work.deliveries.claim(
        channel, tuple(Lane), 10, owner="one", now=now, lease_until=now + MINUTE
    )


async def end(work: Work, found: list[Delivery], state: DeliveryState, **changes: Any) -> None:
    """Let claimed rows end in `state`, with a platform's ids if they were sent."""
    ids = [one.id for one in found]
    await work.deliveries.mark_sending(ids, owner="one", attempt_id="a1", now=NOON, until=LATER)
    outcomes = [Outcome(delivery_id=id_, attempt_id="a1", state=state, **changes) for id_ in ids]
    await work.deliveries.record(outcomes, at=NOON)


async def reasons(work: Work, name: AnnouncementId = NEWS) -> dict[Reason, int]:
    return dict((await work.deliveries.tally(name)).reasons)


async def test_a_linked_group_gets_a_copy_of_its_own(store: Storage) -> None:
    async with store.begin() as work:
        await work.groups.save(group(unit_id=HAMLET, state=GroupState.LINKED))
        await work.groups.save(group("seen"))
        await work.groups.save(group("gone", unit_id=HAMLET, state=GroupState.GONE))
        await work.people.save(person("p1", channel_id=ZALO))
        await work.announcements.save(announcement())
        assert await freeze(work) == 2
        assert await freeze(work) == 2
        found = await claim(work)
    (to_group,) = [one for one in found if one.group_id]
    assert to_group.address == Address(channel_id=ZALO, chat="chat-group", is_group=True)
    assert to_group.person_id is None
    assert len(found) == 2


async def test_a_group_of_another_channel_is_left_out_when_channels_are_chosen(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await work.groups.save(group(unit_id=HAMLET, state=GroupState.LINKED))
        await work.announcements.save(announcement())
        assert await freeze(work, channels=(WEB,)) == 0


async def test_a_group_that_is_gone_before_its_turn_is_skipped(store: Storage) -> None:
    linked = group(unit_id=HAMLET, state=GroupState.LINKED)
    async with store.begin() as work:
        await work.groups.save(linked)
        await work.announcements.save(announcement())
        await freeze(work)
        (one,) = await claim(work)
        await work.groups.save(linked.moved(GroupState.GONE))
        marked = await work.deliveries.mark_sending(
            [one.id], owner="one", attempt_id="a1", now=NOON, until=LATER
        )
        assert marked == set()
        assert await reasons(work) == {Reason.LEFT: 1}


async def test_a_closed_window_is_on_record_from_the_start(store: Storage) -> None:
    async with store.begin() as work:
        await work.people.save(person("old", channel_id=ZALO, joined_at=NOON - 9 * DAY))
        wrote = {"joined_at": NOON - 9 * DAY, "wrote_at": NOON - DAY}
        await work.people.save(person("wrote", channel_id=ZALO, **wrote))
        await work.people.save(person("web", joined_at=NOON - 9 * DAY))
        await work.announcements.save(announcement())
        assert await freeze(work, closed_before={ZALO: NOON - 7 * DAY}) == 3
        assert [one.person_id for one in await claim(work)] == ["wrote"]
        assert await reasons(work) == {Reason.NO_WINDOW: 1}


async def test_of_a_household_the_one_whose_window_is_open_gets_the_copy(store: Storage) -> None:
    house = household("h1")
    async with store.begin() as work:
        await work.households.save_many([house])
        first = {"household_id": house.id, "channel_id": ZALO, "joined_at": NOON - 9 * DAY}
        await work.people.save(person("first", **first))
        await work.people.save(person("second", household_id=house.id))
        await work.announcements.save(announcement())
        await freeze(work, closed_before={ZALO: NOON - 7 * DAY})
        assert [one.person_id for one in await claim(work, WEB)] == ["second"]
        assert await reasons(work) == {Reason.DOUBLED: 1}


async def test_of_a_household_nobody_can_reach_the_first_to_write_gets_the_copy(
    store: Storage,
) -> None:
    house = household("h1")
    old = {"household_id": house.id, "channel_id": ZALO, "joined_at": NOON - 9 * DAY}
    people = [person(name, **old) for name in ("first", "second")]
    async with store.begin() as work:
        await work.households.save_many([house])
        for one in people:
            await work.people.save(one)
        await work.announcements.save(announcement())
        await freeze(work, closed_before={ZALO: NOON - 7 * DAY})
        assert await reasons(work) == {Reason.NO_WINDOW: 2}
        taken = [
            await work.deliveries.take_chance(one.id, since=NOON - DAY, at=NOON)
            for one in reversed(people)
        ]
        assert taken == [1, 0]
        assert [one.person_id for one in await claim(work)] == ["second"]


@pytest.mark.parametrize("reason", [Reason.NO_WINDOW, Reason.NO_QUOTA, Reason.TOO_MANY])
async def test_who_writes_again_gets_what_was_skipped(store: Storage, reason: Reason) -> None:
    who = person("p1", channel_id=ZALO)
    async with store.begin() as work:
        await work.people.save(who)
        await work.announcements.save(announcement(started_at=NOON))
        await freeze(work)
        await end(work, await claim(work), DeliveryState.SKIPPED, reason=reason)
        late = await work.deliveries.take_chance(who.id, since=NOON, at=LATER)
        soon = await work.deliveries.take_chance(who.id, since=NOON - DAY, at=LATER)
        assert (late, soon) == (0, 1)
        assert len(await claim(work, now=LATER)) == 1
        assert await reasons(work) == {}


async def test_who_left_out_for_good_or_for_a_cancelled_one_gets_no_second_chance(
    store: Storage,
) -> None:
    who = person("p1", channel_id=ZALO)
    async with store.begin() as work:
        await work.people.save(who)
        await work.announcements.save(announcement(started_at=NOON))
        await freeze(work)
        await end(work, await claim(work), DeliveryState.SKIPPED, reason=Reason.OPTED_OUT)
        assert await work.deliveries.take_chance(who.id, since=NOON - DAY, at=LATER) == 0
        over = announcement("over", started_at=NOON)
        await work.announcements.save(over)
        await freeze(work, over.id, closed_before={ZALO: NOON + DAY})
        await work.announcements.save(over.moved(AnnouncementState.CANCELLED))
        assert await work.deliveries.take_chance(who.id, since=NOON - DAY, at=LATER) == 0


async def test_what_was_corrected_or_taken_back_gets_no_second_chance(store: Storage) -> None:
    who = person("p1", channel_id=ZALO)
    about: dict[str, Any] = {"amendment": Amendment.CORRECTION, "started_at": None}
    later = announcement(CORRECTION, amends=NEWS, **about)
    async with store.begin() as work:
        await work.people.save(who)
        await work.announcements.save(announcement(started_at=NOON))
        await freeze(work, closed_before={ZALO: NOON + DAY})
        await work.announcements.save(later)
        assert await work.deliveries.take_chance(who.id, since=NOON - DAY, at=LATER) == 0
        await work.announcements.save(later.moved(AnnouncementState.CANCELLED))
        assert await work.deliveries.take_chance(who.id, since=NOON - DAY, at=LATER) == 1


async def test_an_amendment_goes_to_those_who_may_have_the_earlier_one(store: Storage) -> None:
    async with store.begin() as work:
        await work.groups.save(group(unit_id=HAMLET, state=GroupState.LINKED))
        for name in ("got", "never"):
            await work.people.save(person(name, channel_id=ZALO))
        await work.announcements.save(announcement())
        await freeze(work)
        found = {str(one.person_id): one for one in await claim(work)}
        await end(work, [found["got"]], DeliveryState.SENT, platform_ids=("m1", "m2"))
        await end(work, [found["None"]], DeliveryState.UNKNOWN, reason=Reason.NO_ANSWER)
        await end(work, [found["never"]], DeliveryState.FAILED, reason=Reason.BLOCKED)
        await work.announcements.save(
            announcement(CORRECTION, amends=NEWS, amendment=Amendment.CORRECTION)
        )
        for _ in range(2):
            recipients = await freeze_amendment(work, CORRECTION, NEWS)
            assert recipients == 2
        again = {one.person_id: one.replaces for one in await claim(work)}
    assert again == {"got": ("m1", "m2"), None: ()}


async def test_a_correction_goes_also_to_those_to_whom_it_is_still_owed(store: Storage) -> None:
    who = person("quiet", channel_id=ZALO, joined_at=NOON - 9 * DAY)
    async with store.begin() as work:
        for name in ("got", "cut_off", "blocked"):
            await work.people.save(person(name, channel_id=ZALO))
        await work.people.save(who)
        await work.announcements.save(announcement(started_at=NOON))
        await freeze(work, closed_before={ZALO: NOON - 7 * DAY})
        found = {str(one.person_id): one for one in await claim(work)}
        await end(work, [found["got"]], DeliveryState.SENT, platform_ids=("m1",))
        await end(work, [found["blocked"]], DeliveryState.FAILED, reason=Reason.BLOCKED)
        stopped = announcement(started_at=NOON, state=AnnouncementState.CANCELLED)
        await work.announcements.save(stopped)
        assert await work.deliveries.skip_cancelled(at=NOON, most=9) == 1
        await work.announcements.save(
            announcement(CORRECTION, amends=NEWS, amendment=Amendment.CORRECTION, started_at=NOON)
        )
        recipients = await freeze_amendment(work, CORRECTION, NEWS, is_for_owed=True)
        assert recipients == 3
        again = {one.person_id: one.replaces for one in await claim(work)}
        assert again == {"got": ("m1",), "cut_off": ()}
        assert await reasons(work, CORRECTION) == {Reason.NO_WINDOW: 1}
        assert await work.deliveries.take_chance(who.id, since=NOON - DAY, at=NOON) == 1
        assert [one.person_id for one in await claim(work)] == ["quiet"]


async def test_of_a_copy_nobody_knows_about_the_earlier_message_is_remembered(
    store: Storage,
) -> None:
    again = AnnouncementId("again")
    async with store.begin() as work:
        await work.people.save(person("p1", channel_id=ZALO))
        await work.announcements.save(announcement())
        await freeze(work)
        await end(work, await claim(work), DeliveryState.SENT, platform_ids=("m1",))
        for name, amends in ((CORRECTION, NEWS), (again, CORRECTION)):
            await work.announcements.save(
                announcement(name, amends=amends, amendment=Amendment.CORRECTION)
            )
            await freeze_amendment(work, name, amends)
            if name is CORRECTION:
                unknown = {"reason": Reason.NO_ANSWER}
                await end(work, await claim(work), DeliveryState.UNKNOWN, **unknown)
        assert [one.replaces for one in await claim(work)] == [("m1",)]


async def test_reach_counts_whom_freezing_would_take(store: Storage) -> None:
    house = household("h1")
    old = NOON - 9 * DAY
    async with store.begin() as work:
        await work.households.save_many([house])
        cases: dict[str, dict[str, Any]] = {
            "free": {"channel_id": ZALO, "joined_at": old, "wrote_at": NOON - DAY},
            "paid": {"channel_id": ZALO, "joined_at": NOON - 3 * DAY},
            "closed": {"channel_id": ZALO, "joined_at": old},
            "first": {"household_id": house.id, "joined_at": old},
            "second": {"household_id": house.id},
            "left": {"state": PersonState.LEFT},
        }
        for name, changes in cases.items():
            await work.people.save(person(name, **changes))
        chosen = Selection(
            unit_ids=frozenset({HAMLET}),
            closed_before={ZALO: NOON - 7 * DAY},
            free_from={ZALO: NOON - 2 * DAY},
        )
        counted = await work.people.reach(chosen)
        only = await work.people.reach(replace(chosen, channels=(WEB,)))
    found = {(one.channel_id, one.window, one.is_doubled): one.people for one in counted}
    assert found == {
        (ZALO, Window.FREE, False): 1,
        (ZALO, Window.PAID, False): 1,
        (ZALO, Window.CLOSED, False): 1,
        (WEB, Window.FREE, False): 1,
        (WEB, Window.FREE, True): 1,
    }
    assert sum(one.people for one in only) == 2


async def test_of_what_was_amended_only_the_newest_is_public(store: Storage) -> None:
    async def public(work: Work) -> list[str]:
        return [one.id for one in await work.announcements.public()]

    about: dict[str, Any] = {"amendment": Amendment.CORRECTION, "started_at": None}
    correction = announcement(CORRECTION, amends=NEWS, **about)
    recall = announcement("recall", amends=CORRECTION, amendment=Amendment.RECALL)
    started: dict[str, Any] = {"started_at": NOON, "state": AnnouncementState.SENDING}
    async with store.begin() as work:
        await work.announcements.save(announcement(**started))
        await work.announcements.save(correction)
        assert await public(work) == [NEWS]
        await work.announcements.save(replace(correction, **started))
        assert await public(work) == [CORRECTION]
        await work.announcements.save(replace(recall, **started))
        assert await public(work) == []
        (found,) = await work.announcements.amendments_of(CORRECTION)
        assert found.id == "recall"
        stopped = {**started, "state": AnnouncementState.CANCELLED}
        await work.announcements.save(replace(recall, **stopped))
        assert await public(work) == []
