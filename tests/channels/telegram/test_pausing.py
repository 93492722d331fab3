"""A pause Telegram asks for is kept by everything that goes to people."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.channels.telegram.account import Surroundings
from bot.channels.telegram.adapter import TelegramChannel
from bot.core.messages import Media, MediaKind, Outgoing
from bot.core.sending import SendError, SlowedDown
from tests.channels.rigs_telegram import CHANNEL_ID, PERSON, account_on
from tests.channels.stand_ins import PlatformTime
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.places import TO

OTHER = PERSON + 1
TO_OTHER = type(TO)(channel_id=CHANNEL_ID, chat=str(OTHER))


class InterruptedTime(PlatformTime):
    """Lets something happen while the first one sleeps."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def sleep(self, seconds: float) -> None:
        action, self.meanwhile = self.meanwhile, None
        if action is not None:
            await action()
        await super().sleep(seconds)


async def test_the_second_part_of_a_message_keeps_a_pause_asked_for_meanwhile(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    stub.person(OTHER, name="Người khác")
    time = InterruptedTime(stub.clock)
    channel = TelegramChannel(account_on(stub), replace(surroundings, clock=time))
    message = Outgoing(text="🔥" * 4000)

    async def other_is_refused() -> None:
        stub.fail_next(FaultKind.REFUSED, method="sendMessage", code=429, retry_after_s=30)
        with pytest.raises(SlowedDown):
            await channel.send(TO_OTHER, Outgoing(text="một"))

    time.meanwhile = other_is_refused
    with pytest.raises(SlowedDown) as caught:
        await channel.send(TO, message)

    assert caught.value.whole_channel
    assert 28 < (caught.value.after_s or 0) <= 30
    stub.clock.advance(30)
    await channel.send(TO, message)
    assert "".join(sent.text for sent in stub.sent) == message.text


@pytest.mark.parametrize("method", ["getFile", "getMe", "answerCallbackQuery"])
async def test_a_pause_of_something_else_keeps_nobody_from_being_answered(
    stub: TelegramStub, channel: TelegramChannel, method: str
) -> None:
    stub.fail_next(FaultKind.REFUSED, method=method, code=429, retry_after_s=3600)
    await _called(channel, method)

    await channel.send(TO, Outgoing(text="114"))

    assert [sent.text for sent in stub.sent] == ["114"]


async def test_taps_keep_their_own_pause(stub: TelegramStub, channel: TelegramChannel) -> None:
    stub.fail_next(FaultKind.REFUSED, method="answerCallbackQuery", code=429, retry_after_s=9)
    for _ in range(2):
        await channel.answer_tap("4611686018427000001")
        stub.clock.advance(1)

    assert stub.calls["answerCallbackQuery"] == 1


async def test_taps_are_answered_whatever_else_has_to_pause(
    stub: TelegramStub, channel: TelegramChannel
) -> None:
    stub.fail_next(FaultKind.REFUSED, method="getFile", code=429, retry_after_s=3600)
    await _called(channel, "getFile")
    stub.fail_next(FaultKind.ERROR_500, method="answerCallbackQuery")

    await channel.answer_tap("4611686018427000001")

    assert stub.calls["answerCallbackQuery"] == 1


async def _called(channel: TelegramChannel, method: str) -> None:
    match method:
        case "getFile":
            media = Media(kind=MediaKind.PICTURE, handle="AgAC")
            with pytest.raises(SendError):
                await channel.fetch(media)
        case "getMe":
            assert not all(one.is_well for one in await channel.check())
        case _:
            await channel.answer_tap("4611686018427000001")
