"""Lives that end by a kill, one after another, and what must hold of every copy then.

The promise, copy by copy: one row in one final state; what is `sent` was received, and if it is
ordinary once; an urgent one at most as often as its row says; what is not known of is `unknown`;
nothing else was received.
"""

import asyncio
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.app.program import Program
from bot.core.channels import ChannelKind
from bot.core.deliveries import DeliveryState, Lane
from bot.core.groups import GroupState
from bot.storage.engine import read_url, sqlite_path
from content.book import Book
from tests.delivery.forks import forks_of
from tests.delivery.points import Points
from tests.delivery.striking_stub import StrikingStub
from tests.delivery.victim import Life, opened
from tests.fakes import NOON, FakeClock
from tests.storage import nouns

FIRST_PERSON: Final = 7_000_001
FIRST_GROUP: Final = -1_000_000_700_001
COPIES: Final = """
    SELECT coalesce(people.chat, groups.chat), deliveries.state, attempts, lane
    FROM deliveries JOIN announcements ON announcements.id = announcement_id
    LEFT JOIN people ON people.id = person_id LEFT JOIN groups ON groups.id = group_id
    WHERE title = :title
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """How one life went: the points of its run, what it let go, and whether it was cut off."""

    points: Sequence[str]
    released: frozenset[str]
    was_killed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One row of the outbox, and how often the platform carried it out."""

    chat: str
    state: DeliveryState
    attempts: int
    is_urgent: bool
    received: int


@dataclass(kw_only=True)
class Bench:
    """An installation with its people and groups on a platform, and processes to run on it."""

    folder: Path
    database_url: str
    stub: StrikingStub
    engine: AsyncEngine | None
    forks: asyncio.subprocess.Process
    chats: frozenset[str]
    doubled: str
    _lives: int = field(default=0)

    def life(self, **about: object) -> Life:
        """Return a life of a program on this installation, later than those before."""
        self._lives += 1
        values = {
            "folder": str(self.folder),
            "database_url": self.database_url,
            "began_at": NOON + self._lives * timedelta(minutes=10),
            "owner": "one",
            **about,
        }
        return Life(**values)  # type: ignore[arg-type]  # whatever fields a life has

    async def lives(self, life: Life) -> Lived:
        """Let a process live; return how it went once it ended."""
        assert self.forks.stdin is not None
        assert self.forks.stdout is not None
        self.forks.stdin.write(msgspec.json.encode(life) + b"\n")
        points: list[str] = []
        released: set[str] = set()
        async for line in self.forks.stdout:
            word, _, about = line.decode().strip().partition(" ")
            match word:
                case "began":
                    self.stub.begins(int(about))
                case "at":
                    points.append(about)
                case "taken":
                    points.clear()
                case "released":
                    released.add(about)
                case "ended":
                    self.stub.is_over.set()
                    assert int(about) in {0, signal.SIGKILL}
                    return Lived(
                        points=points, released=frozenset(released), was_killed=about != "0"
                    )
                case _:
                    raise AssertionError(f"{word} {about} (after {points[-1:]})")
        raise AssertionError("the forks are gone")

    async def sending(self) -> int:
        """Return how many rows are in doubt at this moment."""
        rows = await self._look("SELECT count(*) FROM deliveries WHERE state = 'sending'")
        return int(rows[0][0])

    async def copies(self, title: str) -> list[Copy] | None:
        """Return every copy of an announcement; None if there is none of that title."""
        if not await self._look("SELECT id FROM announcements WHERE title = :title", title=title):
            return None
        received = self.received(title)
        return [
            Copy(
                chat=chat,
                state=DeliveryState(state),
                attempts=attempts,
                is_urgent=lane == Lane.URGENT,
                received=received[chat],
            )
            for chat, state, attempts, lane in await self._look(COPIES, title=title)
        ]

    async def _look(self, statement: str, **values: str) -> Sequence[Any]:
        """Read as another program would, leaving the files of a dead process as they are."""
        path = sqlite_path(read_url(self.database_url))
        if path is not None:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                return database.execute(statement, values).fetchall()
        assert self.engine is not None
        async with self.engine.connect() as connection:
            return (await connection.execute(text(statement), values)).all()

    def received(self, title: str) -> Mapping[str, int]:
        """Return how often an announcement was shown in each chat."""
        return Counter(sent.to for sent in self.stub.sent if title in sent.text.splitlines())

    async def broken_promises(self, title: str, *, was_released: bool) -> list[str]:
        """Return what does not hold of an announcement nothing is owed of any more."""
        copies = await self.copies(title)
        if not copies:
            broken = ["it was let go and is gone"] if was_released else []
            return broken + [f"{chat} got what is not there" for chat in self.received(title)]
        chats = Counter(copy.chat for copy in copies)
        broken = [f"no row for {chat}" for chat in self.chats - chats.keys()]
        broken += [f"{many} rows for {chat}" for chat, many in chats.items() if many > 1]
        broken += [f"a row for {chat}" for chat in chats.keys() - self.chats]
        broken += [f"{chat} got it unasked" for chat in self.received(title).keys() - chats.keys()]
        return broken + [wrong for copy in copies for wrong in self._wrong(copy)]

    def _wrong(self, copy: Copy) -> list[str]:
        """Return what is wrong with one copy, in words."""
        most = copy.attempts if copy.is_urgent else 1
        lawful = {
            DeliveryState.SENT: 1 <= copy.received <= most,
            DeliveryState.UNKNOWN: copy.received <= most,
            DeliveryState.FAILED: copy.received == 0,
            DeliveryState.SKIPPED: copy.received == 0,
        }
        is_right = lawful.get(copy.state, False)
        is_right = is_right and (copy.state is DeliveryState.SKIPPED) == (
            copy.chat == self.doubled
        )
        return [] if is_right else [f"{copy}"]


