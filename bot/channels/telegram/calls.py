"""Every call of one bot to the Bot API: typed by python-telegram-bot, failures in our words."""

from collections.abc import Awaitable, Mapping
from typing import Final, TypeVar

from telegram.error import TelegramError

from bot.channels.telegram.account import Surroundings, TelegramAccount
from bot.channels.telegram.errors import translated
from bot.channels.telegram.request import AiohttpRequest, ApiRefusal, DiscreetBot
from bot.core.languages import Language
from bot.core.sending import NoAnswer, SendError, SlowedDown
from bot.core.time import Clock

T = TypeVar("T")

# Telegram holds a question open for at most 50 s; half of it notices a dead line sooner.
POLL_S: Final = 25


class Calls:
    """The line to Telegram. `bot` makes the calls, `done` waits for one and names its failure."""

    def __init__(self, account: TelegramAccount, surroundings: Surroundings) -> None:
        session, limit_s = surroundings.session, surroundings.call_limit_s
        self._clock: Clock = surroundings.clock
        self._token_refused = surroundings.say("telegram_token_refused", Language.VI)
        self._plain = AiohttpRequest(session, limit_s=limit_s)
        self._polls = AiohttpRequest(session, limit_s=POLL_S + limit_s)
        self.bot = DiscreetBot(
            account.token,
            base_url=f"{account.base_url}/bot",
            request=self._plain,
            get_updates_request=self._polls,
        )
        self._rests_until_s = self._clock.monotonic()

    def check_rest(self) -> None:
        """Raise `SlowedDown` while a pause is not over that all sending was asked for.

        Calling before that makes it longer.
        """
        left_s = self._rests_until_s - self._clock.monotonic()
        if left_s > 0:
            raise SlowedDown(left_s, text="all sending rests")

    def rest(self, error: SendError) -> None:
        """Keep in mind that all sending was asked for a pause, if `error` says so."""
        if isinstance(error, SlowedDown) and error.whole_channel:
            until_s = self._clock.monotonic() + (error.after_s or 0.0)
            self._rests_until_s = max(self._rests_until_s, until_s)

    async def done(self, call: Awaitable[T], *, is_group: bool = False) -> T:
        """Return what `call` returns, or raise a `SendError`."""
        try:
            return await self.tried(call, is_group=is_group)
        except ApiRefusal as refusal:
            raise self.error_of(refusal, is_group=is_group) from refusal

    async def tried(self, call: Awaitable[T], *, is_group: bool = False) -> T:
        """Return what `call` returns; raise `ApiRefusal` for a no, a `SendError` for the rest."""
        try:
            return await call
        except ApiRefusal:
            raise
        except TelegramError as error:
            raise translated(
                error, token_refused=self._token_refused, is_group=is_group
            ) from error
        # The library could not read what its own platform calls a success.
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NoAnswer("unreadable answer") from None

    def error_of(self, refusal: ApiRefusal, *, is_group: bool = False) -> SendError:
        """Return a refusal in our words."""
        return translated(refusal, token_refused=self._token_refused, is_group=is_group)

    async def send_text(self, fields: Mapping[str, object]) -> int:
        """Send a text; return its number. Raise as `done` does of what the library makes."""
        return await self._plain.send(f"{self.bot.base_url}/sendMessage", fields)

    async def ask(self, method: str, fields: Mapping[str, str], *, is_poll: bool = False) -> bytes:
        """Call a method the library is not needed for; return the body of a success."""
        line = self._polls if is_poll else self._plain
        return await self.done(line.call(f"{self.bot.base_url}/{method}", fields))
