"""A program on a database of its own, with a Telegram account and many who joined.

People are put into the tables directly: what is measured is what happens to them later.
"""

import asyncio
import gc
import hashlib
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

from benchmarks.questions import Quiet
from benchmarks.quick_platform import TOKEN
from bot.app.program import Program, open_program
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.channels import Channel, ChannelKind, Pace
from bot.core.deliveries import Tally
from bot.core.ids import AnnouncementId, ChannelId, UnitId
from bot.core.messages import Address, Outgoing
from bot.core.units import UnitKind
from bot.delivery.post import Post
from bot.delivery.tray import Mail
from bot.services.announcements.announcing import Wording
from bot.services.units.units import UnitRow

TITLE: Final = "Cắt điện sáng thứ Bảy"
TEXT: Final = (
    "Ngành điện sửa đường dây từ 6 giờ đến 9 giờ. Mời bà con tắt bớt máy móc trước giờ ấy."
)
FIRST_CHAT: Final = 5_100_000_000
UNITS: Final = (
    UnitRow(code="XA", name="Xã Thử", kind=UnitKind.COMMUNE),
    UnitRow(code="T1", name="Thôn Một", kind=UnitKind.NEIGHBOURHOOD, parent="XA"),
    UnitRow(code="T2", name="Thôn Hai", kind=UnitKind.NEIGHBOURHOOD, parent="XA"),
)
# Faster than anything here can go.
NO_PACE: Final = Pace(per_s=1_000_000.0)
# Of so many people two live together; the second of them gets no copy.
_PAIR_IN: Final = 10
_LIVED_HERE: Final = timedelta(days=1)
_HOUSEHOLD: Final = (
    "INSERT INTO households (id, unit_id, code, address, head_name, join_code)"
    " VALUES (?, ?, ?, '', '', ?)"
)
_PERSON: Final = (
    "INSERT INTO people (id, channel_id, chat, unit_id, household_id, state, language, consent,"
    " joined_at) VALUES (?, ?, ?, ?, ?, 'joined', 'vi', 'v1', ?)"
)


