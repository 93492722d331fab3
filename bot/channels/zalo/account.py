"""What is known of one Official Account, and the sentences its adapter can say to officers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.sending import Reason

API_URL: Final = "https://openapi.zalo.me"
OAUTH_URL: Final = "https://oauth.zaloapp.com"
# 4,000 requests a minute for an app; what an account's tier allows is in the answers' headers.
DEFAULT_PER_S: Final = 60.0

SENTENCES: Final = (
    "zalo_reconnect",
    "zalo_renewal_refused",
    "zalo_account_closed",
    "zalo_app_not_ready",
    "zalo_not_verified",
    "zalo_permission_missing",
    "zalo_tier_too_low",
    "zalo_proof_refused",
    "zalo_answers",
    "zalo_other_account",
    "zalo_other_account_fix",
    "zalo_token_lasts",
    "zalo_token_age_unknown",
    "zalo_pair_old",
    "zalo_pair_old_fix",
    "zalo_pair_in_trouble",
    "zalo_no_answer",
    "zalo_form_title",
    "zalo_form_subtitle",
    "zalo_unverified",
    "zalo_unverified_fix",
    "zalo_package",
    "zalo_package_until",
    "zalo_package_fix",
    "zalo_quota",
    "zalo_quota_ended",
    "zalo_quota_fix",
    "zalo_unpaid",
    "zalo_uploads",
    "zalo_uploads_fix",
    "zalo_pace",
    "no_connection_fix",
    "no_answer_fix",
    "slowed_down_fix",
    "platform_error_fix",
    "refused_fix",
)
# What an officer does about a call that failed and breaks nothing for good.
TROUBLE_FIXES: Final[Mapping[Reason, str]] = {
    Reason.NO_CONNECTION: "no_connection_fix",
    Reason.NO_ANSWER: "no_answer_fix",
    Reason.SLOWED_DOWN: "slowed_down_fix",
    Reason.PLATFORM_ERROR: "platform_error_fix",
}


class Say(Protocol):
    """Says a sentence of the section `channels`; `content.sentences.Voice` fits."""

    def __call__(self, key: str, language: Language, /, **values: str | int) -> str:
        """Return the sentence `key` with its places filled."""
        ...


class SignedWith(StrEnum):
    """Which secret signs the webhooks. Zalo's pages say the account's; one source, the app's."""

    OA_SECRET = "oa_secret"  # noqa: S105 - names of secrets
    APP_SECRET = "app_secret"  # noqa: S105 - a name, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloAccount:
    """One Official Account of one app. The token pair is not here: it changes every day.

    `api_url` and `oauth_url` are bare bases (scheme, host, port) in place of Zalo's own; `per_s`
    is how many calls a second are made at most, fewer if Zalo's answers say so.
    """

    id: ChannelId
    app_id: str
    oa_id: str
    app_secret: str = field(repr=False)
    oa_secret: str = field(repr=False)
    signed_with: SignedWith = SignedWith.OA_SECRET
    api_url: str = API_URL
    oauth_url: str = OAUTH_URL
    per_s: float = DEFAULT_PER_S

    @property
    def webhook_path(self) -> str:
        """Return the path Zalo posts to, the same for every account of the app."""
        return f"/webhooks/zalo/{self.app_id}"

    @property
    def signing_secret(self) -> str:
        """Return the secret that webhooks are signed with."""
        return self.oa_secret if self.signed_with is SignedWith.OA_SECRET else self.app_secret
