"""Tables of what officers changed in answers and facts, and of questions without an answer."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Table, Text, text

from bot.core.edits import EditKind
from bot.storage.columns import Moment, Word
from bot.storage.tables.registry import metadata, one_of

_IS_UNMEASURED: Final = text("effect IS NULL")

content_edits: Final = Table(
    "content_edits",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Word(EditKind), nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text),
    Column("officer_id", Text, ForeignKey("officers.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("before", BigInteger, nullable=False),
    Column("undoes", BigInteger, nullable=False),
    one_of("kind", EditKind),
    Index("ix_content_edits_key", "kind", "key", "revision"),
)

content_drafts: Final = Table(
    "content_drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Word(EditKind), nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text),
    Column("officer_id", Text, ForeignKey("officers.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("undoes", BigInteger, nullable=False),
    Column("effect", Text),
    one_of("kind", EditKind),
    Index(
        "ix_content_drafts_unmeasured",
        "at",
        sqlite_where=_IS_UNMEASURED,
        postgresql_where=_IS_UNMEASURED,
    ),
)

# Kept by its text: the order on the disk tells nothing of when it was asked.
unknown_questions: Final = Table(
    "unknown_questions",
    metadata,
    Column("text", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("many", BigInteger, nullable=False),
    Index("ix_unknown_questions_day", "day"),
    sqlite_with_rowid=False,
)
