"""A tap is answered in time, or left alone."""

import json
import logging

import pytest

from bot.channels.telegram.account import Mode, Surroundings
from bot.channels.telegram.adapter import SECRET_HEADER, TelegramChannel
from bot.core.channels import WebhookRequest
from bot.core.messages import Choice, Incoming, Outgoing
from tests.channels.rigs_telegram import PAYLOADS, SECRET, account_on
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.places import TO
from tests.channels.telegram.test_adapter import PUBLIC_URL


@pytest.fixture
def hooked(stub: TelegramStub, surroundings: Surroundings) -> TelegramChannel:
    account = account_on(stub, mode=Mode.WEBHOOK, public_url=PUBLIC_URL)
    return TelegramChannel(account, surroundings)


async def tapped(stub: TelegramStub, channel: TelegramChannel) -> Incoming:
    await channel.send(TO, Outgoing(text="Chọn:", choices=(Choice(label="A", word="a"),)))
    update = await stub.user_taps(stub.sent[0], "A")
    assert update is not None
    body = json.dumps(update.body).encode()
    (incoming,) = channel.parse(WebhookRequest(headers={SECRET_HEADER: SECRET}, body=body))
    return incoming


@pytest.mark.parametrize(("after_s", "is_answered"), [(0, True), (140, True), (151, False)])
async def test_a_tap_is_answered_within_its_time_and_not_afterwards(
    stub: TelegramStub,
    hooked: TelegramChannel,
    caplog: pytest.LogCaptureFixture,
    *,
    after_s: int,
    is_answered: bool,
) -> None:
    caplog.set_level(logging.INFO)
    incoming = await tapped(stub, hooked)
    stub.clock.advance(after_s)

    assert incoming.tap_id is not None
    await hooked.answer_tap(incoming.tap_id)

    assert (stub.unanswered_callbacks == []) == is_answered
    assert stub.calls["answerCallbackQuery"] == int(is_answered)
    assert ("telegram.tap_unanswered" in caplog.messages) == (not is_answered)


@pytest.mark.parametrize("name", ["tap", "tap_on_a_lost_message", "tap_without_a_word"])
def test_every_tap_that_comes_in_can_be_answered(hooked: TelegramChannel, name: str) -> None:
    """What is IGNORED is stored nowhere and answered by nobody, so no tap is."""
    body = (PAYLOADS / f"{name}.json").read_bytes()

    (incoming,) = hooked.parse(WebhookRequest(headers={SECRET_HEADER: SECRET}, body=body))

    assert incoming.kind.value == "choice"
    assert incoming.tap_id
    assert incoming.chat
