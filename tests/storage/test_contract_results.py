"""What became of single copies: lists in pieces, households nobody reached, how it goes."""

from collections.abc import Collection
from datetime import datetime, timedelta

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.groups import GroupState
from bot.core.ids import AnnouncementId, ChannelId, DeliveryId
from bot.core.people import PersonState
from bot.core.results import Case, CopyResult, MissedHouses
from bot.core.sending import Reason
from bot.core.storage import Storage, Work
from tests.storage import nouns
from tests.storage.nouns import (
    COMMUNE,
    HAMLET,
    MINUTE,
    NEWS,
    NOON,
    WEB,
    ZALO,
    announcement,
    group,
    household,
    person,
    settle,
)

SENT = Case(state=DeliveryState.SENT)
BLOCKED = Case(state=DeliveryState.FAILED, reason=Reason.BLOCKED)
UNKNOWN = Case(state=DeliveryState.UNKNOWN, reason=Reason.NO_ANSWER)
DOUBLED = Case(state=DeliveryState.SKIPPED, reason=Reason.DOUBLED)
NO_WINDOW = Case(state=DeliveryState.SKIPPED, reason=Reason.NO_WINDOW)
WAITING = Case(state=DeliveryState.WAITING)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


async def freeze(work: Work, name: AnnouncementId = NEWS) -> None:
    await work.announcements.save(announcement(name))
    await nouns.freeze(work, name, unit_ids=frozenset({COMMUNE, HAMLET}))


async def end(work: Work, *cases: Case, at: datetime = NOON + SECOND) -> list[DeliveryId]:
    """Let the oldest waiting copies end so, at one moment."""
    ids: list[DeliveryId] = []
    for channel in (WEB, ZALO):
        found = await work.deliveries.claim(
            channel,
            tuple(Lane),
            len(cases) - len(ids),
            owner="one",
            now=NOON,
            lease_until=NOON + MINUTE,
        )
        ids += [one.id for one in found]
    await work.deliveries.mark_sending(
        ids, owner="one", attempt_id="a", now=NOON, until=NOON + MINUTE
    )
    outcomes = [
        Outcome(delivery_id=one, attempt_id="a", state=case.state, reason=case.reason)
        for one, case in zip(ids, cases, strict=True)
    ]
    await work.deliveries.record(outcomes, at=at)
    return ids


async def walk(work: Work, of: Case, limit: int) -> list[CopyResult]:
    """Read a whole list in pieces."""
    found: list[CopyResult] = []
    while True:
        after = found[-1].place if found else None
        piece = await work.results.copies(NEWS, of, after=after, limit=limit)
        assert len(piece) <= limit
        found += piece
        if not piece:
            return found


async def test_copies_are_counted_by_outcome_and_reason(store: Storage) -> None:
    async with store.begin() as work:
        for number in range(5):
            await work.people.save(person(f"p{number}"))
        await freeze(work)
        await end(work, SENT, BLOCKED, BLOCKED, UNKNOWN)
        counts = await work.results.counts(NEWS)
    assert counts == {SENT: 1, BLOCKED: 2, UNKNOWN: 1, WAITING: 1}


async def test_a_copy_is_told_with_household_channel_and_day_and_no_name(store: Storage) -> None:
    async with store.begin() as work:
        await work.households.save_many([household("h", address="Ngõ 5", head_name="Ông Bịa")])
        await work.people.save(person("p", household_id="h"))
        await freeze(work)
        await end(work, BLOCKED)
        (copy,) = await work.results.copies(NEWS, BLOCKED, limit=10)
    assert copy == CopyResult(
        id=copy.id,
        case=BLOCKED,
        channel_id=WEB,
        done_at=NOON + SECOND,
        unit_id=HAMLET,
        household_code="H-h",
        household_address="Ngõ 5",
        joined_at=NOON,
    )
    assert "Bịa" not in repr(copy)


async def test_a_group_is_told_by_its_name(store: Storage) -> None:
    async with store.begin() as work:
        linked = group(unit_id=HAMLET, state=GroupState.LINKED, linked_at=NOON)
        await work.groups.save(linked)
        await freeze(work)
        await end(work, BLOCKED)
        (copy,) = await work.results.copies(NEWS, BLOCKED, limit=10)
        assert (copy.is_group, copy.group_name, copy.unit_id) == (True, "Nhóm group", HAMLET)
        await work.groups.remove(group().id)
        (copy,) = await work.results.copies(NEWS, BLOCKED, limit=10)
        assert (copy.is_group, copy.group_name, copy.unit_id) == (True, "", None)


