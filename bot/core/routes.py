"""Where answers to a tip may be left. A route knows no tip, and no tip's row knows its route."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NewType, Protocol

from bot.core.ids import ConversationKey, UnitId

RouteId = NewType("RouteId", str)
PostId = NewType("PostId", str)
LetterId = NewType("LetterId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRoute:
    """Where an answer may be left, sealed to the key of the week that began on `week`."""

    id: RouteId
    week: date
    sealed: bytes = field(repr=False)
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChat:
    """One dialogue of one chat. Which route it is stands only in `sealed`."""

    id: str
    conversation: ConversationKey = field(repr=False)
    week: date
    sealed: bytes = field(repr=False)
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePost:
    """What officers leave for a route, sealed to the key of a week."""

    id: PostId
    route_id: RouteId
    week: date
    sealed: bytes = field(repr=False)
    not_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLetter:
    """What a sender answered in the chat, sealed to the dialogue. `letter_box` is random."""

    id: LetterId
    letter_box: str
    unit_id: UnitId
    sealed: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLetter:
    """That an answer waits in a unit since that hour."""

    id: LetterId
    unit_id: UnitId
    at: datetime


class Routes(Protocol):
    """Routes, the chats they lead to, and what waits on the way in either direction."""

    async def save(self, route: SealedRoute) -> None:
        """Insert or replace by id."""
        ...

    async def get(self, route_id: RouteId) -> SealedRoute | None:
        """Return the route, or None if it ended or was burnt."""
        ...

    async def save_chat(self, chat: RouteChat) -> None:
        """Insert or replace by id."""
        ...

    async def chats(self, conversation: ConversationKey) -> list[RouteChat]:
        """Return the dialogues of a chat, by id."""
        ...

    async def burn(self, route_id: RouteId, chat_id: str) -> None:
        """Remove a route, its place in the chat and what was left for it."""
        ...

    async def add_post(self, post: RoutePost) -> None:
        """Leave something for a route."""
        ...

    async def due_posts(self, now: datetime, limit: int) -> list[RoutePost]:
        """Return what may go into chats now; locked until the end of the unit of work."""
        ...

    async def next_post_at(self) -> datetime | None:
        """Return when the next one may go."""
        ...

    async def remove_post(self, post_id: PostId) -> None:
        """Remove what was put into the chat."""
        ...

    async def add_letter(self, letter: RouteLetter) -> None:
        """Keep an answer until the reading side takes it."""
        ...

    async def letters(self, unit_ids: Collection[UnitId], limit: int) -> Sequence[RouteLetter]:
        """Return answers that wait; locked until the end of the unit of work."""
        ...

    async def waiting(self, limit: int) -> Sequence[WaitingLetter]:
        """Return that letters wait, oldest first, without what they say or where they belong."""
        ...

    async def remove_letter(self, letter_id: LetterId) -> None:
        """Remove what now stands with its tip."""
        ...

    async def forget_before(self, day: date) -> int:
        """Remove routes and chats that expired before `day`, and posts nobody can open."""
        ...
