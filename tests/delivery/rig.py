"""One sender over a real database and a platform in memory, in time that moves by itself."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.announcements import Amendment, AnnouncementState
from bot.core.channels import Channel, Pace
from bot.core.deliveries import DeliveryState, Lane, Tally
from bot.core.ids import AnnouncementId, ConversationKey, UnitId
from bot.core.messages import Address, Outgoing
from bot.core.people import Person
from bot.core.quiet import QuietHours
from bot.core.storage import Storage
from bot.delivery.sender import Sender
from bot.delivery.tray import Mail
from bot.services.envelopes import Envelopes
from tests.fakes import FakeChannel, FakeClock, FakeMeter, SteadyChance
from tests.storage import nouns

NEWS = nouns.NEWS
TEXT = "Mời bà con họp tổ."


@dataclass(kw_only=True)
class Rig:
    storage: Storage
    envelopes: Envelopes
    clock: FakeClock
    channel: FakeChannel
    file: Path
    meter: FakeMeter = field(default_factory=FakeMeter)
    chance: SteadyChance = field(default_factory=SteadyChance)
    reports: list[str] = field(default_factory=list)
    report_fails: bool = False
    quiet: QuietHours | None = None
    letters: int = 0

    async def report(self, trouble: str) -> None:
        if self.report_fails:
            raise RuntimeError("the database is locked")
        self.reports.append(trouble)

    async def letter(
        self, announcement_id: AnnouncementId, unit_id: UnitId | None = None
    ) -> Outgoing:
        self.letters += 1
        return Outgoing(text=f"{TEXT} ({announcement_id})")

    def open_reply(self, key: ConversationKey, sealed: bytes) -> tuple[Address, Outgoing]:
        return self.envelopes.open_reply(key, sealed)

    def echo_mark(self, to: Address, text: str) -> str:
        return self.envelopes.echo_mark(to, text)

    def sender(self, *, owner: str = "one", channel: Channel | None = None) -> Sender:
        return Sender(
            channel or self.channel,
            storage=self.storage,
            mail=Mail(open_reply=self.open_reply, letter=self.letter, echo_mark=self.echo_mark),
            report=self.report,
            clock=self.clock,
            chance=self.chance,
            meter=self.meter,
            owner=owner,
            ring=lambda: None,
            quiet=self.quiet,
        )

    async def people(self, count: int) -> None:
        """Let people join, `p0` first."""
        async with self.storage.begin() as work:
            for number in range(count):
                await work.people.save(
                    nouns.person(
                        f"p{number:05}", channel_id=self.channel.id, chat=f"chat-{number}"
                    )
                )
            await work.commit()

    async def announce(self, name: str = NEWS, *, lane: Lane = Lane.ORDINARY) -> None:
        async with self.storage.begin() as work:
            is_urgent = lane is Lane.URGENT
            await work.announcements.save(nouns.announcement(name, is_urgent=is_urgent))
            await nouns.freeze(work, name, lane=lane, at=self.clock.now())
            await work.commit()

    async def amend(self, name: str, amends: AnnouncementId) -> None:
        async with self.storage.begin() as work:
            amendment = {"amends": amends, "amendment": Amendment.CORRECTION}
            await work.announcements.save(nouns.announcement(name, **amendment))
            await nouns.freeze_amendment(work, name, amends, at=self.clock.now())
            await work.commit()

    async def set(self, key: str, text: str) -> None:
        async with self.storage.begin() as work:
            await work.settings.put(key, text)
            await work.commit()

    def slips_on_disk(self) -> int:
        """Return how many notes another connection sees at this moment."""
        with closing(sqlite3.connect(self.file)) as database:
            (many,) = database.execute("SELECT count(*) FROM slips").fetchone()
        return int(many)

    def attempts_on_disk(self) -> int:
        """Return how many waves there were, each of which has an attempt id of its own."""
        with closing(sqlite3.connect(self.file)) as database:
            (many,) = database.execute(
                "SELECT count(DISTINCT attempt_id) FROM deliveries"
            ).fetchone()
        return int(many)

    async def move(self, to: AnnouncementState, name: str = NEWS) -> None:
        async with self.storage.begin() as work:
            one = await work.announcements.get(AnnouncementId(name))
            await work.announcements.save(one.moved(to))
            await work.commit()

    async def reply(self, *texts: str, chat: str = "asker") -> None:
        address = Address(channel_id=self.channel.id, chat=chat)
        replies = [self.envelopes.reply(address, Outgoing(text=text)) for text in texts]
        async with self.storage.begin() as work:
            await work.deliveries.add_replies(replies, at=self.clock.now())
            await work.commit()

    async def tally(self, name: str = NEWS) -> Tally:
        async with self.storage.read() as work:
            return await work.deliveries.tally(AnnouncementId(name))

    async def outcomes(self, name: str = NEWS) -> dict[str, int]:
        return {state.value: many for state, many in (await self.tally(name)).outcomes.items()}

    async def reasons(self, name: str = NEWS) -> dict[str, int]:
        return {reason.value: many for reason, many in (await self.tally(name)).reasons.items()}

    async def backlog(self) -> dict[DeliveryState, int]:
        async with self.storage.read() as work:
            backlog = await work.deliveries.backlog()
        return {state: many for (_, state), many in backlog.items()}

    async def person(self, number: int) -> Person | None:
        async with self.storage.read() as work:
            return await work.people.find(self.channel.id, f"chat-{number}")

    async def send_all(self, *, until: Callable[[], bool] | None = None) -> None:
        """Send until nothing waits any more, or `until` says stop; time moves by itself."""
        await self.run(self.sender(), until=until)

    async def run(self, sender: Sender, *, until: Callable[[], bool] | None = None) -> None:
        async with asyncio.TaskGroup() as group:
            while until is None or not until():
                pause = await sender.step(group)
                if not pause:
                    continue
                await landed(sender)
                if until is None and not await self.backlog():
                    break
                sender.wake()
                self.clock.advance(pause)
            await sender.settle()

    def texts(self) -> Sequence[str]:
        return [one.message.text for one in self.channel.sent]


async def landed(sender: Sender) -> None:
    """Let every request end that can."""
    while sender.in_flight:  # noqa: ASYNC110 - the rest of the loop must go on
        await asyncio.sleep(0)


async def settled(storage: Storage, channel: FakeChannel) -> UnitId:
    """Store the units and the account that everything else hangs on."""
    await nouns.settle(storage)
    async with storage.begin() as work:
        await work.channels.save(nouns.channel(channel.id))
        await work.commit()
    return nouns.HAMLET


def channel_at(pace: Pace, clock: FakeClock) -> FakeChannel:
    return FakeChannel("fake", clock=clock, pace=pace)
