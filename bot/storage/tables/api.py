"""Tables of other software: tokens it acts with, addresses it is told at, calls to them."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, LargeBinary, Table, Text, text

from bot.core.api_tokens import Scope
from bot.core.hooks import CallState, HookEvent, HookState
from bot.storage.columns import Moment, Word, WordSet
from bot.storage.tables.registry import metadata, one_of

_IS_WAITING: Final = text("state = 'waiting'")

api_tokens: Final = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("officer_id", Text, ForeignKey("officers.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", WordSet(Scope), nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("added_at", Moment, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("used_on", Date),
    Column("revoked_at", Moment),
    Index("ix_api_tokens_officer", "officer_id"),
)

# `sealed` holds the secret that calls are signed with.
hooks: Final = Table(
    "hooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("events", WordSet(HookEvent), nullable=False),
    Column("state", Word(HookState), nullable=False),
    Column("trouble", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    one_of("state", HookState),
)

# Kept by their ids, which look random, as tips are: their order on the disk tells nothing.
# `not_before` is the moment of the next try, or the end of the lease of whoever is trying.
hook_calls: Final = Table(
    "hook_calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hook_id", Text, ForeignKey("hooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", Word(HookEvent), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("state", Word(CallState), nullable=False),
    Column("done_at", Moment),
    one_of("event", HookEvent),
    one_of("state", CallState),
    Index(
        "ix_hook_calls_due", "not_before", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING
    ),
    Index("ix_hook_calls_hook", "hook_id", "state"),
    sqlite_with_rowid=False,
)
