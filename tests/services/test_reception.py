"""What platforms bring is on the disk before they are thanked for it."""

from collections.abc import Callable, Sequence

import pytest

from bot.core.channels import WebhookRequest
from bot.core.errors import BadBody, BadSignature, NotForMe
from bot.core.messages import Incoming, IncomingKind
from tests.builders import Town
from tests.fakes import FakeChannel

PATH = "/webhooks/zalo/app-1"
REQUEST = WebhookRequest(headers={}, body=b"{}")
Parses = Callable[[WebhookRequest], Sequence[Incoming]]


def refusing(error: Exception) -> Parses:
    def parse(request: WebhookRequest) -> Sequence[Incoming]:
        raise error

    return parse


def account(name: str, parses: Parses, *, status: int = 403) -> FakeChannel:
    channel = FakeChannel(name, webhook_path=PATH)
    channel.parses = parses
    channel.refusal_status = status
    return channel


async def backlog(town: Town) -> int:
    async with town.storage.read() as work:
        return await work.inbox.backlog()


async def test_what_is_thanked_for_is_stored(town: Town) -> None:
    said = town.talk("zalo").incoming("chào")
    reception = town.reception([account("zalo", lambda _: [said])])
    assert await reception.webhook(PATH, REQUEST) == 200
    assert await backlog(town) == 1
    assert await town.bell.wait(0)


async def test_the_account_it_is_for_takes_it(town: Town) -> None:
    said = town.talk("zalo").incoming("chào")
    others = [
        account("a", refusing(NotForMe())),
        account("b", refusing(BadSignature())),
        account("c", lambda _: [said]),
    ]
    assert await town.reception(others).webhook(PATH, REQUEST) == 200
    assert await backlog(town) == 1


@pytest.mark.parametrize(
    ("errors", "status", "why"),
    [
        ([BadSignature()], 403, "BadSignature"),
        ([NotForMe(), BadSignature()], 403, "BadSignature"),
        ([BadSignature(), NotForMe()], 403, "BadSignature"),
        ([BadBody()], 200, "BadBody"),
        ([NotForMe(), NotForMe()], 200, "NotForMe"),
    ],
)
async def test_what_nobody_takes_is_refused_and_counted(
    town: Town, errors: list[Exception], status: int, why: str
) -> None:
    channels = [account(f"a{n}", refusing(error)) for n, error in enumerate(errors)]
    assert await town.reception(channels).webhook(PATH, REQUEST) == status
    assert await backlog(town) == 0
    assert town.meter.total("webhooks_refused", why=why) == 1


async def test_an_unknown_address_is_not_found(town: Town) -> None:
    assert await town.reception([]).webhook("/webhooks/zalo/nobody", REQUEST) == 404


async def test_what_comes_again_is_stored_once(town: Town) -> None:
    said = town.talk("zalo").incoming("chào")
    reception = town.reception([account("zalo", lambda _: [said, said])])
    for _ in range(3):
        assert await reception.webhook(PATH, REQUEST) == 200
    assert await backlog(town) == 1
    assert town.meter.total("incoming_repeated") == 5


async def test_what_was_handled_and_comes_again_is_not_handled_again(town: Town) -> None:
    talk = town.talk()
    said = talk.incoming("xin chào")
    reception, conversations = town.reception(), town.conversations()
    await reception.receive([said])
    await conversations.step()
    await reception.receive([said])
    assert await conversations.step() == 0
    assert len(await town.outbox()) == 1


async def test_what_is_of_no_use_is_only_counted(town: Town) -> None:
    await town.reception().receive([town.talk().incoming("", IncomingKind.IGNORED)])
    assert await backlog(town) == 0
    assert town.meter.total("incoming", kind="ignored") == 1


async def test_nothing_of_what_was_said_or_by_whom_is_readable_on_the_disk(town: Town) -> None:
    talk = town.talk("zalo", chat="zalo-person-4711")
    await town.reception().receive([talk.incoming("chuyện kín của nhà tôi")])
    for plain in ("zalo-person-4711", "chuyện kín"):
        assert plain.encode() not in town.on_disk()
