"""One renewal of a pair: asked under the store's lock, and stored before anybody uses it.

When to renew, and what to tell officers, is left to `tokens`; a process of its own may do this
part alone (`bot.app.renewing`), so that no end of the program cuts it off.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.calls import ZaloCalls
from bot.channels.zalo.pairs import NoPair, Unreadable, read_pair
from bot.core.channels import Credentials, CredentialStore
from bot.core.errors import BinhYenError
from bot.core.sending import NoAnswer, PlatformTrouble
from bot.core.time import Clock
from bot.services.channels.credentials import REFRESH_TOKEN

ASK_AGAIN_AFTER_S: Final = 2.0
PAIR_LOST_CODES: Final = frozenset({"-14014", "-118"})


class RenewalRefused(BinhYenError):
    """OAuth gave no pair. `code` is its error, "" for an empty answer.

    Zalo answers 200 with nothing at all to a refresh token that was used before.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def is_certain(self) -> bool:
        """Tell whether it was said in words; an empty answer may be a gateway's."""
        return bool(self.code)

    @property
    def is_loss(self) -> bool:
        """Tell whether the refresh token is of no use, and not the app or the request."""
        return not self.code or self.code in PAIR_LOST_CODES


class Renews(Protocol):
    """Renews a pair once, here or in a process of its own."""

    @property
    def outlives_us(self) -> bool:
        """Tell whether a renewal under way goes on when this process ends."""
        ...

    async def __call__(self, seen: Credentials) -> Credentials:
        """Return the newest stored pair, another than `seen`.

        Raise `RenewalRefused`, a `SendError` or `StorageTrouble`.
        """
        ...


class RenewalHere:
    """Renews in this process. Fits `Renews`."""

    outlives_us: Final = False

    def __init__(
        self, account: ZaloAccount, *, store: CredentialStore, calls: ZaloCalls, clock: Clock
    ) -> None:
        self._account = account
        self._store = store
        self._calls = calls
        self._clock = clock
        # A new pair the store could not keep: asking Zalo again would find the old one used.
        self._unsaved: Credentials | None = None

    @property
    def has_unsaved(self) -> bool:
        """Tell whether a new pair is still to be stored."""
        return self._unsaved is not None

    async def __call__(self, seen: Credentials) -> Credentials:
        """Renew under the store's lock, unless somebody did since `seen`."""
        renewed = await self._store.renew(seen, self._ask)
        self._unsaved = None
        return renewed

    async def _ask(self, held: Credentials) -> Mapping[str, str]:
        """Trade the refresh token in `held` for a new pair.

        What nobody can make sense of (no answer, an empty or unreadable one) is asked once
        more with the same token before anything is concluded from it.
        """
        if self._unsaved is not None and self._unsaved.version == held.version:
            return self._unsaved.values
        try:
            values = await self._asked(held)
        except (NoAnswer, Unreadable, RenewalRefused) as error:
            if isinstance(error, RenewalRefused) and error.is_certain:
                raise
            await self._clock.sleep(ASK_AGAIN_AFTER_S)
            values = await self._asked_again(held)
        self._unsaved = Credentials(values=values, version=held.version)
        return values

    async def _asked_again(self, held: Credentials) -> Mapping[str, str]:
        try:
            return await self._asked(held)
        except Unreadable as error:
            raise PlatformTrouble("token renewal: unreadable answer") from error

    async def _asked(self, held: Credentials) -> Mapping[str, str]:
        old = held.values.get(REFRESH_TOKEN, "").strip()
        raw = await self._calls.form(
            f"{self._account.oauth_url.rstrip('/')}/v4/oa/access_token",
            headers={"secret_key": self._account.app_secret.strip()},
            fields={
                "refresh_token": old,
                "app_id": self._account.app_id,
                "grant_type": "refresh_token",
            },
        )
        if not raw.strip():
            raise RenewalRefused("")
        try:
            pair = read_pair(raw, now=self._clock.now(), old_refresh_token=old)
        except NoPair as refused:
            raise RenewalRefused(refused.code or "?") from None
        return {**held.values, **pair}
