"""Tables the program keeps for itself: the audit chain, claims, leases, small settings."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, Table, Text

from bot.storage.columns import Moment, TextMap
from bot.storage.tables.registry import metadata

audit: Final = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", TextMap, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    # Empty in rows from before there were MACs.
    Column("mac", LargeBinary),
    Index("ix_audit_actor", "actor", "number"),
    Index("ix_audit_act", "act", "number"),
    Index("ix_audit_subject", "subject", "number"),
    Index("ix_audit_at", "at", "number"),
)

audit_heads: Final = Table(
    "audit_heads",
    metadata,
    Column("day", Date, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("posted_at", Moment),
)

fired: Final = Table(
    "fired",
    metadata,
    Column("job", Text, primary_key=True),
    Column("moment", Moment, primary_key=True),
    Index("ix_fired_moment", "moment"),
)

leases: Final = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

settings: Final = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
