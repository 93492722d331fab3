"""Reply routes and what waits on the way. Nothing here could name a sender or a tip."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, delete, func, select
from sqlalchemy import insert as plain_insert

from bot.core.ids import ConversationKey, UnitId
from bot.core.routes import (
    LetterId,
    PostId,
    RouteChat,
    RouteId,
    RouteLetter,
    RoutePost,
    SealedRoute,
    WaitingLetter,
)
from bot.storage import tables
from bot.storage.statements import Statements, first_noun, noun_of, upsert, values_of

_routes = tables.tip_routes
_chats = tables.route_chats
_posts = tables.route_posts
_letters = tables.route_letters
_Found = TypeVar("_Found", bound=tuple[Any, ...])


class SqlRoutes:
    """Routes, the chats they lead to, posts and letters."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, route: SealedRoute) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _routes), values_of(route))

    async def get(self, route_id: RouteId) -> SealedRoute | None:
        """Return the route, or None if it ended or was burnt."""
        rows = await self._db.rows(select(_routes).where(_routes.c.id == route_id))
        return first_noun(SealedRoute, rows)

    async def save_chat(self, chat: RouteChat) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _chats), values_of(chat))

    async def chats(self, conversation: ConversationKey) -> list[RouteChat]:
        """Return the dialogues of a chat, by id."""
        statement = select(_chats).where(_chats.c.conversation == conversation)
        rows = await self._db.rows(statement.order_by(_chats.c.id))
        return [noun_of(RouteChat, row) for row in rows]

    async def burn(self, route_id: RouteId, chat_id: str) -> None:
        """Remove a route, its place in the chat and what was left for it."""
        await self._db.count(delete(_routes).where(_routes.c.id == route_id))
        await self._db.count(delete(_chats).where(_chats.c.id == chat_id))
        await self._db.count(delete(_posts).where(_posts.c.route_id == route_id))

    async def add_post(self, post: RoutePost) -> None:
        """Leave something for a route."""
        await self._db.count(plain_insert(_posts), values_of(post))

    async def due_posts(self, now: datetime, limit: int) -> list[RoutePost]:
        """Return what may go into chats now; locked until the end of the unit of work."""
        statement = select(_posts).where(_posts.c.not_before <= now)
        statement = self._locked(statement.order_by(_posts.c.not_before, _posts.c.id).limit(limit))
        return [noun_of(RoutePost, row) for row in await self._db.rows(statement)]

    async def next_post_at(self) -> datetime | None:
        """Return when the next one may go."""
        rows = await self._db.rows(select(func.min(_posts.c.not_before).label("first")))
        first: datetime | None = rows[0].first
        return first

    async def remove_post(self, post_id: PostId) -> None:
        """Remove what was put into the chat."""
        await self._db.count(delete(_posts).where(_posts.c.id == post_id))

    async def add_letter(self, letter: RouteLetter) -> None:
        """Keep an answer until the reading side takes it."""
        await self._db.count(plain_insert(_letters), values_of(letter))

    async def letters(self, unit_ids: Collection[UnitId], limit: int) -> Sequence[RouteLetter]:
        """Return answers that wait; locked until the end of the unit of work."""
        statement = select(_letters).where(_letters.c.unit_id.in_(unit_ids))
        # Those of one dialogue in the order they came, as far as hours tell.
        statement = statement.order_by(_letters.c.at, _letters.c.id).limit(limit)
        return [noun_of(RouteLetter, row) for row in await self._db.rows(self._locked(statement))]

    async def waiting(self, limit: int) -> Sequence[WaitingLetter]:
        """Return that letters wait, oldest first, without what they say or where they belong."""
        statement = select(_letters.c.id, _letters.c.unit_id, _letters.c.at)
        statement = statement.order_by(_letters.c.at, _letters.c.id).limit(limit)
        return [noun_of(WaitingLetter, row) for row in await self._db.rows(statement)]

    async def remove_letter(self, letter_id: LetterId) -> None:
        """Remove what now stands with its tip."""
        await self._db.count(delete(_letters).where(_letters.c.id == letter_id))

    async def forget_before(self, day: date) -> int:
        """Remove routes and chats that expired before `day`, and posts nobody can open."""
        forgotten = await self._db.count(delete(_routes).where(_routes.c.expires_on < day))
        await self._db.count(delete(_chats).where(_chats.c.expires_on < day))
        known = select(_routes.c.id)
        await self._db.count(delete(_posts).where(_posts.c.route_id.not_in(known)))
        return forgotten

    def _locked(self, statement: Select[_Found]) -> Select[_Found]:
        """Let no other process take the same rows; SQLite has one writer anyway."""
        if not self._db.is_postgres:
            return statement
        return statement.with_for_update(skip_locked=True)
