"""The token pair of one account: renewed ahead, once, and never lost by an answer that failed.

A renewal makes both old tokens worthless at once and works only once, so the new pair is stored
by the `CredentialStore` under its lock before anybody uses it, and an answer that is not clearly
"no" leaves the stored pair as it is.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bot.channels.zalo.account import Say, ZaloAccount
from bot.channels.zalo.calls import ZaloCalls
from bot.core.channels import Credentials, CredentialStore
from bot.core.errors import BinhYenError, StorageTrouble
from bot.core.languages import Language
from bot.core.sending import ChannelBroken, NoAnswer, PlatformTrouble, SendError
from bot.core.time import Clock

log: Final = logging.getLogger(__name__)

# Names of the values kept in `Credentials`.
ACCESS_TOKEN: Final = "access_token"  # noqa: S105 - names, not secrets
REFRESH_TOKEN: Final = "refresh_token"  # noqa: S105
EXPIRES_AT: Final = "access_expires_at"
RENEWED_AT: Final = "renewed_at"

RENEW_AHEAD: Final = timedelta(hours=3)
PAUSE_AFTER_TROUBLE: Final = timedelta(minutes=5)
PAIR_LOST_CODES: Final = frozenset({-14014, -118})

# Old pages of Zalo gave an access token one hour; it is the careful guess if none is told.
_UNTOLD_LIFE_S: Final = 3600


class _PairRefused(BinhYenError):
    """The refresh token was used before, has run out, or was never one."""


class _Pair(msgspec.Struct):
    access_token: str = ""
    refresh_token: str = ""
    expires_in: int | float | str = _UNTOLD_LIFE_S
    error: int | str = 0


class TokenKeeper:
    """Hands out the pair of `account` that works now."""

    def __init__(
        self,
        account: ZaloAccount,
        *,
        store: CredentialStore,
        calls: ZaloCalls,
        clock: Clock,
        say: Say,
    ) -> None:
        self._account = account
        self._store = store
        self._calls = calls
        self._clock = clock
        self._say = say
        self._newest: Credentials | None = None
        self._lost_version: int | None = None
        # A new pair the store could not keep: asking Zalo again would find the old one used.
        self._unsaved: Credentials | None = None
        self._not_ahead_before: datetime | None = None
        self._one_at_a_time = asyncio.Lock()
        self._renewals: set[asyncio.Task[Credentials]] = set()

    async def current(self) -> Credentials:
        """Return the pair to call with, renewed if it has under three hours left.

        Trouble with renewing ahead is no trouble yet: the old pair still works.
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

    async def close(self) -> None:
        """Wait for a renewal under way: its answer holds the only pair that works."""
        if self._renewals:
            await asyncio.wait(self._renewals)

    async def _reload(self) -> Credentials:
        try:
            self._newest = await self._store.load()
        except StorageTrouble as error:
            raise PlatformTrouble("the credentials cannot be read") from error
        return self._newest

    def _is_due(self, seen: Credentials) -> bool:
        expires_at = expiry_of(seen)
        now = self._clock.now()
        if expires_at is None or seen.version == self._lost_version:
            return False
        may_try = self._not_ahead_before is None or now >= self._not_ahead_before
        return may_try and expires_at - now < RENEW_AHEAD

    async def _renewed(self, seen: Credentials) -> Credentials:
        async with self._one_at_a_time:
            newest = await self._reload()
            if newest.version != seen.version:
                return newest
            if newest.version == self._lost_version:
                raise self._lost()
            try:
                self._newest = await self._undisturbed_renewal(newest)
            except _PairRefused:
                newest = await self._reload()
                if newest.version != seen.version:
                    return newest
                self._note_loss(seen)
                raise self._lost() from None
            except StorageTrouble as error:
                raise PlatformTrouble("the credentials cannot be stored") from error
            except NoAnswer as error:
                # Nobody knows how the renewal ended, but the message itself was not taken.
                raise PlatformTrouble("token renewal without an answer") from error
            self._unsaved = None
            return self._newest

    async def _undisturbed_renewal(self, seen: Credentials) -> Credentials:
        # Being cancelled between Zalo's answer and the disk would lose the pair for good, so
        # this one piece of work outlives its caller; `close` waits for it.
        loop = asyncio.get_running_loop()
        renewal = loop.create_task(self._store.renew(seen, self._ask))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._forget)
        return await asyncio.shield(renewal)

    def _forget(self, renewal: asyncio.Task[Credentials]) -> None:
        self._renewals.discard(renewal)
        if not renewal.cancelled():
            # Whoever waited has it; if nobody did, the next call meets the same trouble.
            renewal.exception()

    async def _ask(self, held: Credentials) -> Mapping[str, str]:
        """Trade the refresh token in `held` for a new pair."""
        if self._unsaved is not None and self._unsaved.version == held.version:
            return self._unsaved.values
        raw = await self._calls.form(
            f"{self._account.oauth_url.rstrip('/')}/v4/oa/access_token",
            headers={"secret_key": self._account.app_secret.strip()},
            fields={
                "refresh_token": held.values.get(REFRESH_TOKEN, "").strip(),
                "app_id": self._account.app_id,
                "grant_type": "refresh_token",
            },
        )
        # Zalo answers 200 with nothing at all to a refresh token that was used before.
        if not raw.strip():
            raise _PairRefused("used before")
        pair = self._read(raw)
        now = self._clock.now()
        values = {
            **held.values,
            ACCESS_TOKEN: pair.access_token,
            REFRESH_TOKEN: pair.refresh_token or held.values.get(REFRESH_TOKEN, ""),
            EXPIRES_AT: (now + timedelta(seconds=_life_s(pair.expires_in))).isoformat(),
            RENEWED_AT: now.isoformat(),
        }
        self._unsaved = Credentials(values=values, version=held.version)
        return values

    def _read(self, raw: bytes) -> _Pair:
        try:
            pair = msgspec.json.decode(raw, type=_Pair)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise PlatformTrouble("token renewal: unreadable answer") from None
        if pair.access_token:
            return pair
        code = str(pair.error)
        if code in {str(lost) for lost in PAIR_LOST_CODES}:
            raise _PairRefused(code)
        raise ChannelBroken(self._say("zalo_renewal_refused", Language.VI, code=code[:12]))

    def _note_loss(self, seen: Credentials) -> None:
        self._lost_version = seen.version
        log.error("zalo.pair_lost", extra={"channel_id": self._account.id})

    def _lost(self) -> ChannelBroken:
        return ChannelBroken(self._say("zalo_reconnect", Language.VI))


def expiry_of(credentials: Credentials) -> datetime | None:
    """Return when the access token ends, None if nobody knows (a pair pasted by hand)."""
    try:
        at = datetime.fromisoformat(credentials.values.get(EXPIRES_AT, ""))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _life_s(expires_in: float | str) -> float:
    try:
        life_s = float(expires_in)
    except ValueError:
        return _UNTOLD_LIFE_S
    # Also refuses what is not a number, and what no moment can hold.
    return life_s if 0 < life_s < timedelta(days=366).total_seconds() else _UNTOLD_LIFE_S
