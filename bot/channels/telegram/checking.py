"""Whether a bot can be used, found by asking Telegram, said in words an officer understands."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from telegram import WebhookInfo

from bot.channels.telegram.account import Mode, Say, TelegramAccount
from bot.channels.telegram.calls import Calls
from bot.core.channels import Finding
from bot.core.languages import Language
from bot.core.sending import ChannelBroken, Reason, SendError
from bot.core.time import Clock

# What an officer does about a call that failed and breaks nothing for good.
TROUBLE_FIXES: Final[Mapping[Reason, str]] = {
    Reason.NO_CONNECTION: "no_connection_fix",
    Reason.NO_ANSWER: "no_answer_fix",
    Reason.SLOWED_DOWN: "slowed_down_fix",
    Reason.PLATFORM_ERROR: "platform_error_fix",
}


FAILURE_COUNTS_FOR: Final = timedelta(hours=1)


class Checkup:
    """Looks at one bot."""

    def __init__(self, account: TelegramAccount, *, calls: Calls, say: Say, clock: Clock) -> None:
        self._account = account
        self._calls = calls
        self._say = say
        self._clock = clock

    async def findings(self) -> Sequence[Finding]:
        """Ask Telegram who we are and where it sends updates."""
        if self._account.mode is Mode.WEBHOOK and not self._account.can_have_webhook:
            return [self._unwell("telegram_needs_https")]
        try:
            me = await self._calls.done(self._calls.bot.get_me())
            known = Finding(is_well=True, what=self._words("telegram_answers", bot=me.name))
            return [known, await self._way_in()]
        except SendError as error:
            return [self._trouble(error)]

    async def _way_in(self) -> Finding:
        info = await self._calls.done(self._calls.bot.get_webhook_info())
        if self._account.mode is Mode.POLLING:
            if info.url:
                # A program that polls removes every webhook: somebody sets it again and again.
                return self._unwell("telegram_webhook_in_the_way")
            return Finding(is_well=True, what=self._words("telegram_polling"))
        if info.url != self._account.webhook_url:
            return self._unwell("telegram_webhook_elsewhere")
        if info.last_error_message and (info.pending_update_count or self._is_recent(info)):
            return self._unwell("telegram_webhook_failing", waiting=info.pending_update_count)
        return Finding(is_well=True, what=self._words("telegram_webhook_set"))

    def _is_recent(self, info: WebhookInfo) -> bool:
        """Tell whether the last failure is of now: Telegram tells of it for ever."""
        at = info.last_error_date
        return at is None or self._clock.now() - at < FAILURE_COUNTS_FOR

    def _trouble(self, error: SendError) -> Finding:
        fix = str(error)
        if not isinstance(error, ChannelBroken):
            fix = self._words(TROUBLE_FIXES.get(error.reason, "refused_fix"), detail=fix)
        return Finding(is_well=False, what=self._words("telegram_no_answer"), fix=fix)

    def _words(self, key: str, **values: str | int) -> str:
        return self._say(key, Language.VI, **values)

    def _unwell(self, key: str, **values: str | int) -> Finding:
        return Finding(
            is_well=False, what=self._words(key, **values), fix=self._words(f"{key}_fix")
        )
