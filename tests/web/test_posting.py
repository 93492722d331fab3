"""Posting to other software over real HTTP: signed as it was asked, bounded, followed nowhere."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.services.hooks.posting import NotPosted
from bot.web.posting import HttpPoster
from tests.journeys.program import free_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEADERS = {"Content-Type": "application/json", "webhook-id": "msg_1"}


@asynccontextmanager
async def posting_to(
    handler: Handler, *, limit_s: float = 8
) -> AsyncIterator[tuple[HttpPoster, str]]:
    """Give a poster and the address of a server that answers by `handler`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app, host="127.0.0.1") as server, aiohttp.ClientSession() as http:
        yield HttpPoster(lambda: http, limit_s=limit_s), str(server.make_url("/bao"))


async def test_a_body_arrives_as_it_was_signed() -> None:
    seen: list[tuple[str, bytes, str]] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((request.path, await request.read(), request.headers["webhook-id"]))
        return web.Response(status=204)

    async with posting_to(take) as (poster, url):
        assert await poster.post(url, b'{ "a":1}', HEADERS) == 204
    assert seen == [("/bao", b'{ "a":1}', "msg_1")]


async def test_nobody_is_followed_elsewhere() -> None:
    paths: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=307, headers={"Location": "/secret"})

    async with posting_to(elsewhere) as (poster, url):
        assert await poster.post(url, b"{}", HEADERS) == 307
    assert paths == ["/bao"]


async def test_an_answer_without_an_end_is_not_read() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65_536)

    async with posting_to(endless) as (poster, url):
        assert await poster.post(url, b"{}", HEADERS) == 200


async def test_who_keeps_silent_is_not_waited_for() -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked.wait()
        writer.close()

    asked = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiohttp.ClientSession() as http:
        with pytest.raises(NotPosted) as ended:
            await HttpPoster(lambda: http, limit_s=0.2).post(
                f"http://127.0.0.1:{port}/", b"{}", HEADERS
            )
        asked.set()
    assert ended.value.why == "no_answer"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "http://[::1"]
)
async def test_where_nobody_listens_is_said(url: str) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(NotPosted) as ended:
            await HttpPoster(lambda: http).post(url.format(port=free_port()), b"{}", HEADERS)
    assert ended.value.why == "no_connection"


async def test_nothing_goes_in_the_open_where_tls_was_asked_for() -> None:
    seen: list[str] = []

    async def take(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    async with posting_to(take) as (poster, url):
        with pytest.raises(NotPosted) as ended:
            await poster.post(url.replace("http:", "https:"), b"{}", HEADERS)
    assert ended.value.why == "no_connection"
    assert seen == []
