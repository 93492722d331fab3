"""How our values stand in a column: the same whole numbers and texts on both databases.

Moments are whole microseconds since 1970 (UTC), so that comparing is exact and an index works;
lists and mappings are JSON text. Which columns exist is said in `bot.storage.tables`.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(microseconds=1)
_Ours = TypeVar("_Ours")
_Word = TypeVar("_Word", bound=StrEnum)
_Part = TypeVar("_Part")

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
RowNumber: Final = BigInteger().with_variant(Integer(), "sqlite")


class _Translated(TypeDecorator[_Ours], Generic[_Ours]):
    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def process_bind_param(self, value: _Ours | None, dialect: Dialect) -> object:  # noqa: ARG002 - SQLAlchemy's shape
        return None if value is None else self.put(value)

    def process_result_value(
        self,
        value: Any,  # noqa: ANN401  # whatever the driver gives
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's shape
    ) -> _Ours | None:
        return None if value is None else self.take(value)

    def put(self, value: _Ours) -> object:
        raise NotImplementedError

    def take(self, kept: Any) -> _Ours:  # noqa: ANN401 - what a driver gives
        raise NotImplementedError


class Moment(_Translated[datetime]):
    """An aware moment as whole microseconds."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = BigInteger
    cache_ok: bool | None = True

    def put(self, value: datetime) -> int:
        """Return microseconds since 1970; the subtraction refuses a naive moment."""
        return (value - _EPOCH) // _STEP

    def take(self, kept: int) -> datetime:
        """Return the aware UTC moment."""
        return _EPOCH + kept * _STEP


class Span(_Translated[timedelta]):
    """A length of time as whole microseconds."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = BigInteger
    cache_ok: bool | None = True

    def put(self, value: timedelta) -> int:
        """Return microseconds."""
        return value // _STEP

    def take(self, kept: int) -> timedelta:
        """Return the length."""
        return kept * _STEP


class Word(_Translated[_Word]):
    """One word of an enum, as its text."""

    cache_ok: bool | None = True

    def __init__(self, words: type[_Word]) -> None:
        super().__init__()
        self.words = words

    def put(self, value: _Word) -> str:
        """Return the text."""
        return value.value

    def take(self, kept: str) -> _Word:
        """Return the word."""
        return self.words(kept)


class WordSet(_Translated[Collection[_Word]], Generic[_Word]):
    """A set of words of an enum, as sorted JSON."""

    cache_ok: bool | None = True

    def __init__(self, words: type[_Word]) -> None:
        super().__init__()
        self.words = words

    def put(self, value: Collection[_Word]) -> str:
        """Return JSON."""
        return json.dumps(sorted(word.value for word in value))

    def take(self, kept: str) -> frozenset[_Word]:
        """Return the set."""
        return frozenset(self.words(word) for word in json.loads(kept))


class TextMap(_Translated[Mapping[str, str]]):
    """Texts by name, as JSON."""

    cache_ok: bool | None = True

    def put(self, value: Mapping[str, str]) -> str:
        """Return JSON."""
        return json.dumps(dict(value), ensure_ascii=False)

    def take(self, kept: str) -> Mapping[str, str]:
        """Return the mapping."""
        return dict(json.loads(kept))


class TextList(_Translated[Collection[str]]):
    """Texts in order, as JSON."""

    cache_ok: bool | None = True

    def put(self, value: Collection[str]) -> str:
        """Return JSON."""
        return json.dumps(list(value), ensure_ascii=False)

    def take(self, kept: str) -> tuple[str, ...]:
        """Return the texts."""
        return tuple(json.loads(kept))


class Part(_Translated[_Part], Generic[_Part]):
    """A noun that stands whole inside another one, or several of a kind in order, as JSON."""

    cache_ok: bool | None = True

    def __init__(self, kind: type[_Part]) -> None:
        super().__init__()
        self.kind = kind

    def put(self, value: _Part) -> str:
        """Return JSON."""
        return msgspec.json.encode(value).decode()

    def take(self, kept: str) -> _Part:
        """Return the noun."""
        return msgspec.json.decode(kept, type=self.kind)
