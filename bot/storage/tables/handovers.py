"""Tables of conversations handed over to people."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)

from bot.core.deliveries import DeliveryState
from bot.core.handovers import HandoverReason, HandoverState, Speaker
from bot.core.sending import Reason
from bot.storage.columns import Moment, Word
from bot.storage.tables.registry import metadata, one_of

_is_open = text("state IN ('waiting', 'taken')")
_goes_out = text("state = 'waiting'")

# `chat` is a keyed pseudonym of the conversation's own pseudonym, so that it cannot be laid
# beside anything else; `way` holds the address, sealed, until nothing is to go out any more.
handovers: Final = Table(
    "handovers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("channel_id", Text, ForeignKey("channels.id"), nullable=False),
    Column("reason", Word(HandoverReason), nullable=False),
    Column("state", Word(HandoverState), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("wrote_at", Moment, nullable=False),
    Column("last_word_at", Moment, nullable=False),
    Column("last_speaker", Word(Speaker), nullable=False),
    Column("last_number", BigInteger, nullable=False),
    Column("answered_number", BigInteger, nullable=False),
    Column("seen_number", BigInteger, nullable=False),
    Column("taken_by", Text, ForeignKey("officers.id")),
    Column("closed_at", Moment),
    Column("chat", Text, nullable=False),
    Column("way", LargeBinary),
    one_of("reason", HandoverReason),
    one_of("state", HandoverState),
    one_of("last_speaker", Speaker),
    Index("ix_handovers_unit", "unit_id", "state", "asked_at"),
    Index("ix_handovers_chat", "chat"),
    # One chat is handed over once at a time.
    Index(
        "ix_handovers_open_chat",
        "chat",
        unique=True,
        sqlite_where=_is_open,
        postgresql_where=_is_open,
    ),
    Index("ix_handovers_silent", "last_word_at", sqlite_where=_is_open, postgresql_where=_is_open),
)

handover_words: Final = Table(
    "handover_words",
    metadata,
    Column("handover_id", Text, ForeignKey("handovers.id", ondelete="CASCADE"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("speaker", Word(Speaker), nullable=False),
    Column("officer_id", Text, ForeignKey("officers.id")),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", Word(DeliveryState)),
    Column("delivery_id", BigInteger),
    Column("reason", Word(Reason)),
    one_of("speaker", Speaker),
    one_of("state", DeliveryState),
    one_of("reason", Reason),
    Index("ix_handover_words_at", "at"),
    Index(
        "ix_handover_words_out",
        "at",
        "handover_id",
        "number",
        sqlite_where=_goes_out,
        postgresql_where=_goes_out,
    ),
)
