"""Telling hooks: each thing once, a tip without a moment, tried for a day and then given up."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.audience import Audience
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.hooks import OFFERED, CallState, HookEvent, HookState
from bot.core.ids import ChannelId
from bot.core.tips import Report, TipCategory
from bot.core.units import Unit
from bot.services.hooks.hooks import AddedHook, Hooks, NewHook
from bot.services.hooks.posting import NotPosted
from bot.services.hooks.telling import CALLS_KEPT, DELAYS, Telling
from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.fakes import FakeClock, FakePoster
from tests.tip_builder import tips_in

URL = "https://tinh.example.vn/bao"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECRET_WORDS = "vườn chuối nhà ông Kiếm"


class Desk:
    """Hooks over a town, and the other side in memory."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.poster = FakePoster()
        self.hooks = Hooks(
            storage=town.storage,
            envelopes=town.envelopes,
            audit=town.audit,
            poster=self.poster,
            clock=town.clock,
            chance=town.chance,
        )
        self.telling = Telling(
            storage=town.storage,
            envelopes=town.envelopes,
            poster=self.poster,
            clock=town.clock,
        )

    async def hook(
        self, *events: HookEvent, unit: Unit | None = None, url: str = URL
    ) -> AddedHook:
        wanted = frozenset(events or OFFERED)
        unit_id = (unit or self.town.commune).id
        return await self.hooks.add(NewHook(unit_id=unit_id, url=url, events=wanted), by=None)

    @property
    def told(self) -> list[dict[str, object]]:
        return [json.loads(one.body) for one in self.poster.posted]

    async def tip(self, unit: Unit | None = None, *, is_urgent: bool = False) -> None:
        report = Report(category=TipCategory.DRUGS, what=SECRET_WORDS, is_urgent=is_urgent)
        submission = await self.town.receiving.intake.submit(report, unit or self.town.hamlet)
        async with self.town.storage.begin() as work:
            await submission.effect(work)
            await work.commit()

    async def send_everything(self) -> None:
        now = self.town.clock.now()
        async with self.town.storage.begin() as work:
            rows = await work.deliveries.claim(
                ChannelId("web"), [Lane.ORDINARY], 9, owner="x", now=now, lease_until=now + HOUR
            )
            ids = [row.id for row in rows]
            await work.deliveries.mark_sending(
                ids, owner="x", attempt_id="a", now=now, until=now + HOUR
            )
            ended = [
                Outcome(delivery_id=one, attempt_id="a", state=DeliveryState.SENT) for one in ids
            ]
            await work.deliveries.record(ended, at=now)
            await work.commit()

    async def counts(self, hook: AddedHook) -> dict[CallState, int]:
        listed = await self.hooks.one(hook.hook.id, None)
        return {state: many for state, many in listed.calls.items() if many}


@pytest.fixture
def desk(town: Town) -> Desk:
    return Desk(town)


async def test_a_finished_announcement_is_told_once_to_each_hook(desk: Desk) -> None:
    town = desk.town
    first, second = await desk.hook(), await desk.hook(HookEvent.ANNOUNCEMENT_FINISHED)
    await town.member("web", "a")
    await town.member("web", "b")
    announcement = await town.announced()
    assert await desk.telling.tell() == 0
    await desk.send_everything()
    assert await desk.telling.tell() == 2
    assert await desk.telling.tell() == 0
    (one, other) = desk.told
    assert one == other
    assert one["type"] == "announcement.finished"
    assert one["data"] == {
        "id": announcement.id,
        "unit": "TO1",
        "more_units": [],
        "recipients": 2,
        "outcomes": {
            "waiting": 0,
            "sending": 0,
            "sent": 2,
            "failed": 0,
            "skipped": 0,
            "unknown": 0,
        },
    }
    ids = [call.headers["webhook-id"] for call in desk.poster.posted]
    assert len(set(ids)) == 2
    assert await desk.counts(first) == await desk.counts(second) == {CallState.DONE: 1}
    # Opened again by a late chance and finished again, it is told no second time.
    for _ in range(40):
        town.clock.advance(timedelta(days=1))
        await desk.telling.tell()
    assert len(desk.told) == 2


async def test_what_nobody_joined_for_is_finished_too(desk: Desk) -> None:
    await desk.hook()
    await desk.town.announced()
    assert await desk.telling.tell() == 1
    assert desk.told[0]["data"]["recipients"] == 0  # type: ignore[index] # JSON


async def test_a_hook_hears_of_its_unit_of_its_events_and_of_its_own_time(desk: Desk) -> None:
    town = desk.town
    await town.founded()
    await town.announced()
    await desk.tip()
    town.clock.advance(2 * HOUR)
    elsewhere = await desk.hook(unit=town.elsewhere, url=f"{URL}/elsewhere")
    await desk.hook(HookEvent.TIP_RECEIVED, url=f"{URL}/tips")
    await desk.hook(HookEvent.ANNOUNCEMENT_FINISHED, url=f"{URL}/news")
    await desk.telling.tell()
    await town.announced()
    await desk.tip()
    await desk.telling.tell()
    town.clock.advance(15 * MINUTE)
    await desk.telling.tell()
    assert [
        (one.url, body["type"]) for one, body in zip(desk.poster.posted, desk.told, strict=True)
    ] == [
        (f"{URL}/news", "announcement.finished"),
        (f"{URL}/tips", "tip.received"),
    ]
    assert await desk.counts(elsewhere) == {}