async def test_of_somebody_forgotten_only_outcome_and_channel_are_told(store: Storage) -> None:
    async with store.begin() as work:
        await work.households.save_many([household("h")])
        await work.people.save(person("p", household_id="h"))
        await freeze(work)
        await end(work, BLOCKED)
        await work.people.remove(person("p").id)
        (copy,) = await work.results.copies(NEWS, BLOCKED, limit=10)
    assert (copy.unit_id, copy.household_code, copy.joined_at) == (None, "", None)
    assert (copy.channel_id, copy.is_group) == (WEB, False)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_a_list_read_in_pieces_leaves_nobody_out_and_nobody_doubled(
    store: Storage, limit: int
) -> None:
    async with store.begin() as work:
        for number in range(9):
            await work.people.save(person(f"p{number}"))
        await freeze(work)
        # Several at one moment, later ones first: ids and moments disagree.
        late = await end(work, BLOCKED, BLOCKED, at=NOON + 9 * SECOND)
        same = await end(work, BLOCKED, BLOCKED, BLOCKED, BLOCKED, at=NOON + 3 * SECOND)
        found = await walk(work, BLOCKED, limit)
        waiting = await walk(work, WAITING, limit)
    assert [one.id for one in found] == [*same, *late]
    assert len({one.id for one in waiting}) == len(waiting) == 3


async def test_a_list_goes_on_where_it_was_though_others_end_meanwhile(store: Storage) -> None:
    async with store.begin() as work:
        for number in range(4):
            await work.people.save(person(f"p{number}"))
        await freeze(work)
        first = await end(work, BLOCKED, BLOCKED)
        piece = await work.results.copies(NEWS, BLOCKED, limit=1)
        await end(work, BLOCKED, at=NOON + 2 * SECOND)
        rest = await work.results.copies(NEWS, BLOCKED, after=piece[-1].place, limit=10)
    assert [one.id for one in piece] == first[:1]
    assert [one.id for one in rest][:1] == first[1:]
    assert len(rest) == 2


@pytest.mark.parametrize("case", [SENT, UNKNOWN])
async def test_of_a_doubled_copy_is_told_what_became_of_the_other(
    store: Storage, case: Case
) -> None:
    async with store.begin() as work:
        await work.households.save_many([household("h")])
        for number, channel in enumerate((ZALO, WEB, WEB)):
            joined_at = NOON + number * SECOND
            one = person(f"p{number}", household_id="h", channel_id=channel, joined_at=joined_at)
            await work.people.save(one)
        await freeze(work)
        before = await work.results.copies(NEWS, DOUBLED, limit=10)
        await end(work, case)
        after = await work.results.copies(NEWS, DOUBLED, limit=10)
    assert [(one.house_state, one.house_channel) for one in before] == [
        (DeliveryState.WAITING, ZALO)
    ] * 2
    assert [(one.house_state, one.house_channel) for one in after] == [(case.state, ZALO)] * 2


@pytest.mark.parametrize("case", [BLOCKED, NO_WINDOW])
async def test_where_the_other_was_not_reached_the_next_of_the_house_gets_it(
    store: Storage, case: Case
) -> None:
    async with store.begin() as work:
        await work.households.save_many([household("h")])
        for number, channel in enumerate((ZALO, WEB, WEB)):
            joined_at = NOON + number * SECOND
            one = person(f"p{number}", household_id="h", channel_id=channel, joined_at=joined_at)
            await work.people.save(one)
        await freeze(work)
        await end(work, case)
        (last,) = await work.results.copies(NEWS, DOUBLED, limit=10)
    assert (last.house_state, last.house_channel) == (DeliveryState.WAITING, WEB)


# --- households ---------------------------------------------------------------------------------


async def houses(work: Work, name: AnnouncementId = NEWS) -> list[str]:
    found = await work.results.missed_houses(name, HAMLET, limit=100)
    return [one.code for one in found]


async def test_one_reached_member_is_enough_for_a_household(store: Storage) -> None:
    async with store.begin() as work:
        await work.households.save_many([household(name) for name in "abcde"])
        await work.people.save(person("p1", household_id="a"))
        await work.people.save(person("p2", household_id="a", joined_at=NOON + SECOND))
        await work.people.save(person("p3", household_id="b"))
        await work.people.save(person("p4", household_id="c"))
        await work.people.save(person("p5", household_id="d", channel_id=ZALO))
        await freeze(work)
        await end(work, SENT, UNKNOWN, BLOCKED)
        assert await houses(work) == ["H-c", "H-d", "H-e"]
        counted = await work.results.count_missed_houses(NEWS, {COMMUNE, HAMLET})
        assert counted == MissedHouses(with_copies=2, without_copies=1)
        blocked, waits, nothing = await work.results.missed_houses(NEWS, HAMLET, limit=9)
    assert [(one.case, one.channel_id) for one in blocked.copies] == [(BLOCKED, WEB)]
    assert [(one.case, one.channel_id) for one in waits.copies] == [(WAITING, ZALO)]
    assert (nothing.copies, nothing.members, blocked.members) == ((), 0, 1)


