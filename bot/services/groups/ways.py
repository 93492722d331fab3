"""The addresses by which people come to us in private, as far as each platform has any."""

from typing import Protocol

from bot.core.ids import ChannelId


class Ways(Protocol):
    """Links that carry nothing of who follows them, nor of where they were found."""

    @property
    def tip_form(self) -> str:
        """Return the page that takes a tip without an account."""
        ...

    @property
    def follow_page(self) -> str:
        """Return the page that tells by its receipt where a tip stands."""
        ...

    async def into_chat(self, channel_id: ChannelId, word: str) -> str:
        """Return what opens the private chat, at a word such as togiac where links carry one."""
        ...

    async def into_unit(self, channel_id: ChannelId, join_code: str) -> str:
        """Return what leads to joining a unit."""
        ...

    async def into_group(self, channel_id: ChannelId, code: str) -> str:
        """Return what lets the bot into a group and says the code there, "" if nothing does."""
        ...