async def test_a_hook_of_one_unit_hears_nothing_of_what_went_to_others_too(desk: Desk) -> None:
    town = desk.town
    await desk.hook(HookEvent.ANNOUNCEMENT_FINISHED, unit=town.hamlet, url=f"{URL}/beside")
    await desk.hook(HookEvent.ANNOUNCEMENT_FINISHED, url=f"{URL}/above")
    await town.announced(audience=Audience(more_unit_ids=(town.elsewhere.id,)))
    await desk.telling.tell()
    assert [one.url for one in desk.poster.posted] == [f"{URL}/above"]
    assert desk.told[0]["data"]["more_units"] == ["TO2"]  # type: ignore[index] # JSON


async def test_of_a_tip_only_unit_urgency_and_hour_are_told(desk: Desk) -> None:
    await desk.town.founded()
    await desk.hook()
    await desk.tip(is_urgent=True)
    await desk.telling.tell()
    desk.town.clock.advance(15 * MINUTE)
    await desk.telling.tell()
    assert desk.told == [
        {
            "type": "tip.received",
            "timestamp": "2026-11-22T05:00:00Z",
            "data": {"unit": "TO1", "is_urgent": True, "hour": "2026-11-22T05:00:00Z"},
        }
    ]
    (call,) = desk.poster.posted
    async with desk.town.storage.read() as work:
        (tip,) = await tips_in(work, [desk.town.hamlet.id], now=desk.town.clock.now())
    said = json.dumps([desk.told, dict(call.headers)], ensure_ascii=False)
    for secret in (tip.id, tip.reference, tip.locator, tip.category.value, SECRET_WORDS):
        assert secret not in said


@pytest.mark.parametrize("minute", [0, 7, 14, 29, 44, 59])
@pytest.mark.parametrize("is_urgent", [False, True])
async def test_the_moment_of_a_call_tells_no_moment_of_a_tip(
    tmp_path: Path, minute: int, *, is_urgent: bool
) -> None:
    """Whenever within a quarter it came, it is told at the next full quarter, never before."""
    clock = FakeClock(datetime(2026, 11, 22, 9, minute, 31, 999, tzinfo=UTC))
    async with open_town(tmp_path, clock=clock) as town:
        desk = Desk(town)
        await town.founded()
        await desk.hook()
        await desk.tip(is_urgent=is_urgent)
        told_at = await _until_told(desk, clock)
    assert told_at - told_at.replace(minute=told_at.minute // 15 * 15, second=0, microsecond=0) < (
        timedelta(seconds=10)
    )
    assert (told_at.minute // 15) % 4 == (minute // 15 + 1) % 4


async def test_a_tip_is_not_told_before_the_queue_shows_it(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 22, 9, 1, tzinfo=UTC))
    async with open_town(tmp_path, clock=clock, delay_max_s=7_200) as town:
        desk = Desk(town)
        await town.founded()
        await desk.hook()
        for _ in range(5):
            await desk.tip()
        async with town.storage.read() as work:
            shown = await work.tips.shown_between(clock.now() - HOUR, clock.now() + 3 * HOUR)
        assert max(one.visible_at for one in shown) > clock.now() + 15 * MINUTE
        for _ in range(16):
            await desk.telling.tell()
            visible = sum(one.visible_at <= clock.now() for one in shown)
            assert len(desk.told) <= visible
            clock.advance(10 * MINUTE)
        assert len(desk.told) == 5


async def _until_told(desk: Desk, clock: FakeClock) -> datetime:
    for _ in range(1000):
        await desk.telling.tell()
        if desk.told:
            return clock.now()
        clock.advance(10)
    raise AssertionError("never told")


async def test_nothing_on_the_disk_tells_when_a_tip_came(desk: Desk) -> None:
    await desk.town.founded()
    hook = await desk.hook()
    for _ in range(3):
        await desk.tip()
        desk.town.clock.advance(61)
        await desk.telling.notice()
    async with desk.town.storage.begin() as work:
        now = desk.town.clock.now() + HOUR
        calls = await work.hook_calls.claim(9, now=now, lease_until=now)
    assert len(calls) == 3
    assert {one.hook_id for one in calls} == {hook.hook.id}
    # Nothing is in the rows but a full quarter, the same for all.
    async with desk.town.storage.begin() as work:
        quarter = datetime(2026, 11, 22, 5, 15, tzinfo=UTC)
        early = await work.hook_calls.claim(
            9, now=quarter - timedelta(microseconds=1), lease_until=quarter
        )
        at_once = await work.hook_calls.claim(9, now=quarter, lease_until=quarter)
    assert (early, len(at_once)) == ([], 3)


