"""What every channel can do, and what is kept of an account on one.

How a platform really speaks is in `bot.channels`; this is the port the adapters fit.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.core.groups import Group
from bot.core.ids import AttachmentId, ChannelId, UnitId
from bot.core.messages import Address, Incoming, Media, Outgoing
from bot.core.windows import WindowRule


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
    # Until when somebody who wrote may be written to; None: for ever.
    windows: WindowRule | None = None
    # What we send comes back to us as an event, which proves that it was delivered.
    echoes: bool = False
    # What was sent can be edited and deleted.
    edits: bool = False
    # How many messages the account's quota still pays for, as the platform last said.
    paid_left: int | None = None


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


# The setting of an account that holds what a paid message costs there, in đồng.
PRICE: Final = "price"


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

    async def report(self, trouble: str) -> None:
        """Tell officers at once what is wrong with the credentials, "" when they are well again.

        Raise `StorageTrouble`.
        """
        ...

    async def learned(self, name: str, value: str) -> None:
        """Keep what the platform tells of the account and may be shown, like its user name.

        Raise `StorageTrouble`.
        """
        ...


def revoked_key(channel_id: ChannelId) -> str:
    """Return the setting that holds since when a platform has taken its permission back.

    Empty or missing while it stands. Only connecting the account anew empties it.
    """
    return f"revoked:{channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a check: whether it is well, what was looked at, and the fix if it is not."""

    is_well: bool
    what: str
    fix: str = ""


Receive = Callable[[Sequence[Incoming]], Awaitable[None]]


class AttachmentStore(Protocol):
    """Where an adapter finds the bytes of what goes out, and remembers what it uploaded."""

    async def read(self, attachment_id: AttachmentId) -> bytes:
        """Return the bytes. Raise `NotFound`."""
        ...

    async def uploaded(self, channel_id: ChannelId, attachment_id: AttachmentId) -> str | None:
        """Return what the platform knows it by, if it was uploaded and has not run out."""
        ...

    async def note_upload(
        self, channel_id: ChannelId, attachment_id: AttachmentId, token: str, *, until: datetime
    ) -> None:
        """Remember what the platform knows it by until then; an empty token forgets it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGroup:
    """A group as the platform lists it. `asset` is what pays for it, where groups cost."""

    chat: str = field(repr=False)
    name: str
    is_open: bool = True
    members: int = 0
    most_members: int = 0
    invite_url: str = ""
    can_delete: bool = False
    lapses_on: date | None = None
    asset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAsset:
    """What an account may make a group with, once. `most_members` is its size."""

    id: str
    most_members: int
    valid_until: date | None = None
    is_free: bool = True


class GroupDesk(Protocol):
    """What an account can do about its groups. Every call may raise a `SendError`."""

    @property
    def can_make(self) -> bool:
        """Tell whether groups are made here (Zalo), or by people, who let the bot in."""
        ...

    async def listed(self) -> Sequence[FoundGroup]:
        """Return the account's groups; empty where the platform does not list them."""
        ...

    async def look(self, group: Group) -> FoundGroup:
        """Return what the platform says of one group."""
        ...

    async def assets(self) -> Sequence[GroupAsset]:
        """Return what groups may be made with; empty where they cost nothing."""
        ...

    async def make(self, name: str, *, asset: str, members: Sequence[str]) -> FoundGroup:
        """Make a group with `members` (the platform's ids of people)."""
        ...

    async def invite(self, group: Group, members: Sequence[str]) -> None:
        """Invite people; they join when they accept."""
        ...

    async def leave(self, group: Group) -> None:
        """Leave the group, or close it where it is ours."""
        ...


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

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        """Deliver `message`; return the platform's ids of its parts, or raise a `SendError`.

        `message.text` is within `capabilities.text_limit`; the caller has split it.
        """
        ...

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:
        """Return the texts under which `message` may come back as an echo; empty if it cannot."""
        ...

    async def fetch(self, media: Media) -> bytes:
        """Return the bytes of something that came in. Raise `MediaRefused` or a `SendError`.

        Bounded in size and time, and only from where the platform itself keeps such things.
        """
        ...

    @property
    def groups(self) -> GroupDesk | None:
        """Return what can be done about groups, or None where there are none."""
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

    async def retire(self) -> None:
        """Leave nothing behind at the platform: the account is removed. Raises no `SendError`."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
