"""A program that announces and sends, and is killed at the point it was told to die at.

`python -m tests.delivery.victim` reads one `Life` a line. A life says which points it passes;
after the last it was killed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.app.program import Program
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.channels import Channel, Pace
from bot.core.languages import Language
from bot.core.time import Clock
from bot.delivery.post import Post
from bot.delivery.sender import Sender
from bot.delivery.tray import Mail
from bot.services.announcements.announcements import PIECE
from bot.services.announcements.announcing import Wording
from bot.services.bells import Bell
from bot.services.edits.editions import Editions
from bot.storage.store import open_store
from bot.vault.vault import open_vault
from content.book import Book
from content.live import LiveBook
from tests.delivery.forks import say, serve_lives
from tests.delivery.points import Points, WatchedKey, WatchedSession, WatchedStorage
from tests.fakes import FakeMeter

ORDINARY: Final = "ordinary"
URGENT: Final = "urgent"
TEXT: Final = "Mời bà con họp tổ."
# Its word once nothing is owed that was there when it began.
TAKEN_UP: Final = "taken up"


def title_of(kind: str, run: str) -> str:
    """Return the title of what is announced in a run, ordinary or urgent."""
    return f"{kind} {run}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What one process does, and at which of its points it dies.

    It takes up what those before it left, then announces one of each of `kinds` for `run`, and
    ends by itself when nothing is owed. `announces_first`: it announces before it takes up
    anything. `dies_at` counts the points from its announcing on, `dies_early_at` those before.

    So many rows are made in one transaction (`piece`) when an audience is frozen.

    With a pace of its own (`pace_per_s`) time passes in sleeps alone, and `is_patient` lets it
    pass only while nothing is on its way, so that requests go one by one.
    """

    folder: str
    database_url: str
    began_at: datetime
    owner: str
    run: str = ""
    kinds: Sequence[str] = ()
    announces_first: bool = False
    pace_per_s: float | None = None
    is_patient: bool = True
    piece: int = PIECE
    dies_at: int | None = None
    dies_early_at: int | None = None


class SteppedTime:
    """Time that passes in sleeps alone; `settled` is awaited before it does."""

    def __init__(self, began_at: datetime) -> None:
        self._began_at = began_at
        self._elapsed_s = 0.0
        self.settled: Callable[[], Awaitable[None]] | None = None

    def now(self) -> datetime:
        return self._began_at + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        return self._elapsed_s

    async def sleep(self, seconds: float) -> None:
        if self.settled is not None:
            await self.settled()
        self._elapsed_s += max(seconds, 0.0)
        await asyncio.sleep(0)


@asynccontextmanager
async def opened(
    life: Life, book: Book, clock: Clock, points: Points, *, makes_macs: bool = False
) -> AsyncIterator[Program]:
    """Open the program as `serve` does, with its commits and requests watched.

    If it `makes_macs`, every step of the audit chain's key is watched too.
    """
    settings = {
        "BINHYEN_DATA_DIR": life.folder,
        "BINHYEN_DATABASE_URL": life.database_url,
        "BINHYEN_TIP_DELAY_MAX_S": "0",
    }
    async with AsyncExitStack() as stack:
        vault = open_vault(Path(life.folder, "keys"), clock=clock, cheap=True)
        stack.callback(vault.close)
        key = WatchedKey(vault.audit, points) if makes_macs else None
        storage = await stack.enter_async_context(open_store(life.database_url, audit_key=key))
        session = WatchedSession(points)
        stack.push_async_callback(session.close)
        yield Program(
            config=load_config(settings),
            clock=clock,
            chance=RealChance(),
            owner=life.owner,
            vault=vault,
            storage=WatchedStorage(storage, points),
            book=book,
            editions=Editions(storage=storage, book=LiveBook(book)),
            session=session,
            language=Language.VI,
        )


async def live(life: Life, book: Book) -> None:
    """Take up what was left, announce, and send until nothing is owed any more."""
    stepped = SteppedTime(life.began_at) if life.pace_per_s is not None else None
    points = Points(say)
    points.die_at(life.dies_early_at)
    async with opened(life, book, stepped or RealClock(), points) as program:
        async with program.storage.begin() as work:
            await work.deliveries.free(program.owner, now=program.clock.now())
            await work.commit()
        # Of few recipients, too, some shall be missing when it dies.
        program.announcements._piece = life.piece
        await program.channels.refresh()
        (channel,) = program.channels.all()
        if life.pace_per_s is not None:
            pace = Pace(per_s=life.pace_per_s)
            # Of this one channel, in this one process.
            channel.capabilities = replace(channel.capabilities, pace=pace)  # type: ignore[misc] # only its pace differs
        sender = _sender(program, channel)
        if stepped is not None and life.is_patient:
            stepped.settled = lambda: _landed(sender)
        if not life.announces_first:
            await _send(program, sender)
            say(TAKEN_UP)
        if life.kinds:
            points.die_at(life.dies_at)
            for kind in life.kinds:
                title = title_of(kind, life.run)
                await _announce(program, title, is_urgent=kind == URGENT)
            await _send(program, sender)


def _sender(program: Program, channel: Channel) -> Sender:
    post = Post(
        storage=program.storage,
        channels=program.channels,
        mail=Mail(
            open_reply=program.envelopes.open_reply,
            letter=program.announcements.letter,
            echo_mark=program.envelopes.echo_mark,
        ),
        clock=program.clock,
        chance=program.chance,
        meter=FakeMeter(),
        owner=program.owner,
        beat=lambda: None,
    )
    return post.sender(channel, Bell())


async def _landed(sender: Sender) -> None:
    while sender.in_flight:  # noqa: ASYNC110 - the rest of the loop must go on
        await asyncio.sleep(0.0005)


async def _announce(program: Program, title: str, *, is_urgent: bool) -> None:
    (commune,) = await program.units.all()
    wording = Wording(unit_id=commune.id, title=title, text=TEXT, is_urgent=is_urgent)
    written = await program.announcements.write(wording, by=None)
    await program.announcements.release(written.id, by=None)
    say(f"released {title}")


async def _send(program: Program, sender: Sender) -> None:
    """Do what the loops and the clock of `serve` do, until nothing is owed."""
    sender.wake()
    async with asyncio.TaskGroup() as group:
        while True:
            pause_s = await sender.step(group)
            if not pause_s:
                continue
            await _tick(program)
            if not await _is_owing(program):
                break
            sender.wake()
            await program.clock.sleep(pause_s)
        await sender.settle()


async def _tick(program: Program) -> None:
    await program.announcements.start_due()
    async with program.storage.begin() as work:
        if await work.deliveries.expire(now=program.clock.now()):
            await work.commit()


async def _is_owing(program: Program) -> bool:
    async with program.storage.read() as work:
        due = await work.announcements.due(program.clock.now())
        return bool(due or await work.deliveries.backlog())


if __name__ == "__main__":
    serve_lives(Life, live)
