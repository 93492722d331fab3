"""Tables of what goes out: announcements, and one row for every copy and reply."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.core.announcements import Amendment, AnnouncementState, Approval, Link, SentBack
from bot.core.audience import Audience
from bot.core.deliveries import DeliveryState
from bot.core.sending import Reason
from bot.storage.columns import Moment, Part, RowNumber, Span, TextList, Word
from bot.storage.tables.registry import metadata, one_of


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


announcements: Final = Table(
    "announcements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("is_urgent", Boolean, nullable=False),
    Column("is_public", Boolean, nullable=False),
    Column("channels", TextList, nullable=False),
    Column("state", Word(AnnouncementState), nullable=False),
    Column("due_at", Moment),
    Column("grace", Span, nullable=False),
    Column("author_id", Text, ForeignKey("officers.id")),
    Column("slug", Text, nullable=False, unique=True),
    Column("written_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("cancelled_at", Moment),
    Column("attachment_id", Text),
    Column("amends", Text),
    Column("amendment", Word(Amendment)),
    Column("audience", Part(Audience), nullable=False, server_default="{}"),
    Column("links", Part(tuple[Link, ...]), nullable=False, server_default="[]"),
    Column("editors", TextList, nullable=False, server_default="[]"),
    Column("approval", Part(Approval)),
    Column("sent_back", Part(SentBack)),
    Column("freezing_after", Text),
    Column("joined_until", Moment),
    one_of("state", AnnouncementState),
    Index("ix_announcements_state", "state", "due_at"),
    Index("ix_announcements_unit", "unit_id", "written_at"),
    Index("ix_announcements_amends", "amends", **_where("amends IS NOT NULL")),
    Index("ix_announcements_freezing", "id", **_where("freezing_after IS NOT NULL")),
)
# `free_at` is the moment from which a waiting row may be claimed (its own `not_before`, or the
# end of the lease on it); of a row that is being sent, the moment it counts as unknown.
deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("channel_id", Text, ForeignKey("channels.id"), nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("state", Word(DeliveryState), nullable=False),
    Column("reason", Word(Reason)),
    Column("attempts", BigInteger, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("free_at", Moment, nullable=False),
    Column("owner", Text),
    Column("attempt_id", Text),
    Column("platform_id", Text),
    Column("done_at", Moment),
    Column("conversation", Text),
    Column("sealed", LargeBinary),
    Column("announcement_id", Text, ForeignKey("announcements.id")),
    Column("person_id", Text, ForeignKey("people.id", ondelete="SET NULL")),
    # A group that was forgotten leaves its number behind, so that its copies still count. The
    # platform's ids of what is amended stand split by spaces.
    Column("group_id", Text),
    Column("replaces", Text),
    # One copy for each person. The person leads, so that forgetting one finds the rows.
    UniqueConstraint("person_id", "announcement_id"),
    one_of("state", DeliveryState),
    one_of("reason", Reason),
    CheckConstraint("lane IN (0, 1, 2)", name="lane"),
    CheckConstraint(
        "(state IN ('waiting', 'sending')) = (done_at IS NULL)", name="done_has_a_moment"
    ),
    CheckConstraint(
        "announcement_id IS NULL OR (sealed IS NULL AND conversation IS NULL)",
        name="copy_holds_no_body",
    ),
    CheckConstraint(
        "announcement_id IS NOT NULL OR (state IN ('waiting', 'sending')) = (sealed IS NOT NULL)",
        name="reply_wiped_once_done",
    ),
    CheckConstraint(
        "announcement_id IS NOT NULL"
        " OR (state IN ('waiting', 'sending')) = (conversation IS NOT NULL)",
        name="reply_nameless_once_done",
    ),
    CheckConstraint("state <> 'sending' OR attempt_id IS NOT NULL", name="sending_has_attempt"),
    # Only rows still to be decided stand in the indexes a claim reads.
    Index(
        "ix_deliveries_replies",
        "channel_id",
        "lane",
        "id",
        **_where("state = 'waiting' AND announcement_id IS NULL"),
    ),
    Index(
        "ix_deliveries_copies",
        "announcement_id",
        "channel_id",
        "id",
        **_where("state = 'waiting' AND announcement_id IS NOT NULL"),
    ),
    Index(
        "ix_deliveries_due",
        "announcement_id",
        "channel_id",
        "free_at",
        **_where("state = 'waiting' AND announcement_id IS NOT NULL"),
    ),
    Index(
        "ix_deliveries_conversation", "conversation", "id", **_where("conversation IS NOT NULL")
    ),
    Index(
        "ix_deliveries_group",
        "group_id",
        "announcement_id",
        unique=True,
        **_where("group_id IS NOT NULL"),
    ),
    Index("ix_deliveries_sending", "free_at", **_where("state = 'sending'")),
    Index("ix_deliveries_announcement", "announcement_id", "state", "reason", "done_at"),
    Index("ix_deliveries_old_replies", "done_at", **_where("announcement_id IS NULL")),
    sqlite_autoincrement=True,
)
