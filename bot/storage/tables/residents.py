"""Tables of where people live and who joined."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from bot.core.languages import Language
from bot.core.people import PersonState
from bot.core.units import UnitKind
from bot.storage.columns import Moment, TextMap, Word
from bot.storage.tables.registry import metadata, one_of

units: Final = Table(
    "units",
    metadata,
    Column("id", Text, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Word(UnitKind), nullable=False),
    Column("parent_id", Text, ForeignKey("units.id")),
    Column("households", BigInteger, nullable=False),
    Column("join_code", Text, nullable=False, unique=True),
    Column("contacts", TextMap, nullable=False),
    Column("inspectorate_id", Text),
    one_of("kind", UnitKind),
)

households: Final = Table(
    "households",
    metadata,
    Column("id", Text, primary_key=True),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("head_name", Text, nullable=False),
    Column("join_code", Text, nullable=False, unique=True),
    UniqueConstraint("unit_id", "code"),
)

people: Final = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel_id", Text, ForeignKey("channels.id"), nullable=False),
    Column("chat", Text, nullable=False),
    Column("unit_id", Text, ForeignKey("units.id"), nullable=False),
    Column("household_id", Text, ForeignKey("households.id")),
    Column("state", Word(PersonState), nullable=False),
    Column("language", Word(Language), nullable=False),
    Column("consent", Text, nullable=False),
    Column("joined_at", Moment, nullable=False),
    Column("left_at", Moment),
    Column("pledged_at", Moment),
    Column("wrote_at", Moment),
    UniqueConstraint("channel_id", "chat"),
    one_of("state", PersonState),
    one_of("language", Language),
    Index("ix_people_unit", "unit_id", "state", "channel_id"),
    Index("ix_people_household", "household_id"),
)

# Which announcements somebody asked for, by the keys of the topics.
interests: Final = Table(
    "interests",
    metadata,
    Column("person_id", Text, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", Text, primary_key=True),
    sqlite_with_rowid=False,
)