@asynccontextmanager
async def open_bench(
    folder: Path, database_url: str, book: Book, *, people: int, groups: int
) -> AsyncIterator[Bench]:
    """Settle so many people and groups, of the last two people one household; start the forks."""
    chats = [str(FIRST_PERSON + number) for number in range(people)]
    rooms = [str(FIRST_GROUP - number) for number in range(groups)]
    async with AsyncExitStack() as stack:
        stub = await stack.enter_async_context(StrikingStub())
        for chat in (*chats, *rooms):
            stub.chats.seen(int(chat))
        life = Life(folder=str(folder), database_url=database_url, began_at=NOON, owner="settler")
        async with opened(life, book, FakeClock(), Points(lambda _: None)) as program:
            await _settle(program, stub, chats, rooms)
        engine = None
        if sqlite_path(read_url(database_url)) is None:
            engine = create_async_engine(read_url(database_url))
            stack.push_async_callback(engine.dispose)
        forks = await stack.enter_async_context(forks_of("tests.delivery.victim"))
        yield Bench(
            folder=folder,
            database_url=database_url,
            stub=stub,
            engine=engine,
            forks=forks,
            chats=frozenset({*chats, *rooms}),
            doubled=chats[-1],
        )


async def _settle(
    program: Program, stub: StrikingStub, chats: Sequence[str], rooms: Sequence[str]
) -> None:
    commune = await program.units.ensure_commune(code="XA", name="Xã Bịa")
    account = await program.channels.add(
        kind=ChannelKind.TELEGRAM,
        unit_id=commune.id,
        name="Bot Bịa",
        settings={"bot_id": stub.token.partition(":")[0], "api_url": stub.url},
        credentials={"token": stub.token},
        by="test",
    )
    house = nouns.household("house", unit_id=commune.id)
    where: dict[str, Any] = {"channel_id": account.id, "unit_id": commune.id}
    async with program.storage.begin() as work:
        await work.households.save_many([house])
        for number, chat in enumerate(chats):
            home = house.id if number >= len(chats) - 2 else None
            one = nouns.person(f"p{number:05}", chat=chat, household_id=home, **where)
            await work.people.save(one)
        for number, room in enumerate(rooms):
            state = GroupState.LINKED
            await work.groups.save(nouns.group(f"g{number}", chat=room, state=state, **where))
        await work.commit()
