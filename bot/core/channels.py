"""What every channel can do, and what is kept of an account on one.

How a platform really speaks is in `bot.channels`; this is the port the adapters fit.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.core.ids import ChannelId, UnitId
from bot.core.messages import Address, Incoming, Outgoing


class ChannelKind(StrEnum):
    """The platforms we speak on."""

    WEB = "web"
    TELEGRAM = "telegram"
    ZALO = "zalo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a channel may be used. Messages per second, seconds between two to one chat."""

    per_s: float
    per_chat_s: float = 0.0
    per_group_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a platform offers. Handlers do not read this; adapters and delivery do."""

    text_limit: int
    buttons: int
    pictures: bool
    groups: bool
    pace: Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A platform's request as it came: header names in lower case, the body's exact bytes."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class AccountState(StrEnum):
    """Whether an account is used."""

    ACTIVE = "active"
    BROKEN = "broken"  # cannot send until somebody mends it; `trouble` says why
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccount:
    """One account on one platform, as it stands in the database. Holds no secret in the clear."""

    id: ChannelId
    kind: ChannelKind
    unit_id: UnitId
    name: str
    # What may be shown: app id, account id, API address, mode.
    settings: Mapping[str, str]
    # Tokens and secrets, sealed; `version` grows by one with every change of them.
    sealed_credentials: bytes = field(repr=False)
    version: int = 1
    state: AccountState = AccountState.ACTIVE
    trouble: str = ""
    added_at: datetime

    def broken(self, trouble: str) -> "ChannelAccount":
        """Return the account marked as unusable, with the reason for officers."""
        return replace(self, state=AccountState.BROKEN, trouble=trouble)

    def mended(self) -> "ChannelAccount":
        """Return the account in use again."""
        return replace(self, state=AccountState.ACTIVE, trouble="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Tokens and secrets of an account, and which state of them this is."""

    values: Mapping[str, str] = field(repr=False)
    version: int


Renewal = Callable[[Credentials], Awaitable[Mapping[str, str]]]


class CredentialStore(Protocol):
    """Keeps one account's credentials durably and lets one process at a time renew them."""

    async def load(self) -> Credentials:
        """Return the newest stored credentials."""
        ...

    async def renew(self, seen: Credentials, renewal: Renewal) -> Credentials:
        """Renew once: under a lock, unless somebody renewed since `seen`.

        Return the newest credentials, stored durably before they are returned. What
        `renewal` raises passes through and leaves the stored pair as it was.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a check: whether it is well, what was looked at, and the fix if it is not."""

    is_well: bool
    what: str
    fix: str = ""


Receive = Callable[[Sequence[Incoming]], Awaitable[None]]


class Channel(Protocol):
    """One account on one platform, ready to use."""

    @property
    def id(self) -> ChannelId:
        """Return which account this is."""
        ...

    @property
    def kind(self) -> ChannelKind:
        """Return which platform this is."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """Return what the platform offers."""
        ...

    @property
    def webhook_path(self) -> str | None:
        """Return the path the platform posts to, shared by the accounts of one app, or None."""
        ...

    @property
    def refusal_status(self) -> int:
        """Return the HTTP status for a request that is not to be believed."""
        ...

    def parse(self, request: WebhookRequest) -> Sequence[Incoming]:
        """Return what happened, checked and in our words. Raise a `WebhookRefused`."""
        ...

    async def send(self, to: Address, message: Outgoing) -> str:
        """Deliver `message`; return the platform's id of it, or raise a `SendError`.

        `message.text` is within `capabilities.text_limit`; the caller has split it.
        """
        ...

    async def answer_tap(self, tap_id: str) -> None:
        """Tell the platform that a tap was seen. Never raises a `SendError`."""
        ...

    async def check(self) -> Sequence[Finding]:
        """Call the platform and say in words what is well and what is not."""
        ...

    async def run(self, receive: Receive) -> None:
        """Do what the channel needs while it is in use (polling, setting its webhook).

        Returns when there is nothing to do; otherwise runs until cancelled.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
