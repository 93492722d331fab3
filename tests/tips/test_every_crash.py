"""A kill at every commit of whatever is done to a tip, one after another: nothing is torn.

The points are found by a run that is not killed, so that a commit more, or one less, is tried
like the others. After each kill the program starts anew, and then: what was acknowledged is
there, once, and a moderator opens it; the act happened whole or not at all; the audit chain
holds; what the program does by itself is done in the end, and done once.
"""

import asyncio
import itertools
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from bot.clock import RealClock
from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome
from bot.core.storage import Work
from bot.core.tips import Tip
from bot.services.channels.channels import WEB
from content.book import Book
from tests.delivery.forks import forks_of
from tests.delivery.points import Points
from tests.delivery.victim import Life, opened
from tests.fakes import NOON
from tests.journeys.test_leaks import RECEIPT
from tests.storage.rig import sqlite_url
from tests.tips.acts import OFFICERS, RESIDENTS, Act, Stage, commune_of, founded, staged
from tests.tips.victim import TipLife

# Half a minute of a machine at rest, most of it starting programs.
pytestmark = pytest.mark.timeout(300)

Look = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """How one life went: the points of its act, and the receipt it showed last, if any."""

    points: Sequence[str]
    receipt: str
    was_killed: bool


@dataclass(kw_only=True)
class Runs:
    """One installation on which an act is done over and over, each time to another tip."""

    life: Life
    book: Book
    forks: asyncio.subprocess.Process
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    known: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def started(self) -> AsyncIterator[Stage]:
        """Start the program as after a restart."""
        async with opened(
            self.life, self.book, RealClock(), Points(lambda _: None), makes_macs=True
        ) as program:
            yield await staged(program, {})

    async def prepared(self, stage: Stage, act: Act) -> Look:
        """Make ready what the act needs, of a fresh tip; return how that looks."""
        stage.facts = {"chat": f"chat-{next(self.numbers)}"}
        self.known = await self._there(stage)
        await act.prepare(stage)
        return await self.look(stage)

    async def lived(self, act: Act, facts: dict[str, str], *, dies_at: int | None) -> Lived:
        """Let a process do the act."""
        return await self._lives(TipLife(life=self.life, act=act.id, facts=facts, dies_at=dies_at))

    async def judged(self, stage: Stage, act: Act, lived: Lived) -> tuple[Look, Look]:
        """Return how it looks after a restart, and once the program has taken it up."""
        report = await stage.program.audit.verify()
        assert report.is_whole, (report, act.id, lived.points)
        after = await self.look(stage)
        taken_up = after
        if act.is_taken_up:
            await act.does(stage)
            taken_up = await self.look(stage)
        await self._keeps_its_word(stage, lived)
        return after, taken_up

    async def _lives(self, life: TipLife) -> Lived:
        assert self.forks.stdin is not None
        assert self.forks.stdout is not None
        self.forks.stdin.write(msgspec.json.encode(life) + b"\n")
        points: list[str] = []
        receipt = ""
        async for line in self.forks.stdout:
            word, _, about = line.decode().strip().partition(" ")
            match word:
                case "at":
                    points.append(about)
                case "taken":
                    points.clear()
                case "receipt":
                    receipt = about
                case "began":
                    continue
                case "ended":
                    assert int(about) in {0, signal.SIGKILL}
                    return Lived(points=points, receipt=receipt, was_killed=about != "0")
                case _:
                    raise AssertionError(f"{word} {about} (after {points[-1:]})")
        raise AssertionError("the forks are gone")

    async def look(self, stage: Stage) -> Look:
        """Return all there is of this run's tip, its chat and its audit, without names."""
        tips = await self._fresh(stage)
        program = stage.program
        conversation = program.envelopes.conversation(WEB, stage.chat)
        now = program.clock.now()
        async with program.storage.begin() as work:
            waiting = await _sent(work, now)
            chats = await work.routes.chats(conversation)
            newest = await work.audit.newest(limit=40)
            records = [await work.tips.records(tip.id) for tip in tips]
            keys = [len(await work.tips.holders_of(tip.id)) for tip in tips]
        replies = [
            program.envelopes.open_reply(conversation, one.sealed)[1].text
            for one in waiting
            if one.sealed is not None and one.conversation == conversation
        ]
        ids = ({tip.id for tip in tips} | {stage.facts["tip"]}) - {""}
        return {
            "tips": [_bare(tip) for tip in tips],
            "keys": keys,
            "records": [[record.kind for record in kept] for kept in records],
            "replies": sorted(RECEIPT.sub("a receipt", text) for text in replies),
            "routes": len(chats),
            "on their way": len(await self._there(stage) - self.known) - len(tips),
            "audit": sorted(one.record.act for one in newest if one.record.subject in ids),
        }

    async def _fresh(self, stage: Stage) -> list[Tip]:
        """Return the tips of this run, the one that is acted upon last."""
        fresh = [tip for tip in await _tips(stage) if tip.id not in self.known]
        return sorted(fresh, key=lambda tip: tip.id == stage.tip_id)

    async def _there(self, stage: Stage) -> set[str]:
        """Return the ids of all tips, and of all posts and letters that are on their way."""
        program = stage.program
        units = {unit.id for unit in await program.units.all()}
        async with program.storage.begin() as work:
            later = program.clock.now() + timedelta(days=1)
            posts = await work.routes.due_posts(later, 1_000)
            letters = await work.routes.letters(units, 1_000)
        tips = await _tips(stage)
        return {
            *(tip.id for tip in tips),
            *(post.id for post in posts),
            *(letter.id for letter in letters),
        }

    async def _keeps_its_word(self, stage: Stage, lived: Lived) -> None:
        """Check that whoever was given a receipt has one that opens, and officers open the tip."""
        shown = [lived.receipt, stage.facts.get("receipt", "")]
        fresh = await self._fresh(stage)
        opening = [
            found
            for receipt in shown
            if receipt and (found := await stage.program.receiving.talks.follow(receipt))
        ]
        if any(shown):
            # Once it was withdrawn, nothing is left; otherwise one of them opens it.
            assert len(opening) == bool(fresh)
        for tip in fresh:
            read = await stage.program.reading.desk.open(tip.id, stage.reader)
            assert read.report.what


