"""Pictures and pages that come with a tip: fetched, cleaned, laid on a sealed shelf until sent.

The platform's address of a picture soon runs out, and a picture as it came may tell who took it
and where. So nothing is kept but the cleaned one, sealed with the key of the day, as long as the
draft of the tip itself lives: half an hour from its last message.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.core.cleaning import FileCleaning, NotCleaned
from bot.core.dialogues import STEP_LIFE
from bot.core.errors import BinhYenError, MediaRefused, NotFound
from bot.core.ids import ChannelId, ConversationKey, new_id
from bot.core.messages import Incoming, Media, MediaKind
from bot.core.sealing import KeyGone, SealBroken
from bot.core.sending import SendError
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.turns import Effect
from bot.services.envelopes import Envelopes

# As many as a PDF may have pages: each is a picture.
MOST_PICTURES: Final = 10
# A picture that is sent as a file has not been made smaller by the platform; of films some
# pictures are kept. Voices are not taken: they tell who speaks.
_TAKEN: Final = frozenset({MediaKind.PICTURE, MediaKind.FILE, MediaKind.VIDEO})
# What platforms let us fetch; said before it is tried, where they tell how large it is.
_MOST_BYTES: Final = 20_000_000
# All pictures of a message. What its sender writes next waits behind it, and may be a cry for
# help; and what takes as long as a message may be handled is set aside with its words.
_TAKING_LIMIT_S: Final = 15.0
# The life of the draft begins anew a moment after that of its pictures.
_KEPT: Final = STEP_LIFE + timedelta(minutes=1)

Fetch = Callable[[ChannelId, Media], Awaitable[bytes]]


class Refusal(StrEnum):
    """Why pictures were not taken; also the keys of the sentences in section `tips`.

    What `bot.core.cleaning.Unclean` names is among them.
    """

    NO_PICTURE = "picture_refused"
    NOT_HAD = "picture_not_had"
    TOO_MANY = "pictures_many"
    UNKNOWN_FORMAT = "media_unknown"
    TOO_BIG = "media_too_big"
    TOO_MANY_POINTS = "media_too_many_points"
    BROKEN = "media_broken"
    TOO_SLOW = "media_too_slow"


class PicturesRefused(BinhYenError):
    """What came with a tip is not kept; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of the pictures of one message: how many there are now, and the effect."""

    count: int
    effect: Effect


class TipPictures:
    """Use cases about pictures of tips that are being written."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        fetch: Fetch,
        cleaning: FileCleaning,
        clock: Clock,
        chance: Chance,
    ) -> None:
        """`fetch` brings the bytes of something that came in over a channel."""
        self._storage = storage
        self._envelopes = envelopes
        self._fetch = fetch
        self._cleaning = cleaning
        self._clock = clock
        self._chance = chance

    async def take(self, incoming: Incoming, conversation: ConversationKey) -> Taken:
        """Fetch and clean what came; return the effect that lays it on the shelf.

        Raise `PicturesRefused`.
        """
        files = [one for one in incoming.media if one.kind in _TAKEN]
        if not files:
            raise PicturesRefused(Refusal.NO_PICTURE)
        shelved = len(await self._slips(conversation))
        if shelved + len(files) > MOST_PICTURES:
            raise PicturesRefused(Refusal.TOO_MANY)
        if any((one.size_bytes or 0) > _MOST_BYTES for one in files):
            raise PicturesRefused(Refusal.TOO_BIG)
        try:
            async with asyncio.timeout(_TAKING_LIMIT_S):
                slips = [
                    self._slip(conversation, clean)
                    for one in files
                    for clean in await self._cleaned(incoming.channel_id, one)
                ]
        except TimeoutError as error:
            raise PicturesRefused(Refusal.NOT_HAD) from error
        if shelved + len(slips) > MOST_PICTURES:
            raise PicturesRefused(Refusal.TOO_MANY)

        async def lay(work: Work) -> None:
            await work.slips.put_many(slips)

        return Taken(count=shelved + len(slips), effect=lay)

    async def _cleaned(self, channel_id: ChannelId, media: Media) -> Sequence[bytes]:
        try:
            body = await self._fetch(channel_id, media)
        except (MediaRefused, SendError, NotFound) as error:
            raise PicturesRefused(Refusal.NOT_HAD) from error
        try:
            return [one.body for one in await self._cleaning.clean_all(body)]
        except NotCleaned as error:
            raise PicturesRefused(Refusal(error.reason)) from error

    def _slip(self, conversation: ConversationKey, picture: bytes) -> Slip:
        key = new_id(self._chance)
        return Slip(
            kind=SlipKind.SHELF,
            key=key,
            holder=conversation,
            body=self._envelopes.shelved(conversation, key, picture),
            until=self._clock.now() + _KEPT,
        )

    async def gathered(self, conversation: ConversationKey) -> Sequence[bytes]:
        """Return the cleaned pictures of the tip that is being written, oldest first."""
        found: list[bytes] = []
        for slip in await self._slips(conversation):
            try:
                found.append(self._envelopes.open_shelved(conversation, slip.key, slip.body))
            except (SealBroken, KeyGone):
                # Of a day whose key is gone; its draft is gone as well.
                continue
        return found

    async def count(self, conversation: ConversationKey) -> int:
        """Return how many pictures the tip that is being written has."""
        return len(await self._slips(conversation))

    async def keep_on(self, work: Work, conversation: ConversationKey) -> None:
        """Keep the pictures for another half hour: the draft was gone on with."""
        now = self._clock.now()
        slips = await work.slips.of_holder(SlipKind.SHELF, conversation, now=now)
        if slips:
            # All by the same, for their order is that of their ends.
            longer = now + _KEPT - slips[0].until
            await work.slips.put_many([replace(one, until=one.until + longer) for one in slips])

    async def clear(self, work: Work, conversation: ConversationKey) -> None:
        """Forget the pictures: the tip was sent or given up."""
        await work.slips.remove_of(SlipKind.SHELF, conversation)

    async def _slips(self, conversation: ConversationKey) -> Sequence[Slip]:
        async with self._storage.read() as work:
            now = self._clock.now()
            return await work.slips.of_holder(SlipKind.SHELF, conversation, now=now)
