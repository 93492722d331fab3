"""Wakes the open pages of a mailbox when a letter was put into it.

A page of another process is not rung; it looks by itself every few seconds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bot.core.ids import ConversationKey
from bot.services.bells import Bell

# One person with more windows than this is not a person.
MOST_LISTENERS: Final = 8


class TooManyListeners(Exception):
    """A mailbox is already open in too many windows."""


class Doorbells:
    """One bell for each open page, by mailbox."""

    def __init__(self) -> None:
        self._bells: dict[ConversationKey, list[Bell]] = {}
        self.is_closed = False

    def ring(self, mailbox: ConversationKey) -> None:
        """Wake the pages of one mailbox."""
        for bell in self._bells.get(mailbox, ()):
            bell.ring()

    def close(self) -> None:
        """Wake every page for good: the server is stopping."""
        self.is_closed = True
        for mailbox in self._bells:
            self.ring(mailbox)

    @contextmanager
    def listening(self, mailbox: ConversationKey) -> Iterator[Bell]:
        """Have a bell while a page is open. Raise `TooManyListeners`."""
        bells = self._bells.setdefault(mailbox, [])
        if len(bells) >= MOST_LISTENERS:
            raise TooManyListeners
        bell = Bell()
        bells.append(bell)
        try:
            yield bell
        finally:
            bells.remove(bell)
            if not bells:
                self._bells.pop(mailbox, None)
