"""Tables of what officers changed in answers and facts."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, text

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
