"""Tables of accounts on platforms and of what passes through them on its way in."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.core.channels import AccountState, ChannelKind
from bot.core.inbox import InboxState
from bot.storage.columns import Moment, RowNumber, TextMap, Word
from bot.storage.tables.registry import metadata, one_of

channels: Final = Table(
    "channels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Word(ChannelKind), nullable=False),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("settings", TextMap, nullable=False),
    Column("sealed_credentials", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", Word(AccountState), nullable=False),
    Column("trouble", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    one_of("kind", ChannelKind),
    one_of("state", AccountState),
)

_waiting = text("state = 'waiting'")

# A row keeps `free_at`, the moment from which it may be claimed: its arrival, the end of the
# lease on it, or the end of the pause before the next try.
inbox: Final = Table(
    "inbox",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("channel_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("conversation", Text),
    Column("sealed", LargeBinary),
    Column("state", Word(InboxState), nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("arrived_at", Moment, nullable=False),
    Column("free_at", Moment, nullable=False),
    Column("owner", Text),
    Column("error", Text),
    Column("done_at", Moment),
    UniqueConstraint("channel_id", "event_id"),
    one_of("state", InboxState),
    CheckConstraint("(state = 'handled') = (sealed IS NULL)", name="wiped_once_handled"),
    CheckConstraint("(state = 'handled') = (conversation IS NULL)", name="nameless_once_handled"),
    Index("ix_inbox_waiting", "id", "free_at", sqlite_where=_waiting, postgresql_where=_waiting),
    Index(
        "ix_inbox_conversation",
        "conversation",
        "id",
        sqlite_where=_waiting,
        postgresql_where=_waiting,
    ),
    Index(
        "ix_inbox_done",
        "state",
        "done_at",
        sqlite_where=text("state <> 'waiting'"),
        postgresql_where=text("state <> 'waiting'"),
    ),
    # A number is never given twice: it stands for the order of arrival.
    sqlite_autoincrement=True,
)

dialogues: Final = Table(
    "dialogues",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_dialogues_expires", "expires_at"),
)

# The counter outlives the letters: a browser asks for what came after the last one it has seen.
mailboxes: Final = Table(
    "mailboxes",
    metadata,
    Column("mailbox", Text, primary_key=True),
    Column("last_number", BigInteger, nullable=False),
)

letters: Final = Table(
    "letters",
    metadata,
    Column("mailbox", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("is_secret", Boolean, nullable=False),
    Column("put_at", Moment, nullable=False),
    Index("ix_letters_put", "put_at"),
)
