# ruff: noqa: ANN401  # the changes are whatever arguments the call has
from dataclasses import replace
from typing import Any

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome
from bot.core.ids import AnnouncementId, ChannelId, DeliveryId
from bot.core.messages import Address
from bot.core.people import PersonState
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from bot.storage.claiming import AT_ONCE
from tests.storage.nouns import (
    HOUR,
    MINUTE,
    NEWS,
    NOON,
    WEB,
    ZALO,
    announcement,
    freeze,
    household,
    person,
    reply,
    settle,
)

ALL = tuple(Lane)
LATER = NOON + MINUTE


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


async def claim(
    work: Work, limit: int = 10, *, owner: str = "one", channel: ChannelId = WEB, **changes: Any
) -> list[Delivery]:
    moments = {"now": NOON, "lease_until": LATER, **changes}
    lanes = moments.pop("lanes", ALL)
    return await work.deliveries.claim(channel, lanes, limit, owner=owner, **moments)


async def mark(work: Work, ids: list[DeliveryId], **changes: Any) -> set[DeliveryId]:
    values = {"owner": "one", "attempt_id": "a1", "now": NOON, "until": LATER, **changes}
    return await work.deliveries.mark_sending(ids, **values)


async def announce(work: Work, people: int = 3, **changes: Any) -> None:
    for number in range(people):
        await work.people.save(person(f"p{number}"))
    await work.announcements.save(announcement(**changes))
    await freeze(work)


def sent(delivery_id: DeliveryId, attempt: str = "a1") -> Outcome:
    return Outcome(
        delivery_id=delivery_id,
        attempt_id=attempt,
        state=DeliveryState.SENT,
        platform_ids=(f"m{delivery_id}",),
    )


async def test_a_reply_is_claimed_with_what_was_put_in(store: Storage) -> None:
    async with store.begin() as work:
        await work.deliveries.add_replies([reply()], at=NOON)
        (delivery,) = await claim(work)
    assert delivery == Delivery(
        id=delivery.id,
        channel_id=WEB,
        lane=Lane.REPLY,
        attempts=0,
        conversation=reply().conversation,
        sealed=b"answer",
    )


async def test_a_copy_is_claimed_with_the_persons_address(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 1)
        (delivery,) = await claim(work)
    assert delivery.address == Address(channel_id=WEB, chat="chat-p0")
    assert (delivery.announcement_id, delivery.person_id) == ("news", "p0")


async def test_of_a_conversation_only_the_oldest_unfinished_reply_goes(store: Storage) -> None:
    async with store.begin() as work:
        await work.deliveries.add_replies([reply("a"), reply("a"), reply("b")], at=NOON)
        first, other = await claim(work)
        assert (first.conversation, other.conversation) == ("a", "b")
        await mark(work, [first.id, other.id])
        assert await claim(work) == []
        await work.deliveries.record([sent(first.id)], at=NOON)
        (second,) = await claim(work)
    assert second.conversation == "a"
    assert second.id > first.id


async def test_the_highest_lane_goes_first_then_the_oldest(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 2)
        await work.deliveries.add_replies([reply("a"), reply("b")], at=NOON)
        await work.announcements.save(announcement("flood", is_urgent=True))
        await freeze(work, AnnouncementId("flood"), lane=Lane.URGENT)
        some = await claim(work, 3)
        rest = await claim(work, 10)
    lanes = [delivery.lane for delivery in some + rest]
    assert lanes == [
        Lane.URGENT,
        Lane.URGENT,
        Lane.REPLY,
        Lane.REPLY,
        Lane.ORDINARY,
        Lane.ORDINARY,
    ]
    ids = [delivery.id for delivery in rest]
    assert ids[0] < ids[1] or rest[0].lane < rest[1].lane


async def test_only_the_lanes_asked_for_are_given_out(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 1)
        await work.deliveries.add_replies([reply()], at=NOON)
        found = await claim(work, lanes=[Lane.ORDINARY])
    assert [delivery.lane for delivery in found] == [Lane.ORDINARY]


