"""Albums of which one picture was taken away from a group: its words stand below that one alone.

Platforms bring every picture of an album as a message of its own, and what tells on somebody in
the first one does so in the others.
"""

from datetime import timedelta
from typing import Final

from bot.core.ids import ConversationKey
from bot.core.sealing import Pseudonyms
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage, Work
from bot.core.time import Clock

# The pictures of one album come within seconds; handling them can take a little longer.
KEPT_FOR: Final = timedelta(minutes=10)


class GroupAlbums:
    """Remembers for ten minutes which albums do not belong in their group."""

    def __init__(self, *, storage: Storage, pseudonyms: Pseudonyms, clock: Clock) -> None:
        self._storage = storage
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def is_unwanted(self, conversation: ConversationKey, album: str) -> bool:
        """Tell whether another picture of the album was taken away."""
        async with self._storage.read() as work:
            key = self._key(conversation, album)
            slip = await work.slips.get(SlipKind.GROUP_ALBUM, key, now=self._clock.now())
        return slip is not None

    async def unwanted(self, work: Work, *, conversation: ConversationKey, album: str) -> None:
        """Note that the rest of the album is to be taken away too."""
        await work.slips.put(
            Slip(
                kind=SlipKind.GROUP_ALBUM,
                key=self._key(conversation, album),
                until=self._clock.now() + KEPT_FOR,
            )
        )

    def _key(self, conversation: ConversationKey, album: str) -> str:
        return self._pseudonyms.pseudonym(SlipKind.GROUP_ALBUM, f"{conversation}:{album}")
