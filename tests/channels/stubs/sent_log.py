"""What the platform was asked to show to people, and waiting for it without polling."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


class TooFewSent(AssertionError):
    """The hard limit of a wait ran out before enough messages came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentButton:
    """One button as the person sees it; `kind` is the platform's own word for what it does."""

    title: str
    kind: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A picture or document that came with a message; `reference` if the bytes came earlier."""

    kind: str
    name: str = ""
    size_bytes: int = 0
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message that reached a person's (or a group's) screen.

    `album` is what joins the pictures of one album; `markup` is the platform's word for the kind
    of keyboard that came along.
    """

    method: str
    to: str
    text: str
    message_id: str
    at: datetime
    at_s: float
    buttons: tuple[SentButton, ...] = ()
    file: SentFile | None = None
    quotes: str = ""
    album: str = ""
    markup: str = ""

    def button(self, wanted: SentButton | str | int) -> SentButton:
        """Return the button itself, the one with that title, or the one at that place."""
        if isinstance(wanted, SentButton):
            return wanted
        if isinstance(wanted, int):
            return self.buttons[wanted]
        for button in self.buttons:
            if button.title == wanted:
                return button
        raise LookupError(f"no button {wanted!r}; there are {[b.title for b in self.buttons]}")


@dataclass(slots=True, kw_only=True)
class _Waiter:
    enough: Callable[[], bool]
    arrived: asyncio.Event


class SentLog(list[Sent]):
    """The list of sends in order of arrival; `add` wakes those who wait."""

    def __init__(self) -> None:
        super().__init__()
        self._waiters: list[_Waiter] = []

    def add(self, sent: Sent) -> None:
        """Append one send."""
        self.append(sent)
        for waiter in self._waiters:
            if waiter.enough():
                waiter.arrived.set()

    def to(self, recipient: str | None) -> list[Sent]:
        """Return the sends to one recipient, or all of them."""
        return [sent for sent in self if recipient is None or sent.to == recipient]

    async def wait_for(self, count: int, *, timeout_s: float, to: str | None = None) -> list[Sent]:
        """Return the sends as soon as there are `count`; TooFewSent after `timeout_s`."""

        def enough() -> bool:
            return (len(self) if to is None else len(self.to(to))) >= count

        if enough():
            return self.to(to)
        waiter = _Waiter(enough=enough, arrived=asyncio.Event())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                await waiter.arrived.wait()
        except TimeoutError:
            raise TooFewSent(
                f"{len(self.to(to))} of {count} messages within {timeout_s} s"
            ) from None
        finally:
            self._waiters.remove(waiter)
        return self.to(to)
