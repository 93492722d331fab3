"""From a stored account to a channel that speaks. Adapters are imported when one is needed.

python-telegram-bot alone takes a good part of a second and of the memory of a small machine, so
an installation without a Telegram account never loads it.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import aiohttp

from bot.core.channels import (
    AttachmentStore,
    Channel,
    ChannelAccount,
    ChannelKind,
    CredentialStore,
)
from bot.core.time import Chance, Clock
from content.sentences import Voice

if TYPE_CHECKING:
    from bot.channels.zalo.account import ZaloAccount
    from bot.channels.zalo.renewal import Renews


class ChannelOpener:
    """Fits `bot.services.channels.channels.Opener`."""

    def __init__(
        self,
        *,
        session: Callable[[], aiohttp.ClientSession],
        web: Callable[[], Channel],
        clock: Clock,
        chance: Chance,
        say: Voice,
        public_url: str,
        attachments: AttachmentStore,
        renews_apart: bool = False,
    ) -> None:
        """`renews_apart`: pairs are renewed in processes of their own (`bot.app.renewing`)."""
        self._renews_apart = renews_apart
        self._session = session
        self._web = web
        self._clock = clock
        self._chance = chance
        self._say = say
        self._public_url = public_url
        self._attachments = attachments

    async def __call__(self, account: ChannelAccount, credentials: CredentialStore) -> Channel:
        """Return the channel of an account."""
        openers: dict[
            ChannelKind, Callable[[ChannelAccount, CredentialStore], Awaitable[Channel]]
        ] = {
            ChannelKind.WEB: self._open_web,
            ChannelKind.TELEGRAM: self._open_telegram,
            ChannelKind.ZALO: self._open_zalo,
        }
        return await openers[account.kind](account, credentials)

    async def _open_web(self, _account: ChannelAccount, _credentials: CredentialStore) -> Channel:
        return self._web()

    async def _open_telegram(
        self, account: ChannelAccount, credentials: CredentialStore
    ) -> Channel:
        from bot.channels.telegram.account import (  # noqa: PLC0415 - see the module's docstring
            Mode,
            Surroundings,
            TelegramAccount,
        )
        from bot.channels.telegram.adapter import (  # noqa: PLC0415 - same
            USERNAME,
            TelegramChannel,
        )

        secrets = (await credentials.load()).values
        return TelegramChannel(
            TelegramAccount(
                id=account.id,
                token=secrets["token"],
                secret_token=secrets.get("secret_token", ""),
                mode=Mode(account.settings.get("mode", Mode.POLLING)),
                api_url=account.settings.get("api_url") or None,
                public_url=self._public_url,
                username=account.settings.get(USERNAME, ""),
            ),
            Surroundings(
                session=self._session(),
                store=credentials,
                clock=self._clock,
                say=self._say,
                attachments=self._attachments,
            ),
        )

    async def _open_zalo(self, account: ChannelAccount, credentials: CredentialStore) -> Channel:
        from bot.channels.zalo.account import (  # noqa: PLC0415 - see the module's docstring
            API_URL,
            DEFAULT_PER_S,
            OAUTH_URL,
            SignedWith,
            ZaloAccount,
        )
        from bot.channels.zalo.adapter import Surroundings, ZaloChannel  # noqa: PLC0415 - same

        secrets = (await credentials.load()).values
        settings = account.settings
        known = ZaloAccount(
            id=account.id,
            app_id=settings["app_id"],
            oa_id=settings["oa_id"],
            app_secret=secrets["app_secret"],
            oa_secret=secrets["oa_secret"],
            signed_with=SignedWith(settings.get("signed_with", SignedWith.OA_SECRET)),
            api_url=settings.get("api_url") or API_URL,
            oauth_url=settings.get("oauth_url") or OAUTH_URL,
            per_s=int(settings["per_minute"]) / 60
            if settings.get("per_minute")
            else DEFAULT_PER_S,
        )
        return ZaloChannel(
            known,
            Surroundings(
                renews=self._apart(known, credentials) if self._renews_apart else None,
                session=self._session(),
                store=credentials,
                clock=self._clock,
                chance=self._chance,
                say=self._say,
                attachments=self._attachments,
            ),
        )

    def _apart(self, account: "ZaloAccount", store: CredentialStore) -> "Renews":
        from bot.app.renewing import RenewalApart  # noqa: PLC0415 - see the module's docstring
        from bot.channels.zalo.calls import ZaloCalls  # noqa: PLC0415 - same
        from bot.channels.zalo.renewal import RenewalHere  # noqa: PLC0415 - same

        calls = ZaloCalls(self._session())
        here = RenewalHere(account, store=store, calls=calls, clock=self._clock)
        return RenewalApart(account.id, store=store, clock=self._clock, here=here)
