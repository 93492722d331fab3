"""The whole way of a tip, on both databases: told, asked back, looked at, kept, copied.

Searched besides what `test_leaks` searches: the files of the database server, its journal, a
backup, what every command prints, the pages of officers who read no tips, what is posted to other
software, and letters to officers.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.storage.engine import read_url
from console.site import LONG, ROUTES
from tests.console.browser import Browser
from tests.delivery.smtp_stub import SmtpStub, open_smtp
from tests.journeys.program import Installation
from tests.journeys.sinks import TELLING
from tests.journeys.test_leaks import (
    LIMIT_S,
    RECEIPT,
    SAYS_WHAT,
    SAYS_WHEN,
    SAYS_WHERE,
    Places,
    places,
)

__all__ = ["places"]
pytestmark = pytest.mark.timeout(240)
PASSWORD = "bốn từ ghép lại dễ nhớ"
ASKED = "Tham-Hoi-Lai ve gio giac hom ay"
NOTED = "Ghi-Rieng-Noi-Bo cho to truc"
COMMANDS = [words.split() for words in TELLING if not words.startswith("announcement")]


@asynccontextmanager
async def receiver(places: Places) -> AsyncIterator[str]:
    """Listen as other software that is told of tips; keep what comes."""

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        places.more.append(("posted to others", repr(dict(request.headers)).encode() + body))
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/", take)])
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/"))


@asynccontextmanager
async def mail_server(places: Places) -> AsyncIterator[SmtpStub]:
    """Take letters to officers, and keep them."""
    stub = SmtpStub(trust=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), offers_tls=False)
    async with open_smtp(stub):
        places.installation.mail_port = stub.port
        yield stub


async def _letter_came(places: Places, stub: SmtpStub) -> None:
    async with asyncio.timeout(LIMIT_S):
        await stub.came.wait()
    places.more += [("a letter", letter.body) for letter in stub.taken]
    assert stub.complaints == []


async def _officers(installation: Installation) -> None:
    for login, role in (("lan", "moderator"), ("hoa", "viewer"), ("hue", "auditor")):
        await installation.command(
            *("officer", "add", "--login", login, "--name", login, "--unit", "DEMO"),
            *("--role", role, "--password-stdin"),
            stdin=PASSWORD,
        )


async def _told(http: aiohttp.ClientSession, url: str) -> str:
    form = {"category": "drugs", "what": SAYS_WHAT, "where": SAYS_WHERE, "when": SAYS_WHEN}
    async with http.post(f"{url}/to-giac", data=form) as answer:
        found = RECEIPT.search(await answer.text())
    assert found is not None
    return found.group()


async def _asked_back(browser: Browser) -> None:
    page = await browser.get("/console/tin-bao")
    found = re.search(r"/console/tin-bao/[0-9a-z]{12}", page.html)
    assert found is not None, page.text
    opened = await browser.get(found.group())
    assert SAYS_WHAT in opened.text
    for way, fields in (("tra-loi", {"text": ASKED}), ("ghi-chu", {"note": NOTED})):
        sent = await browser.send(f"{found.group()}/{way}", fields, page=found.group())
        assert sent.status < 400, sent.text


async def _pages_of_others(places: Places, login: str) -> None:
    async with Browser.open(places.installation.url) as browser:
        await browser.sign_in(login, PASSWORD)
        for route in ROUTES:
            if route.method == "GET" and "{" not in route.path and route.path not in LONG:
                page = await browser.get(f"/console{route.path}")
                places.more.append((f"{route.path} of {login}", page.html.encode()))


async def _printed(places: Places) -> None:
    for words in COMMANDS:
        printed = await places.installation.printed(*words)
        places.more.append((" ".join(words), printed))


async def _server_files(places: Places) -> None:
    """Add every byte the database server has on its disk of this database, and its journal."""
    url = places.installation.database_url
    if not url:
        return
    engine = create_async_engine(read_url(url))
    async with engine.connect() as connection:
        await connection.execute(text("CHECKPOINT"))
        asked = await connection.execute(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
        number = asked.scalar_one()
    await engine.dispose()
    (host,) = parse_qs(urlsplit(url).query)["host"]
    data = Path(host, "data")
    for folder in (data / "base" / str(number), data / "pg_wal"):
        for path in folder.rglob("*"):
            if path.is_file():
                places.more.append((f"server: {path.name}", path.read_bytes()))


async def test_nothing_of_a_tip_is_anywhere_but_sealed(places: Places, tmp_path: Path) -> None:
    await _walk(places, tmp_path)


async def test_nor_where_a_server_keeps_the_database(
    places: Places, tmp_path: Path, postgres_url: str
) -> None:
    places.installation.database_url = postgres_url
    await _walk(places, tmp_path)


async def _walk(places: Places, tmp_path: Path) -> None:
    installation = places.installation
    places.secrets += [ASKED, NOTED]
    # A name the browser gives itself, as a proxy might pass it on.
    agent = "Trinh-Duyet-Cua-Ba-Nam"
    places.secrets.append(agent)
    async with (
        receiver(places) as url,
        mail_server(places) as mails,
        aiohttp.ClientSession(
            headers={"User-Agent": agent}, timeout=aiohttp.ClientTimeout(total=LIMIT_S)
        ) as http,
    ):
        async with places.serving():
            await _officers(installation)
            add = ("hook", "add", "--unit", "DEMO", "--event", "tip.received", "--url", url)
            hook = await installation.command(*add)
            # What follows of the tip may come later than this walk ends; a test comes now.
            await installation.command("hook", "test", hook["id"])
            receipt = await _told(http, installation.url)
            places.secrets.append(receipt)
            await places.until_tips(1)
            async with Browser.open(installation.url) as browser:
                await browser.sign_in("lan", PASSWORD)
                address = {"address": "lan@example.vn"}
                await browser.send("/console/toi/thu", address, page="/console/toi")
                await _asked_back(browser)
            look = {"code": receipt}
            async with http.post(f"{installation.url}/theo-doi", data=look) as answer:
                assert ASKED in await answer.text()
            for login in ("hoa", "hue"):
                await _pages_of_others(places, login)
            await _printed(places)
            await installation.command("backup", "make", str(tmp_path / "one.backup"))
            places.more.append(("backup", (tmp_path / "one.backup").read_bytes()))
            await _server_files(places)
            await _letter_came(places, mails)
            await places.hold_nothing("while it runs")
        await places.hold_nothing("after the program has stopped")
    assert any(name == "posted to others" for name, _ in places.more)
