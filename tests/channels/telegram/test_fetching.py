"""Getting what people sent: bounded, from the Bot API alone, and without showing the token."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.channels.telegram.account import Surroundings, TelegramAccount
from bot.channels.telegram.adapter import TelegramChannel
from bot.core.errors import MediaRefused
from bot.core.messages import Media, MediaKind
from bot.core.sending import ChannelBroken, NoConnection, PlatformTrouble, SendError, SlowedDown
from tests.channels.rigs_telegram import CHANNEL_ID, SHORT_LIMIT_S, account_on
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials, PlatformTime, say_key
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_stub import TelegramStub

LIMIT = 20 * 1024 * 1024
BODY = bytes(range(256)) * 40


def shown(file_id: str, size_bytes: int | None = None) -> Media:
    return Media(kind=MediaKind.FILE, handle=file_id, size_bytes=size_bytes)


async def test_the_bytes_are_those_that_were_sent(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    file = stub.files.keep("document", name="don.pdf", data=BODY)

    assert await channel.fetch(shown(file.file_id)) == BODY


async def test_a_file_of_the_largest_size_is_fetched_even_if_nobody_says_its_size(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    file = stub.files.keep("document", name="to.bin", data=bytes(LIMIT))
    stub.files.shows_size = False

    assert len(await channel.fetch(shown(file.file_id))) == LIMIT


@pytest.mark.parametrize("told", [LIMIT + 1, None])
async def test_a_file_that_is_too_large_is_not_fetched(
    channel: TelegramChannel, stub: TelegramStub, told: int | None
) -> None:
    file = stub.files.keep("document", name="to.bin", size_bytes=LIMIT + 1)

    with pytest.raises(MediaRefused):
        await channel.fetch(shown(file.file_id, told))
    assert stub.calls["file"] == 0


async def test_a_page_that_sends_more_than_was_said_is_cut_off(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    file = stub.files.keep("document", name="nho.bin", data=b"x")
    stub.files.serves = bytes(LIMIT + 1)

    with pytest.raises(MediaRefused, match="too large"):
        await channel.fetch(shown(file.file_id))


@pytest.mark.parametrize("kind", [FaultKind.ENDLESS, FaultKind.HANG])
async def test_a_page_that_never_ends_is_given_up(
    stub: TelegramStub, surroundings: Surroundings, kind: FaultKind
) -> None:
    hurried = Surroundings(
        session=surroundings.session,
        store=surroundings.store,
        clock=surroundings.clock,
        say=surroundings.say,
        attachments=surroundings.attachments,
        call_limit_s=SHORT_LIMIT_S,
    )
    file = stub.files.keep("document", name="cham.bin", data=b"x")
    stub.fail_next(kind, method="file")

    with pytest.raises(MediaRefused):
        await TelegramChannel(account_on(stub), hurried).fetch(shown(file.file_id))


@pytest.mark.parametrize(
    ("kind", "raises"),
    [
        (FaultKind.ERROR_500, PlatformTrouble),
        (FaultKind.HTML_502, PlatformTrouble),
        (FaultKind.CLOSE_BEFORE, PlatformTrouble),
    ],
)
async def test_trouble_over_there_can_be_tried_again(
    channel: TelegramChannel, stub: TelegramStub, kind: FaultKind, raises: type[SendError]
) -> None:
    file = stub.files.keep("document", name="don.pdf", data=BODY)
    # A connection that was kept open and breaks is tried anew once by the client itself.
    stub.fail_next(kind, method="file", times=2 if kind is FaultKind.CLOSE_BEFORE else 1)

    with pytest.raises(raises):
        await channel.fetch(shown(file.file_id))
    assert await channel.fetch(shown(file.file_id)) == BODY


@pytest.mark.parametrize("method", ["file", "getFile"])
async def test_a_pause_is_told_to_the_second(
    channel: TelegramChannel, stub: TelegramStub, method: str
) -> None:
    file = stub.files.keep("document", name="don.pdf", data=BODY)
    stub.fail_next(FaultKind.REFUSED, method=method, code=429, retry_after_s=11)

    with pytest.raises(SlowedDown) as caught:
        await channel.fetch(shown(file.file_id))
    assert caught.value.after_s == 11


@pytest.mark.parametrize(
    "wording",
    ["invalid file_id", "wrong file_id or the file is temporarily unavailable", "file is too big"],
)
async def test_a_handle_telegram_does_not_serve_is_refused(
    channel: TelegramChannel, stub: TelegramStub, wording: str
) -> None:
    stub.fail_next(FaultKind.REFUSED, method="getFile", code=400, text=f"Bad Request: {wording}")
    with pytest.raises(MediaRefused):
        await channel.fetch(shown("AgAC-x"))


async def test_what_has_no_handle_is_refused(channel: TelegramChannel) -> None:
    with pytest.raises(MediaRefused):
        await channel.fetch(Media(kind=MediaKind.PLACE, latitude=1.0, longitude=2.0))


async def test_a_refused_token_breaks_the_channel(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail_next(FaultKind.REFUSED, method="getFile", code=401, text="Unauthorized")
    with pytest.raises(ChannelBroken):
        await channel.fetch(shown("AgAC-x"))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../getMe",
        "photos/../../x",
        "https://evil.invalid/x",
        "//evil.invalid/x",
        "photos/a?x=1",
        "photos/a#x",
        "photos//a",
        "photos/%2e%2e/a",
        "",
        "photos/a\n",
    ],
)
async def test_only_paths_of_the_bot_api_are_followed(path: str) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"ok": True, "result": {"file_id": "x", "file_path": path}})

    async with _server(answer) as channel:
        with pytest.raises(MediaRefused):
            await channel.fetch(shown("AgAC-x"))
    assert [one.rpartition("/")[2] for one in asked] == ["getFile"]


async def test_no_redirect_is_followed() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("getFile"):
            return web.json_response({"ok": True, "result": {"file_path": "photos/a.jpg"}})
        assert request.path.startswith("/file/")
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async with _server(answer) as channel:
        with pytest.raises(MediaRefused):
            await channel.fetch(shown("AgAC-x"))


async def test_the_token_is_in_no_error_and_no_log(
    channel: TelegramChannel, stub: TelegramStub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    file = stub.files.keep("document", name="don.pdf", data=BODY)
    stub.fail_next(FaultKind.CLOSE_BEFORE, method="file", times=2)
    errors: list[BaseException | None] = []
    with pytest.raises(PlatformTrouble) as caught:
        await channel.fetch(shown(file.file_id))
    errors += [caught.value, caught.value.__cause__]
    await stub.go_down()
    with pytest.raises(NoConnection) as gone:
        await channel.fetch(shown(file.file_id))
    errors += [gone.value, gone.value.__cause__]

    secret = stub.token.partition(":")[2]
    told = [
        *(repr(error) for error in errors),
        *(record.getMessage() for record in caplog.records),
    ]
    assert [line for line in told if secret in line or file.file_id in line] == []


@asynccontextmanager
async def _server(
    answer: Callable[[web.Request], Awaitable[web.Response]],
) -> AsyncIterator[TelegramChannel]:
    """Serve a Bot API of one's own making, and give a channel that asks it."""
    server = LoopbackServer(answer)
    await server.start()
    account = TelegramAccount(id=CHANNEL_ID, token="123456:invented", api_url=server.url)
    try:
        async with aiohttp.ClientSession() as session:
            surroundings = Surroundings(
                session=session,
                store=MemoryCredentials({}),
                clock=PlatformTime(StubClock()),
                say=say_key,
                attachments=MemoryAttachments(),
            )
            yield TelegramChannel(account, surroundings)
    finally:
        await server.stop()
