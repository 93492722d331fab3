"""What each error code of the OA API means for a message, said once (table of Zalo's pages).

Codes decide; the wording is only passed on to officers. The token codes are not errors of a
message: `tokens` takes care of them first.
"""

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.channels.zalo.account import Say
from bot.channels.zalo.calls import Answer
from bot.channels.zalo.days import ZALO_ZONE
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.sending import (
    ChannelBroken,
    MessageRefused,
    NotNow,
    PersonUnreachable,
    PlatformTrouble,
    Reason,
    SendError,
    SlowedDown,
)
from bot.core.time import Chance, Clock

log: Final = logging.getLogger(__name__)

TOKEN_CODES: Final = frozenset({-216, 216, -220, -401, 401, -124})
ATTACHMENT_GONE_CODE: Final = -100
# Nothing pays for a message beyond the free ones.
UNPAID_CODES: Final = frozenset({-211, -320, -321})
SLOW_DOWN_CODE: Final = -32
NIGHT_CODE: Final = -234
# Not now, but perhaps soon: failed for no reason told, an article still in the making.
TRANSIENT: Final[Mapping[int, float]] = {-200: 30.0, -214: 60.0}

# The person cannot be reached on this account any more.
UNREACHABLE: Final[Mapping[int, Reason]] = {
    -217: Reason.BLOCKED,
    -227: Reason.DEACTIVATED,
    -403: Reason.NOT_FOUND,
}
# Not at present: until the person writes, the quota is filled, the hours pass.
NOT_NOW: Final[Mapping[int, Reason]] = {
    -211: Reason.NO_QUOTA,
    -320: Reason.NO_QUOTA,
    -321: Reason.NO_QUOTA,
    -213: Reason.NO_WINDOW,
    -230: Reason.NO_WINDOW,
    -232: Reason.NO_WINDOW,
    -218: Reason.TOO_MANY,
    -1472: Reason.TOO_MANY,
    -244: Reason.OPTED_OUT,
}
# The account or the app is of no use; the sentence says what to do about it.
BROKEN: Final[Mapping[int, str]] = {
    -204: "zalo_account_closed",
    -205: "zalo_account_closed",
    -209: "zalo_app_not_ready",
    -212: "zalo_app_not_ready",
    -219: "zalo_app_not_ready",
    -221: "zalo_not_verified",
    -223: "zalo_permission_missing",
    -224: "zalo_tier_too_low",
    -235: "zalo_tier_too_low",
    -242: "zalo_proof_refused",
}
# Groups, visitors, uploads, buttons and forms each need a permission or a tier of their own:
# without it people are still reached, so it may not stop the words that somebody waits for.
ONLY_PARTS: Final = frozenset({-223, -224, -235})
# A part of the message is not taken here or in this form: buttons, a quote, a form. The number to
# call stands above buttons; it may not be lost with them.
SHAPE_CODES: Final = frozenset({-201, -210, -233}) | ONLY_PARTS
# Nobody can write in the group until what pays for it is renewed.
LAPSED: Final = frozenset({-237, -241})
# Never for this message: attachment gone, parameter wrong or too long, kind not offered, what pays
# for a group used already, rules of content, forms. Unknown codes are taken the same way.
REFUSED: Final = frozenset({-100, -201, -210, -233, -238, -240, -248, -249, -1340, -1341})

_JITTER_MS: Final = 3000
_TOO_MANY_PAUSE_S: Final = 6 * 3600.0
_MORNING_HOUR: Final = 6
# Ids of people and tokens, should a wording ever quote one.
_NOT_QUOTED: Final = re.compile(r"\d{6,}|\S{24,}")


class Refusals:
    """What codes mean for one account: said as an error, and written down where it is odd."""

    def __init__(self, channel_id: ChannelId, *, clock: Clock, chance: Chance, say: Say) -> None:
        self._channel_id = channel_id
        self._clock = clock
        self._chance = chance
        self._say = say

    def of_message(self, answer: Answer, *, is_group: bool, is_part: bool = False) -> SendError:
        """Return what a code means for a message, or for something done about a group.

        `is_part`: about a part of what accounts can do besides (see `ONLY_PARTS`).
        """
        error = error_of(
            answer,
            is_group=is_group,
            is_part=is_part,
            now=self._clock.now(),
            jitter_s=self._chance.below(_JITTER_MS) / 1000,
            say=self._say,
        )
        if isinstance(error, MessageRefused | ChannelBroken | PlatformTrouble):
            log.warning("zalo.refused", extra=self._told(answer))
        return error

    def of_upload(self, answer: Answer) -> SendError:
        """Return what a code means for an upload, and so for the message it belongs to."""
        error = self.of_message(answer, is_group=False, is_part=True)
        if error.reason is Reason.NO_QUOTA:
            log.warning("zalo.uploads_used_up", extra=self._told(answer))
        return error

    def _told(self, answer: Answer) -> Mapping[str, str | int]:
        wording = _NOT_QUOTED.sub("…", answer.wording)
        return {"channel_id": self._channel_id, "code": answer.code, "wording": wording}


def error_of(
    answer: Answer,
    *,
    is_group: bool,
    is_part: bool = False,
    now: datetime,
    jitter_s: float,
    say: Say,
) -> SendError:
    """Return what `answer` (its code is neither 0 nor a token code) means for the message.

    `jitter_s` is added to the pause of a whole account, so that many processes do not come back
    all at once.
    """
    code, text = answer.code, f"{answer.code} {_NOT_QUOTED.sub('…', answer.wording)}".strip()
    if code == SLOW_DOWN_CODE:
        return SlowedDown(until_next_minute_s(now) + jitter_s, text=text)
    if code == NIGHT_CODE:
        return SlowedDown(_until_morning_s(now), whole_channel=False, text=text)
    if code in TRANSIENT:
        return PlatformTrouble(text, after_s=TRANSIENT[code])
    if code in LAPSED and is_group:
        return NotNow(Reason.NO_QUOTA, text)
    if code in BROKEN and not ((is_group or is_part) and code in ONLY_PARTS):
        return ChannelBroken(say(BROKEN[code], Language.VI, code=code))
    return _error_of_one(code, text)


def _error_of_one(code: int, text: str) -> SendError:
    """Return what a code says of this person or this message alone."""
    if code in UNREACHABLE:
        return PersonUnreachable(UNREACHABLE[code], text)
    if code in NOT_NOW:
        reason = NOT_NOW[code]
        after_s = _TOO_MANY_PAUSE_S if reason is Reason.TOO_MANY else None
        return NotNow(reason, text, after_s=after_s)
    return MessageRefused(text)


def until_next_minute_s(now: datetime) -> float:
    """Return the seconds to the next full minute and one more, should the clocks differ."""
    return 61.0 - now.second - now.microsecond / 1_000_000


def _until_morning_s(now: datetime) -> float:
    here = now.astimezone(ZALO_ZONE)
    morning = here.replace(hour=_MORNING_HOUR, minute=0, second=0, microsecond=0)
    if morning <= here:
        morning += timedelta(days=1)
    return (morning - here).total_seconds()
