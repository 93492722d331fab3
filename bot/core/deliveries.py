"""One copy of a message on its way to one chat, and what is known of it.

    waiting ──claim──> sending ──> sent       the platform gave an id
       ▲                  ├──────> failed     the platform refused for good
       │                  ├──────> skipped    no window, no quota, too many
       │                  ├──────> unknown    the request was written, no answer came
       └── not_before ────┘ (slowed down, could not connect, trouble over there)
    waiting ──> skipped   left, opted out, doubled, cancelled
    skipped ──> waiting   the person wrote again, so that the window is open

A claim is only a lease: the row stays `waiting` and is free again when the lease runs out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from bot.core.ids import (
    AnnouncementId,
    ChannelId,
    ConversationKey,
    DeliveryId,
    GroupId,
    PersonId,
    UnitId,
)
from bot.core.messages import Address
from bot.core.sending import Reason


class Lane(IntEnum):
    """Who goes first. A lower number goes before a higher one."""

    URGENT = 0
    REPLY = 1
    ORDINARY = 2


# Replies and urgent announcements whose fate is unknown are tried this often in all: a second
# copy is better than none, a tenth is not.
MOST_BLIND_ATTEMPTS: Final = 3


class DeliveryState(StrEnum):
    """What is known of one copy."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


DELIVERY_MOVES: Final[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
    DeliveryState.WAITING: frozenset({DeliveryState.SENDING, DeliveryState.SKIPPED}),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.SENT,
            DeliveryState.FAILED,
            DeliveryState.SKIPPED,
            DeliveryState.UNKNOWN,
            DeliveryState.WAITING,
        }
    ),
    # Something proves it after all; or an officer sends again to just those.
    DeliveryState.UNKNOWN: frozenset({DeliveryState.SENT, DeliveryState.WAITING}),
    DeliveryState.SENT: frozenset(),
    DeliveryState.FAILED: frozenset(),
    # The person wrote again, so that the window is open (`NEXT_CHANCE`).
    DeliveryState.SKIPPED: frozenset({DeliveryState.WAITING}),
}


# Skipped for one of these, a copy is sent after all when the person writes soon enough.
NEXT_CHANCE: Final = frozenset({Reason.NO_WINDOW, Reason.NO_QUOTA, Reason.TOO_MANY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer to put into the outbox. Address and text stand there only sealed."""

    channel_id: ChannelId
    conversation: ConversationKey
    sealed: bytes = field(repr=False)
    lane: Lane = Lane.REPLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A claimed row of the outbox.

    Either a reply (`sealed` holds address and message) or a copy of an announcement
    (`announcement_id`, `person_id` or `group_id`, `address`).
    """

    id: DeliveryId
    channel_id: ChannelId
    lane: Lane
    attempts: int
    conversation: ConversationKey | None = None
    sealed: bytes | None = field(default=None, repr=False)
    announcement_id: AnnouncementId | None = None
    person_id: PersonId | None = None
    group_id: GroupId | None = None
    # The platform's ids of what this copy takes the place of (an amendment).
    replaces: tuple[str, ...] = field(default=(), repr=False)
    address: Address | None = None
    # Where the recipient belongs: the text may differ from unit to unit.
    unit_id: UnitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt ended, to be written down.

    `state` WAITING means again, not before `not_before` or, if that is None, at once; `counts`
    tells whether the attempt uses up one of the tries (being slowed down does not).
    """

    delivery_id: DeliveryId
    attempt_id: str
    state: DeliveryState
    reason: Reason | None = None
    not_before: datetime | None = None
    counts: bool = True
    platform_ids: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of an announcement's recipients. The outcomes add up to `recipients`."""

    outcomes: Mapping[DeliveryState, int]
    reasons: Mapping[Reason, int]
    finished_at: datetime | None = None

    @property
    def recipients(self) -> int:
        """Return how many people the announcement was meant for."""
        return sum(self.outcomes.values())

    @property
    def open(self) -> int:
        """Return how many are still to be decided."""
        return self.outcomes.get(DeliveryState.WAITING, 0) + self.outcomes.get(
            DeliveryState.SENDING, 0
        )
