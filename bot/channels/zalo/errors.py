"""What each error code of the OA API means for a message, said once (table of Zalo's pages).

Codes decide; the wording is only passed on to officers. The token codes are not errors of a
message: `tokens` takes care of them first.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.channels.zalo.account import Say
from bot.channels.zalo.calls import Answer
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

TOKEN_CODES: Final = frozenset({-216, 216, -220, -401, 401, -124})
BUTTON_CODES: Final = frozenset({-201, -233})
SLOW_DOWN_CODE: Final = -32
NIGHT_CODE: Final = -234
FAILED_CODE: Final = -200

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
# Groups need a permission and a tier of their own: without them people are still reached.
ONLY_GROUPS: Final = frozenset({-223, -224, -235})
# Never for this message: attachment gone, parameter wrong or too long, article not ready, kind
# not offered, group lapsed, rules of content, forms. Unknown codes are taken the same way.
REFUSED: Final = frozenset(
    {-100, -201, -210, -214, -233, -237, -238, -240, -241, -248, -249, -1340, -1341}
)

_FAILED_PAUSE_S: Final = 30.0
_TOO_MANY_PAUSE_S: Final = 6 * 3600.0
_ZALO_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_MORNING_HOUR: Final = 6
# Ids of people and tokens, should a wording ever quote one.
_NOT_QUOTED: Final = re.compile(r"\d{6,}|\S{24,}")


def error_of(
    answer: Answer, *, is_group: bool, now: datetime, jitter_s: float, say: Say
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
    if code == FAILED_CODE:
        return PlatformTrouble(text, after_s=_FAILED_PAUSE_S)
    if code in BROKEN and not (is_group and code in ONLY_GROUPS):
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
    here = now.astimezone(_ZALO_ZONE)
    morning = here.replace(hour=_MORNING_HOUR, minute=0, second=0, microsecond=0)
    if morning <= here:
        morning += timedelta(days=1)
    return (morning - here).total_seconds()
