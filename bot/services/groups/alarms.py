"""Numbers given in a group unasked: once for a danger, then left alone for a while."""

from datetime import timedelta
from typing import Final

from bot.core.ids import ConversationKey
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from content.danger import EmergencyKind

QUIET_FOR: Final = timedelta(minutes=10)


class GroupAlarms:
    """Remembers for ten minutes of which danger a group was told what to do."""

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def is_due(self, conversation: ConversationKey, danger: EmergencyKind) -> bool:
        """Tell whether the group was not told of this danger lately.

        Another one is answered at once: somebody drowning is no repetition of a fire.
        """
        async with self._storage.read() as work:
            said = await work.slips.get(
                SlipKind.GROUP_ALARM, _key(conversation, danger), now=self._clock.now()
            )
        return said is None

    async def given(
        self, work: Work, *, conversation: ConversationKey, danger: EmergencyKind
    ) -> None:
        """Note that the group was told."""
        await work.slips.put(
            Slip(
                kind=SlipKind.GROUP_ALARM,
                key=_key(conversation, danger),
                until=self._clock.now() + QUIET_FOR,
            )
        )


def _key(conversation: ConversationKey, danger: EmergencyKind) -> str:
    return f"{conversation}:{danger.value}"
