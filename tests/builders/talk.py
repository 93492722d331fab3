"""One conversation in a town, from what somebody says to what is answered."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.core.dialogues import Step
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind, Media, Outgoing

if TYPE_CHECKING:
    from tests.builders.town import Town


class Talk:
    """One conversation, through the inbox, the router and the outbox."""

    def __init__(
        self,
        town: "Town",
        channel_id: ChannelId,
        chat: str,
        *,
        is_group: bool = False,
        is_for_bot: bool = True,
        language: Language | None = None,
    ) -> None:
        self.town = town
        self.channel_id = channel_id
        self.chat = chat
        self.is_group = is_group
        self.is_for_bot = is_for_bot
        self.language = language
        self._conversations = town.conversations()

    def incoming(self, text: str, kind: IncomingKind = IncomingKind.TEXT) -> Incoming:
        return Incoming(
            channel_id=self.channel_id,
            event_id=self.town.event_id(),
            kind=kind,
            chat=self.chat,
            sender="sender-1" if self.is_group else self.chat,
            is_group=self.is_group,
            is_for_bot=self.is_for_bot,
            text=text,
            language=self.language,
        )

    async def says(self, text: str, kind: IncomingKind = IncomingKind.TEXT) -> list[Outgoing]:
        """Say something; return what is answered."""
        await self.town.reception().receive([self.incoming(text, kind)])
        while await self._conversations.step():
            pass
        return await self.town.outbox()

    async def shows(self, *media: Media, caption: str = "") -> list[Outgoing]:
        """Send pictures and the like; return what is answered."""
        incoming = self.incoming(caption, IncomingKind.MEDIA)
        await self.town.reception().receive([replace(incoming, media=media)])
        while await self._conversations.step():
            pass
        return await self.town.outbox()

    async def taps(self, word: str) -> list[Outgoing]:
        """Tap a button with this word behind it."""
        return await self.says(word, IncomingKind.CHOICE)

    async def step(self) -> Step:
        """Return where the conversation stands."""
        key = self.town.envelopes.conversation(self.channel_id, self.chat)
        async with self.town.storage.read() as work:
            saved = await work.dialogues.get(key)
        return Step() if saved is None else self.town.envelopes.open_step(key, saved.sealed)
