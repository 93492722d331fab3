"""From polling to the webhook and back: what people write meanwhile is not lost or doubled."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.channels.telegram.account import Mode, Surroundings
from bot.channels.telegram.adapter import TelegramChannel
from bot.core.messages import Incoming
from tests.channels.rigs_telegram import PERSON, account_on
from tests.channels.stand_ins import Doorstep, MemoryCredentials
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.test_adapter import PUBLIC_URL, nobody
from tests.channels.telegram.test_polling import Inbox, running


async def test_what_was_written_while_polling_stopped_comes_by_the_webhook(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    async with Doorstep() as doorstep:
        inbox = Inbox()
        async with running(TelegramChannel(account_on(stub), surroundings), inbox):
            await stub.user_says(PERSON, "một")
            await inbox.next()
            await stub.queue.wait_until_empty(timeout_s=5)
        await stub.user_says(PERSON, "hai")

        account = account_on(stub, mode=Mode.WEBHOOK, public_url=doorstep.url)
        hooked = TelegramChannel(account, surroundings)
        await hooked.run(nobody)
        (incoming,) = hooked.parse(await doorstep.next())

    assert incoming.text == "hai"


async def test_what_the_webhook_could_not_deliver_is_polled(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    async with Doorstep() as doorstep:
        doorstep.status = 500
        account = account_on(stub, mode=Mode.WEBHOOK, public_url=doorstep.url)
        await TelegramChannel(account, surroundings).run(nobody)
        await stub.user_says(PERSON, "một")
        await doorstep.next()

        inbox = Inbox()
        async with running(TelegramChannel(account_on(stub), surroundings), inbox):
            assert (await inbox.next()).text == "một"

    assert stub.webhook.target is None


async def test_a_poll_of_before_ends_when_the_webhook_is_set(
    stub: TelegramStub, surroundings: Surroundings, credentials: MemoryCredentials
) -> None:
    arrived: list[Incoming] = []

    async def receive(events: Sequence[Incoming]) -> None:
        arrived.extend(events)

    account = account_on(stub, mode=Mode.WEBHOOK, public_url=PUBLIC_URL)
    await TelegramChannel(account, surroundings).run(receive)

    assert arrived == []
    assert credentials.reported == [""]


@pytest.mark.parametrize("mode", Mode)
async def test_an_account_that_is_removed_leaves_no_webhook(
    stub: TelegramStub, surroundings: Surroundings, mode: Mode
) -> None:
    account = account_on(stub, mode=Mode.WEBHOOK, public_url=PUBLIC_URL)
    await TelegramChannel(account, surroundings).run(nobody)
    await stub.user_says(PERSON, "chưa đọc")

    await TelegramChannel(replace(account, mode=mode), surroundings).retire()

    # Polling never sets one; whose that is nobody knows.
    assert (stub.webhook.target is None) == (mode is Mode.WEBHOOK)
    assert len(stub.queue.pending()) == 1


async def test_retiring_without_a_platform_is_no_trouble(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    account = account_on(stub, mode=Mode.WEBHOOK, public_url=PUBLIC_URL)
    await stub.go_down()

    await TelegramChannel(account, surroundings).retire()


async def test_a_token_refused_while_the_webhook_is_set_is_told(
    stub: TelegramStub, surroundings: Surroundings, credentials: MemoryCredentials
) -> None:
    stub.fail_next(FaultKind.REFUSED, method="setWebhook", code=401, text="Unauthorized")
    account = account_on(stub, mode=Mode.WEBHOOK, public_url=PUBLIC_URL)

    await TelegramChannel(account, surroundings).run(nobody)

    assert credentials.reported == ["telegram_token_refused", ""]
