"""What was written together cannot be told from the database, by place or by transaction.

Each test first shows that it could be told: an hour's rows, and the very attack upon them.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.clock import RealChance
from bot.core.ids import ConversationKey, new_id
from bot.core.routes import LetterId, PostId, RouteChat, RouteId, RouteLetter, RoutePost
from bot.core.routes import SealedRoute as Route
from bot.core.shuffling import Shuffled
from bot.core.storage import Storage
from bot.core.tips import WrappedKey
from bot.services.tips.shuffling import TipShuffling
from bot.storage import shuffling
from bot.storage.copying import copy_out
from bot.storage.domains import Domain, grant
from bot.storage.engine import read_url
from bot.storage.store import open_store
from tests.fakes import FakeClock
from tests.storage.nouns import COMMUNE, NOON, arrival, holder, record, settle, tip
from tests.storage.rig import sqlite_url

TIPS = 12
# So few that SQLite keeps their ways in one page.
FEW = 8
WEEK = date(2026, 6, 29)
# Somebody waits for a table.
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"
USER = "shuffling_receiving"
# So many bytes that PostgreSQL keeps them apart from the row.
LONG = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The ids of one tip and of all that was written with it."""

    tip: str
    route: str
    chat: str
    event: str


def talk_of(event: str) -> ConversationKey:
    return ConversationKey(f"talk of {event}")


async def sent(store: Storage) -> Sent:
    """Keep a tip with its way back, as one turn of a conversation does."""
    tip_id, route_id, chat_id, event = (new_id(RealChance()) for _ in range(4))
    await store.accept([arrival(event)])
    async with store.begin() as work:
        (row,) = await work.inbox.claim(1, owner="one", now=NOON, lease_until=NOON)
        await work.tips.add(
            tip(tip_id),
            [record(tip_id), record(tip_id, 1, sealed=RealChance().token(LONG))],
            [WrappedKey(tip_id=tip(tip_id).id, holder_id=holder().id, wrapped=b"key")],
        )
        way: dict[str, Any] = {"week": WEEK, "sealed": bytes(256), "expires_on": WEEK}
        await work.routes.save(Route(id=RouteId(route_id), **way))
        await work.routes.save_chat(RouteChat(id=chat_id, conversation=talk_of(event), **way))
        await work.routes.add_post(
            RoutePost(
                id=PostId(new_id(RealChance())),
                route_id=RouteId(new_id(RealChance())),
                week=WEEK,
                sealed=bytes(256),
                not_before=NOON,
            )
        )
        await work.routes.add_letter(
            RouteLetter(
                id=LetterId(new_id(RealChance())),
                letter_box=new_id(RealChance()),
                unit_id=tip().unit_id,
                sealed=b"letter",
                at=NOON,
            )
        )
        await work.inbox.handled(row.id, at=NOON)
        await work.commit()
    return Sent(tip=tip_id, route=route_id, chat=chat_id, event=event)


async def an_hour(store: Storage, *, tips: int = TIPS) -> Sequence[Sent]:
    """Return what is sent in an hour, in the order it came."""
    await settle(store)
    async with store.begin() as work:
        await work.officers.save_holder(holder())
        await work.commit()
    return [await sent(store) for _ in range(tips)]


async def shuffle(store: Storage) -> None:
    clock = FakeClock(NOON + timedelta(hours=1))
    await TipShuffling(storage=store, clock=clock).shuffle()


# --- PostgreSQL: by transaction, and by place ------------------------------------------------

