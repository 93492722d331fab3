"""What every store must do about tokens, hooks, their calls, and what these are made of."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.announcements import AnnouncementState
from bot.core.api_tokens import ApiToken, Scope
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.errors import NotFound
from bot.core.hooks import CallState, Hook, HookCall, HookEvent, HookState
from bot.core.ids import (
    AnnouncementId,
    ApiTokenId,
    HookCallId,
    HookId,
    OfficerId,
    TipId,
)
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage
from tests.storage.nouns import (
    COMMUNE,
    MINUTE,
    NEWS,
    NOON,
    OFFICER,
    WEB,
    announcement,
    freeze,
    officer,
    person,
    settle,
    tip,
)

HOUR = timedelta(hours=1)
HOOK = HookId("hook")


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


def token(name: str = "token", **changes: Any) -> ApiToken:  # noqa: ANN401  # any field
    values = {"officer_id": OFFICER, "name": name, "scopes": frozenset({Scope.READ, Scope.WRITE})}
    dates = {"added_at": NOON, "expires_on": date(2026, 12, 31)}
    made = {"id": ApiTokenId(name), "token_hash": name.encode(), **values, **dates}
    return ApiToken(**{**made, **changes})


def hook(name: str = HOOK, **changes: Any) -> Hook:  # noqa: ANN401  # any field
    values = {"unit_id": COMMUNE, "url": "https://example.vn/bao", "sealed": b"sealed"}
    made = {"id": HookId(name), "events": frozenset({HookEvent.TIP_RECEIVED}), "added_at": NOON}
    return Hook(**{**made, **values, **changes})


def call(name: str, **changes: Any) -> HookCall:  # noqa: ANN401  # any field
    values = {"hook_id": HOOK, "event": HookEvent.TIP_RECEIVED}
    made = {"id": HookCallId(name), "body": b"{}", "not_before": NOON}
    return HookCall(**{**made, **values, **changes})


async def test_a_token_is_found_by_its_hash_and_its_officer(store: Storage) -> None:
    old, new = token("old", revoked_at=NOON), token("new", added_at=NOON + HOUR)
    async with store.begin() as work:
        await work.officers.save(officer("other"))
        for one in (old, new, token("foreign", officer_id=OfficerId("other"))):
            await work.api_tokens.save(one)
        await work.commit()
    used = replace(new, used_on=date(2026, 11, 23))
    async with store.begin() as work:
        assert await work.api_tokens.get(new.id) == new
        await work.api_tokens.save(used)
        await work.commit()
    async with store.read() as work:
        assert await work.api_tokens.by_hash(b"new") == used
        assert await work.api_tokens.by_hash(b"never") is None
        assert await work.api_tokens.of_officers([OFFICER]) == [used, old]
        assert await work.api_tokens.of_officers([]) == []
        with pytest.raises(NotFound):
            await work.api_tokens.get(ApiTokenId("never"))


async def test_a_hook_is_kept_changed_and_forgotten_with_its_calls(store: Storage) -> None:
    off = hook(state=HookState.OFF, trouble="answered_410")
    async with store.begin() as work:
        await work.hooks.save(hook())
        await work.hooks.save(off)
        await work.hooks.save(hook("younger", added_at=NOON + HOUR))
        await work.hook_calls.add([call("a")])
        await work.commit()
    async with store.begin() as work:
        assert await work.hooks.get(HOOK) == off
        assert [one.id for one in await work.hooks.all()] == [HOOK, "younger"]
        await work.hooks.remove(HOOK)
        assert await work.hook_calls.counts() == {}
        # Whoever was just calling it writes down nothing.
        await work.hook_calls.save(call("a"))
        assert await work.hook_calls.counts() == {}
        with pytest.raises(NotFound):
            await work.hooks.get(HOOK)


async def test_due_calls_are_leased_once_and_counted(store: Storage) -> None:
    calls = [call("soon"), call("late", not_before=NOON + HOUR), call("done", done_at=NOON)]
    calls[2] = replace(calls[2], state=CallState.DONE)
    async with store.begin() as work:
        await work.hooks.save(hook())
        assert await work.hook_calls.add(calls) == 3
        # What was told already is told no second time.
        assert await work.hook_calls.add([call("done"), call("new", not_before=NOON + HOUR)]) == 1
        assert await work.hook_calls.add([]) == 0
        await work.commit()
    lease = NOON + MINUTE
    async with store.begin() as work:
        taken = await work.hook_calls.claim(5, now=NOON, lease_until=lease)
        assert taken == [replace(calls[0], attempts=1, not_before=lease)]
        assert await work.hook_calls.claim(5, now=NOON, lease_until=lease) == []
        again = await work.hook_calls.claim(1, now=lease, lease_until=lease + MINUTE)
        assert [(one.id, one.attempts) for one in again] == [("soon", 2)]
        await work.commit()
    async with store.read() as work:
        assert await work.hook_calls.counts() == {
            (HOOK, CallState.WAITING): 3,
            (HOOK, CallState.DONE): 1,
        }


async def test_workers_share_the_calls_without_doubling(store: Storage) -> None:
    async with store.begin() as work:
        await work.hooks.save(hook())
        await work.hook_calls.add([call(f"c{number}") for number in range(30)])
        await work.commit()
    taken: list[str] = []

    async def worker() -> None:
        for _ in range(10):
            async with store.begin() as work:
                found = await work.hook_calls.claim(4, now=NOON, lease_until=NOON + MINUTE)
                await work.commit()
            taken.extend(one.id for one in found)

    await asyncio.gather(*(worker() for _ in range(4)))
    assert len(taken) == len(set(taken)) == 30


async def test_calls_are_known_given_up_and_forgotten(store: Storage) -> None:
    done = call("b", state=CallState.DONE, done_at=NOON - HOUR)
    async with store.begin() as work:
        await work.hooks.save(hook())
        await work.hook_calls.add([call("a"), done])
        ids = [HookCallId(name) for name in ("a", "b", "never")]
        assert await work.hook_calls.known(ids) == {"a", "b"}
        assert await work.hook_calls.known([]) == set()
        assert await work.hook_calls.give_up(HOOK, at=NOON) == 1
        assert await work.hook_calls.give_up(HOOK, at=NOON) == 0
        assert await work.hook_calls.forget_before(NOON) == 1
        assert await work.hook_calls.counts() == {(HOOK, CallState.GIVEN_UP): 1}
        await work.hook_calls.save(replace(call("a"), attempts=3))
        assert await work.hook_calls.counts() == {(HOOK, CallState.WAITING): 1}
        await work.commit()


async def test_an_announcement_is_finished_once_nothing_of_it_is_open(store: Storage) -> None:
    empty = announcement("empty", started_at=NOON + MINUTE)
    async with store.begin() as work:
        await work.people.save(person("p1"))
        await work.announcements.save(announcement())
        await work.announcements.save(empty)
        await work.announcements.save(
            announcement("paused", state=AnnouncementState.PAUSED, started_at=NOON)
        )
        await freeze(work)
        assert await work.announcements.finished(since=NOON) == [empty]
        (row,) = await work.deliveries.claim(
            WEB, list(Lane), 5, owner="x", now=NOON, lease_until=NOON + MINUTE
        )
        await work.deliveries.mark_sending(
            [row.id], owner="x", attempt_id="a", now=NOON, until=NOON + MINUTE
        )
        assert await work.announcements.finished(since=NOON) == [empty]
        ended = Outcome(delivery_id=row.id, attempt_id="a", state=DeliveryState.SENT)
        await work.deliveries.record([ended], at=NOON)
        found = [one.id for one in await work.announcements.finished(since=NOON)]
        assert found == [NEWS, AnnouncementId("empty")]
        assert await work.announcements.finished(since=NOON + HOUR) == []


async def test_tips_are_found_by_when_the_queue_began_to_show_them(store: Storage) -> None:
    async with store.begin() as work:
        for number in range(3):
            await work.tips.add(tip(f"t{number}", visible_at=NOON + number * HOUR), [], [])
        found = await work.tips.shown_between(NOON + HOUR, NOON + 2 * HOUR)
        assert [one.id for one in found] == [TipId("t1"), TipId("t2")]
        assert await work.tips.shown_between(NOON + 3 * HOUR, NOON + 4 * HOUR) == []


async def test_of_several_claims_of_a_slip_one_is_kept(store: Storage) -> None:
    def slip(body: bytes, until_minutes: int = 1) -> Slip:
        until = NOON + until_minutes * MINUTE
        return Slip(kind=SlipKind.API_CALL, key="k", until=until, holder="h", body=body)

    async def claimed(body: bytes) -> bool:
        async with store.begin() as work:
            kept = await work.slips.claim(slip(body), now=NOON)
            await work.commit()
        return kept

    kept = await asyncio.gather(*(claimed(str(number).encode()) for number in range(5)))
    assert sorted(kept) == [False] * 4 + [True]
    async with store.begin() as work:
        first = await work.slips.get(SlipKind.API_CALL, "k", now=NOON)
        assert first == slip(str(kept.index(True)).encode())
        later = slip(b"later", until_minutes=9)
        assert await work.slips.claim(later, now=NOON + MINUTE)
        assert await work.slips.get(SlipKind.API_CALL, "k", now=NOON) == later
        await work.commit()
