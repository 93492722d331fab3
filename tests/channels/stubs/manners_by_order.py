"""Sets the switches of a stand-in from the JSON of an order, by the names they have in Python."""

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import StrEnum
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)


class Switches(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Manners = TypeVar("Manners", bound=Switches)


class WrongSwitch(ValueError):
    """There is no such switch, or it cannot stand like that."""


def changed(manners: Manners, order: Mapping[str, object]) -> Manners:
    """Return a copy of a dataclass with the switches of an order; WrongSwitch if one is wrong."""
    return replace(manners, **_values(type(manners), order))


def change(manners: Switches, order: Mapping[str, object]) -> None:
    """Set switches of a dataclass in place; WrongSwitch if one is wrong."""
    for name, value in _values(type(manners), order).items():
        setattr(manners, name, value)


def _values(kind: type[Switches], order: Mapping[str, object]) -> dict[str, object]:
    hints = get_type_hints(kind)
    names = {field.name for field in fields(kind)}
    if unknown := set(order) - names:
        raise WrongSwitch(f"no switch {min(unknown)}; there are {', '.join(sorted(names))}")
    return {name: _value(hints[name], value, name=name) for name, value in order.items()}


def _value(hint: object, value: object, *, name: str) -> object:
    """Return a JSON value as its switch wants it: an enum by its word, a set as a list."""
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        if value is None and NoneType in get_args(hint):
            return None
        inner = next(one for one in get_args(hint) if one is not NoneType)
        return _value(inner, value, name=name)
    if origin is frozenset and isinstance(value, list):
        (inner,) = get_args(hint)
        return frozenset(_value(inner, one, name=name) for one in value)
    if isinstance(hint, type) and issubclass(hint, StrEnum) and isinstance(value, str):
        return hint(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint in {bool, int, float, str} and type(value) is hint:
        return value
    raise WrongSwitch(f"{name} cannot be {value!r}")
