"""What a group reads first once officers have linked it: who speaks here, and what it does not do.

That a program speaks must be said openly (Luật Trí tuệ nhân tạo 134/2025/QH15, Điều 11). Where
the code was typed in the group itself, the dialogue there answers with the same words.
"""

from typing import Final

from bot.core.groups import Group
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Outgoing
from bot.core.storage import Work
from bot.core.time import Clock
from bot.core.units import Unit
from bot.services.envelopes import Envelopes
from bot.services.groups.ways import Ways
from content.sentences import Voice

WORDS: Final = ("linked",)


class GroupWelcomes:
    """Greets groups that were linked without a word in them."""

    def __init__(self, *, envelopes: Envelopes, voice: Voice, ways: Ways, clock: Clock) -> None:
        """`voice` says the sentences of section `group`."""
        self._envelopes = envelopes
        self._say = voice
        self._ways = ways
        self._clock = clock

    async def greeting(self, unit: Unit, channel_id: ChannelId) -> str:
        """Return what a group of the unit on that account reads.

        Not for use in a transaction: the link is looked up over a connection of its own.
        """
        link = await self._ways.into_unit(channel_id, unit.join_code)
        return self._say("linked", Language.VI, unit=unit.name, link=link)

    async def greet(self, work: Work, group: Group, greeting: str) -> None:
        """Put the greeting into the outbox, in the transaction that links the group."""
        reply = self._envelopes.reply(group.address, Outgoing(text=greeting))
        await work.deliveries.add_replies([reply], at=self._clock.now())