async def test_households_are_asked_for_with_or_without_copies_and_in_pieces(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await work.households.save_many([household(name) for name in "abcdef"])
        for name in "ace":
            await work.people.save(person(name, household_id=name))
        await freeze(work)
        await end(work, BLOCKED, BLOCKED, BLOCKED)
        left = person("b", household_id="b", state=PersonState.LEFT)
        await work.people.save(left)

        async def codes(*, has_copies: bool, limit: int) -> list[str]:
            found: list[str] = []
            while True:
                piece = await work.results.missed_houses(
                    NEWS,
                    HAMLET,
                    has_copies=has_copies,
                    after=found[-1] if found else "",
                    limit=limit,
                )
                found += [one.code for one in piece]
                if len(piece) < limit:
                    return found

        assert await codes(has_copies=True, limit=2) == ["H-a", "H-c", "H-e"]
        assert await codes(has_copies=False, limit=1) == ["H-b", "H-d", "H-f"]
        assert await work.results.missed_houses(NEWS, COMMUNE, limit=9) == []


async def test_a_household_is_told_only_what_this_announcement_did(store: Storage) -> None:
    async with store.begin() as work:
        await work.households.save_many([household("a")])
        await work.people.save(person("p", household_id="a"))
        await freeze(work)
        await freeze(work, AnnouncementId("other"))
        await end(work, SENT)
        assert await houses(work) == []
        (missed,) = await work.results.missed_houses(AnnouncementId("other"), HAMLET, limit=9)
    assert [one.case for one in missed.copies] == [WAITING]


# --- how it goes -------------------------------------------------------------------------------


async def test_what_ended_lately_is_counted_by_channel(store: Storage) -> None:
    async with store.begin() as work:
        await work.households.save_many([household("h")])
        for number in range(4):
            house = "h" if number < 2 else None
            await work.people.save(person(f"p{number}", household_id=house))
        await work.people.save(person("z", channel_id=ZALO))
        await freeze(work)
        await end(work, SENT, at=NOON + SECOND)
        await end(work, BLOCKED, at=NOON + 2 * SECOND)
        await end(work, NO_WINDOW, NO_WINDOW, at=NOON + 3 * SECOND)

        async def ended(seconds: int) -> dict[ChannelId, int]:
            since = NOON + seconds * SECOND
            return dict(await work.progress.ended_since(NEWS, since=since))

        assert await ended(0) == {WEB: 3, ZALO: 1}
        assert await ended(1) == {WEB: 2, ZALO: 1}
        assert await ended(2) == {WEB: 1, ZALO: 1}
        assert await ended(3) == {}
        assert await work.progress.open_copies(NEWS) == {}


async def test_what_is_open_is_counted_by_channel(store: Storage) -> None:
    async with store.begin() as work:
        for number in range(3):
            await work.people.save(person(f"p{number}"))
        await work.people.save(person("z", channel_id=ZALO))
        await freeze(work)
        await end(work, SENT)
        (row,) = await work.deliveries.claim(
            WEB, tuple(Lane), 1, owner="two", now=NOON, lease_until=NOON + MINUTE
        )
        await work.deliveries.mark_sending(
            [row.id], owner="two", attempt_id="b", now=NOON, until=NOON + MINUTE
        )
        assert await work.progress.open_copies(NEWS) == {WEB: 2, ZALO: 1}


async def test_the_last_that_were_tried_come_newest_first(store: Storage) -> None:
    async with store.begin() as work:
        for number in range(6):
            await work.people.save(person(f"p{number}"))
        await freeze(work)
        for number, case in enumerate((SENT, BLOCKED, NO_WINDOW, UNKNOWN, SENT), start=1):
            await end(work, case, at=NOON + number * SECOND)

        async def last(seconds: int, limit: int = 50) -> list[DeliveryState]:
            since = NOON + seconds * SECOND
            return await work.progress.last_tried(NEWS, since=since, limit=limit)

        everything = [one.state for one in (SENT, UNKNOWN, BLOCKED, SENT)]
        assert await last(0) == everything
        assert await last(0, limit=2) == everything[:2]
        assert await last(1) == everything[:3]
        assert await last(5) == []


async def test_only_what_is_sent_and_has_copies_left_is_being_sent(store: Storage) -> None:
    async def being_sent(work: Work, ids: Collection[str]) -> bool:
        return set(await work.progress.being_sent()) == set(ids)

    async with store.begin() as work:
        await work.people.save(person("p"))
        assert await being_sent(work, [])
        await freeze(work)
        assert await being_sent(work, [NEWS])
        await work.announcements.save(announcement(state=AnnouncementState.PAUSED))
        assert await being_sent(work, [])
        await work.announcements.save(announcement())
        await end(work, SENT)
        assert await being_sent(work, [])
