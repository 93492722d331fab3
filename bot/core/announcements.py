"""Announcements: what officers send to many, from draft to done."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.audience import Audience
from bot.core.errors import UnlawfulMove
from bot.core.ids import AnnouncementId, AttachmentId, ChannelId, OfficerId, UnitId


class AnnouncementState(StrEnum):
    """Where an announcement stands. "Finished" is not here: it is read off the deliveries."""

    DRAFT = "draft"
    PROPOSED = "proposed"  # a second officer is to approve it
    SCHEDULED = "scheduled"
    OVERDUE = "overdue"  # its hour passed while nobody could send; an officer is asked
    SENDING = "sending"
    PAUSED = "paused"
    CANCELLED = "cancelled"


ANNOUNCEMENT_MOVES: Final[Mapping[AnnouncementState, frozenset[AnnouncementState]]] = {
    AnnouncementState.DRAFT: frozenset(
        {AnnouncementState.PROPOSED, AnnouncementState.SCHEDULED, AnnouncementState.CANCELLED}
    ),
    AnnouncementState.PROPOSED: frozenset(
        {AnnouncementState.DRAFT, AnnouncementState.SCHEDULED, AnnouncementState.CANCELLED}
    ),
    AnnouncementState.SCHEDULED: frozenset(
        {
            AnnouncementState.DRAFT,
            AnnouncementState.SENDING,
            AnnouncementState.OVERDUE,
            AnnouncementState.CANCELLED,
        }
    ),
    AnnouncementState.OVERDUE: frozenset(
        {AnnouncementState.SCHEDULED, AnnouncementState.CANCELLED}
    ),
    AnnouncementState.SENDING: frozenset({AnnouncementState.PAUSED, AnnouncementState.CANCELLED}),
    AnnouncementState.PAUSED: frozenset({AnnouncementState.SENDING, AnnouncementState.CANCELLED}),
    AnnouncementState.CANCELLED: frozenset(),
}


class Amendment(StrEnum):
    """What an announcement does to an earlier one it names."""

    CORRECTION = "correction"  # what was sent is edited where that is possible, else said anew
    RECALL = "recall"  # what was sent disappears where that is possible, else it is taken back


DEFAULT_GRACE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page that goes with an announcement, opened by a button where there are buttons."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A second officer's word for exactly what had this mark.

    `override` is the reason for which the writer let it go alone; `by` is the writer then.
    """

    by: OfficerId
    at: datetime
    mark: str
    override: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """Why it came back to its writers. `by` None: its hour came and it could not be read."""

    by: OfficerId | None = None
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One text for everybody who joined `unit_id` or a unit under it, as `audience` changes that.

    `text` may hold places that differ from unit to unit (`content.places`). `due_at` None means
    "as soon as it is approved". A start later than `due_at + grace` asks an officer instead of
    firing. `channels` empty means every channel.
    """

    id: AnnouncementId
    unit_id: UnitId
    title: str
    text: str
    is_urgent: bool = False
    is_public: bool = True
    channels: tuple[ChannelId, ...] = ()
    state: AnnouncementState = AnnouncementState.DRAFT
    due_at: datetime | None = None
    grace: timedelta = DEFAULT_GRACE
    # None: written by somebody with the machine in their hands (command line).
    author_id: OfficerId | None = None
    slug: str
    written_at: datetime
    started_at: datetime | None = None
    cancelled_at: datetime | None = None
    attachment_id: AttachmentId | None = None
    # An amendment goes to those the earlier one reached or may have reached; a correction also
    # to those to whom it was still owed.
    amends: AnnouncementId | None = None
    amendment: Amendment | None = None
    audience: Audience = field(default_factory=Audience)
    links: tuple[Link, ...] = ()
    # Everybody who wrote any of it; none of them can approve it.
    editors: tuple[OfficerId, ...] = ()
    approval: Approval | None = None
    # Until it is let go once more.
    sent_back: SentBack | None = None
    # After whom rows are still to be made for the audience; None: everybody has one, or none yet.
    freezing_after: str | None = None
    # People who joined later than this get no copy.
    joined_until: datetime | None = None

    @property
    def unit_ids(self) -> tuple[UnitId, ...]:
        """Return the units it was written for, each meant with everything under it."""
        return (self.unit_id, *self.audience.more_unit_ids)

    @property
    def mark(self) -> str:
        """Return the hash of content and audience that an approval binds to.

        Its hour may change: a machine that was off asks for a new one.
        """
        meant = (
            self.title,
            self.text,
            self.attachment_id,
            *((link.label, link.url) for link in self.links),
            self.is_urgent,
            self.is_public,
            self.channels,
            self.unit_ids,
            self.audience,
        )
        return hashlib.sha256(repr(meant).encode()).hexdigest()

    @property
    def is_approved(self) -> bool:
        """Tell whether an approval stands for what it is now."""
        return self.approval is not None and self.approval.mark == self.mark

    @property
    def goes_first(self) -> bool:
        """Tell whether it goes before all others and is never held: it is urgent, or a recall.

        Who reads what was taken back should know at once.
        """
        return self.is_urgent or self.amendment is Amendment.RECALL

    def moved(self, to: AnnouncementState) -> "Announcement":
        """Return the announcement in state `to`. Raise `UnlawfulMove`."""
        if to not in ANNOUNCEMENT_MOVES[self.state]:
            raise UnlawfulMove("announcement", self.state, to)
        return replace(self, state=to)

    def is_too_late(self, now: datetime) -> bool:
        """Tell whether the hour passed by more than the grace."""
        return self.due_at is not None and now > self.due_at + self.grace