async def _walk(desk: Desk, steps: Sequence[timedelta]) -> None:
    for step in steps:
        desk.town.clock.advance(step)
        await desk.telling.tell()


async def test_a_call_that_fails_is_made_again_for_a_day_and_then_given_up(desk: Desk) -> None:
    hook = await desk.hook()
    await desk.town.announced()
    desk.poster.script.extend([NotPosted("no_connection"), 500, 302, 404, *[503] * 5])
    began = desk.town.clock.now()
    await desk.telling.tell()
    listed = await desk.hooks.one(hook.hook.id, None)
    assert (listed.hook.trouble, listed.calls[CallState.WAITING]) == ("no_connection", 1)
    for number, delay in enumerate(DELAYS, start=1):
        # A moment too early is too early.
        await _walk(desk, [delay - timedelta(seconds=1)])
        assert len(desk.poster.posted) == number
        await _walk(desk, [timedelta(seconds=1)])
        assert len(desk.poster.posted) == number + 1
    assert timedelta(hours=23) < desk.town.clock.now() - began <= timedelta(days=1)
    assert await desk.counts(hook) == {CallState.GIVEN_UP: 1}
    await _walk(desk, [timedelta(days=2)])
    assert len(desk.poster.posted) == len(DELAYS) + 1
    # It was the same call each time, signed anew.
    assert len({one.headers["webhook-id"] for one in desk.poster.posted}) == 1
    assert len({one.headers["webhook-timestamp"] for one in desk.poster.posted}) > 1
    assert len({one.body for one in desk.poster.posted}) == 1


async def test_a_call_that_is_taken_in_the_end_clears_the_trouble(desk: Desk) -> None:
    hook = await desk.hook()
    await desk.town.announced()
    desk.poster.script.extend([500])
    await desk.telling.tell()
    await _walk(desk, [DELAYS[0]])
    listed = await desk.hooks.one(hook.hook.id, None)
    assert (listed.hook.trouble, await desk.counts(hook)) == ("", {CallState.DONE: 1})


async def test_who_answers_gone_is_told_nothing_more(desk: Desk) -> None:
    hook, other = await desk.hook(), await desk.hook(url=f"{URL}/other")
    for _ in range(3):
        await desk.town.announced()
    desk.poster.script.extend([410] * 6)
    async with desk.town.storage.begin() as work:
        await work.hooks.save(replace(other.hook, events=frozenset({HookEvent.TIP_RECEIVED})))
        await work.commit()
    await desk.telling.tell()
    listed = await desk.hooks.one(hook.hook.id, None)
    assert (listed.hook.state, listed.hook.trouble) == (HookState.OFF, "answered_410")
    assert await desk.counts(hook) == {CallState.GIVEN_UP: 3}
    posted = len(desk.poster.posted)
    await desk.town.announced()
    await _walk(desk, [HOUR, timedelta(days=1)])
    assert len(desk.poster.posted) == posted
    assert (await desk.hooks.one(other.hook.id, None)).hook.state is HookState.ACTIVE


async def test_killed_while_calling_the_call_is_made_again(desk: Desk) -> None:
    await desk.hook()
    await desk.town.announced()
    await desk.telling.notice()
    now = desk.town.clock.now()
    async with desk.town.storage.begin() as work:
        await work.hook_calls.claim(9, now=now, lease_until=now + MINUTE)
        await work.commit()
    assert await desk.telling.tell() == 0
    await _walk(desk, [MINUTE])
    assert len(desk.told) == 1


async def test_a_hook_removed_meanwhile_is_told_nothing(desk: Desk) -> None:
    hook = await desk.hook()
    await desk.town.announced()
    await desk.telling.notice()
    await desk.hooks.remove(hook.hook.id, by=None)
    assert await desk.telling.tell() == 0
    assert desk.told == []


async def test_several_processes_tell_once(desk: Desk) -> None:
    await desk.hook()
    for _ in range(5):
        await desk.town.announced()
    others = [
        Telling(
            storage=desk.town.storage,
            envelopes=desk.town.envelopes,
            poster=desk.poster,
            clock=desk.town.clock,
        )
        for _ in range(3)
    ]
    for _ in range(2):
        for one in others:
            await one.tell()
    assert len(desk.told) == 5


async def test_the_body_is_wiped_once_told_and_the_row_later(desk: Desk) -> None:
    hook = await desk.hook()
    await desk.town.announced()
    await desk.telling.tell()
    # A look from outside: no door shows the body of a call that is over.
    file = f"file:{desk.town.folder / 'binhyen.db'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True)) as database:
        assert database.execute("SELECT body FROM hook_calls").fetchall() == [(b"",)]
    async with desk.town.storage.begin() as work:
        soon = desk.town.clock.now() + HOUR
        assert await work.hook_calls.forget_before(soon - CALLS_KEPT) == 0
        assert await work.hook_calls.forget_before(soon) == 1
        await work.commit()
    assert await desk.counts(hook) == {}
