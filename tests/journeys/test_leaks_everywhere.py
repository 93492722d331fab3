"""The whole way of a tip, on both databases: told, asked back, looked at, kept, copied.

Searched besides what `test_leaks` searches: the files of the database server, its journal, a
backup, full dumps, what every command prints, the pages of officers who read no tips, what is
taken out for other hands, what is posted to other software, and letters to officers.
"""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from nacl.public import PrivateKey, SealedBox

from bot.storage import tables
from console.site import LONG, ROUTES
from tests.console.browser import Browser
from tests.delivery.smtp_stub import SmtpStub, open_smtp
from tests.journeys.program import Installation
from tests.journeys.sinks import TELLING
from tests.journeys.talking import ASKED, NOTED, OFFICER, PASSWORD, asked_back
from tests.journeys.test_leaks import (
    LIMIT_S,
    RECEIPT,
    SAYS_WHAT,
    SAYS_WHEN,
    SAYS_WHERE,
    Places,
    places,
)
from tests.postgres import dumped

__all__ = ["places"]
pytestmark = pytest.mark.timeout(300)
# A name the browser gives itself, as a proxy might pass it on.
AGENT = "Trinh-Duyet-Cua-Ba-Nam"
COMMANDS = [words.split() for words in TELLING if not words.startswith("announcement")]
TITLE = "Họp tổ dân phố"


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


async def _exported(places: Places, browser: Browser, tip: str, receipt: str) -> None:
    """Take the tip out in every way there is: what is in it is for who took it, and no more."""
    private = PrivateKey.generate()
    key = base64.b64encode(bytes(private.public_key)).decode()
    csrf = (await browser.get(tip)).csrf
    url = f"{places.installation.url}{tip}/xuat"
    async with browser.session.post(url, data={"csrf": csrf, "key": key}) as answer:
        sealed = await answer.read()
    places.more.append(("sealed export", sealed))
    plain = SealedBox(private).decrypt(sealed).decode()
    paper = await browser.send(f"{tip}/in", page=tip)
    for taken in (plain, paper.html):
        assert SAYS_WHAT in taken
        assert ASKED in taken
        for secret in (receipt, receipt.replace("-", ""), NOTED, AGENT):
            assert secret not in taken


async def _results(places: Places, tmp_path: Path) -> None:
    """Fetch who was not reached by an announcement, in every form."""
    installation = places.installation
    text = tmp_path / "announcement.txt"
    text.write_text("Mời bà con họp tổ.")
    sent = await installation.command(
        *("announcement", "send", "--unit", "DEMO", "--title", TITLE, "--text-file", str(text))
    )
    csv, xlsx = tmp_path / "results.csv", tmp_path / "results.xlsx"
    for words in ((), ("--csv", str(csv)), ("--xlsx", str(xlsx))):
        printed = await installation.printed("announcement", "results", sent["id"], *words)
        places.more.append(("announcement results", printed))
    places.more.append(("results as CSV", csv.read_bytes()))
    with ZipFile(xlsx) as parts:
        places.more += [(f"results as XLSX: {one}", parts.read(one)) for one in parts.namelist()]


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
    """Add every byte the database server has on its disk of this database, and its journal.

    And both dumps: what `pg_dump` writes, and every table as the server hands it out.
    """
    url = places.installation.database_url
    if not url:
        return
    (host,) = parse_qs(urlsplit(url).query)["host"]
    database = urlsplit(url).path.strip("/")
    connection = await asyncpg.connect(host=host, user="postgres", database=database)
    try:
        await connection.execute("CHECKPOINT")
        number = await connection.fetchval(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        )
        for name in tables.metadata.tables:
            for form in ("text", "binary"):
                rows = BytesIO()
                await connection.copy_from_table(name, output=rows, format=form)
                places.more.append((f"copy of {name}: {form}", rows.getvalue()))
    finally:
        await connection.close()
    data = Path(host, "data")
    for folder in (data / "base" / str(number), data / "pg_wal"):
        for path in folder.rglob("*"):
            if path.is_file():
                # Much of a journal is not written yet.
                written = path.read_bytes().rstrip(b"\0")
                places.more.append((f"server: {path.name}", written))
    places.more.append(("pg_dump", await dumped(host, database)))


async def test_nothing_of_a_tip_is_anywhere_but_sealed(places: Places, tmp_path: Path) -> None:
    await _walk(places, tmp_path)


async def test_nor_where_a_server_keeps_the_database(
    places: Places, tmp_path: Path, postgres_url: str
) -> None:
    places.installation.database_url = postgres_url
    await _walk(places, tmp_path)


async def _walk(places: Places, tmp_path: Path) -> None:
    installation = places.installation
    places.secrets += [ASKED, NOTED, AGENT]
    async with (
        receiver(places) as url,
        mail_server(places) as mails,
        aiohttp.ClientSession(
            headers={"User-Agent": AGENT}, timeout=aiohttp.ClientTimeout(total=LIMIT_S)
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
                await browser.sign_in(OFFICER, PASSWORD)
                address = {"address": "lan@example.vn"}
                await browser.send("/console/toi/thu", address, page="/console/toi")
                tip = await asked_back(browser, SAYS_WHAT)
                await _exported(places, browser, tip, receipt)
            look = {"code": receipt}
            async with http.post(f"{installation.url}/theo-doi", data=look) as answer:
                assert ASKED in await answer.text()
            for login in ("hoa", "hue"):
                await _pages_of_others(places, login)
            await _printed(places)
            await _results(places, tmp_path)
            await installation.command("backup", "make", str(tmp_path / "one.backup"))
            places.more.append(("backup", (tmp_path / "one.backup").read_bytes()))
            await _server_files(places)
            await _letter_came(places, mails)
            await places.hold_nothing("while it runs")
        await places.hold_nothing("after the program has stopped")
    assert any(name == "posted to others" for name, _ in places.more)
