"""What is made of answers of every odd shape, before anybody asks for the meaning of a code."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.channels.zalo.calls import Answer, ZaloCalls
from bot.core.sending import NoAnswer, NoConnection, PlatformTrouble, SendError, SlowedDown
from tests.channels.stubs.loopback_server import LoopbackServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    id: str
    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raises: type[SendError] | None = None
    answer: Answer | None = None


ROWS = [
    Row(id="nothing", body="", raises=NoAnswer),
    Row(id="a page with a good status", body="<html></html>", raises=NoAnswer),
    Row(id="no error number", body='{"message":"Success"}', raises=NoAnswer),
    Row(id="deep", body="[" * 100_000, raises=NoAnswer),
    Row(id="a page of a proxy", status=403, body="<html></html>", raises=PlatformTrouble),
    Row(id="500", status=500, body='{"error":-200}', raises=PlatformTrouble),
    Row(id="502", status=502, body="<html></html>", raises=PlatformTrouble),
    Row(id="504", status=504, body="<html></html>", raises=NoAnswer),
    Row(id="429", status=429, body="", raises=SlowedDown),
    Row(id="quoted code", body='{"error":"-216"}', answer=Answer(code=-216)),
    Row(id="spaced code", body='{"error":" -216 "}', answer=Answer(code=-216)),
    Row(id="a word for a code", body='{"error":"invalid_grant"}', answer=Answer(code=-1)),
    Row(
        id="a bad status with a code", status=400, body='{"error":-201}', answer=Answer(code=-201)
    ),
    Row(
        id="calls left",
        body='{"error":0}',
        headers={"X-RateLimit-Remain": "17"},
        answer=Answer(code=0, remaining_calls=17),
    ),
    Row(
        id="calls left that are no number",
        body='{"error":0}',
        headers={"X-RateLimit-Remain": "-1"},
        answer=Answer(code=0),
    ),
    Row(
        id="a long wording",
        body='{"error":-201,"message":"' + "m" * 500 + '"}',
        answer=Answer(code=-201, wording="m" * 200),
    ),
]


@pytest.fixture
async def calls() -> AsyncIterator[ZaloCalls]:
    async with aiohttp.ClientSession() as session:
        yield ZaloCalls(session)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_an_odd_answer_is_named_for_what_it_is(row: Row, calls: ZaloCalls) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=row.status, text=row.body, headers=row.headers)

    server = LoopbackServer(answer)
    await server.start()
    outcome: object
    try:
        outcome = await calls.api("GET", server.url, headers={})
    except SendError as error:
        outcome = type(error)
    finally:
        await server.stop()

    assert outcome == (row.answer or row.raises)


@pytest.mark.parametrize("length", [None, 3 * 1024 * 1024], ids=["told by none", "told"])
async def test_an_answer_without_an_end_is_not_read_to_it(
    length: int | None, calls: ZaloCalls
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = length
        await response.prepare(request)
        with suppress(ConnectionError):
            for _ in range(48):
                await response.write(b"{" * 64 * 1024)
        return response

    server = LoopbackServer(answer)
    await server.start()
    try:
        with pytest.raises(NoAnswer):
            await calls.api("GET", server.url, headers={})
    finally:
        await server.stop()


async def test_an_answer_in_pieces_or_packed_is_read_whole(calls: ZaloCalls) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        packed = web.json_response({"error": 0, "data": {"x": "y" * 1000}})
        packed.enable_compression()
        return packed

    server = LoopbackServer(answer)
    await server.start()
    try:
        found = await calls.api("GET", server.url, headers={})
    finally:
        await server.stop()
    assert found.code == 0
    assert len(found.data) > 1000


@pytest.mark.parametrize("url", ["http://", "not an address", "http://a.invalid:99999"])
async def test_an_address_that_is_none_is_no_connection(url: str, calls: ZaloCalls) -> None:
    with pytest.raises(NoConnection):
        await calls.api("GET", url, headers={})


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(200, "<html>", "text/plain"), (200, "{}", "text/html"), (404, "{}", "application/json")],
    ids=["looks like a page", "says it is a page", "not found"],
)
async def test_a_gateways_page_is_no_answer_of_the_form(
    status: int, body: str, kind: str, calls: ZaloCalls
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind)

    server = LoopbackServer(answer)
    await server.start()
    try:
        with pytest.raises(PlatformTrouble):
            await calls.form(server.url, headers={}, fields={})
    finally:
        await server.stop()