_NAMES: Final[Mapping[Shuffled, str]] = {
    Shuffled.RECORDS: "tip_id",
    Shuffled.KEYS: "tip_id",
    **dict.fromkeys(set(Shuffled) - {Shuffled.RECORDS, Shuffled.KEYS}, "id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A database as whoever has taken it sees it."""

    engine: AsyncEngine

    async def asked(self, statement: str) -> Sequence[Any]:
        async with self.engine.connect() as connection:
            return (await connection.execute(text(statement))).all()

    async def written_in(self, table: str, name: str) -> Mapping[str, str]:
        """Return by which transaction each row was written."""
        statement = f"SELECT {name} AS name, xmin::text AS of FROM {table}"  # noqa: S608 - ours
        found = await self.asked(statement)
        return {row.name: row.of for row in found}

    async def pieces_written_in(self) -> set[str]:
        """Return by which transactions what is long in tips was written."""
        (kept,) = await self.asked(
            "SELECT reltoastrelid::regclass::text AS name FROM pg_class"
            " WHERE oid = 'tip_records'::regclass"
        )
        statement = f"SELECT xmin::text AS of FROM {kept.name}"  # noqa: S608 - ours
        return {row.of for row in await self.asked(statement)}

    async def in_place(self, table: str, name: str) -> list[str]:
        """Return the rows in the order they lie in."""
        statement = f"SELECT {name} AS name FROM {table} ORDER BY ctid"  # noqa: S608 - ours
        found = await self.asked(statement)
        return [row.name for row in found]


@pytest.fixture
async def taken(postgres_url: str) -> AsyncIterator[Taken]:
    engine = create_async_engine(read_url(postgres_url))
    yield Taken(engine=engine)
    await engine.dispose()


async def test_no_transaction_joins_a_tip_to_a_way_back(postgres_url: str, taken: Taken) -> None:
    async with open_store(postgres_url) as store:
        sent_then = await an_hour(store)
        tips = await taken.written_in("tip_records", "tip_id")
        chats = await taken.written_in("route_chats", "id")
        inbox = await taken.written_in("inbox", "event_id")
        # The attack: one look, and everybody is known.
        for one in sent_then:
            assert tips[one.tip] == chats[one.chat] == inbox[one.event]
        assert len(await taken.pieces_written_in()) == TIPS
        await shuffle(store)
    inbox_after = set((await taken.written_in("inbox", "event_id")).values())
    everything = {}
    for what, name in _NAMES.items():
        written = set((await taken.written_in(what, name)).values())
        assert len(written) == 1, what
        assert not written & inbox_after
        everything[what] = written.pop()
    assert len(set(everything.values())) == len(Shuffled)
    assert await taken.pieces_written_in() == {everything[Shuffled.RECORDS]}


async def test_no_place_tells_the_order_ways_came_in(postgres_url: str, taken: Taken) -> None:
    async with open_store(postgres_url) as store:
        sent_then = await an_hour(store)
        assert await taken.in_place("tip_routes", "id") == [one.route for one in sent_then]
        await shuffle(store)
        assert await taken.in_place("tip_routes", "id") == sorted(one.route for one in sent_then)
        assert await taken.in_place("route_chats", "id") == sorted(one.chat for one in sent_then)
        # One that comes later is alone until the next time, and no longer.
        await sent(store)
        assert len(set((await taken.written_in("tip_routes", "id")).values())) == 2
        await shuffle(store)
        assert len(set((await taken.written_in("tip_routes", "id")).values())) == 1


async def test_who_receives_may_shuffle(postgres_url: str, taken: Taken) -> None:
    async with open_store(postgres_url) as store:
        await an_hour(store)
    async with taken.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as owner:
        await owner.execute(text(f"CREATE ROLE {USER} LOGIN"))
        await grant(postgres_url, {Domain.RECEIVING: USER})
        try:
            url = postgres_url.replace("postgresql://postgres@", f"postgresql://{USER}@")
            async with open_store(url) as store:
                await shuffle(store)
        finally:
            await owner.execute(text(f"DROP OWNED BY {USER}"))
            await owner.execute(text(f"DROP ROLE {USER}"))
    assert len(set((await taken.written_in("tip_keys", "tip_id")).values())) == 1


async def test_a_way_burnt_meanwhile_stays_burnt(postgres_url: str, taken: Taken) -> None:
    async with open_store(postgres_url) as store:
        one, *_ = await an_hour(store)
        async with asyncio.TaskGroup() as group, store.begin() as work:
            await work.shuffling.shuffle(Shuffled.ROUTES, since=NOON)
            burning = group.create_task(_burnt(store, one))
            while not await taken.asked(WAITING):
                assert not burning.done()
            await work.commit()
        async with store.read() as work:
            assert await work.routes.get(RouteId(one.route)) is None


async def _burnt(store: Storage, one: Sent) -> None:
    async with store.begin() as work:
        await work.routes.burn(RouteId(one.route), one.chat)
        await work.commit()


# --- SQLite: by place within the file --------------------------------------------------------


# What stands behind the id in a row; in an index the id comes last.
BEHIND: Final = {"chat": b"talk of", "route": WEEK.isoformat().encode()}


def places(path: Path, sent_then: Sequence[Sent], name: str) -> list[str]:
    """Return ids as their rows lie in the file, from the end: SQLite fills a page from there."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    ids = ids_of(sent_then, name)
    return sorted(ids, key=lambda one: -data.index(one.encode() + BEHIND[name]))


def ids_of(sent_then: Sequence[Sent], name: str) -> list[str]:
    return [getattr(one, name) for one in sent_then]


async def test_no_place_in_the_file_tells_the_order_ways_came_in(tmp_path: Path) -> None:
    path = tmp_path / "binhyen.db"
    async with open_store(sqlite_url(tmp_path)) as store:
        sent_then = await an_hour(store, tips=FEW)
    for name in BEHIND:
        # The attack: the third way that came belongs to the third tip.
        assert places(path, sent_then, name) == ids_of(sent_then, name)
    async with open_store(sqlite_url(tmp_path)) as store:
        await shuffle(store)
    for name in BEHIND:
        assert places(path, sent_then, name) == sorted(ids_of(sent_then, name))


async def test_a_copy_tells_no_order_even_of_what_came_just_now(
    store: Storage, database_url: str, tmp_path: Path
) -> None:
    sent_then = await an_hour(store, tips=FEW)
    copy = tmp_path / "copy.db"
    await copy_out(database_url, copy)
    for name in BEHIND:
        assert places(copy, sent_then, name) == sorted(ids_of(sent_then, name))


# --- Both ------------------------------------------------------------------------------------


async def test_nothing_is_changed_or_lost(store: Storage, database_url: str) -> None:
    sent_then = await an_hour(store)

    async def there() -> list[object]:
        async with store.begin() as work:
            return [
                [await work.tips.get(tip(one.tip).id) for one in sent_then],
                [await work.tips.records(tip(one.tip).id) for one in sent_then],
                [await work.tips.holders_of(tip(one.tip).id) for one in sent_then],
                [await work.routes.get(RouteId(one.route)) for one in sent_then],
                [await work.routes.chats(talk_of(one.event)) for one in sent_then],
                await work.routes.due_posts(NOON, 100),
                await work.routes.letters([COMMUNE], 100),
            ]

    before = await there()
    await shuffle(store)
    assert await there() == before
    await shuffle(store)
    assert await there() == before


async def test_more_than_a_part_is_done_in_parts(
    store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shuffling, "_PART", 5)
    await an_hour(store)
    await shuffle(store)
    async with store.read() as work:
        assert (
            await work.settings.get("tips.shuffled")
            == (NOON.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)).isoformat()
        )
