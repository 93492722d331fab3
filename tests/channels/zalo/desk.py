"""A commune that wants to connect the stub's account, and the account's admin who says yes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from bot.channels.zalo.grant import ZaloGrants
from bot.core.channels import ChannelAccount, ChannelKind
from bot.core.officers import Role
from bot.services.audit import MACHINE
from bot.services.channels.connecting import Begun, CallBack, Connecting
from bot.services.channels.grants import (
    CALLBACK_PATH,
    Application,
    UnderWay,
)
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.sign_ins import SignedIn
from content.book import Book
from tests.builders.town import PASSWORD, Town
from tests.channels.stubs.zalo_stub import ZaloStub

PUBLIC_URL = "http://binhyen.test"
VOICE = Book.load().voice("channels")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A commune that wants to connect the stub's account."""

    town: Town
    stub: ZaloStub
    connecting: Connecting
    http: aiohttp.ClientSession

    def application(self, **settings: str) -> Application:
        return Application(
            unit_id=self.town.commune.id,
            settings={
                "app_id": self.stub.app.app_id,
                "api_url": self.stub.url,
                "oauth_url": self.stub.url,
                **settings,
            },
            secrets={
                "app_secret": self.stub.app.app_secret,
                "oa_secret": self.stub.app.webhook_secret,
            },
        )

    async def begin(self, application: Application | None = None) -> Begun:
        return await self.connecting.begin(application or self.application(), by=MACHINE)

    async def agree(self, begun: Begun, *, oa_id: str = "") -> CallBack:
        """Follow the link as the account's admin who says yes."""
        link = URL(begun.link).update_query({"oa_id": oa_id} if oa_id else {})
        async with self.http.get(link, allow_redirects=False) as answer:
            place = URL(answer.headers["Location"])
        return CallBack(
            state=place.query.get("state", place.query.get("st", "")),
            code=place.query.get("code", ""),
            oa_id=place.query.get("oa_id", ""),
            refusal=place.query.get("error_code", ""),
        )

    async def call(self, back: CallBack, *, browser_key: str = "") -> UnderWay:
        grant_id = await self.connecting.called_back(back, browser_key=browser_key)
        await self.connecting.wait_for(grant_id, at_most_s=5)
        return await self.connecting.find(grant_id)

    async def accounts(self) -> list[ChannelAccount]:
        return [
            one
            for one in await self.town.channels.accounts()
            if one.kind is ChannelKind.ZALO and "oa_id" in one.settings
        ]

    async def admin(self) -> SignedIn:
        new = NewOfficer(
            login="an",
            name="Cán bộ An",
            password=PASSWORD,
            unit_id=self.town.commune.id,
            roles=frozenset({Role.ADMIN}),
        )
        await self.town.officers.add(new, by="test")
        signed_in = await self.town.sign_ins.sign_in("an", PASSWORD)
        assert signed_in is not None
        return signed_in


@asynccontextmanager
async def open_desk(town: Town) -> AsyncIterator[Desk]:
    async with ZaloStub() as stub, aiohttp.ClientSession() as http:
        stub.app.redirect_uri = PUBLIC_URL + CALLBACK_PATH
        connecting = Connecting(
            storage=town.storage,
            envelopes=town.envelopes,
            channels=town.channels,
            granting=ZaloGrants(lambda: http, clock=town.clock, say=VOICE, public_url=PUBLIC_URL),
            clock=town.clock,
            chance=town.chance,
        )
        yield Desk(town=town, stub=stub, connecting=connecting, http=http)
        await connecting.close()
