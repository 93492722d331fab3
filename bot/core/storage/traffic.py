"""The port of the database: accounts on platforms, and what passes between them and us."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.core.audience import Selection
from bot.core.channels import ChannelAccount
from bot.core.dialogues import SavedStep
from bot.core.groups import Group
from bot.core.ids import (
    ChannelId,
    ConversationKey,
    GroupId,
    InboxId,
    UnitId,
)
from bot.core.inbox import Arrival, InboxRow, SetAside
from bot.core.slips import Slip, SlipKind


class ChannelAccounts(Protocol):
    """Accounts on platforms."""

    async def save(self, account: ChannelAccount) -> None: ...
    async def get(self, channel_id: ChannelId) -> ChannelAccount: ...
    async def all(self) -> list[ChannelAccount]:
        """Return every account that was not removed, oldest first."""
        ...


class Inbox(Protocol):
    """Arrivals. A claim takes only the oldest of each conversation, so order is kept."""

    async def put_many(self, arrivals: Sequence[Arrival]) -> int:
        """Store what is new by (channel, event id); return how many were."""
        ...

    async def claim(
        self, limit: int, *, owner: str, now: datetime, lease_until: datetime
    ) -> list[InboxRow]: ...
    async def handled(self, row_id: InboxId, *, at: datetime) -> None:
        """Mark as handled; wipe body and conversation, keep channel, event id and the hour."""
        ...

    async def retry(self, row_id: InboxId, *, not_before: datetime) -> None:
        """Count an attempt and free the row for later."""
        ...

    async def set_aside(self, row_id: InboxId, *, error: str, at: datetime) -> None:
        """Give up for now. `error` names the fault, never what was said."""
        ...

    async def free(self, owner: str) -> int:
        """End the leases of an owner that is known to be gone; return how many."""
        ...

    async def all_set_aside(self) -> list[SetAside]: ...
    async def requeue(self, row_id: InboxId) -> None: ...
    async def next_due(self) -> datetime | None: ...
    async def backlog(self) -> int: ...
    async def forget_handled_before(self, at: datetime) -> int: ...
    async def oldest_waiting(self) -> datetime | None: ...


class Dialogues(Protocol):
    """Saved steps."""

    async def get(self, conversation: ConversationKey) -> SavedStep | None: ...
    async def save(self, step: SavedStep) -> None: ...
    async def remove(self, conversation: ConversationKey) -> None: ...
    async def forget_before(self, expired_before: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message in the mailbox of a browser. `number` grows within the mailbox."""

    number: int
    sealed: bytes = field(repr=False)
    put_at: datetime


class Mailboxes(Protocol):
    """What waits for browsers of the web channel. A mailbox is known by a pseudonym."""

    async def put(
        self, mailbox: ConversationKey, sealed: bytes, *, is_secret: bool, at: datetime
    ) -> int: ...
    async def after(
        self, mailbox: ConversationKey, number: int, *, limit: int = 100
    ) -> list[Letter]: ...
    async def wipe_secrets(self, mailbox: ConversationKey, up_to: int) -> None:
        """Remove secret letters the browser says it has shown."""
        ...

    async def remove(self, mailbox: ConversationKey) -> None: ...
    async def forget_before(self, at: datetime) -> int: ...


class Groups(Protocol):
    """Groups on platforms. `find` knows one chat of one channel."""

    async def save(self, group: Group) -> None: ...
    async def get(self, group_id: GroupId) -> Group: ...
    async def find(self, channel_id: ChannelId, chat: str) -> Group | None: ...
    async def of_units(self, unit_ids: Collection[UnitId]) -> list[Group]:
        """Return the groups linked to one of the units, by name."""
        ...

    async def meant(self, selection: Selection) -> list[Group]:
        """Return the groups `Deliveries.freeze` would take, by name."""
        ...

    async def of_channel(self, channel_id: ChannelId) -> list[Group]: ...
    async def remove(self, group_id: GroupId) -> None:
        """Delete the group; deliveries to it keep their outcome."""
        ...


class Slips(Protocol):
    """Notes kept for a while. One that has run out is not given back."""

    async def put(self, slip: Slip) -> None:
        """Keep it; one with the same kind and key is replaced."""
        ...

    async def put_many(self, slips: Sequence[Slip]) -> None: ...
    async def claim(self, slip: Slip, *, now: datetime) -> bool:
        """Keep it unless one with the same kind and key still stands; tell whether it was kept.

        Of several at once only one is kept, whoever asks.
        """
        ...

    async def get(self, kind: SlipKind, key: str, *, now: datetime) -> Slip | None: ...
    async def take(self, kind: SlipKind, key: str, *, now: datetime) -> Slip | None:
        """Return it and remove it, so that nobody gets it a second time."""
        ...

    async def of_holder(self, kind: SlipKind, holder: str, *, now: datetime) -> list[Slip]:
        """Return what has this holder, the first to run out first."""
        ...

    async def remove(self, kind: SlipKind, key: str) -> None: ...
    async def remove_of(self, kind: SlipKind, holder: str) -> int: ...
    async def forget_before(self, at: datetime) -> int: ...
