"""Tables of tips. No column here could name a sender, and none may ever be added.

SQLite numbers the rows of an ordinary table in the order they came; these tables are kept by
their random ids instead (WITHOUT ROWID). What place and transaction still tell is for
`bot.storage.shuffling`.
"""

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
    false,
    text,
)

from bot.core.tips import RecordKind, TipCategory, TipState
from bot.storage.columns import Moment, RowNumber, Word
from bot.storage.tables.registry import metadata, one_of

tips: Final = Table(
    "tips",
    metadata,
    Column("id", Text, primary_key=True),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("reference", Text, nullable=False),
    Column("category", Word(TipCategory), nullable=False),
    Column("is_urgent", Boolean, nullable=False),
    Column("state", Word(TipState), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("visible_at", Moment, nullable=False),
    Column("moved_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("claimed_by", Text, ForeignKey("officers.id")),
    Column("locator", Text, nullable=False, unique=True),
    Column("receipt_salt", LargeBinary, nullable=False),
    Column("receipt_hash", LargeBinary, nullable=False),
    Column("sealed_for", Text, nullable=False, server_default=""),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("first_seen_at", Moment),
    Column("has_news", Boolean, nullable=False, server_default=false()),
    Column("has_route", Boolean, nullable=False, server_default=false()),
    Column("merged_into", Text),
    Column("passed_to", Text, nullable=False, server_default=""),
    Column("is_held", Boolean, nullable=False, server_default=false()),
    Column("forget_on", Date),
    Column("escalated", BigInteger, nullable=False, server_default="0"),
    Column("is_handed", Boolean, nullable=False, server_default=false()),
    Column("talk_public", LargeBinary),
    Column("talk_locked", LargeBinary),
    Column("is_about_officer", Boolean, nullable=False, server_default=false()),
    one_of("category", TipCategory),
    one_of("state", TipState),
    Index("ix_tips_reference", "reference"),
    Index("ix_tips_merged", "merged_into"),
    Index(
        "ix_tips_news",
        "id",
        sqlite_where=text("has_news"),
        postgresql_where=text("has_news"),
    ),
    Index("ix_tips_shown", "visible_at"),
    Index(
        "ix_tips_given",
        *("unit_id", "sealed_for"),
        sqlite_where=text("sealed_for != unit_id"),
        postgresql_where=text("sealed_for != unit_id"),
    ),
    Index("ix_tips_counts", "unit_id", "state", "visible_at", "is_about_officer"),
    # In the order of the queue, with all it filters by: a page of a hundred thousand is found
    # without their rows.
    Index(
        "ix_tips_queue",
        *("is_urgent", "received_at", "id", "visible_at", "unit_id", "is_about_officer"),
        *("state", "category", "claimed_by", "first_seen_at", "has_news"),
    ),
    sqlite_with_rowid=False,
)

tip_records: Final = Table(
    "tip_records",
    metadata,
    Column("tip_id", Text, ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Word(RecordKind), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    one_of("kind", RecordKind),
    sqlite_with_rowid=False,
)

tip_keys: Final = Table(
    "tip_keys",
    metadata,
    Column("tip_id", Text, ForeignKey("tips.id", ondelete="CASCADE"), primary_key=True),
    Column("holder_id", Text, ForeignKey("key_holders.id"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Index("ix_tip_keys_holder", "holder_id"),
    sqlite_with_rowid=False,
)

# Wrong receipts, by their public third: somebody is guessing.
receipt_tries: Final = Table(
    "receipt_tries",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("locator", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_receipt_tries_locator", "locator", "at"),
    Index("ix_receipt_tries_at", "at"),
)

# Where answers may be left. No row here tells which tip it belongs to, and no tip tells its row:
# the number stands only inside the tip's ciphertext.
tip_routes: Final = Table(
    "tip_routes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("week", Date, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_on", Date, nullable=False),
    Index("ix_tip_routes_expires", "expires_on"),
    sqlite_with_rowid=False,
)

# Which chats have a dialogue, by their pseudonym; which one is sealed, as in the route itself.
route_chats: Final = Table(
    "route_chats",
    metadata,
    Column("id", Text, primary_key=True),
    Column("conversation", Text, nullable=False),
    Column("week", Date, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_on", Date, nullable=False),
    Index("ix_route_chats_conversation", "conversation"),
    Index("ix_route_chats_expires", "expires_on"),
    sqlite_with_rowid=False,
)

# What officers leave for a route, until the receiving side has put it into the chat.
route_posts: Final = Table(
    "route_posts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("route_id", Text, nullable=False),
    Column("week", Date, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("not_before", Moment, nullable=False),
    Index("ix_route_posts_due", "not_before"),
    sqlite_with_rowid=False,
)

# What senders answer in the chat, until the reading side has put it with the tip.
route_letters: Final = Table(
    "route_letters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("letter_box", Text, nullable=False),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_route_letters_unit", "unit_id"),
    sqlite_with_rowid=False,
)

# The bare numbers of tips that are no more, for reports; no page shows one below five.
tip_counts: Final = Table(
    "tip_counts",
    metadata,
    Column("month", Date, primary_key=True),
    Column("unit_id", Text, ForeignKey("units.id"), primary_key=True),
    Column("category", Word(TipCategory), primary_key=True),
    Column("state", Word(TipState), primary_key=True),
    Column("many", BigInteger, nullable=False),
    one_of("category", TipCategory),
    one_of("state", TipState),
    sqlite_with_rowid=False,
)