async def _sent(work: Work, now: datetime) -> list[Delivery]:
    """Take all that waits to be sent, in a transaction that is not kept."""
    sent: list[Delivery] = []
    until = now + timedelta(minutes=1)
    while rows := await work.deliveries.claim(
        WEB, [Lane.REPLY], 1_000, owner="look", now=now, lease_until=until
    ):
        sent += rows
        ids = [row.id for row in rows]
        about = {"owner": "look", "attempt_id": "look"}
        await work.deliveries.mark_sending(ids, now=now, until=until, **about)
        outcomes = [
            Outcome(delivery_id=one, attempt_id="look", state=DeliveryState.SENT) for one in ids
        ]
        await work.deliveries.record(outcomes, at=now)
    return sent


def _bare(tip: Tip) -> tuple[object, ...]:
    is_seen = tip.first_seen_at is not None
    is_double = tip.merged_into is not None
    return tip.state, tip.version, tip.has_news, is_seen, tip.claimed_by, tip.unit_id, is_double


async def _tips(stage: Stage) -> list[Tip]:
    commune = await commune_of(stage.program)
    return await stage.program.reading.queue.metadata(commune, by="test")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a fresh database of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    return str(request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize("acts", [RESIDENTS, OFFICERS], ids=["residents", "officers"])
async def test_no_kill_tears_what_is_done_to_a_tip(
    tmp_path: Path, database_url: str, book: Book, acts: Sequence[Act]
) -> None:
    life = Life(folder=str(tmp_path), database_url=database_url, began_at=NOON, owner="one")
    async with opened(life, book, RealClock(), Points(lambda _: None), makes_macs=True) as program:
        await founded(program)
    async with forks_of("tests.tips.victim") as forks:
        runs = Runs(life=life, book=book, forks=forks)
        for act in acts:
            await _killed_everywhere(runs, act)


async def _killed_everywhere(runs: Runs, act: Act) -> None:
    async with runs.started() as stage:
        nothing = await runs.prepared(stage, act)
        facts = stage.facts
    whole = await runs.lived(act, facts, dies_at=None)
    assert not whole.was_killed
    assert whole.points
    async with runs.started() as stage:
        stage.facts = facts
        everything, _ = await runs.judged(stage, act, whole)
        assert await runs.prepared(stage, act) == nothing
        facts = stage.facts
    for dies_at in range(len(whole.points)):
        lived = await runs.lived(act, facts, dies_at=dies_at)
        about = (act.id, lived.points)
        assert lived.was_killed, about
        async with runs.started() as stage:
            stage.facts = facts
            after, taken_up = await runs.judged(stage, act, lived)
            assert after in (nothing, everything), about
            if act.is_taken_up:
                assert taken_up == everything, about
            assert await runs.prepared(stage, act) == nothing, about
            facts = stage.facts
    sys.stdout.write(f"{act.id}: {len(whole.points)} points\n")
