"""Who sent a tip, what it says and its receipt are searched for in every byte that is kept.

Looked at while the messages wait to be handled, while the answers wait to be sent, and after.
The keys themselves are left out: they are random and never written by what happens.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.zalo_stub import ZaloStub
from tests.journeys.program import Installation, Serving
from tests.journeys.sinks import is_known
from tests.journeys.spellings import spellings

RECEIPT: Final = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
SAYS_WHAT: Final = "Vuon chuoi nha ong Kiem-Lam giau hang cam"
SAYS_WHERE: Final = "Ngo cut sau Mieu-Ba-Co"
SAYS_WHEN: Final = "Khoang 23g47 toi Ram"
CALLED: Final = "Ngoc-Tham-Thi-Mau"
STEPS: Final = (
    *("/togiac", "Bắt đầu báo tin", "4", SAYS_WHAT, SAYS_WHERE, SAYS_WHEN),
    *("/boqua", "Có, hỏi lại ở đây"),
)
LIMIT_S: Final = 30.0
# Each walk starts three programs.
pytestmark = pytest.mark.timeout(180)


@dataclass(slots=True)
class Places:
    """Everything that is kept anywhere, and what must not be there."""

    installation: Installation
    temporary: Path
    logs: list[Serving] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    # What a walk has caught elsewhere: pages, what commands printed, requests to others.
    more: list[tuple[str, bytes]] = field(default_factory=list)

    def _bytes(self) -> Iterator[tuple[str, bytes]]:
        for folder in (self.installation.folder, self.temporary):
            for path in sorted(folder.rglob("*")):
                name = str(path.relative_to(folder))
                if not path.is_file():
                    continue
                assert is_known(name), f"no kind of file that is declared: {name}"
                if not name.startswith("keys/"):
                    yield name, path.read_bytes()
        yield from self.more
        for serving in self.logs:
            yield "log", "\n".join(serving.raw_log).encode()
            yield "said", "\n".join(serving.said).encode()

    async def hold_nothing(self, moment: str) -> None:
        """Fail if one of the secrets is anywhere."""
        kept = [*self._bytes(), ("metrics", await self._metrics())]
        found = [
            (name, secret)
            for secret in self.secrets
            for form in spellings(secret)
            for name, held in kept
            if form in held
        ]
        assert found == [], moment

    async def _metrics(self) -> bytes:
        async with aiohttp.ClientSession() as http:
            try:
                async with http.get(f"{self.installation.url}/metrics") as answer:
                    return await answer.read()
            except aiohttp.ClientConnectionError:
                return b""

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until it is so, looking again after each answer of the program."""
        async with asyncio.timeout(LIMIT_S):
            while not await holds():
                await self._metrics()

    async def until_handled(self, count: int) -> None:
        """Wait until `count` messages were handled."""

        async def holds() -> bool:
            # A look from outside: no door counts them.
            file = self.installation.folder / "binhyen.db"
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
                asked = database.execute("SELECT count(*) FROM inbox WHERE state = 'handled'")
                return bool(asked.fetchone()[0] >= count)

        await self.until(holds)

    async def until_tips(self, count: int) -> None:
        """Wait until `count` tips are in the queue."""

        async def holds() -> bool:
            listed = await self.installation.command("tip", "list", "--unit", "DEMO")
            return len(listed["tips"]) == count

        await self.until(holds)

    @asynccontextmanager
    async def serving(self, *words: str) -> AsyncIterator[None]:
        async with self.installation.serving(*words) as served:
            self.logs.append(served)
            yield


