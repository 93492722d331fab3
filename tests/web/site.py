"""The whole server over a real database and vault, listening on a port of its own.

Nobody handles what comes in and nothing is sent by itself: a test does either by hand.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app.officers import made_officer_services
from bot.channels.web import STATIC, TEMPLATES
from bot.channels.web.channel import WebChannel
from bot.channels.web.doorbells import Doorbells
from bot.channels.web.keys import COOKIE, chat_of
from bot.channels.web.routes import LISTEN_PATH, Chat
from bot.clock import RealChance
from bot.core.announcements import Announcement, AnnouncementState
from bot.core.channels import Capabilities, Channel, ChannelAccount, ChannelKind
from bot.core.ids import AnnouncementId, ChannelId, new_id
from bot.core.messages import Address, Incoming, Outgoing
from bot.core.units import Unit, UnitKind
from bot.services.announcements.announcements import Announcements
from bot.services.answers.answers import Answers
from bot.services.audit import Audit
from bot.services.bells import Bell
from bot.services.channels.channels import WEB
from bot.services.conversations.reception import Reception
from bot.services.envelopes import Envelopes
from bot.services.notices import WORDS as NOTICE_WORDS
from bot.services.notices import Notices
from bot.services.officers.setting_up import SettingUp
from bot.services.people.people import People
from bot.services.tips.reading.reading import Reading
from bot.services.tips.receiving.receiving import Receiving
from bot.services.units.units import UnitRow, Units
from bot.vault.cleaning import PictureCleaner
from bot.vault.vault import Vault
from bot.web.assets import Assets
from bot.web.doors import JoinLink, WebDoors
from bot.web.health import database_check
from bot.web.metrics import PrometheusMeter
from bot.web.pages import Pages
from bot.web.server import build_server
from content.book import Book
from tests.announcement_builder import made_announcements, made_published
from tests.compiled_pages import COMPILED
from tests.mail_builder import mailing_of
from tests.storage.rig import Store, open_sqlite
from tests.tip_builder import reading_of, receiving_of
from tests.vault.still_clock import StillClock
from tests.vault_builder import open_vault

BOOK = Book.load()
ANSWERS = Answers(BOOK)
OA_URL = "https://zalo.me/1000000000000000001"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A running server and what a test needs to look behind it."""

    url: str
    http: aiohttp.ClientSession
    clock: StillClock
    storage: Store
    vault: Vault
    envelopes: Envelopes
    units: Units
    announcements: Announcements
    receiving: Receiving
    reading: Reading
    setting_up: SettingUp
    meter: PrometheusMeter
    doorbells: Doorbells
    web_channel: WebChannel
    channels: list[Channel] = field(default_factory=list)

    def get(self, path: str, **options: Any) -> Any:  # noqa: ANN401 - aiohttp's own options
        options.setdefault("allow_redirects", False)
        return self.http.get(self.url + path, **options)

    def post(self, path: str, **options: Any) -> Any:  # noqa: ANN401 - handed on as it is
        options.setdefault("allow_redirects", False)
        return self.http.post(self.url + path, **options)

    async def home(self) -> Unit:
        return next(unit for unit in await self.units.all() if unit.parent_id is None)

    async def neighbourhood(self) -> Unit:
        return await self.units.by_code("THON-1")

    async def can_take_tips(self) -> None:
        self.vault.setup.open_or_create()
        await self.setting_up.ensure_recovery((await self.home()).id)

    async def publish(self, title: str, text: str = "Nội dung.", **changes: Any) -> Announcement:  # noqa: ANN401 - handed on as it is
        announcement = Announcement(
            id=AnnouncementId(new_id(RealChance())),
            unit_id=(await self.neighbourhood()).id,
            title=title,
            text=text,
            state=AnnouncementState.SENDING,
            slug=f"tin-{new_id(RealChance())[:5]}",
            written_at=self.clock.now(),
            started_at=self.clock.now(),
        )
        announcement = replace(announcement, **changes)
        async with self.storage.begin() as work:
            await work.announcements.save(announcement)
            await work.commit()
        return announcement

    async def arrived(self) -> list[Incoming]:
        """Return what came in and was not handled, oldest first, one of each conversation."""
        now = self.clock.now()
        async with self.storage.begin() as work:
            rows = await work.inbox.claim(100, owner="test", now=now, lease_until=now)
        return [
            self.envelopes.open_arrival(row.channel_id, row.event_id, row.sealed) for row in rows
        ]

    async def handle_everything(self) -> None:
        """Take what came in out of the inbox, as if it had been answered."""
        now = self.clock.now()
        async with self.storage.begin() as work:
            for row in await work.inbox.claim(100, owner="test", now=now, lease_until=now):
                await work.inbox.handled(row.id, at=now)
            await work.commit()

    async def backlog(self) -> int:
        async with self.storage.read() as work:
            return await work.inbox.backlog()

    async def opened_chat(self) -> str:
        """Say something as a new browser; return its token."""
        async with self.post(
            "/tro-chuyen/gui", json={"id": "first-word", "text": "xin chào"}
        ) as said:
            assert said.status == 202
            return SimpleCookie(said.headers["Set-Cookie"])[COOKIE].value

    async def answer(self, token: str, text: str, **more: Any) -> str:  # noqa: ANN401 - handed on as it is
        to = Address(channel_id=WEB, chat=chat_of(token))
        return (await self.web_channel.send(to, Outgoing(text=text, **more)))[0]


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={token}"}


