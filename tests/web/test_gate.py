"""Limits, errors in words, foreign requests, the log."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.core.errors import StorageTrouble
from tests.web.site import Site, open_site

SECRET = "ma túy ở ngõ 3"


async def _breaks(_request: web.Request) -> web.Response:
    raise ValueError(SECRET)


async def _cannot(_request: web.Request) -> web.Response:
    raise StorageTrouble(SECRET)


async def _away(_request: web.Request) -> web.Response:
    raise web.HTTPSeeOther("/")


@pytest.fixture
async def shaky(tmp_path: Path) -> AsyncIterator[Site]:
    routes = [
        web.get("/breaks", _breaks),
        web.get("/cannot", _cannot),
        web.get("/away", _away),
        web.post("/webhooks/telegram/breaks/here", _breaks),
    ]
    async with open_site(tmp_path, more_routes=routes) as opened:
        yield opened


async def test_a_fault_is_told_in_words_with_a_number_and_no_traceback(
    shaky: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with shaky.get("/breaks") as answer:
        text = await answer.text()
    assert answer.status == 500
    assert "Traceback" not in text
    assert SECRET not in text
    assert answer.headers["X-Request-Id"] in text
    (failed,) = [line for line in caplog.records if line.message == "http.failed"]
    assert failed.__dict__["request_id"] == answer.headers["X-Request-Id"]


async def test_a_database_that_cannot_be_used_asks_for_patience(shaky: Site) -> None:
    async with shaky.get("/cannot") as answer:
        assert answer.status == 503
        assert SECRET not in await answer.text()


async def test_a_script_gets_its_errors_as_json(shaky: Site) -> None:
    async with shaky.get("/breaks", headers={"Accept": "application/json"}) as answer:
        assert await answer.json() == {"error": "server"}


async def test_a_way_elsewhere_passes_with_its_headers(shaky: Site) -> None:
    async with shaky.get("/away") as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/"
        assert "Content-Security-Policy" in answer.headers


async def test_a_webhook_that_fails_comes_again(shaky: Site) -> None:
    async with shaky.post("/webhooks/telegram/breaks/here", data=b"{}") as answer:
        assert answer.status == 503
        assert await answer.read() == b""


@pytest.mark.parametrize("path", ["/to-giac", "/theo-doi", "/tro-chuyen/gui"])
async def test_a_form_that_is_too_large_is_refused_in_words(site: Site, path: str) -> None:
    async with site.post(path, data={"what": "x" * 70_000}) as answer:
        assert answer.status == 413
        assert "quá lớn" in await answer.text()


async def test_a_large_form_is_refused_even_if_it_does_not_say_its_size(site: Site) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"what=" + b"x" * 5000 + b"&"

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with site.post("/to-giac", data=pieces(), headers=headers) as answer:
        assert answer.status == 413


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", ["/to-giac", "/theo-doi", "/tro-chuyen/gui", "/tro-chuyen/xoa"])
async def test_what_another_site_sends_is_refused(
    site: Site, path: str, headers: dict[str, str]
) -> None:
    async with site.post(path, data={"x": "y"}, headers=headers) as answer:
        assert answer.status == 403
    assert await site.backlog() == 0


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://binhyen.test"}, {}],
    ids=str,
)
async def test_what_our_own_pages_send_is_taken(site: Site, headers: dict[str, str]) -> None:
    async with site.post("/theo-doi", data={"code": "x"}, headers=headers) as answer:
        assert answer.status == 200


async def test_the_log_names_the_route_and_neither_path_nor_question(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot.web.gate")
    async with site.get("/tham-gia/BIMAT1?ho=ten"):
        pass
    async with site.get("/to-giac"):
        pass
    (line,) = [record for record in caplog.records if record.message == "http.request"]
    assert line.__dict__["route"] == "/tham-gia/{code}"
    assert line.__dict__["status"] == 404
    assert not any("BIMAT1" in str(record.__dict__) for record in caplog.records)
    assert not any("127.0.0.1" in str(record.__dict__) for record in caplog.records)


async def test_a_page_over_https_asks_to_stay_there(tmp_path: Path) -> None:
    async with (
        open_site(tmp_path, public_url="https://binhyen.test") as site,
        site.get("/") as answer,
    ):
        assert "Strict-Transport-Security" in answer.headers
