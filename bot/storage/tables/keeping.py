"""Tables of groups, of notes kept for a while, and of what goes out with announcements."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from bot.core.groups import GroupState
from bot.core.messages import AttachmentKind
from bot.core.slips import SlipKind
from bot.storage.columns import Moment, Word
from bot.storage.tables.registry import metadata, one_of

groups: Final = Table(
    "groups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel_id", Text, ForeignKey("channels.id"), nullable=False),
    Column("chat", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("unit_id", Text, ForeignKey("units.id")),
    Column("state", Word(GroupState), nullable=False),
    Column("invite_url", Text, nullable=False),
    Column("members", BigInteger, nullable=False),
    Column("most_members", BigInteger, nullable=False),
    Column("can_delete", Boolean, nullable=False),
    Column("lapses_on", Date),
    Column("seen_at", Moment, nullable=False),
    Column("linked_at", Moment),
    UniqueConstraint("channel_id", "chat"),
    one_of("state", GroupState),
    Index("ix_groups_unit", "unit_id", "state"),
)

# `body` is sealed whenever it could name somebody; `holder` gathers slips of one kind.
slips: Final = Table(
    "slips",
    metadata,
    Column("kind", Word(SlipKind), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("until", Moment, nullable=False),
    one_of("kind", SlipKind),
    Index("ix_slips_holder", "kind", "holder"),
    Index("ix_slips_until", "until"),
    sqlite_with_rowid=False,
)

attachments: Final = Table(
    "attachments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Word(AttachmentKind), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("added_at", Moment, nullable=False),
    one_of("kind", AttachmentKind),
)

# What a platform knows an attachment by, until it forgets it.
uploads: Final = Table(
    "uploads",
    metadata,
    Column("channel_id", Text, ForeignKey("channels.id"), primary_key=True),
    Column("attachment_id", Text, ForeignKey("attachments.id"), primary_key=True),
    Column("token", Text, nullable=False),
    Column("until", Moment, nullable=False),
)
