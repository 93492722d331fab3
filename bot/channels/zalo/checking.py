"""A look at one Official Account: does Zalo know it, whose is it, how long does the pair last.

Says everything in sentences for officers. Calls nothing by itself: the adapter hands over how.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from bot.channels.zalo.account import TROUBLE_FIXES, Say, ZaloAccount
from bot.channels.zalo.calls import Answer
from bot.channels.zalo.explaining import explained
from bot.channels.zalo.pairs import expiry_of
from bot.channels.zalo.tokens import TokenKeeper
from bot.core.channels import Credentials, Finding
from bot.core.languages import Language
from bot.core.sending import ChannelBroken, SendError
from bot.services.channels.credentials import OLD_AFTER

PROFILE_PATH: Final = "/v2.0/oa/getoa"


class _Profile(msgspec.Struct):
    name: str = ""
    oaid: str | int = ""
    oa_id: str | int = ""


class Checkup:
    """Looks at `account`. `call` asks the OA API for a path and returns its answer."""

    def __init__(
        self,
        account: ZaloAccount,
        *,
        call: Callable[[str], Awaitable[Answer]],
        tokens: TokenKeeper,
        say: Say,
        more: Callable[[Answer], Awaitable[Sequence[Finding]]],
    ) -> None:
        """`more` says what else is seen from Zalo's answer about the account."""
        self._account = account
        self._call = call
        self._tokens = tokens
        self._say = say
        self._more = more

    async def findings(self, *, now: datetime) -> Sequence[Finding]:
        """Return what is well and what is not, with what to do."""
        try:
            answer = await self._call(PROFILE_PATH)
            credentials = await self._tokens.current()
        except SendError as error:
            return [self._trouble(error)]
        found = [self._answered(answer)]
        if self._tokens.trouble:
            what = self._words("zalo_pair_in_trouble")
            found.append(Finding(is_well=False, what=what, fix=self._tokens.trouble))
        if answer.code != 0:
            return found
        more = await self._more(answer) if found[0].is_well else []
        return [*found, *more, *self._age(credentials, now=now)]

    def _answered(self, answer: Answer) -> Finding:
        if answer.code != 0:
            what = self._words("zalo_no_answer")
            return Finding(is_well=False, what=what, fix=explained(answer.code, self._say))
        name, found_id = profile_of(answer.data)
        if found_id and found_id != self._account.oa_id:
            return Finding(
                is_well=False,
                what=self._words("zalo_other_account", name=name),
                fix=self._words("zalo_other_account_fix"),
            )
        return Finding(is_well=True, what=self._words("zalo_answers", name=name))

    def _age(self, credentials: Credentials, *, now: datetime) -> Sequence[Finding]:
        age = self._tokens.age_of(credentials)
        found = []
        if age is not None and age > OLD_AFTER:
            what = self._words("zalo_pair_old", days=age.days)
            found.append(Finding(is_well=False, what=what, fix=self._words("zalo_pair_old_fix")))
        expires_at = expiry_of(credentials)
        lasts = self._words("zalo_token_age_unknown")
        if expires_at is not None:
            hours = int((expires_at - now).total_seconds() // 3600)
            lasts = self._words("zalo_token_lasts", hours=max(hours, 0))
        return [*found, Finding(is_well=True, what=lasts)]

    def _trouble(self, error: SendError) -> Finding:
        fix = str(error)
        if not isinstance(error, ChannelBroken):
            fix = self._words(TROUBLE_FIXES.get(error.reason, "refused_fix"), detail=fix)
        return Finding(is_well=False, what=self._words("zalo_no_answer"), fix=fix)

    def _words(self, key: str, **values: str | int) -> str:
        return self._say(key, Language.VI, **values)


def profile_of(data: bytes) -> tuple[str, str]:
    """Return name and id of an account as `getoa` tells them, "" where it does not."""
    try:
        profile = msgspec.json.decode(data, type=_Profile)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return "", ""
    return profile.name, str(profile.oaid or profile.oa_id)
