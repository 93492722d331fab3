"""Three processes, two database users: residents are served by one side, officers by the other."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus

import aiohttp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage import tables
from bot.storage.domains import UNREAD, Domain
from bot.storage.engine import read_url
from console.site import LONG, ROUTES
from tests.console.browser import Browser
from tests.journeys.chatting import Chatting
from tests.journeys.program import Installation, free_port
from tests.journeys.test_handover import the_one_who_waits

PASSWORD = "bốn từ ghép lại dễ nhớ"
WHAT = "Ngõ sau chợ đêm nào cũng có người bán ma túy."
ANSWER = "Cảm ơn bà con, chúng tôi đang xác minh."
RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
USERS = {Domain.RECEIVING: "side_receiving", Domain.READING: "side_reading"}


def as_user(url: str, domain: Domain) -> str:
    return url.replace("postgresql://postgres@", f"postgresql://{USERS[domain]}@")


@pytest.fixture
async def sides(postgres_url: str, installation: Installation) -> AsyncIterator[Installation]:
    """Yield an installation whose commands run as the owner; both users have their rights."""
    owner = replace(installation, database_url=postgres_url)
    engine = create_async_engine(read_url(postgres_url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for user in USERS.values():
            await connection.execute(text(f"CREATE ROLE {user} LOGIN"))
    receiving, reading = USERS[Domain.RECEIVING], USERS[Domain.READING]
    await owner.command("db", "grant", "--receiving", receiving, "--reading", reading)
    yield owner
    async with engine.connect() as connection:
        for user in USERS.values():
            await connection.execute(text(f"DROP OWNED BY {user}"))
            await connection.execute(text(f"DROP ROLE {user}"))
    await engine.dispose()


def side(owner: Installation, domain: Domain) -> Installation:
    return replace(owner, database_url=as_user(owner.database_url, domain), port=free_port())


async def test_each_side_does_its_work_with_its_own_rights(sides: Installation) -> None:
    gateway, worker = (side(sides, Domain.RECEIVING) for _ in range(2))
    console = side(sides, Domain.READING)
    async with console.serving("--role", "console") as officers:
        assert not any("/to-giac" in link for link in officers.links)
        roles = [word for role in ("admin", "moderator", "announcer") for word in ("--role", role)]
        add = ("officer", "add", "--login", "lan", "--name", "Lan", "--unit", "DEMO", *roles)
        await sides.command(*add, "--password-stdin", stdin=PASSWORD)
        async with (
            gateway.serving("--role", "gateway"),
            worker.serving("--role", "worker") as sender,
            aiohttp.ClientSession() as resident,
        ):
            receipt = await sent(resident, gateway.url)
            async with Browser.open(console.url) as browser:
                await browser.sign_in("lan", PASSWORD)
                await every_page_opens(browser)
                page = await browser.get("/console/tin-bao")
                tip = re.search(r"/console/tin-bao/[0-9a-z]{12}", page.html)
                assert tip is not None
                assert WHAT in (await browser.get(tip.group())).text
                await a_person_answers(browser, gateway.url)
            look = {"code": receipt}
            async with resident.post(f"{gateway.url}/theo-doi", data=look) as answer:
                assert answer.status == HTTPStatus.OK
            # Neither side serves the other's pages.
            for place in (f"{console.url}/to-giac", f"{gateway.url}/console/dang-nhap"):
                async with resident.get(place) as answer:
                    assert answer.status == HTTPStatus.NOT_FOUND, place
            errors = [line for line in sender.log if line.get("level") == "error"]
            assert errors == []


async def a_person_answers(officer: Browser, url: str) -> None:
    """Ask for a person at the gateway, answer at the console; the worker brings it."""
    async with Chatting.open(url) as resident:
        await resident.says("/nguoi", then="Đã nhờ cán bộ")
        page = await the_one_who_waits(officer)
        await officer.send(f"{page}/tra-loi", {"text": ANSWER}, page=page)
        await resident.sees(ANSWER)
        await officer.send(f"{page}/xong", page=page)
        await resident.sees("chương trình lại trả lời")


async def sent(resident: aiohttp.ClientSession, url: str) -> str:
    """Send a tip on the page; return its receipt."""
    form = {"category": "drugs", "what": WHAT, "unit": "DEMO"}
    async with resident.post(f"{url}/to-giac", data=form) as answer:
        body = await answer.text()
        assert answer.status == HTTPStatus.OK, body
    found = RECEIPT.search(body)
    assert found is not None
    return found.group()


async def every_page_opens(browser: Browser) -> None:
    """Open every page that needs no more than its address."""
    for route in ROUTES:
        if route.method != "GET" or "{" in route.path or route.path in LONG:
            continue
        page = await browser.get(f"/console{route.path}")
        # A page that asks for a key leads on where the key is in hand.
        known = {HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.FORBIDDEN}
        assert page.status in known, (route.path, page.text)


@pytest.mark.parametrize("domain", list(Domain))
async def test_neither_side_can_read_what_the_other_knows(
    sides: Installation, domain: Domain
) -> None:
    engine = create_async_engine(read_url(as_user(sides.database_url, domain)))
    for name, table in tables.metadata.tables.items():
        hidden = UNREAD[domain].get(name, frozenset())
        for column in table.c:
            may_read = not hidden & {"*", column.name}
            statement = f"SELECT {column.name} FROM {name}"  # noqa: S608 - our own names
            assert await reads(engine, statement) == may_read, column
        if "*" in hidden:
            assert not await reads(engine, f"DELETE FROM {name}")  # noqa: S608 - same
    await engine.dispose()


async def reads(engine: AsyncEngine, statement: str) -> bool:
    """Tell whether the database lets a statement through."""
    async with engine.connect() as connection:
        try:
            await connection.execute(text(statement))
        except ProgrammingError as refused:
            if "permission denied" not in str(refused):
                raise
            return False
        return True
