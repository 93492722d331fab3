"""Asking for updates: nothing is acknowledged before it is stored, nothing stops the asking."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.channels.telegram.account import Surroundings
from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.updates import read_batch
from bot.core.errors import StorageTrouble
from bot.core.messages import Incoming
from tests.channels.rigs_telegram import CHANNEL_ID, MYSELF, PERSON, account_on
from tests.channels.stand_ins import MemoryCredentials, PlatformTime
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.telegram_webhook import WebhookTarget

ELSEWHERE = "telegram_polled_elsewhere"


class Inbox:
    """Takes what is received; can fail a number of times first."""

    def __init__(self, *, failures: int = 0) -> None:
        self.arrived: asyncio.Queue[Incoming] = asyncio.Queue()
        self.refused: list[str] = []
        self._failures = failures

    async def receive(self, events: Sequence[Incoming]) -> None:
        if self._failures:
            self._failures -= 1
            self.refused += [event.event_id for event in events]
            raise StorageTrouble("the disk is full")
        for event in events:
            self.arrived.put_nowait(event)

    async def next(self) -> Incoming:
        async with asyncio.timeout(5):
            return await self.arrived.get()


@asynccontextmanager
async def running(channel: TelegramChannel, inbox: Inbox) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(channel.run(inbox.receive))
        yield
        task.cancel()


async def test_what_people_write_is_received_in_order(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    inbox = Inbox()
    async with running(channel, inbox):
        for word in ("một", "hai", "ba"):
            await stub.user_says(PERSON, word)
        assert [(await inbox.next()).text for _ in range(3)] == ["một", "hai", "ba"]


async def test_what_was_received_is_acknowledged(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    inbox = Inbox()
    await stub.user_says(PERSON, "một")
    async with running(channel, inbox):
        await inbox.next()
        await stub.queue.wait_until_empty(timeout_s=5)


async def test_an_update_that_could_not_be_stored_comes_again(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    inbox = Inbox(failures=2)
    await stub.user_says(PERSON, "một")
    async with running(channel, inbox):
        incoming = await inbox.next()

    assert inbox.refused == [incoming.event_id] * 2


async def test_a_webhook_left_over_is_removed_first(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.webhook.point_at(WebhookTarget(url="http://127.0.0.1:9/nobody"))
    inbox = Inbox()
    async with running(channel, inbox):
        await stub.user_says(PERSON, "một")
        assert (await inbox.next()).text == "một"

    assert stub.webhook.target is None


async def test_a_webhook_set_meanwhile_is_removed_again(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail_next(
        FaultKind.REFUSED,
        method="getUpdates",
        code=409,
        text="Conflict: can't use getUpdates method while webhook is active",
    )
    inbox = Inbox()
    async with running(channel, inbox):
        await stub.user_says(PERSON, "một")
        await inbox.next()

    assert stub.calls["deleteWebhook"] == 2


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.ERROR_500,
        FaultKind.HTML_502,
        FaultKind.RUBBISH,
        FaultKind.CLOSE_BEFORE,
        FaultKind.CLOSE_AFTER,
    ],
)
async def test_trouble_over_there_is_outlived(
    channel: TelegramChannel, stub: TelegramStub, kind: FaultKind
) -> None:
    await stub.user_says(PERSON, "một")
    stub.fail_next(kind, method="getUpdates", times=3)
    inbox = Inbox()
    async with running(channel, inbox):
        assert (await inbox.next()).text == "một"


async def test_pauses_grow_and_a_wanted_pause_is_kept(
    channel: TelegramChannel, stub: TelegramStub, surroundings: Surroundings
) -> None:
    await stub.user_says(PERSON, "một")
    stub.fail_next(FaultKind.ERROR_500, method="getUpdates", times=3)
    stub.fail_next(FaultKind.REFUSED, method="getUpdates", code=429, retry_after_s=33)
    stub.fail_next(FaultKind.REFUSED, method="getUpdates", code=401, text="Unauthorized")
    inbox = Inbox()
    async with running(channel, inbox):
        await inbox.next()

    assert isinstance(surroundings.clock, PlatformTime)
    assert surroundings.clock.pauses_s == [1, 2, 4, 33, 300]


async def test_after_an_empty_answer_numbers_may_start_anywhere_again() -> None:
    """A week of silence, and the numbers go on at random, perhaps below."""
    asked: list[str] = []
    answers = [b'{"ok":true,"result":[{"update_id":9000}]}', b'{"ok":true,"result":[]}']
    done = asyncio.Event()

    async def fetch(fields: dict[str, str]) -> bytes:
        asked.append(fields["offset"])
        if len(asked) <= len(answers):
            return answers[len(asked) - 1]
        done.set()
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def clear() -> None:
        pass

    async def tell(trouble: str) -> None:
        assert trouble == ""

    polling = Polling(
        channel_id=CHANNEL_ID,
        fetch=fetch,
        clear=clear,
        read=lambda raw: read_batch(raw, CHANNEL_ID, MYSELF),
        tell=tell,
        elsewhere="",
        clock=PlatformTime(StubClock()),
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(polling.run(Inbox().receive))
        async with asyncio.timeout(5):
            await done.wait()
        task.cancel()

    assert asked == ["0", "9001", "0"]


async def test_a_refused_token_is_told_to_officers_until_it_works_again(
    channel: TelegramChannel, stub: TelegramStub, credentials: MemoryCredentials
) -> None:
    await stub.user_says(PERSON, "một")
    stub.fail_next(FaultKind.REFUSED, method="getUpdates", code=401, text="Unauthorized", times=2)
    inbox = Inbox()
    async with running(channel, inbox):
        await inbox.next()

    assert credentials.reported == ["telegram_token_refused", "telegram_token_refused", ""]


async def test_an_account_in_order_is_told_once(
    channel: TelegramChannel, stub: TelegramStub, credentials: MemoryCredentials
) -> None:
    inbox = Inbox()
    async with running(channel, inbox):
        for word in ("một", "hai"):
            await stub.user_says(PERSON, word)
            await inbox.next()

    assert credentials.reported == [""]


@pytest.mark.parametrize(("times", "told"), [(2, [""]), (4, [ELSEWHERE, ELSEWHERE, ""])])
async def test_another_program_that_asks_all_the_time_is_told_to_officers(
    channel: TelegramChannel,
    stub: TelegramStub,
    credentials: MemoryCredentials,
    *,
    times: int,
    told: list[str],
) -> None:
    """A question left open by the process before this one ends a few of ours, no more."""
    await stub.user_says(PERSON, "một")
    stub.fail_next(
        FaultKind.REFUSED,
        method="getUpdates",
        code=409,
        text="Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running",
        times=times,
    )
    inbox = Inbox()
    async with running(channel, inbox):
        await inbox.next()

    assert credentials.reported == told


async def test_a_database_that_does_not_answer_stops_no_asking(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    class Forgetful(MemoryCredentials):
        async def report(self, trouble: str) -> None:
            raise StorageTrouble("the disk is full")

        async def learned(self, name: str, value: str) -> None:
            raise StorageTrouble("the disk is full")

    channel = TelegramChannel(account_on(stub), replace(surroundings, store=Forgetful({})))
    await stub.user_says(PERSON, "một")
    inbox = Inbox()
    async with running(channel, inbox):
        assert (await inbox.next()).text == "một"