async def _join_links(_unit: Unit, code: str) -> Sequence[JoinLink]:
    return [
        JoinLink(kind=ChannelKind.ZALO, url=OA_URL, typed=f"THAMGIA {code}"),
        JoinLink(kind=ChannelKind.TELEGRAM, url=f"https://t.me/binhyen_thu_bot?start=join_{code}"),
    ]


async def _verifier(code: str) -> str | None:
    return code if code == "AbC123" else None


@asynccontextmanager
async def open_site(
    folder: Path,
    *,
    more_routes: Sequence[web.RouteDef] = (),
    **doors: Any,  # noqa: ANN401 - handed on as it is
) -> AsyncIterator[Site]:
    clock, chance = StillClock(), RealChance()
    async with open_sqlite(folder) as storage:
        with open_vault(folder, clock=clock) as vault:
            ground = _Ground(storage=storage, vault=vault, clock=clock, chance=chance)
            site, app = await _built(ground, more_routes=more_routes, doors=doors)
            server = TestServer(app)
            # As `bot.app` does: aiohttp's own log writes addresses.
            await server.start_server(access_log=None)
            try:
                async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
                    url = str(server.make_url("")).rstrip("/")
                    yield replace(site, url=url, http=http)
            finally:
                await server.close()


@dataclass(frozen=True, kw_only=True)
class _Ground:
    storage: Store
    vault: Vault
    clock: StillClock
    chance: RealChance


