"""What both stand-ins share: their clock, their faults, and running as processes of their own."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_stub import TelegramStub

USER = 7_000_000_001


@pytest.fixture
async def stub() -> AsyncIterator[TelegramStub]:
    async with TelegramStub(clock=StubClock(frozen=True), open_house=True) as running:
        yield running


async def send(stub: TelegramStub, *, user: int = USER, timeout_s: float = 5.0) -> int:
    """Return the status of one send."""
    path = f"{stub.url}/bot{stub.token}/sendMessage"
    limit = aiohttp.ClientTimeout(total=timeout_s)
    async with (
        aiohttp.ClientSession(timeout=limit) as client,
        client.post(path, json={"chat_id": user, "text": "alo"}) as answer,
    ):
        await answer.read()
        return answer.status


async def test_a_frozen_clock_moves_only_by_hand() -> None:
    clock = StubClock(started_at=datetime(2026, 11, 22, tzinfo=UTC), frozen=True)
    async with asyncio.TaskGroup() as group:
        sleeper = group.create_task(clock.sleep(60))
        await asyncio.sleep(0)
        clock.advance(59)
        await asyncio.sleep(0)
        assert not sleeper.done()
        clock.advance(1)
    assert clock.now() == datetime(2026, 11, 22, 0, 1, tzinfo=UTC)
    assert clock.now_ms() == 1_795_305_660_000
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


async def test_a_real_clock_can_be_moved_and_stopped() -> None:
    clock = StubClock()
    await clock.sleep(0.001)
    async with asyncio.TaskGroup() as group:
        group.create_task(clock.sleep(3600))
        await asyncio.sleep(0)
        clock.advance(3600)
    clock.freeze()
    clock.freeze()
    assert clock.seconds() == clock.seconds()


async def test_a_fault_can_wait_repeat_and_choose_its_victim(stub: TelegramStub) -> None:
    stub.fail_next(FaultKind.ERROR_500, to=str(USER + 1), skip=1, times=2)
    assert await send(stub) == 200
    stub.clock.advance(5)
    statuses = []
    for _ in range(4):
        statuses.append(await send(stub, user=USER + 1))
        stub.clock.advance(5)
    assert statuses == [200, 500, 500, 200]
    assert stub.faults.is_empty


async def test_an_answer_may_be_bad_although_the_message_was_shown(stub: TelegramStub) -> None:
    stub.fail_next(FaultKind.HTML_502, accepted=True)
    assert await send(stub) == 502
    assert len(stub.sent) == 1


async def test_a_server_that_hangs_lets_the_client_give_up(stub: TelegramStub) -> None:
    stub.fail_next(FaultKind.HANG)
    with pytest.raises(TimeoutError):
        await send(stub, timeout_s=0.05)
    assert stub.sent == []
    stub.faults.release()
    stub.fail_next(FaultKind.ERROR_500, method="getMe")
    stub.faults.clear()
    assert stub.faults.is_empty


async def test_a_slow_server_answers_in_its_own_time(stub: TelegramStub) -> None:
    stub.fail_next(FaultKind.SLOW, delay_s=30)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(send(stub))
        await stub.calls.wait_for("sendMessage", 1)
        stub.clock.advance(30)
        stub.clock.advance(30)
    assert waiting.result() == 200


PROCESSES = [
    ("telegram_stub", ["--token", "123:ABC", "--no-limits"]),
    ("zalo_stub", ["--no-limits", "--open-house"]),
]


@pytest.mark.parametrize(("module", "options"), PROCESSES, ids=[row[0] for row in PROCESSES])
async def test_a_stub_runs_as_a_process_of_its_own(module: str, options: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"tests.channels.stubs.{module}", *options),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession(url) as client:
        async with client.post("/_stub/clock", json={"advance_s": 60}) as answer:
            assert answer.status == 200
        async with client.get("/_stub/state") as answer:
            assert (await answer.json())["url"] == url
        async with client.post("/_stub/reset") as answer:
            assert (await answer.json()) == {"ok": True}
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


WRONG_ORDERS = [
    ("fail", b'{"kind": "earthquake"}'),
    ("fail", b'{"kind": "hang", "colour": "red"}'),
    ("say", b"[]"),
    ("say", b"{"),
    ("tap", b'{"to": "1", "message_id": "2", "button": "3"}'),
    ("person", b'{"id": 7, "state": "asleep"}'),
    ("sent", b'{"count": 1, "timeout_s": 0.01}'),
]


@pytest.mark.parametrize(("door", "order"), WRONG_ORDERS)
async def test_a_wrong_order_is_answered_with_a_sentence(
    stub: TelegramStub, door: str, order: bytes
) -> None:
    async with (
        aiohttp.ClientSession(stub.url) as client,
        client.post(f"/_stub/{door}", data=order) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["error"]