async def test_a_lease_is_free_again_when_it_runs_out(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 1)
        (mine,) = await claim(work)
        assert await claim(work, owner="two") == []
        assert await work.deliveries.next_due(WEB) == LATER
        (theirs,) = await claim(work, owner="two", now=LATER, lease_until=LATER + MINUTE)
        assert theirs.id == mine.id
        assert await mark(work, [mine.id], now=LATER) == set()
        assert await mark(work, [mine.id], owner="two", now=LATER) == {mine.id}


async def test_what_waits_for_nothing_goes_though_the_clock_was_set_back(store: Storage) -> None:
    earlier = NOON - 60 * MINUTE
    async with store.begin() as work:
        await announce(work, 1)
        await work.deliveries.add_replies([reply()], at=NOON)
        both = await claim(work, now=earlier)
        assert len(both) == 2
        await work.deliveries.release([one.id for one in both], owner="one")
        assert len(await claim(work, now=earlier)) == 2


async def test_a_lease_that_ran_out_cannot_be_turned_into_sending(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 1)
        (mine,) = await claim(work)
        assert await mark(work, [mine.id], now=LATER) == set()


async def test_a_lease_given_back_is_free_at_once(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 1)
        (mine,) = await claim(work)
        await work.deliveries.release([mine.id], owner="two")
        assert await claim(work, owner="two") == []
        await work.deliveries.release([mine.id], owner="one")
        assert len(await claim(work, owner="two")) == 1


@pytest.mark.parametrize(
    "state",
    [state for state in AnnouncementState if state is not AnnouncementState.SENDING],
)
async def test_only_announcements_being_sent_are_given_out(
    store: Storage, state: AnnouncementState
) -> None:
    async with store.begin() as work:
        await announce(work, 1, state=state)
        assert await claim(work) == []
        assert await work.deliveries.next_due(WEB) is None


async def test_a_pause_gives_back_what_was_claimed(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 2)
        ids = [delivery.id for delivery in await claim(work)]
        await work.announcements.save(announcement(state=AnnouncementState.PAUSED))
        assert await mark(work, ids) == set()
        await work.announcements.save(announcement())
        assert [delivery.id for delivery in await claim(work, owner="two")] == ids


