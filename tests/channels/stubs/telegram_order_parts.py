"""Reads the parts of an order another process gives to the Telegram stub."""

from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from tests.channels.stubs.control_door import Order, WrongOrder, word
from tests.channels.stubs.telegram_members import Body
from tests.channels.stubs.telegram_updates import Update

Deed = Callable[[Order], Awaitable[Update | Iterable[Update] | None]]


def number(order: Order, name: str) -> int:
    """Return one number of an order."""
    return int(word(order, name))


def maybe(order: Order, name: str) -> int | None:
    """Return one number of an order, or None if it is not there."""
    return number(order, name) if order.get(name) is not None else None


def body(order: Order, name: str) -> Body:
    """Return one object of an order."""
    value = order.get(name)
    if not isinstance(value, dict):
        raise WrongOrder(f"{name} is missing")
    return cast(Body, value)


def words(order: Order, name: str) -> list[str] | None:
    """Return one list of an order, or None if it is not there."""
    value = order.get(name)
    return [str(item) for item in value] if isinstance(value, list) else None
