"""Tables of who signs in and whose keys open tips."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, Table, Text

from bot.core.officers import HolderKind, Role
from bot.storage.columns import Moment, RowNumber, Word, WordSet
from bot.storage.tables.registry import metadata, one_of

officers: Final = Table(
    "officers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("roles", WordSet(Role), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("added_at", Moment, nullable=False),
)

key_holders: Final = Table(
    "key_holders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Word(HolderKind), nullable=False),
    Column("officer_id", Text, ForeignKey("officers.id")),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("locked_private", LargeBinary),
    Column("retired_at", Moment),
    Column("attested", Text, nullable=False, server_default=""),
    one_of("kind", HolderKind),
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("officer_id", Text, ForeignKey("officers.id"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_sessions_officer", "officer_id"),
)

# Where officers are told what will not wait; `sealed` holds the address.
officer_chats: Final = Table(
    "officer_chats",
    metadata,
    Column("id", Text, primary_key=True),
    Column("officer_id", Text, ForeignKey("officers.id"), nullable=False),
    Column("channel_id", Text, ForeignKey("channels.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("linked_at", Moment, nullable=False),
    Index("ix_officer_chats_officer", "officer_id"),
)

# Where officers get notices by e-mail; `sealed` holds the address, nothing goes there before it
# is confirmed.
officer_mails: Final = Table(
    "officer_mails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("officer_id", Text, ForeignKey("officers.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("trouble", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Index("ix_officer_mails_officer", "officer_id"),
)

# Letters that wait to be handed over; a row goes once its letter went or was given up.
# `not_before` is the moment of the next try, or the end of the lease of whoever is trying.
mails: Final = Table(
    "mails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("to_id", Text, ForeignKey("officer_mails.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("not_before", Moment, nullable=False),
    Index("ix_mails_due", "not_before"),
    Index("ix_mails_to", "to_id"),
    sqlite_with_rowid=False,
)

# `who` is a keyed pseudonym of the login that was typed.
sign_in_tries: Final = Table(
    "sign_in_tries",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_sign_in_tries_who", "who", "at"),
    Index("ix_sign_in_tries_at", "at"),
)

# How an officer likes to see the queue; the query holds no word of any tip.
saved_filters: Final = Table(
    "saved_filters",
    metadata,
    Column("officer_id", Text, ForeignKey("officers.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
)