async def test_who_left_before_the_claim_is_skipped_and_does_not_use_up_the_limit(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await announce(work, 3)
        await work.people.save(person("p0").left(at=NOON))
        await work.people.save(person("p1", state=PersonState.UNREACHABLE))
        found = await claim(work, 1)
        tally = await work.deliveries.tally(NEWS)
    assert [delivery.person_id for delivery in found] == ["p2"]
    assert tally.outcomes == {DeliveryState.SKIPPED: 2, DeliveryState.WAITING: 1}
    assert tally.reasons == {Reason.LEFT: 2}


async def test_who_left_after_the_claim_is_skipped(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 2)
        ids = [delivery.id for delivery in await claim(work)]
        await work.people.save(person("p0").left(at=NOON))
        assert await mark(work, ids) == {ids[1]}
        assert (await work.deliveries.tally(NEWS)).reasons == {Reason.LEFT: 1}


async def test_who_is_removed_is_skipped_and_who_got_it_keeps_the_outcome(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 3)
        (first,) = await claim(work, 1)
        await mark(work, [first.id])
        await work.deliveries.record([sent(first.id)], at=NOON)
        for name in ("p0", "p1"):
            await work.people.remove(person(name).id)
        tally = await work.deliveries.tally(NEWS)
        assert len(await claim(work)) == 1
        await work.commit()
    assert tally.recipients == 3
    assert tally.outcomes == {
        DeliveryState.SENT: 1,
        DeliveryState.SKIPPED: 1,
        DeliveryState.WAITING: 1,
    }


async def test_freezing_again_adds_only_who_joined_since(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 2)
        await work.people.save(person("late"))
        assert await freeze(work) == 3
        assert await freeze(work) == 3


async def test_freezing_takes_the_joined_of_the_units_and_channels_asked_for(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await work.announcements.save(announcement())
        await work.people.save(person("here", channel_id=ZALO))
        await work.people.save(person("other channel"))
        await work.people.save(person("gone", channel_id=ZALO).left(at=NOON))
        await work.people.save(person("elsewhere", channel_id=ZALO, unit_id="commune"))
        assert await freeze(work, channels=[ZALO]) == 1
        (only,) = await claim(work, channel=ZALO)
    assert only.person_id == "here"


async def test_a_household_gets_one_copy_by_who_joined_first(store: Storage) -> None:
    async with store.begin() as work:
        await work.households.save_many([household("h"), household("g")])
        for name, minutes, house in (("a", 2, "h"), ("b", 1, "h"), ("c", 3, "h"), ("d", 9, "g")):
            joined_at = NOON + minutes * MINUTE
            await work.people.save(person(name, household_id=house, joined_at=joined_at))
        await work.people.save(person("alone"))
        await work.announcements.save(announcement())
        assert await freeze(work) == 5
        found = await claim(work)
        assert {delivery.person_id for delivery in found} == {"b", "d", "alone"}
        earlier = person("e", household_id="h", joined_at=NOON)
        await work.people.save(earlier)
        assert await freeze(work) == 6
        tally = await work.deliveries.tally(NEWS)
    assert tally.reasons == {Reason.DOUBLED: 3}


async def test_outcomes_are_written_down_and_bodies_wiped(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 4)
        ids = [delivery.id for delivery in await claim(work)]
        await mark(work, ids)
        outcomes = [
            sent(ids[0]),
            Outcome(
                delivery_id=ids[1],
                attempt_id="a1",
                state=DeliveryState.FAILED,
                reason=Reason.BLOCKED,
            ),
            Outcome(
                delivery_id=ids[2],
                attempt_id="a1",
                state=DeliveryState.SKIPPED,
                reason=Reason.NO_WINDOW,
            ),
            Outcome(
                delivery_id=ids[3],
                attempt_id="a1",
                state=DeliveryState.UNKNOWN,
                reason=Reason.NO_ANSWER,
            ),
        ]
        await work.deliveries.record(outcomes, at=LATER)
        tally = await work.deliveries.tally(NEWS)
    assert tally.outcomes == {
        DeliveryState.SENT: 1,
        DeliveryState.FAILED: 1,
        DeliveryState.SKIPPED: 1,
        DeliveryState.UNKNOWN: 1,
    }
    assert tally.reasons == {Reason.BLOCKED: 1, Reason.NO_WINDOW: 1, Reason.NO_ANSWER: 1}
    assert tally.finished_at == LATER
    assert tally.recipients == 4


@pytest.mark.parametrize("counts", [True, False])
async def test_a_try_again_waits_until_its_moment(store: Storage, *, counts: bool) -> None:
    async with store.begin() as work:
        await work.deliveries.add_replies([reply()], at=NOON)
        (mine,) = await claim(work)
        await mark(work, [mine.id])
        again = Outcome(
            delivery_id=mine.id,
            attempt_id="a1",
            state=DeliveryState.WAITING,
            reason=Reason.SLOWED_DOWN,
            not_before=LATER,
            counts=counts,
        )
        await work.deliveries.record([again], at=NOON)
        assert await claim(work) == []
        assert await work.deliveries.next_due(WEB) == LATER
        (found,) = await claim(work, now=LATER, lease_until=LATER + MINUTE)
    assert found == replace(mine, attempts=int(counts))


async def test_the_outcome_of_an_earlier_attempt_is_dropped_unless_it_proves_sent(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await announce(work, 1)
        (mine,) = await claim(work)
        await mark(work, [mine.id], attempt_id="a2")
        late = Outcome(
            delivery_id=mine.id, attempt_id="a1", state=DeliveryState.FAILED, reason=Reason.REFUSED
        )
        await work.deliveries.record([late], at=NOON)
        assert (await work.deliveries.tally(NEWS)).outcomes == {DeliveryState.SENDING: 1}
        await work.deliveries.record([sent(mine.id, "a1")], at=NOON)
        assert (await work.deliveries.tally(NEWS)).outcomes == {DeliveryState.SENT: 1}
        await work.deliveries.record([replace(late, attempt_id="a2")], at=NOON)
        assert (await work.deliveries.tally(NEWS)).outcomes == {DeliveryState.SENT: 1}


async def test_many_outcomes_are_written_down_together_and_of_one_row_in_their_order(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await announce(work, 3)
        first, second, third = await claim(work)
        await mark(work, [first.id, second.id, third.id])
        nothing_came = Outcome(
            delivery_id=first.id,
            attempt_id="a1",
            state=DeliveryState.UNKNOWN,
            reason=Reason.NO_ANSWER,
        )
        again = Outcome(
            delivery_id=third.id,
            attempt_id="a1",
            state=DeliveryState.WAITING,
            reason=Reason.SLOWED_DOWN,
            not_before=LATER,
        )
        outcomes = [again, nothing_came, sent(second.id), sent(first.id)]
        await work.deliveries.record(outcomes, at=NOON)
        tally = await work.deliveries.tally(NEWS)
        assert tally.outcomes == {DeliveryState.SENT: 2, DeliveryState.WAITING: 1}
        assert tally.reasons == {Reason.SLOWED_DOWN: 1}
        (left,) = await claim(work, now=LATER, lease_until=LATER + MINUTE)
        assert left.id == third.id


async def test_an_ordinary_copy_whose_hour_passed_is_unknown_until_proven(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 1)
        (mine,) = await claim(work)
        await mark(work, [mine.id])
        assert await work.deliveries.expire(now=NOON) == 0
        assert await work.deliveries.expire(now=LATER) == 1
        tally = await work.deliveries.tally(NEWS)
        assert (tally.outcomes, tally.reasons) == (
            {DeliveryState.UNKNOWN: 1},
            {Reason.NO_ANSWER: 1},
        )
        await work.deliveries.record([sent(mine.id)], at=LATER)
        tally = await work.deliveries.tally(NEWS)
    assert (tally.outcomes, tally.reasons) == ({DeliveryState.SENT: 1}, {})


async def test_what_an_attempt_learned_counts_though_its_row_was_given_up_meanwhile(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await announce(work, 2)
        slowed_down, refused = await claim(work)
        await mark(work, [slowed_down.id, refused.id])
        assert await work.deliveries.expire(now=LATER) == 2
        again = Outcome(
            delivery_id=slowed_down.id,
            attempt_id="a1",
            state=DeliveryState.WAITING,
            reason=Reason.SLOWED_DOWN,
            counts=False,
        )
        never = Outcome(
            delivery_id=refused.id,
            attempt_id="a1",
            state=DeliveryState.FAILED,
            reason=Reason.REFUSED,
        )
        await work.deliveries.record([again, never], at=LATER)
        tally = await work.deliveries.tally(NEWS)
        assert tally.outcomes == {DeliveryState.WAITING: 1, DeliveryState.FAILED: 1}
        (left,) = await claim(work, now=LATER, lease_until=LATER + MINUTE)
        assert (left.id, left.attempts) == (slowed_down.id, 0)


async def test_urgent_copies_and_replies_whose_hour_passed_go_again(store: Storage) -> None:
    async with store.begin() as work:
        await work.people.save(person("p"))
        await work.announcements.save(announcement(is_urgent=True))
        await freeze(work, lane=Lane.URGENT)
        await work.deliveries.add_replies([reply()], at=NOON)
        mine = await claim(work)
        await mark(work, [delivery.id for delivery in mine])
        assert await work.deliveries.expire(now=LATER) == 2
        again = await claim(work, now=LATER, lease_until=LATER + MINUTE)
    assert again == [replace(delivery, attempts=1) for delivery in mine]


async def test_what_an_owner_that_is_gone_had_in_hand_is_settled(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 3)
        first, second = await claim(work, 2)
        await mark(work, [first.id])
        (other,) = await claim(work, owner="two")
        await mark(work, [other.id], owner="two")
        assert await work.deliveries.free("one", now=NOON) == 2
        tally = await work.deliveries.tally(NEWS)
        assert tally.outcomes == {
            DeliveryState.UNKNOWN: 1,
            DeliveryState.WAITING: 1,
            DeliveryState.SENDING: 1,
        }
        assert [delivery.id for delivery in await claim(work)] == [second.id]


async def test_after_a_cancel_nothing_stays_open(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 4, is_urgent=True)
        ids = [delivery.id for delivery in await claim(work, 3)]
        await mark(work, ids[:2])
        await work.announcements.save(announcement(state=AnnouncementState.CANCELLED))
        skipped = [await work.deliveries.skip_cancelled(at=NOON, most=1) for _ in range(3)]
        assert skipped == [1, 1, 0]
        assert await mark(work, ids[2:]) == set()
        again = Outcome(
            delivery_id=ids[0],
            attempt_id="a1",
            state=DeliveryState.WAITING,
            reason=Reason.NO_CONNECTION,
            not_before=LATER,
        )
        await work.deliveries.record([again], at=NOON)
        assert await work.deliveries.expire(now=LATER) == 1
        tally = await work.deliveries.tally(NEWS)
    assert tally.outcomes == {DeliveryState.SKIPPED: 3, DeliveryState.UNKNOWN: 1}
    assert tally.finished_at == LATER


async def test_unknown_copies_can_be_sent_again(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 2)
        ids = [delivery.id for delivery in await claim(work)]
        await mark(work, ids)
        await work.deliveries.expire(now=LATER)
        await work.people.remove(person("p0").id)
        assert await work.deliveries.resend_unknown(NEWS, at=LATER) == 1
        (found,) = await claim(work, now=LATER, lease_until=LATER + MINUTE)
    assert (found.id, found.attempts) == (ids[1], 0)


async def test_the_tally_of_nobody_is_finished_when_it_started(store: Storage) -> None:
    async with store.begin() as work:
        await work.announcements.save(announcement(started_at=None))
        assert (await work.deliveries.tally(NEWS)).finished_at is None
        await work.announcements.save(announcement())
        tally = await work.deliveries.tally(NEWS)
    assert (tally.recipients, tally.finished_at) == (0, NOON)


async def test_next_due_is_the_earliest_that_may_really_go(store: Storage) -> None:
    async with store.begin() as work:
        assert await work.deliveries.next_due(WEB) is None
        await work.deliveries.add_replies([reply("a"), reply("a")], at=NOON)
        assert await work.deliveries.next_due(WEB) == AT_ONCE
        (head,) = await claim(work)
        assert await work.deliveries.next_due(WEB) == LATER
        await mark(work, [head.id])
        assert await work.deliveries.next_due(WEB) is None
        assert await work.deliveries.next_due(ZALO) is None


async def test_the_backlog_counts_what_is_open(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 3)
        (one, two) = await claim(work, 2)
        await mark(work, [one.id, two.id])
        await work.deliveries.record([sent(one.id)], at=NOON)
        assert await work.deliveries.backlog() == {
            (WEB, DeliveryState.WAITING): 1,
            (WEB, DeliveryState.SENDING): 1,
        }


async def test_only_finished_replies_are_forgotten(store: Storage) -> None:
    async with store.begin() as work:
        await announce(work, 1)
        await work.deliveries.add_replies([reply("a"), reply("b")], at=NOON)
        ids = [delivery.id for delivery in await claim(work)]
        await mark(work, ids)
        await work.deliveries.record([sent(ids[0]), sent(ids[2])], at=NOON)
        assert await work.deliveries.forget_replies_before(HOUR) == 0
        assert await work.deliveries.forget_replies_before(LATER) == 1
        assert (await work.deliveries.tally(NEWS)).recipients == 1


async def test_empty_batches_do_nothing(store: Storage) -> None:
    async with store.begin() as work:
        await work.deliveries.add_replies([], at=NOON)
        await work.deliveries.record([], at=NOON)
        await work.deliveries.release([], owner="one")
        assert await mark(work, []) == set()
        assert await claim(work, 0) == []
