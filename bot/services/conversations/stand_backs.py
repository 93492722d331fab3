"""Stepping back: where a human answers, the bot keeps out of ordinary questions for a while."""

import logging
from datetime import datetime, timedelta
from typing import Final

from bot.core.channels import ChannelAccount
from bot.core.ids import ChannelId, ConversationKey
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Work
from bot.core.time import Clock

log = logging.getLogger(__name__)

# Setting of an account: how many minutes; 0 for never.
STEP_BACK_MIN: Final = "step_back_min"
DEFAULT_MIN: Final = 60
_LONGEST_MIN: Final = 7 * 24 * 60


class StandBacks:
    """Knows in which conversations a human answers."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def note(
        self,
        work: Work,
        channel_id: ChannelId,
        conversation: ConversationKey,
        *,
        at: datetime | None,
    ) -> None:
        """Note that a human wrote in the conversation at that moment (None: now)."""
        pause = step_back_of(await work.channels.get(channel_id))
        until = (at or self._clock.now()) + pause
        if until <= self._clock.now():
            return
        await work.slips.put(Slip(kind=SlipKind.STAND_BACK, key=conversation, until=until))
        log.info("conversation.left_to_a_human", extra={"channel_id": channel_id})


async def has_human(work: Work, conversation: ConversationKey, *, now: datetime) -> bool:
    """Tell whether a human answers in the conversation at present."""
    return await work.slips.get(SlipKind.STAND_BACK, conversation, now=now) is not None


def step_back_of(account: ChannelAccount) -> timedelta:
    """Return for how long the bot keeps out after a human wrote; zero for never."""
    told = account.settings.get(STEP_BACK_MIN, "")
    minutes = int(told) if told.isascii() and told.isdecimal() else DEFAULT_MIN
    return timedelta(minutes=min(minutes, _LONGEST_MIN))