@pytest.fixture
async def places(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Places:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    places = Places(installation, temporary, secrets=[SAYS_WHAT, SAYS_WHERE, SAYS_WHEN])
    # The keys that open tips are made by the side that serves officers.
    async with places.serving("--role", "console"):
        pass
    return places


Says = Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person's way to the program: how they write, and how they read."""

    says: Says
    receipt: Callable[[], Awaitable[str]]


async def _walk(places: Places, line: Line) -> None:
    """Send a tip without ever joining; nothing of it may be found at any moment.

    The journal of the database keeps every state that was committed, so one look shows the time
    before too: when the messages themselves were waiting.
    """
    # A gateway takes in and answers, and sends nothing.
    async with places.serving("--role", "gateway"):
        # Other software is told that tips come; nothing of them may pass there either.
        await places.installation.command(
            *("hook", "add", "--unit", "DEMO", "--event", "tip.received"),
            *("--url", "http://127.0.0.1:9/"),
        )
        for number, said in enumerate((*STEPS, "Gửi tin"), start=1):
            await line.says(said)
            await places.until_handled(number)
        await places.until_tips(1)
        await places.hold_nothing("while the answers wait")
    await places.hold_nothing("while nothing runs")
    async with places.serving():
        receipt = await line.receipt()
        places.secrets.append(receipt)
        await places.hold_nothing("after the receipt was given")
        looks = (f"/theodoi {receipt}", "/dulieu", "/huy")
        for number, said in enumerate(looks, start=len(STEPS) + 2):
            await line.says(said)
            await places.until_handled(number)
        await places.hold_nothing("after it was looked at")
    await places.hold_nothing("after the program has stopped")


async def test_a_tip_over_telegram_leaves_nothing_of_its_sender(places: Places) -> None:
    person = 7_314_159_265
    async with TelegramStub() as stub:
        stub.person(person, name=CALLED)
        places.secrets += [str(person), CALLED]
        async with places.serving("--role", "gateway"):
            await places.installation.command(
                *("channel", "add", "telegram", "--unit", "DEMO", "--token", stub.token),
                *("--api-url", stub.url, "--mode", "webhook"),
            )

        async def says(text: str) -> object:
            return await stub.user_says(person, text)

        async def receipt() -> str:
            return await _first_receipt(
                lambda count: stub.wait_for_sent(count, timeout_s=LIMIT_S, to=person)
            )

        await _walk(places, Line(says=says, receipt=receipt))
        places.secrets.append(stub.token)
        await places.hold_nothing("at the end")


async def test_a_tip_over_zalo_leaves_nothing_of_its_sender(places: Places) -> None:
    async with ZaloStub() as stub:
        person = stub.person()
        person.name = CALLED
        places.secrets += [person.user_id, person.user_id_by_app, CALLED]
        async with places.serving("--role", "gateway"):
            account = await places.installation.command(
                *("channel", "add", "zalo", "--unit", "DEMO"),
                *("--app-id", stub.app.app_id, "--app-secret", stub.app.app_secret),
                *("--oa-id", stub.oa.oa_id, "--oa-secret", stub.app.webhook_secret),
                *("--access-token", stub.tokens.access_token),
                *("--refresh-token", stub.tokens.refresh_token),
                *("--api-url", stub.url, "--oauth-url", stub.url),
            )
        stub.webhook.url = places.installation.url + account["webhook_path"]

        async def says(text: str) -> object:
            return await stub.user_says(person, text)

        async def receipt() -> str:
            return await _first_receipt(
                lambda count: stub.wait_for_sent(count, timeout_s=LIMIT_S, to=person.user_id)
            )

        await _walk(places, Line(says=says, receipt=receipt))
        places.secrets += [stub.app.app_secret, stub.tokens.access_token]
        await places.hold_nothing("at the end")


async def test_a_tip_over_the_web_leaves_nothing_of_its_sender(places: Places) -> None:
    chat = f"{places.installation.url}/tro-chuyen"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        said = 0

        async def says(text: str) -> object:
            nonlocal said
            said += 1
            body = {"id": f"marked-{said:06}", "text": text}
            async with http.post(
                f"{chat}/gui", json=body, headers={"Origin": places.installation.url}
            ) as answer:
                assert answer.status == 202
            (token,) = {cookie.value for cookie in http.cookie_jar}
            if token not in places.secrets:
                places.secrets.append(token)
            return answer

        async def receipt() -> str:
            async with asyncio.timeout(LIMIT_S):
                while True:
                    async with http.get(chat) as answer:
                        found = RECEIPT.search(await answer.text())
                    if found is not None:
                        return found.group()

        await _walk(places, Line(says=says, receipt=receipt))


async def test_the_search_finds_what_is_there(places: Places) -> None:
    async with places.serving("--role", "console"):
        places.secrets[:] = ["THON-1"]
        with pytest.raises(AssertionError, match=r"binhyen\.db"):
            await places.hold_nothing("a code of the demo")


async def _first_receipt(wait_for: Callable[[int], Awaitable[Sequence[object]]]) -> str:
    """Return the receipt among the messages that arrive."""
    for count in range(1, 40):
        seen = await wait_for(count)
        found = RECEIPT.search(str(seen[-1]))
        if found is not None:
            return found.group()
    raise AssertionError("no receipt came")
