"""The web channel in the contract of all channels: its platform is our own server."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.channels.web.keys import chat_of
from bot.core.ids import ConversationKey
from bot.core.messages import Address, Incoming, Outgoing
from bot.services.channels.channels import WEB
from tests.channels.rigs import Rig, Shown
from tests.storage.rig import sqlite_url
from tests.web.site import Site, cookie, open_site


class WebRig:
    """One browser that has begun a chat."""

    def __init__(self, site: Site, token: str, folder: Path) -> None:
        self.channel = site.web_channel
        self._site = site
        self._token = token
        self._database = sqlite_url(folder).removeprefix("sqlite:///")
        self._said = 0
        self.address = Address(channel_id=WEB, chat=chat_of(token))

    def _letters(self) -> list[Outgoing]:
        mailbox = self._site.envelopes.conversation(WEB, self.address.chat)
        with closing(sqlite3.connect(self._database)) as database:
            rows = database.execute(
                "SELECT mailbox, sealed FROM letters WHERE mailbox = ? ORDER BY number", (mailbox,)
            ).fetchall()
        return [
            self._site.envelopes.open_letter(ConversationKey(name), sealed)
            for name, sealed in rows
        ]

    def shown(self) -> Sequence[Shown]:
        return [
            Shown(text=one.text, buttons=tuple(choice.label for choice in one.choices))
            for one in self._letters()
        ]

    async def person_writes(self, text: str) -> Incoming:
        return await self._said_as({"text": text})

    async def person_taps(self, button: str) -> Incoming:
        choices = self._letters()[-1].choices
        word = next(choice.word for choice in choices if choice.label == button)
        return await self._said_as({"word": word})

    async def _said_as(self, said: dict[str, str]) -> Incoming:
        self._said += 1
        body = {"id": f"message-{self._said}", **said}
        async with self._site.post(
            "/tro-chuyen/gui", json=body, headers=cookie(self._token)
        ) as answer:
            assert answer.status == 202
        (incoming,) = await self._site.arrived()
        return incoming

    def complaints(self) -> Sequence[object]:
        return []


@asynccontextmanager
async def open_web() -> AsyncIterator[Rig]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with open_site(folder) as site:
            token = await site.opened_chat()
            await site.handle_everything()
            yield WebRig(site, token, folder)
