"""Who sent a tip, what it says and its receipt are searched for in every byte that is kept.

Looked at while the messages wait to be handled, while the answers wait to be sent, and after; and
while what an officer and the sender say to each other is on its way, and after.
The keys themselves are left out: they are random and never written by what happens.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from bot.app.program import open_program
from bot.app.tipping import made_tip_reminders
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.tips import Report, TipCategory
from tests.channels.stubs.sent_log import Sent
from tests.console.browser import Browser
from tests.journeys.heard import HeardTelegram, HeardZalo
from tests.journeys.program import Installation, Serving
from tests.journeys.sinks import is_known
from tests.journeys.spellings import spellings
from tests.journeys.talking import (
    ANSWERED,
    ASKED,
    NOTED,
    OFFICER,
    PASSWORD,
    answered,
    asked_back,
    officer_added,
)

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
# Each walk starts three programs, that of Telegram five.
pytestmark = pytest.mark.timeout(300)


@dataclass(slots=True)
class Places:
    """Everything that is kept anywhere, and what must not be there."""

    installation: Installation
    temporary: Path
    logs: list[Serving] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    # What a walk has caught elsewhere: pages, what commands printed, requests to others.
    more: list[tuple[str, bytes]] = field(default_factory=list)
    _searched: set[tuple[int, str]] = field(default_factory=set)

    def _bytes(self) -> Iterator[tuple[str, bytes]]:
        for folder in (self.installation.folder, self.temporary):
            for path in sorted(folder.rglob("*")):
                name = str(path.relative_to(folder))
                if not path.is_file():
                    continue
                assert is_known(name), f"no kind of file that is declared: {name}"
                if not name.startswith("keys/"):
                    yield name, path.read_bytes()
        for serving in self.logs:
            yield "log", "\n".join(serving.raw_log).encode()
            yield "said", "\n".join(serving.said).encode()

    async def hold_nothing(self, moment: str, also: Iterable[tuple[str, bytes]] = ()) -> None:
        """Fail if one of the secrets is anywhere, or in what is looked at this once."""
        kept = [*self._bytes(), ("metrics", await self._metrics()), *also]
        found = list(self._found(self.secrets, kept))
        # What was caught does not change any more, and is searched for each secret once.
        for number, caught in enumerate(self.more):
            fresh = [one for one in self.secrets if (number, one) not in self._searched]
            found += self._found(fresh, [caught])
            self._searched |= {(number, one) for one in fresh}
        assert found == [], moment

    @staticmethod
    def _found(
        secrets: Sequence[str], kept: Sequence[tuple[str, bytes]]
    ) -> Iterator[tuple[str, str]]:
        """Yield what of `secrets` stands where."""
        for secret in secrets:
            for form in spellings(secret):
                yield from ((name, secret) for name, held in kept if form in held)

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
            assert _leaves_no_core(served), "a core would hold what is sealed elsewhere"
            yield


def _leaves_no_core(served: Serving) -> bool:
    limits = Path(f"/proc/{served.pid}/limits").read_text()
    return re.search(r"Max core file size +0 +0 ", limits) is not None


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
    # Returns once something with these words has come.
    hears: Says


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
        await _talked(places, line)
        looks = (f"/theodoi {receipt}", "/dulieu", "/huy")
        for number, said in enumerate(looks, start=len(STEPS) + 4):
            await line.says(said)
            await places.until_handled(number)
        await places.hold_nothing("after it was looked at")
    await places.hold_nothing("after the program has stopped")


async def _talked(places: Places, line: Line) -> None:
    """Let an officer ask back in the chat, and the sender answer there."""
    await officer_added(places.installation)
    places.secrets += [ASKED, NOTED, ANSWERED]
    async with Browser.open(places.installation.url) as browser:
        await browser.sign_in(OFFICER, PASSWORD)
        tip = await asked_back(browser, SAYS_WHAT)
        await line.hears(ASKED)
        await places.hold_nothing("after an officer was heard in the chat")
        for number, said in enumerate(("/traloi 1", ANSWERED), start=len(STEPS) + 2):
            await line.says(said)
            await places.until_handled(number)
        await places.hold_nothing("while the answer waits for an officer")
        await answered(browser, tip)
    await places.hold_nothing("after the answer was read")


async def test_a_tip_over_telegram_leaves_nothing_of_its_sender(places: Places) -> None:
    person = 7_314_159_265
    async with HeardTelegram() as stub:
        stub.person(person, name=CALLED)
        places.secrets += [str(person), CALLED]
        async with places.serving("--role", "gateway"):
            await places.installation.command(
                *("channel", "add", "telegram", "--unit", "DEMO", "--token", stub.token),
                *("--api-url", stub.url, "--mode", "webhook"),
            )

        async def says(text: str) -> object:
            return await stub.user_says(person, text)

        def sent(count: int) -> Awaitable[Sequence[Sent]]:
            return stub.wait_for_sent(count, timeout_s=LIMIT_S, to=person)

        await _walk(places, _line(says, sent))
        await _officer_told(places, stub)
        await places.hold_nothing("asked of the platform", stub.to_others(str(person)))
        places.secrets.append(stub.token)
        await places.hold_nothing("at the end")


async def _officer_told(places: Places, stub: HeardTelegram) -> None:
    """Let an officer be told in Telegram that a tip came; what is said there is searched."""
    officer, code = 2_718_281_828, re.compile(r"/lienket (\S+)<")
    stub.person(officer, name="Can Bo Truc")
    url = places.installation.url
    async with places.serving(), Browser.open(url) as browser:
        await browser.sign_in(OFFICER, PASSWORD)
        page = await browser.send("/console/toi/ma", page="/console/toi")
        linking = code.search(page.html)
        assert linking is not None, page.text
        await stub.user_says(officer, f"/lienket {linking.group(1)}")
        await stub.wait_for_sent(1, timeout_s=LIMIT_S, to=officer)
    own = {
        name: value
        for name, value in places.installation.env.items()
        if name.startswith("BINHYEN_") and not name.startswith("BINHYEN_TEST_")
    }
    async with open_program(load_config(own), clock=RealClock(), chance=RealChance()) as program:
        report = Report(category=TipCategory.DRUGS, what=SAYS_WHAT, is_urgent=True)
        unit = await program.units.by_code("DEMO")
        submission = await program.receiving.intake.submit(report, unit)
        async with program.storage.begin() as work:
            await submission.effect(work)
            await work.commit()
        assert await made_tip_reminders(program).tell_new() == 1
        places.secrets.append(submission.receipt.text)
    async with places.serving():
        told = await stub.wait_for_sent(2, timeout_s=LIMIT_S, to=officer)
    assert "khẩn" in told[-1].text
    places.more += [("told to an officer", one.text.encode()) for one in told]


async def test_a_tip_over_zalo_leaves_nothing_of_its_sender(places: Places) -> None:
    async with HeardZalo() as stub:
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

        def sent(count: int) -> Awaitable[Sequence[Sent]]:
            return stub.wait_for_sent(count, timeout_s=LIMIT_S, to=person.user_id)

        await _walk(places, _line(says, sent))
        await places.hold_nothing("asked of the platform", stub.to_others(person.user_id))
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

        async def hears(words: str) -> object:
            async with asyncio.timeout(LIMIT_S):
                while True:
                    async with http.get(chat) as answer:
                        if words in await answer.text():
                            return None

        await _walk(places, Line(says=says, receipt=receipt, hears=hears))


async def test_the_search_finds_what_is_there(places: Places) -> None:
    async with places.serving("--role", "console"):
        places.secrets[:] = ["THON-1"]
        with pytest.raises(AssertionError, match=r"binhyen\.db"):
            await places.hold_nothing("a code of the demo")


def _line(says: Says, sent: Callable[[int], Awaitable[Sequence[Sent]]]) -> Line:
    """Return the way of somebody whom a platform shows what was `sent`, so many at least."""

    async def first(words: re.Pattern[str]) -> str:
        for count in range(1, 60):
            found = words.search((await sent(count))[-1].text)
            if found is not None:
                return found.group()
        raise AssertionError(f"nothing like {words.pattern} came")

    async def hears(words: str) -> object:
        return await first(re.compile(re.escape(words)))

    return Line(says=says, receipt=lambda: first(RECEIPT), hears=hears)