class Watched:
    """The real channel, at a pace of our choosing; it remembers when it first wrote to whom."""

    def __init__(self, channel: Channel, *, pace: Pace | None) -> None:
        """`pace` None: the platform's own."""
        self._channel = channel
        # Asked for at every send; the rest is passed on by `__getattr__`, which takes longer.
        self.id, self.kind = channel.id, channel.kind
        own = channel.capabilities
        self.capabilities = replace(own, pace=pace or own.pace)
        self.sends = 0
        self.last_at = 0.0
        self.ended_at = 0.0
        self.watched: dict[str, float] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the channel has
        return getattr(self._channel, name)

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        """Send as the channel does; of chats in `watched` note when they were written to first.

        An answer may be two messages, and between two to one chat Telegram wants a second.
        """
        self.last_at = time.perf_counter()
        if self.watched.get(to.chat) == 0.0:
            self.watched[to.chat] = self.last_at
        ids = await self._channel.send(to, message)
        self.ended_at = time.perf_counter()
        self.sends += 1
        return ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A program that is open, and the people in its database."""

    program: Program
    channel: Channel
    unit_id: UnitId
    # A neighbourhood apart, for what is to be warm before a measurement begins.
    other_unit_id: UnitId
    file: Path
    meter: Quiet

    def populate(self, count: int, *, unit_id: UnitId | None = None, first: int = 0) -> int:
        """Let `count` people join; return how many of them get a copy."""
        unit_id = unit_id or self.unit_id
        # Long ago, because who joins after an announcement began gets none.
        joined_at = int((self.program.clock.now() - _LIVED_HERE).timestamp()) * 1_000_000
        numbers = range(first, first + count)
        with closing(sqlite3.connect(self.file)) as database:
            # Nothing of this is measured, and nothing of it is kept.
            database.execute("PRAGMA synchronous=OFF")
            with database:
                database.executemany(_HOUSEHOLD, _households(numbers, unit_id))
                database.executemany(
                    _PERSON,
                    (
                        (
                            _id("p", number),
                            self.channel.id,
                            str(FIRST_CHAT + number),
                            unit_id,
                            _id("h", _house_of(number)),
                            joined_at + number,
                        )
                        for number in numbers
                    ),
                )
        return sum(_house_of(number) == number for number in numbers)

    async def release(self, *, unit_id: UnitId | None = None) -> AnnouncementId:
        """Write an announcement and let it go; return which."""
        announcements = self.program.announcements
        wording = Wording(unit_id=unit_id or self.unit_id, title=TITLE, text=TEXT)
        one = await announcements.write(wording, by=None)
        await announcements.release(one.id, by=None)
        return one.id

    async def tally(self, announcement_id: AnnouncementId) -> Tally:
        """Return what became of the recipients so far."""
        async with self.program.storage.read() as work:
            return await work.deliveries.tally(announcement_id)

    async def frozen(self, recipients: int, *, unit_id: UnitId | None = None) -> "Frozen":
        """Start an announcement; return when it has a row for each of the recipients.

        Counting them is not part of the time.
        """
        began = time.perf_counter()
        announcement_id = await self.release(unit_id=unit_id)
        took_s = time.perf_counter() - began
        known = (await self.tally(announcement_id)).recipients
        while known < recipients:
            began = time.perf_counter()
            await self.program.announcements.start_due()
            took_s += time.perf_counter() - began
            before, known = known, (await self.tally(announcement_id)).recipients
            if known == before:
                raise RuntimeError(f"{known} rows were frozen, of {recipients}")
        return Frozen(announcement_id=announcement_id, took_s=took_s)

    async def send(self, at_least: int, *, pace: Pace | None = None) -> int:
        """Send until so many messages were accepted; return how many it were in the end."""
        watched, channel = self.watched(pace=pace)
        post = self.post()
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(post.run_channel(channel))
            while watched.sends < at_least and not sending.done():  # noqa: ASYNC110 - a look
                await asyncio.sleep(0.005)
            post.stop()
        return watched.sends

    def post(self) -> Post:
        """Return a post office that has sent nothing yet."""
        program = self.program
        return Post(
            storage=program.storage,
            channels=program.channels,
            mail=Mail(
                open_reply=program.envelopes.open_reply,
                letter=program.announcements.letter,
                echo_mark=program.envelopes.echo_mark,
            ),
            clock=program.clock,
            chance=program.chance,
            meter=self.meter,
            owner=program.owner,
            beat=lambda: None,
        )

    def watched(self, *, pace: Pace | None = None) -> tuple[Watched, Channel]:
        """Return the channel watched, twice: as what it remembers, and as a channel."""
        watched = Watched(self.channel, pace=pace)
        return watched, cast("Channel", watched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """An announcement that has all its rows, and how long that took."""

    announcement_id: AnnouncementId
    took_s: float


def _house_of(number: int) -> int:
    return number - 1 if number % _PAIR_IN == _PAIR_IN - 1 else number


def _households(numbers: range, unit_id: UnitId) -> Iterator[tuple[str, str, str, str]]:
    for number in numbers:
        if _house_of(number) == number:
            yield _id("h", number), unit_id, f"H{number}", f"J{number}"


def _id(kind: str, number: int) -> str:
    """Return an id that says nothing of when it was made, as the program's own do not."""
    return hashlib.sha256(f"{kind}{number}".encode()).hexdigest()[:12]


@asynccontextmanager
async def open_town(folder: Path, *, api_url: str) -> AsyncIterator[Town]:
    """Open a program in `folder`, made at the first time, whose bot talks to `api_url`."""
    data = folder / "data"
    config = load_config({"BINHYEN_DATA_DIR": str(data)}, is_demo=True)
    async with open_program(config, clock=RealClock(), chance=RealChance()) as program:
        await program.prepare()
        _, *units = await program.units.add(UNITS, by="benchmark")
        account_id = await _account(program, units[0].id, api_url)
        await program.channels.refresh()
        # As `serve` does once everything is built.
        gc.collect()
        gc.freeze()
        yield Town(
            program=program,
            channel=program.channels.get(account_id),
            unit_id=units[0].id,
            other_unit_id=units[1].id,
            file=data / "binhyen.db",
            meter=Quiet(),
        )


async def _account(program: Program, unit_id: UnitId, api_url: str) -> ChannelId:
    for account in await program.channels.accounts():
        if account.kind is ChannelKind.TELEGRAM:
            return account.id
    account = await program.channels.add(
        kind=ChannelKind.TELEGRAM,
        unit_id=unit_id,
        name="benchmark",
        settings={"api_url": api_url},
        credentials={"token": TOKEN},
        by="benchmark",
    )
    return account.id
