"""The port of the database: announcements, copies and replies, and what became of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.announcements import Announcement
from bot.core.audience import Selection
from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome, Reply, Tally
from bot.core.ids import (
    AnnouncementId,
    AttachmentId,
    ChannelId,
    DeliveryId,
    PersonId,
    UnitId,
)
from bot.core.messages import Attachment
from bot.core.results import Case, CopyResult, MissedHouse, MissedHouses, Place
from bot.core.sending import Reason


class Deliveries(Protocol):
    """The outbox."""

    async def add_replies(self, replies: Sequence[Reply], *, at: datetime) -> None: ...
    async def add_reply(self, reply: Reply, *, at: datetime) -> DeliveryId:
        """Put one answer in; return its number, by which its outcome is found for a day."""
        ...

    async def freeze(
        self,
        announcement_id: AnnouncementId,
        selection: Selection,
        *,
        lane: Lane,
        at: datetime,
        after: str = "",
        most: int,
        stopped: Reason | None = None,
    ) -> str | None:
        """Make rows for the next `most` people after the one called `after`, once for each.

        Groups come with the first call. Who cannot be written to, or of whose household somebody
        else gets the copy, has a skipped row; with `stopped` everybody has, for that reason.
        Return after whom to go on, or None when everybody has a row.
        """
        ...

    async def freeze_amendment(
        self,
        announcement_id: AnnouncementId,
        *,
        amends: AnnouncementId,
        lane: Lane,
        at: datetime,
        is_for_owed: bool = False,
        after: int = 0,
        most: int,
        stopped: Reason | None = None,
    ) -> int | None:
        """Make waiting rows for those whom `amends` reached or may have reached.

        Each keeps the platform's ids of what it takes the place of; who has a row already keeps
        it. With `is_for_owed` also for those whose copy of `amends` was cancelled (waiting) or
        is kept for the next chance (skipped, as before). Goes through the next `most` such rows
        of `amends` after the row `after`; return after which to go on, or None.
        """
        ...

    async def take_chance(self, person_id: PersonId, *, since: datetime, at: datetime) -> int:
        """Let copies wait again that were skipped for want of a window, a quota or a turn.

        Only of announcements being sent that started after `since` and that no other one takes
        back or corrects. Return how many.
        """
        ...

    async def claim(
        self,
        channel_id: ChannelId,
        lanes: Collection[Lane],
        limit: int,
        *,
        owner: str,
        now: datetime,
        lease_until: datetime,
    ) -> list[Delivery]:
        """Lease due rows, highest lane first, then oldest; of a conversation only the oldest.

        Rows of paused or cancelled announcements are not given out.
        """
        ...

    async def mark_sending(
        self,
        ids: Sequence[DeliveryId],
        *,
        owner: str,
        attempt_id: str,
        now: datetime,
        until: datetime,
    ) -> set[DeliveryId]:
        """Turn leased rows into `sending`; return those that still were ours to turn.

        Rows whose announcement was paused or cancelled meanwhile are given back. When `until`
        passes without an outcome, the row becomes unknown.
        """
        ...

    async def record(self, outcomes: Sequence[Outcome], *, at: datetime) -> None:
        """Write down how attempts ended.

        Of a reply that is done nothing is kept but its outcome and the hour. Where a copy ended
        without reaching anybody, the next of its household waits instead.

        An outcome whose attempt is no longer the row's is dropped, unless it proves `sent`. One
        that comes after `expire` gave its row up as unknown is still written.
        """
        ...

    async def release(self, ids: Sequence[DeliveryId], *, owner: str) -> None:
        """Give back leases that were not used."""
        ...

    async def free(self, owner: str, *, now: datetime) -> int:
        """Settle, as `expire` does, what an owner that is known to be gone had in hand."""
        ...

    async def expire(self, *, now: datetime) -> int:
        """Settle `sending` rows whose hour passed; return how many.

        Ordinary announcements become unknown. Urgent announcements and replies become waiting:
        for them "again" was chosen beforehand, a second copy being better than none.
        """
        ...

    async def skip_cancelled(self, *, at: datetime, most: int) -> int:
        """Skip at most so many copies that wait for an announcement that was cancelled."""
        ...

    async def resend_unknown(self, announcement_id: AnnouncementId, *, at: datetime) -> int: ...
    async def tally(self, announcement_id: AnnouncementId) -> Tally: ...
    async def next_due(self, channel_id: ChannelId) -> datetime | None:
        """Return when the earliest waiting row may be claimed, or None if there is none."""
        ...

    async def backlog(self) -> Mapping[tuple[ChannelId, DeliveryState], int]: ...
    async def forget_replies_before(self, at: datetime) -> int: ...


class Results(Protocol):
    """What became of single copies of one announcement. Only looks."""

    async def counts(self, announcement_id: AnnouncementId) -> Mapping[Case, int]: ...
    async def copies(
        self,
        announcement_id: AnnouncementId,
        of: Case,
        *,
        after: Place | None = None,
        limit: int,
    ) -> list[CopyResult]:
        """Return copies of a case in the order in which they ended, those behind `after`."""
        ...

    async def missed_houses(
        self,
        announcement_id: AnnouncementId,
        unit_id: UnitId,
        *,
        has_copies: bool | None = None,
        after: str = "",
        limit: int,
    ) -> list[MissedHouse]:
        """Return households of a unit, by code behind `after`, of which nobody was reached.

        Reached is whose copy was sent or is unknown. `has_copies` asks for those with, or
        without, any copy for a member.
        """
        ...

    async def count_missed_houses(
        self, announcement_id: AnnouncementId, unit_ids: Collection[UnitId]
    ) -> MissedHouses: ...


class Progress(Protocol):
    """How the sending goes at the moment. Only looks."""

    async def ended_since(
        self, announcement_id: AnnouncementId, *, since: datetime
    ) -> Mapping[ChannelId, int]:
        """Return how many copies ended after a moment, by channel.

        Left out is what no platform was asked about: doubled, cancelled, left.
        """
        ...

    async def open_copies(self, announcement_id: AnnouncementId) -> Mapping[ChannelId, int]:
        """Return how many copies are still to be decided, by channel."""
        ...

    async def last_tried(
        self, announcement_id: AnnouncementId, *, since: datetime, limit: int
    ) -> list[DeliveryState]:
        """Return how the last copies ended after a moment, newest first; skipped ones left out."""
        ...

    async def being_sent(self) -> list[AnnouncementId]:
        """Return which announcements being sent still have copies that wait."""
        ...


class Announcements(Protocol):
    """What officers write."""

    async def save(self, announcement: Announcement) -> None: ...
    async def get(self, announcement_id: AnnouncementId) -> Announcement: ...
    async def by_slug(self, slug: str) -> Announcement | None: ...
    async def amendments_of(self, announcement_id: AnnouncementId) -> list[Announcement]:
        """Return those that amend it, newest first."""
        ...

    async def due(self, now: datetime) -> list[Announcement]:
        """Return scheduled announcements whose hour has come, oldest first."""
        ...

    async def proposed(self) -> list[Announcement]:
        """Return what waits for a second officer, oldest first."""
        ...

    async def freezing(self) -> list[Announcement]:
        """Return started announcements of whose recipients some have no row yet."""

    async def finished(self, *, since: datetime) -> list[Announcement]:
        """Return those that began at `since` or later and have nothing left to send."""
        ...

    async def of_units(
        self, unit_ids: Collection[UnitId], *, limit: int = 100
    ) -> list[Announcement]:
        """Return the newest first."""
        ...

    async def public(self, *, limit: int = 50) -> list[Announcement]:
        """Return started, public, not cancelled ones, newest first.

        Of one that was corrected only the correction, of one taken back nothing, even if that
        was stopped half-way: the earlier text is known to be wrong.
        """
        ...


class Attachments(Protocol):
    """What goes out with announcements, and under which names platforms keep it for a while."""

    async def add(self, attachment: Attachment, body: bytes, *, at: datetime) -> None:
        """Keep an attachment; the same id again changes nothing but the moment."""
        ...

    async def get(self, attachment_id: AttachmentId) -> Attachment: ...
    async def body(self, attachment_id: AttachmentId) -> bytes: ...
    async def uploaded(
        self, channel_id: ChannelId, attachment_id: AttachmentId, *, now: datetime
    ) -> str | None: ...
    async def note_upload(
        self, channel_id: ChannelId, attachment_id: AttachmentId, token: str, *, until: datetime
    ) -> None: ...
    async def forget_uploads_before(self, at: datetime) -> int: ...
    async def forget_unused_before(self, at: datetime) -> int:
        """Delete what was added before then and goes with no announcement; return how many."""
        ...
