"""How our values stand in a column: the same whole numbers and texts on both databases.

Moments are whole microseconds since 1970 (UTC), so that comparing is exact and an index works;
lists and mappings are JSON text. Which columns exist is said in `bot.storage.tables`.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(microseconds=1)
_Word = TypeVar("_Word", bound=StrEnum)

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
RowNumber: Final = BigInteger().with_variant(Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware moment as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return microseconds since 1970; a naive moment is refused by the subtraction."""
        return None if value is None else (value - _EPOCH) // _STEP

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the aware UTC moment."""
        return None if value is None else _EPOCH + timedelta(microseconds=int(value))


class Span(TypeDecorator[timedelta]):
    """A length of time as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Return microseconds."""
        return None if value is None else value // _STEP

    def process_result_value(self, value: Any | None, dialect: Dialect) -> timedelta | None:
        """Return the length."""
        return None if value is None else timedelta(microseconds=int(value))


class Word(TypeDecorator[_Word], Generic[_Word]):
    """One word of an enum, as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[_Word]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: _Word | None, dialect: Dialect) -> str | None:
        """Return the text."""
        return None if value is None else value.value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> _Word | None:
        """Return the word."""
        return None if value is None else self.words(value)


class WordSet(TypeDecorator[frozenset[_Word]], Generic[_Word]):
    """A set of words of an enum, as sorted JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[_Word]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Collection[_Word] | None, dialect: Dialect) -> str | None:
        """Return JSON."""
        return None if value is None else json.dumps(sorted(word.value for word in value))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> frozenset[_Word] | None:
        """Return the set."""
        return None if value is None else frozenset(self.words(word) for word in json.loads(value))


class TextMap(TypeDecorator[Mapping[str, str]]):
    """Texts by name, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str | None:
        """Return JSON."""
        return None if value is None else json.dumps(dict(value), ensure_ascii=False)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dict[str, str] | None:
        """Return the mapping."""
        return None if value is None else dict(json.loads(value))


class TextList(TypeDecorator[tuple[str, ...]]):
    """Texts in order, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> str | None:
        """Return JSON."""
        return None if value is None else json.dumps(list(value), ensure_ascii=False)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Return the texts."""
        return None if value is None else tuple(json.loads(value))
