"""What the queue of tips must do, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.ids import TipId, UnitId
from bot.core.storage import Storage
from bot.core.tip_deadlines import DECISION, FIRST_LOOK, FIRST_LOOK_URGENT, missed
from bot.core.tip_queue import SavedFilter, TipFilter, TipPlace, TipSight
from bot.core.tips import Tip, TipCategory, TipState, WrappedKey
from tests.fakes import NOON
from tests.storage.nouns import COMMUNE, HAMLET, OFFICER, holder, officer, settle, tip

MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


def sight(*units: UnitId, own: UnitId = COMMUNE) -> TipSight:
    return TipSight(unit_ids=frozenset(units), own=own)


async def added(store: Storage, *tips: Tip) -> None:
    async with store.begin() as work:
        for one in tips:
            await work.tips.add(one, [], [])
        await work.commit()


async def queue(
    store: Storage,
    wanted: TipFilter | None = None,
    *,
    seen: TipSight | None = None,
    after: TipPlace | None = None,
    limit: int = 50,
) -> list[str]:
    async with store.read() as work:
        found = await work.tips.queue(
            seen or sight(COMMUNE),
            now=LATER,
            wanted=wanted or TipFilter(),
            after=after,
            limit=limit,
        )
    return [one.id for one in found]


async def test_the_queue_shows_visible_tips_urgent_first_then_oldest(store: Storage) -> None:
    await added(
        store,
        tip("new", received_at=LATER),
        tip("old", category=TipCategory.DRUGS),
        tip("urgent", is_urgent=True, received_at=LATER),
        tip("hidden", visible_at=LATER + MINUTE),
        tip("elsewhere", unit_id=HAMLET),
        tip("spam", state=TipState.SPAM, received_at=LATER + MINUTE),
    )
    assert await queue(store) == ["urgent", "old", "new", "spam"]
    assert await queue(store, limit=2) == ["urgent", "old"]
    async with store.read() as work:
        counts = await work.tips.counts(sight(COMMUNE, HAMLET), now=LATER, most=3)
        assert counts == {TipState.NEW: 3, TipState.SPAM: 1}
        counts = await work.tips.counts(sight(COMMUNE, HAMLET), now=LATER, most=9)
        assert counts == {TipState.NEW: 4, TipState.SPAM: 1}


async def test_page_by_page_nothing_is_missed_and_nothing_comes_twice(store: Storage) -> None:
    tips = [
        tip(f"t{number}", is_urgent=number % 3 == 0, received_at=NOON + number % 4 * MINUTE)
        for number in range(13)
    ]
    await added(store, *tips)
    whole = await queue(store)
    by_id = {one.id: one for one in tips}
    pages: list[str] = []
    while True:
        after = TipPlace.of(by_id[TipId(pages[-1])]) if pages else None
        page = await queue(store, after=after, limit=3)
        if not page:
            break
        pages += page
    assert pages == whole
    assert len(set(whole)) == len(tips)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (TipFilter(states=frozenset({TipState.NEW})), {"plain", "urgent", "drugs", "hamlet"}),
        (TipFilter(category=TipCategory.DRUGS), {"drugs"}),
        (TipFilter(unit_ids=frozenset({HAMLET})), {"hamlet"}),
        (TipFilter(is_urgent=True), {"urgent"}),
        (TipFilter(is_unread=True), {"plain", "drugs", "hamlet", "told"}),
        (TipFilter(is_unclaimed=True), {"plain", "urgent", "drugs", "hamlet", "told"}),
        (TipFilter(claimed_by=OFFICER), {"mine"}),
        (TipFilter(claimed_by=OFFICER, is_urgent=True), set()),
    ],
    ids=["state", "category", "unit", "urgent", "unread", "unclaimed", "mine", "two at once"],
)
async def test_a_filter_finds_what_it_names(
    store: Storage, wanted: TipFilter, found: set[str]
) -> None:
    await added(
        store,
        tip("plain"),
        tip("urgent", is_urgent=True, first_seen_at=NOON),
        tip("drugs", category=TipCategory.DRUGS),
        tip("hamlet", unit_id=HAMLET),
        tip("mine", state=TipState.IN_VERIFICATION, claimed_by=OFFICER, first_seen_at=NOON),
        tip("told", state=TipState.NEEDS_MORE, first_seen_at=NOON, has_news=True),
    )
    assert set(await queue(store, wanted, seen=sight(COMMUNE, HAMLET))) == found


async def test_overdue_means_the_same_to_the_database_and_to_the_rules(store: Storage) -> None:
    ages = [
        timedelta(0),
        FIRST_LOOK_URGENT - MINUTE,
        FIRST_LOOK_URGENT,
        FIRST_LOOK - MINUTE,
        FIRST_LOOK,
        DECISION - MINUTE,
        DECISION,
        timedelta(days=70),
    ]
    tips = [
        tip(
            f"{state}-{number}-{is_urgent}-{is_seen}",
            state=state,
            is_urgent=is_urgent,
            received_at=LATER - age,
            visible_at=LATER - age,
            first_seen_at=LATER - age if is_seen else None,
        )
        for state in TipState
        for number, age in enumerate(ages)
        for is_urgent in (True, False)
        for is_seen in (True, False)
    ]
    await added(store, *tips)
    found = await queue(store, TipFilter(is_overdue=True), limit=1_000)
    assert set(found) == {one.id for one in tips if missed(one, LATER) is not None}


async def test_a_tip_about_an_officer_is_seen_from_its_own_unit_only(store: Storage) -> None:
    apart = tip("apart", unit_id=HAMLET, is_about_officer=True)
    await added(store, apart, tip("plain"), tip("hamlet", unit_id=HAMLET))
    from_above = sight(COMMUNE, HAMLET)
    assert set(await queue(store, seen=from_above)) == {"plain", "hamlet"}
    assert set(await queue(store, seen=sight(HAMLET, own=HAMLET))) == {"apart", "hamlet"}
    async with store.read() as work:
        counts = await work.tips.counts(from_above, now=LATER, most=9)
        assert counts == {TipState.NEW: 2}
        told = await work.tips.shown_between(NOON, LATER)
    assert {one.id for one in told} == {"plain", "hamlet"}
    assert not from_above.shows(apart)


async def test_undecided_tips_are_walked_by_id(store: Storage) -> None:
    await added(
        store,
        tip("a"),
        tip("b", state=TipState.IN_VERIFICATION),
        tip("c", state=TipState.PASSED_ON),
        tip("d", received_at=LATER + MINUTE),
        tip("e", state=TipState.NEEDS_MORE),
    )
    async with store.read() as work:
        first = await work.tips.undecided_before(LATER, after=None, limit=2)
        rest = await work.tips.undecided_before(LATER, after=first[-1].id, limit=2)
    assert [[one.id for one in page] for page in (first, rest)] == [["a", "b"], ["e"]]


async def test_keys_are_taken_back_from_some(store: Storage) -> None:
    ids = [holder(name).id for name in ("one", "two", "three")]
    keys = [WrappedKey(tip_id=TipId("tip"), holder_id=one, wrapped=b"w") for one in ids]
    async with store.begin() as work:
        for name in ids:
            await work.officers.save_holder(holder(name))
        await work.tips.add(tip(), [], keys)
        await work.tips.remove_keys(TipId("tip"), ids[:2])
        assert await work.tips.holders_of(TipId("tip")) == {ids[2]}


async def test_saved_filters_belong_to_their_officer(store: Storage) -> None:
    saved = SavedFilter(officer_id=OFFICER, name="Ma túy", query="viec=drugs")
    async with store.begin() as work:
        await work.officers.save(officer("other"))
        await work.tips.save_filter(saved)
        await work.tips.save_filter(replace(saved, query="viec=fire"))
        await work.tips.save_filter(replace(saved, name="Khẩn"))
        await work.tips.save_filter(replace(saved, officer_id=officer("other").id))
        await work.tips.remove_filter(officer("other").id, "Khẩn")
        found = await work.tips.saved_filters(OFFICER)
        assert [(one.name, one.query) for one in found] == [
            ("Khẩn", "viec=drugs"),
            ("Ma túy", "viec=fire"),
        ]
        await work.tips.remove_filter(OFFICER, "Khẩn")
        assert len(await work.tips.saved_filters(OFFICER)) == 1
