"""What was acknowledged to a platform and waits to be handled."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.ids import ChannelId, ConversationKey, InboxId


class InboxState(StrEnum):
    """What became of an arrival."""

    WAITING = "waiting"
    HANDLED = "handled"
    SET_ASIDE = "set_aside"  # made the handler fail again and again; shown to officers


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One event to store. `sealed` holds the `Incoming`; the sender stands nowhere else."""

    channel_id: ChannelId
    event_id: str
    conversation: ConversationKey
    sealed: bytes = field(repr=False)
    arrived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """A claimed arrival."""

    id: InboxId
    channel_id: ChannelId
    event_id: str
    conversation: ConversationKey
    sealed: bytes = field(repr=False)
    attempts: int
    arrived_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """An arrival that nobody could handle, as the console shows it."""

    id: InboxId
    channel_id: ChannelId
    error: str
    attempts: int
    arrived_at: datetime
