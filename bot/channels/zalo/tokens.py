"""The token pair of one account: renewed ahead, once, and never lost by an answer that failed.

A renewal makes both old tokens worthless at once and works only once, so the new pair is stored
by the `CredentialStore` under its lock before anybody uses it, and an answer that is not clearly
"no" leaves the stored pair as it is.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from bot.channels.zalo.account import Say, ZaloAccount
from bot.channels.zalo.pairs import expiry_of, moment_in
from bot.channels.zalo.renewal import RenewalRefused, Renews
from bot.core.channels import Credentials, CredentialStore
from bot.core.errors import StorageTrouble
from bot.core.languages import Language
from bot.core.sending import ChannelBroken, NoAnswer, PlatformTrouble, SendError
from bot.core.time import Clock
from bot.services.channels.credentials import OLD_AFTER, RENEWED_AT

log: Final = logging.getLogger(__name__)

RENEW_AHEAD: Final = timedelta(hours=3)
PAUSE_AFTER_TROUBLE: Final = timedelta(minutes=5)
# An empty answer says "used before"; should it have been a gateway's, the pair is still good.
LOOK_AGAIN_AFTER_LOSS: Final = timedelta(hours=6)
# A renewal that failed is not repeated by each of the messages that wait for it.
REST_S: Final = 5.0


class TokenKeeper:
    """Hands out the pair of `account` that works now."""

    def __init__(
        self,
        account: ZaloAccount,
        *,
        store: CredentialStore,
        renews: Renews,
        clock: Clock,
        say: Say,
    ) -> None:
        self._account = account
        self._store = store
        self._renews = renews
        self._clock = clock
        self._say = say
        self._newest: Credentials | None = None
        self._lost_version: int | None = None
        self._lost_until: datetime | None = None
        # What officers were told of the pair; "" when nothing is wrong with it.
        self._told = ""
        self._not_ahead_before: datetime | None = None
        self._failed: SendError | None = None
        self._rests_until_s = 0.0
        self._one_at_a_time = asyncio.Lock()
        self._renewals: set[asyncio.Task[Credentials]] = set()

    async def current(self) -> Credentials:
        """Return the pair to call with, renewed if it has under three hours left.

        A pair of unknown age, pasted by hand, is renewed at the first look. Trouble with
        renewing ahead is no trouble yet: the old pair may still work.
        """
        seen = self._newest or await self._reload()
        if not self._is_due(seen):
            return seen
        try:
            return await self._renewed(seen)
        except SendError as error:
            self._not_ahead_before = self._clock.now() + PAUSE_AFTER_TROUBLE
            log.warning(
                "zalo.renewal_failed",
                extra={"channel_id": self._account.id, "error": type(error).__name__},
            )
            if isinstance(error, ChannelBroken):
                await self._tell(str(error))
            return self._newest or seen

    async def after_refusal(self, seen: Credentials) -> Credentials:
        """Return another pair than `seen`, which Zalo no longer accepts.

        Raise `ChannelBroken` if somebody must connect the account again, `TryLater` if Zalo
        could not be asked.
        """
        return await self._renewed(seen)

    async def refused_again(self, used: Credentials) -> SendError:
        """Return what it means that even the pair `used`, just fetched, is not accepted."""
        newest = await self._reload()
        if newest.version != used.version:
            # Another process renewed at this very moment.
            return PlatformTrouble("the token changed on the way")
        return self._lost()

    async def renew(self) -> Credentials:
        """Return a pair just renewed, whatever the age of the stored one. Raise a `SendError`."""
        return await self._renewed(await self._reload())

    async def look(self) -> None:
        """See to the pair while nobody sends. Raise a `SendError` if it cannot be had."""
        # What another process stored is taken up, and what was lost may have been replaced.
        await self._reload()
        held = await self.current()
        age = self.age_of(held)
        if age is not None and age > OLD_AFTER:
            log.warning("zalo.pair_old", extra={"channel_id": self._account.id, "days": age.days})

    def age_of(self, held: Credentials) -> timedelta | None:
        """Return how long ago the pair was renewed, None if nobody knows."""
        renewed_at = moment_in(held.values, RENEWED_AT)
        return None if renewed_at is None else self._clock.now() - renewed_at

    @property
    def trouble(self) -> str:
        """Return what officers were told of the pair, "" if nothing is wrong with it."""
        return self._told

    async def close(self) -> None:
        """Wait for a renewal under way here: its answer holds the only pair that works."""
        if self._renews.outlives_us:
            for renewal in self._renewals:
                renewal.cancel()
        if self._renewals:
            await asyncio.wait(self._renewals)

    async def _reload(self) -> Credentials:
        try:
            self._newest = await self._store.load()
        except StorageTrouble as error:
            raise PlatformTrouble("the credentials cannot be read") from error
        return self._newest

    def _is_due(self, seen: Credentials) -> bool:
        now = self._clock.now()
        if self._is_given_up(seen):
            return False
        if self._not_ahead_before is not None and now < self._not_ahead_before:
            return False
        expires_at = expiry_of(seen)
        return expires_at is None or expires_at - now < RENEW_AHEAD

    def _is_given_up(self, seen: Credentials) -> bool:
        if seen.version != self._lost_version:
            return False
        return self._lost_until is None or self._clock.now() < self._lost_until

    async def _renewed(self, seen: Credentials) -> Credentials:
        async with self._one_at_a_time:
            newest = await self._reload()
            if newest.version != seen.version:
                return newest
            if self._is_given_up(newest):
                raise self._lost()
            if self._failed is not None and self._clock.monotonic() < self._rests_until_s:
                raise self._failed.with_traceback(None)
            try:
                self._newest = await self._undisturbed_renewal(newest)
            except RenewalRefused as refused:
                return await self._after_no(refused, seen)
            except StorageTrouble as error:
                raise self._rests(PlatformTrouble("the credentials cannot be stored")) from error
            except NoAnswer as error:
                # Nobody knows how the renewal ended, but the message itself was not taken.
                text = "token renewal without an answer"
                raise self._rests(PlatformTrouble(text)) from error
            except SendError as error:
                self._rests(error)
                raise
            self._failed = None
            await self._tell("")
            return self._newest

    async def _after_no(self, refused: RenewalRefused, seen: Credentials) -> Credentials:
        newest = await self._reload()
        if newest.version != seen.version:
            # Somebody renewed without our lock, say an officer with a pasted pair.
            return newest
        if refused.is_loss:
            await self._note_loss(seen, is_certain=refused.is_certain)
            raise self._lost()
        text = self._say("zalo_renewal_refused", Language.VI, code=refused.code)
        raise self._rests(ChannelBroken(text))

    def _rests(self, error: SendError) -> SendError:
        self._rests_until_s = self._clock.monotonic() + REST_S
        self._failed = error
        return error

    async def _undisturbed_renewal(self, seen: Credentials) -> Credentials:
        # Being cancelled between Zalo's answer and the disk would lose the pair for good, so
        # this one piece of work outlives its caller; `close` waits for it.
        loop = asyncio.get_running_loop()
        renewal = loop.create_task(self._renewing(seen))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._forget)
        return await asyncio.shield(renewal)

    async def _renewing(self, seen: Credentials) -> Credentials:
        return await self._renews(seen)

    def _forget(self, renewal: asyncio.Task[Credentials]) -> None:
        self._renewals.discard(renewal)
        if not renewal.cancelled():
            # Whoever waited has it; if nobody did, the next call meets the same trouble.
            renewal.exception()

    async def _note_loss(self, seen: Credentials, *, is_certain: bool) -> None:
        is_news = self._lost_version != seen.version
        self._lost_version = seen.version
        self._lost_until = None if is_certain else self._clock.now() + LOOK_AGAIN_AFTER_LOSS
        if is_news:
            log.error("zalo.pair_lost", extra={"channel_id": self._account.id})
        await self._tell(str(self._lost()))

    async def _tell(self, trouble: str) -> None:
        """Let officers know at once, not only when the next message cannot be sent."""
        if trouble == self._told:
            return
        try:
            await self._store.report(trouble)
        except StorageTrouble:
            log.warning("zalo.trouble_not_noted", extra={"channel_id": self._account.id})
        else:
            self._told = trouble

    def _lost(self) -> ChannelBroken:
        return ChannelBroken(self._say("zalo_reconnect", Language.VI))
