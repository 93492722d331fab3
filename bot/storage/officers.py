"""Officers, the keys that open tips, signed-in browsers and tries at signing in."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import delete, func, insert, select, update

from bot.core.errors import NotFound
from bot.core.ids import OfficerId
from bot.core.notices import OfficerChat
from bot.core.officers import KeyHolder, Officer, Session
from bot.core.sealing import Attesting
from bot.storage import tables
from bot.storage.readers_stamp import note_readers_changed, readers_stamp
from bot.storage.statements import Statements, first_noun, noun_of, upsert, values_of


class SqlOfficers:
    """Officers and the keys that open tips."""

    def __init__(self, db: Statements, attesting: Attesting | None = None) -> None:
        self._db = db
        self._attesting = attesting

    async def save(self, officer: Officer) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, tables.officers), values_of(officer))
        await note_readers_changed(self._db)

    async def get(self, officer_id: OfficerId) -> Officer:
        """Return the officer. Raise `NotFound`."""
        statement = select(tables.officers).where(tables.officers.c.id == officer_id)
        officer = first_noun(Officer, await self._db.rows(statement))
        if officer is None:
            raise NotFound(f"officer {officer_id}")
        return officer

    async def by_login(self, login: str) -> Officer | None:
        """Return the officer who signs in by this name."""
        statement = select(tables.officers).where(tables.officers.c.login == login)
        return first_noun(Officer, await self._db.rows(statement))

    async def all(self) -> list[Officer]:
        """Return every officer, by login."""
        statement = select(tables.officers).order_by(tables.officers.c.login)
        return [noun_of(Officer, row) for row in await self._db.rows(statement)]

    async def save_holder(self, holder: KeyHolder) -> None:
        """Insert or replace by id."""
        if self._attesting is not None:
            holder = replace(holder, attested=self._attesting.attest(holder.claim))
        await self._db.count(upsert(self._db, tables.key_holders), values_of(holder))
        await note_readers_changed(self._db)

    async def holders(self) -> list[KeyHolder]:
        """Return every holder that is not retired, by id."""
        table = tables.key_holders
        statement = select(table).where(table.c.retired_at.is_(None)).order_by(table.c.id)
        return [noun_of(KeyHolder, row) for row in await self._db.rows(statement)]

    async def public_holders(self) -> list[KeyHolder]:
        """Return every holder that is not retired, by id, without locked private keys.

        What was put there by somebody else than this program is left out: see `unattested`.
        """
        return [one for one in await self._public() if self._is_attested(one)]

    async def unattested(self) -> list[KeyHolder]:
        """Return the holders, not retired, whose public key this program did not put there."""
        return [one for one in await self._public() if not self._is_attested(one)]

    async def attest_all(self) -> int:
        """Believe the public keys that are there, once; return how many."""
        if self._attesting is None:
            return 0
        table = tables.key_holders
        believed = await self._public()
        for holder in believed:
            proof = self._attesting.attest(holder.claim)
            statement = update(table).where(table.c.id == holder.id).values(attested=proof)
            await self._db.count(statement)
        await note_readers_changed(self._db)
        return len(believed)

    async def readers_stamp(self) -> str | None:
        """Return what is another after each change of units, officers or keys."""
        return await readers_stamp(self._db)

    async def _public(self) -> list[KeyHolder]:
        table = tables.key_holders
        columns = [column for column in table.c if column.name != "locked_private"]
        statement = select(*columns).where(table.c.retired_at.is_(None)).order_by(table.c.id)
        return [noun_of(KeyHolder, row) for row in await self._db.rows(statement)]

    def _is_attested(self, holder: KeyHolder) -> bool:
        if self._attesting is None:
            return True
        return compare_digest(holder.attested, self._attesting.attest(holder.claim))

    async def holders_of(self, officer_id: OfficerId) -> list[KeyHolder]:
        """Return the officer's holders whose private key still exists, the living one first."""
        table = tables.key_holders
        statement = (
            select(table)
            .where(table.c.officer_id == officer_id, table.c.locked_private.is_not(None))
            .order_by(table.c.retired_at.is_not(None), table.c.id)
        )
        return [noun_of(KeyHolder, row) for row in await self._db.rows(statement)]

    async def save_chat(self, chat: OfficerChat) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, tables.officer_chats), values_of(chat))

    async def chats(self, officer_ids: Collection[OfficerId]) -> list[OfficerChat]:
        """Return the chats these officers named for notices, oldest first."""
        table = tables.officer_chats
        statement = (
            select(table)
            .where(table.c.officer_id.in_(officer_ids))
            .order_by(table.c.linked_at, table.c.id)
        )
        return [noun_of(OfficerChat, row) for row in await self._db.rows(statement)]

    async def remove_chat(self, chat_id: str) -> None:
        """Forget a chat."""
        table = tables.officer_chats
        await self._db.count(delete(table).where(table.c.id == chat_id))


class SqlSessions:
    """Signed-in browsers, and wrong tries at signing in."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, session: Session) -> None:
        """Insert or replace by the token's hash."""
        statement = upsert(self._db, tables.sessions, keys=("token_hash",))
        await self._db.count(statement, values_of(session))

    async def get(self, token_hash: bytes) -> Session | None:
        """Return the session of this token."""
        statement = select(tables.sessions).where(tables.sessions.c.token_hash == token_hash)
        return first_noun(Session, await self._db.rows(statement))

    async def remove(self, token_hash: bytes) -> None:
        """End one session."""
        table = tables.sessions
        await self._db.count(delete(table).where(table.c.token_hash == token_hash))

    async def remove_of(self, officer_id: OfficerId, *, but: bytes | None = None) -> None:
        """End every session of an officer, except the one with the token hash `but`."""
        table = tables.sessions
        statement = delete(table).where(table.c.officer_id == officer_id)
        if but is not None:
            statement = statement.where(table.c.token_hash != but)
        await self._db.count(statement)

    async def forget_before(self, seen_before: datetime) -> int:
        """End sessions last seen before; return how many."""
        table = tables.sessions
        return await self._db.count(delete(table).where(table.c.seen_at < seen_before))

    async def note_try(self, who: str, at: datetime) -> None:
        """Remember one wrong try."""
        await self._db.count(insert(tables.sign_in_tries), {"who": who, "at": at})

    async def tries_since(self, who: str, since: datetime) -> int:
        """Return how many wrong tries there were at `since` or later."""
        table = tables.sign_in_tries
        statement = select(func.count()).where(table.c.who == who, table.c.at >= since)
        return int((await self._db.rows(statement))[0][0])

    async def forget_tries(self, who: str) -> None:
        """Forget the tries of one login: it signed in."""
        table = tables.sign_in_tries
        await self._db.count(delete(table).where(table.c.who == who))

    async def forget_tries_before(self, at: datetime) -> int:
        """Forget old tries; return how many."""
        table = tables.sign_in_tries
        return await self._db.count(delete(table).where(table.c.at < at))
