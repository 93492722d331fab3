"""Everything about groups over a town's database, and a desk to ask in place of a platform's."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

from bot.core.channels import FoundGroup, GroupAsset
from bot.core.groups import Group
from bot.core.ids import ChannelId
from bot.core.sending import ChatMoved, PersonUnreachable, Reason, SendError
from bot.core.storage import Storage
from bot.core.turns import Wrote
from bot.services.answers.answers import Answers
from bot.services.audit import Audit
from bot.services.channels.channels import Channels
from bot.services.envelopes import Envelopes
from bot.services.groups.alarms import GroupAlarms
from bot.services.groups.albums import GroupAlbums
from bot.services.groups.codes import GroupCodes
from bot.services.groups.desks import GroupDesks
from bot.services.groups.groups import WORDS, Groups
from bot.services.groups.welcomes import WORDS as WELCOME_WORDS
from bot.services.groups.welcomes import GroupWelcomes
from bot.vault.vault import Vault
from content.book import Book
from handlers.emergency import Emergency
from handlers.group import GroupServices, GroupTalk
from handlers.menu import Menu
from tests.fakes import FakeClock, SteadyChance

SITE = "https://binhyen.example"


class FakeWays:
    """Links that say what they lead to. Fits `bot.services.groups.ways.Ways`."""

    tip_form = f"{SITE}/to-giac"
    follow_page = f"{SITE}/theo-doi"

    async def into_chat(self, channel_id: ChannelId, word: str) -> str:
        return f"{SITE}/chat/{channel_id}/{word}"

    async def into_unit(self, channel_id: ChannelId, join_code: str) -> str:
        return f"{SITE}/unit/{channel_id}/{join_code}"

    async def into_group(self, channel_id: ChannelId, code: str) -> str:
        return f"{SITE}/group/{code}" if channel_id == "telegram" else ""


@dataclass(kw_only=True)
class FakeDesk:
    """A platform's groups in memory. Fits `bot.core.channels.GroupDesk`.

    Whoever is in `unknown` spoils every list of people; `trouble` ends every call. While
    `gate` is set to an unset event, acts hang after the platform has done them.
    """

    can_make: bool = True
    there: dict[str, FoundGroup] = field(default_factory=dict)
    lists: bool = True
    kept: list[GroupAsset] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    trouble: SendError | None = None
    made: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    invited: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    gate: asyncio.Event | None = None

    async def listed(self) -> Sequence[FoundGroup]:
        self._fail()
        return tuple(self.there.values()) if self.lists else ()

    async def look(self, group: Group) -> FoundGroup:
        self._fail()
        if group.chat in self.moved:
            raise ChatMoved(self.moved[group.chat])
        if group.chat not in self.there:
            raise PersonUnreachable(Reason.NOT_FOUND, "no such group")
        return self.there[group.chat]

    async def assets(self) -> Sequence[GroupAsset]:
        self._fail()
        return tuple(self.kept)

    async def make(self, name: str, *, asset: str, members: Sequence[str]) -> FoundGroup:
        self._fail()
        self.made.append((name, asset, tuple(members)))
        (used,) = [one for one in self.kept if one.id == asset]
        found = FoundGroup(
            chat=f"made-{len(self.made)}",
            name=name,
            members=len(members),
            most_members=used.most_members,
            invite_url="https://zalo.me/g/bia",
            lapses_on=used.valid_until,
            asset=asset,
        )
        self.there[found.chat] = found
        await self._hang()
        return found

    async def invite(self, group: Group, members: Sequence[str]) -> None:
        self._fail()
        self.asked.append(tuple(members))
        if self.unknown.intersection(members):
            raise PersonUnreachable(Reason.NOT_FOUND, "one of them is unknown")
        self.invited.extend(members)
        await self._hang()

    async def leave(self, group: Group) -> None:
        self._fail()
        self.left.append(group.chat)
        await self._hang()

    async def _hang(self) -> None:
        if self.gate is not None:
            await self.gate.wait()

    def _fail(self) -> None:
        if self.trouble is not None:
            raise self.trouble


def asset(name: str = "goi-50", *, until: date | None = None, is_free: bool = True) -> GroupAsset:
    return GroupAsset(id=name, most_members=50, valid_until=until, is_free=is_free)


@dataclass(frozen=True, kw_only=True)
class GroupParts:
    """The use cases about groups, and their dialogue."""

    groups: Groups
    codes: GroupCodes
    desks: GroupDesks
    alarms: GroupAlarms
    talk: GroupTalk


def made_groups(
    *,
    storage: Storage,
    vault: Vault,
    envelopes: Envelopes,
    audit: Audit,
    channels: Channels,
    clock: FakeClock,
    chance: SteadyChance,
    book: Book,
    answers: Answers,
    emergency: Emergency,
    wrote: Wrote,
    zone: tzinfo,
) -> GroupParts:
    """Return them all over one database."""
    ways = FakeWays()
    welcomes = GroupWelcomes(
        envelopes=envelopes, voice=book.voice("group", *WELCOME_WORDS), ways=ways, clock=clock
    )
    groups = Groups(
        storage=storage,
        audit=audit,
        channels=channels,
        voice=book.voice("group", *WORDS),
        welcomes=welcomes,
        clock=clock,
        chance=chance,
    )
    codes = GroupCodes(
        storage=storage,
        audit=audit,
        groups=groups,
        pseudonyms=vault.lasting,
        ways=ways,
        clock=clock,
        chance=chance,
    )
    services = GroupServices(
        groups=groups,
        codes=codes,
        alarms=GroupAlarms(storage=storage, clock=clock),
        albums=GroupAlbums(storage=storage, pseudonyms=vault.lasting, clock=clock),
        ways=ways,
        answers=answers,
        wrote=wrote,
    )
    return GroupParts(
        groups=groups,
        codes=codes,
        desks=GroupDesks(
            storage=storage,
            audit=audit,
            channels=channels,
            groups=groups,
            welcomes=welcomes,
            clock=clock,
            zone=zone,
        ),
        alarms=services.alarms,
        talk=GroupTalk(book, services, emergency=emergency, menu=Menu(book)),
    )
