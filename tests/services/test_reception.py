"""What platforms bring is on the disk before they are thanked for it."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import replace
from typing import TypeVar

import pytest

from bot.core.channels import ChannelAccount, ChannelKind, CredentialStore, WebhookRequest
from bot.core.errors import BadBody, BadSignature, NotForMe, StorageTrouble
from bot.core.inbox import Arrival
from bot.core.messages import Incoming, IncomingKind
from bot.core.sealing import SealBroken
from bot.core.storage import Storage, Work
from bot.services.channels.channels import Channels
from bot.services.conversations.reception import Reception
from tests.builders.town import Town
from tests.fakes import FakeChannel

_T = TypeVar("_T")
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
        ([NotForMe(), NotForMe()], 200, "not_connected"),
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


class SlowStorage:
    """A database that stores only when it is let, and then perhaps fails."""

    def __init__(self, storage: Storage, *, fails: bool = False) -> None:
        self._storage = storage
        self._fails = fails
        self.is_let = asyncio.Event()

    def begin(self) -> AbstractAsyncContextManager[Work]:
        return self._storage.begin()

    def read(self) -> AbstractAsyncContextManager[Work]:
        return self._storage.read()

    async def change(self, change: Callable[[Work], Awaitable[_T]]) -> _T:
        return await self._storage.change(change)

    async def look(self, see: Callable[[Work], Awaitable[_T]]) -> _T:
        return await self._storage.look(see)

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        if self._fails:
            raise StorageTrouble("locked")
        await self.is_let.wait()
        return await self._storage.accept(arrivals)


def reception_over(
    town: Town, storage: Storage, said: Incoming, *, answer_within_s: float = 0.01
) -> Reception:
    return Reception(
        storage=storage,
        envelopes=town.envelopes,
        channels=lambda: [account("zalo", lambda _: [said])],
        look_again=town.channels.refresh,
        is_shut=town.channels.is_shut,
        bell=town.bell,
        clock=town.clock,
        meter=town.meter,
        answer_within_s=answer_within_s,
    )


@pytest.mark.parametrize("trouble", ["slow", "locked"])
async def test_what_cannot_be_stored_in_time_is_not_thanked_for_and_comes_again(
    town: Town, trouble: str
) -> None:
    said = town.talk("zalo").incoming("cứu với")
    storage = SlowStorage(town.storage, fails=trouble == "locked")
    assert await reception_over(town, storage, said).webhook(PATH, REQUEST) == 503
    assert await backlog(town) == 0
    assert town.meter.total("webhooks_refused", why="not_stored") == 1

    well = SlowStorage(town.storage)
    well.is_let.set()
    patient = reception_over(town, well, said, answer_within_s=60)
    assert await patient.webhook(PATH, REQUEST) == 200
    assert await backlog(town) == 1


async def test_while_another_program_holds_the_database_nothing_is_thanked_for(
    town: Town,
) -> None:
    said = town.talk("zalo").incoming("cứu với")
    (path,) = town.folder.glob("binhyen.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await reception_over(town, town.storage, said).webhook(PATH, REQUEST) == 503
        other.execute("ROLLBACK")
    patient = reception_over(town, town.storage, said, answer_within_s=60)
    assert await patient.webhook(PATH, REQUEST) == 200
    assert await backlog(town) == 1


async def test_a_flood_of_forgeries_touches_no_database_and_is_said_once(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    storage = SlowStorage(town.storage, fails=True)
    reception = Reception(
        storage=storage,
        envelopes=town.envelopes,
        channels=lambda: [account("zalo", refusing(BadSignature()), status=200)],
        look_again=lambda: pytest.fail("looked"),
        is_shut=town.channels.is_shut,
        bell=town.bell,
        clock=town.clock,
        meter=town.meter,
    )
    answers = {await reception.webhook(PATH, REQUEST) for _ in range(500)}
    assert answers == {200}
    assert town.meter.total("webhooks_refused", why="BadSignature") == 500
    assert len(caplog.records) == 1


async def test_an_account_that_another_process_has_just_added_gets_its_first_event(
    town: Town,
) -> None:
    said = town.talk("zalo").incoming("chào")
    known = [account("first", refusing(NotForMe()))]

    async def look_again() -> None:
        known.append(account("second", lambda _: [said]))

    reception = Reception(
        storage=town.storage,
        envelopes=town.envelopes,
        channels=lambda: list(known),
        look_again=look_again,
        is_shut=town.channels.is_shut,
        bell=town.bell,
        clock=town.clock,
        meter=town.meter,
    )
    assert await reception.webhook(PATH, REQUEST) == 200
    assert await backlog(town) == 1


async def test_a_stranger_who_knocks_for_another_account_does_not_make_us_look_each_time(
    town: Town,
) -> None:
    known = [account("first", refusing(NotForMe()))]
    looks = 0

    async def look_again() -> None:
        nonlocal looks
        looks += 1

    reception = Reception(
        storage=town.storage,
        envelopes=town.envelopes,
        channels=lambda: known,
        look_again=look_again,
        is_shut=town.channels.is_shut,
        bell=town.bell,
        clock=town.clock,
        meter=town.meter,
    )
    assert [await reception.webhook(PATH, REQUEST) for _ in range(50)] == [200] * 50
    assert looks == 1


async def test_the_events_of_an_account_that_cannot_be_opened_are_not_thanked_for(
    town: Town,
) -> None:
    async def opener(account: ChannelAccount, credentials: CredentialStore) -> FakeChannel:
        if account.id == added.id:
            raise SealBroken
        return FakeChannel(account.id)

    channels = Channels(
        storage=town.storage,
        envelopes=town.envelopes,
        audit=town.audit,
        notices=town.notices,
        opener=opener,
        clock=town.clock,
        chance=town.chance,
        owner="two",
    )
    added = await town.channels.add(
        kind=ChannelKind.ZALO,
        unit_id=town.commune.id,
        name="thử",
        settings={"app_id": "app-1"},
        credentials={},
        by="test",
    )
    reception = replace(town, channels=channels).reception()
    assert [await reception.webhook(PATH, REQUEST) for _ in range(50)] == [503] * 50
    assert town.meter.total("webhooks_refused", why="not_open") == 50
    assert await reception.webhook("/webhooks/zalo/app-2", REQUEST) == 404
    await town.channels.remove(added.id, by="test")
    town.clock.advance(1)
    assert await reception.webhook(PATH, REQUEST) == 404


async def test_of_two_accounts_at_one_address_only_the_one_that_is_open_is_thanked_for(
    town: Town,
) -> None:
    wanted = ""

    def parse(_: WebhookRequest) -> Sequence[Incoming]:
        raise NotForMe(meant={wanted})

    async def opener(account: ChannelAccount, credentials: CredentialStore) -> FakeChannel:
        if account.settings["oa_id"] == "shut":
            raise SealBroken
        channel = FakeChannel(account.id, webhook_path=PATH)
        channel.parses = parse
        return channel

    channels = Channels(
        storage=town.storage,
        envelopes=town.envelopes,
        audit=town.audit,
        notices=town.notices,
        opener=opener,
        clock=town.clock,
        chance=town.chance,
        owner="two",
    )
    for oa_id in ("open", "shut"):
        await town.channels.add(
            kind=ChannelKind.ZALO,
            unit_id=town.commune.id,
            name=oa_id,
            settings={"app_id": "app-1", "oa_id": oa_id},
            credentials={},
            by="test",
        )
    await channels.refresh()
    reception = replace(town, channels=channels).reception()
    said = {}
    for wanted in ("shut", "nobody's"):
        said[wanted] = await reception.webhook(PATH, REQUEST)
    assert said == {"shut": 503, "nobody's": 200}


async def test_repeats_and_events_without_effect_are_counted_by_name(town: Town) -> None:
    said = replace(town.talk("zalo").incoming("chào"), repeats=3)
    seen = replace(said, kind=IncomingKind.IGNORED, repeats=0, event_name="user_seen_message")
    await town.reception().receive([said, seen])
    assert town.meter.total("incoming_retried", kind="text") == 1
    assert town.meter.total("incoming_events", event="user_seen_message") == 1
