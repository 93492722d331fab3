"""Saying once that a program answers, and how to reach a person (Luật 134/2025 Điều 11)."""

from dataclasses import replace
from functools import partial

from bot.core.storage import Work
from bot.core.time import Clock
from bot.core.turns import Handled, Turn
from bot.services.conversations.introductions import note_introduced
from content.book import Book


class Introduction:
    """Adds the line to the first answer; the greeting says it by itself."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._say = book.voice("questions", "introduction")
        self._clock = clock

    def added(self, turn: Turn, handled: Handled) -> Handled:
        """Return an answer that tells it too, if this conversation was never told."""
        if turn.is_introduced or not handled.replies:
            return handled
        *before, last = handled.replies
        if not any(reply.stays for reply in handled.replies):
            line = self._say("introduction", turn.language).strip()
            last = replace(last, text=f"{last.text}\n\n{line}")
        return replace(
            handled,
            replies=(*before, last),
            effects=(*handled.effects, partial(self._noted, turn=turn)),
        )

    async def _noted(self, work: Work, *, turn: Turn) -> None:
        await note_introduced(work, turn.conversation, now=self._clock.now())