async def _built(
    ground: _Ground, *, more_routes: Sequence[web.RouteDef], doors: dict[str, Any]
) -> tuple[Site, web.Application]:
    storage, vault, clock, chance = ground.storage, ground.vault, ground.clock, ground.chance
    public_url = doors.pop("public_url", "http://binhyen.test")
    envelopes = Envelopes(
        passing=vault.passing, lasting=vault.lasting, pseudonyms=vault.lasting, clock=clock
    )
    audit = Audit(storage=storage, clock=clock)
    units = Units(storage=storage, audit=audit, chance=chance)
    people = People(storage=storage, clock=clock, chance=chance)
    commune = await units.ensure_commune(code="XA", name="Xã Thử Nghiệm")
    await units.add(
        [UnitRow(code="THON-1", name="Thôn Một", kind=UnitKind.NEIGHBOURHOOD, parent="XA")],
        by="test",
    )
    receiving = receiving_of(
        storage, vault, book=BOOK, envelopes=envelopes, clock=clock, chance=chance
    )
    reading = reading_of(storage, vault, audit=audit, clock=clock, chance=chance)
    notices = Notices(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        mailing=mailing_of(storage, book=BOOK, envelopes=envelopes, clock=clock, chance=chance),
        voice=BOOK.voice("notices", *NOTICE_WORDS),
        pseudonyms=vault.lasting,
        clock=clock,
        chance=chance,
    )
    announcements = made_announcements(
        BOOK,
        storage=storage,
        audit=audit,
        notices=notices,
        clock=clock,
        chance=chance,
        offers=no_offers,
    )
    desk = made_officer_services(
        storage=storage,
        vault=vault,
        audit=audit,
        clock=clock,
        chance=chance,
    )
    meter, doorbells = PrometheusMeter(), Doorbells()
    web_channel = WebChannel(
        WEB,
        storage=storage,
        envelopes=envelopes,
        clock=clock,
        doorbells=doorbells,
        say=BOOK.voice("channels"),
    )
    channels: list[Channel] = [web_channel]
    reception = Reception(
        storage=storage,
        envelopes=envelopes,
        channels=lambda: channels,
        look_again=_nothing_new,
        is_shut=lambda path, _meant: path.endswith("/shut"),
        bell=Bell(),
        clock=clock,
        meter=meter,
    )
    assets = Assets.load(STATIC)
    pages = Pages(
        book=BOOK,
        units=units,
        assets=assets,
        zone=ZoneInfo("Asia/Ho_Chi_Minh"),
        folders=(TEMPLATES,),
        compiled=COMPILED,
    )
    chat = Chat(
        WEB,
        reception=reception,
        storage=storage,
        envelopes=envelopes,
        people=people,
        doorbells=doorbells,
        pages=pages,
        clock=clock,
        chance=chance,
        public_url=public_url,
    )
    await _with_web_account(storage, envelopes, clock, commune)
    values: dict[str, Any] = {
        "checks": [database_check(storage, clock)],
        "join_links": _join_links,
        "verifier": _verifier,
        **doors,
    }
    app = build_server(
        WebDoors(
            reception=reception,
            published=made_published(BOOK, storage),
            units=units,
            receiving=receiving,
            cleaning=PictureCleaner(),
            answers=ANSWERS,
            storage=storage,
            book=BOOK,
            pages=pages,
            assets=assets,
            meter=meter,
            clock=clock,
            chance=chance,
            public_url=public_url,
            more_routes=[*chat.routes(), *more_routes],
            without_time_limit=frozenset({LISTEN_PATH}),
            at_shutdown=[doorbells.close],
            **values,
        )
    )
    site = Site(
        url="",
        http=None,  # type: ignore[arg-type] # given when the server runs
        clock=clock,
        storage=storage,
        vault=vault,
        envelopes=envelopes,
        units=units,
        announcements=announcements,
        receiving=receiving,
        reading=reading,
        setting_up=desk.setting_up,
        meter=meter,
        doorbells=doorbells,
        web_channel=web_channel,
        channels=channels,
    )
    return site, app


async def _with_web_account(
    storage: Store, envelopes: Envelopes, clock: StillClock, commune: Unit
) -> None:
    account = ChannelAccount(
        id=WEB,
        kind=ChannelKind.WEB,
        unit_id=commune.id,
        name="web",
        settings={},
        sealed_credentials=envelopes.credentials(WEB, {}),
        added_at=clock.now(),
    )
    async with storage.begin() as work:
        await work.channels.save(account)
        await work.commit()


async def no_offers() -> Mapping[ChannelId, Capabilities]:
    """Return that no platform offers or forbids anything."""
    return {}


async def _nothing_new() -> None:
    """No account is added while a test runs."""
