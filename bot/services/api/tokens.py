"""Tokens by which other software acts for an officer: made, shown once, recognised, revoked."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta, tzinfo
from typing import Final

from bot.core.api_tokens import NEEDS, ApiToken, Scope
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ApiTokenId, OfficerId, new_id
from bot.core.officers import Act, Officer
from bot.core.storage import Storage, Work
from bot.core.text import clean
from bot.core.time import Chance, Clock
from bot.core.units import below
from bot.services.audit import MACHINE, Audit

# Tells such a token from any other secret at a glance, and to programs that look for leaks.
PREFIX: Final = "byt_"
DAYS: Final = 365
MOST_DAYS: Final = 730
NAME_LONGEST: Final = 60
_SECRET_BYTES: Final = 32
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """What is needed to make a token."""

    name: str
    scopes: frozenset[Scope]
    days: int = DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeToken:
    """A token that was just made. `text` is shown once and kept nowhere."""

    token: ApiToken
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Software that asks, and the officer it asks for."""

    token: ApiToken
    officer: Officer


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedToken:
    """A token with whose it is."""

    token: ApiToken
    officer: Officer
    is_alive: bool


class ApiTokens:
    """Use cases about tokens of other software."""

    def __init__(
        self, *, storage: Storage, audit: Audit, clock: Clock, chance: Chance, zone: tzinfo
    ) -> None:
        """`zone` says which day it is."""
        self._storage = storage
        self._audit = audit
        self._clock = clock
        self._chance = chance
        self._zone = zone

    async def make(self, officer: Officer, new: NewToken, *, by: OfficerId | str) -> MadeToken:
        """Make a token that acts for `officer`. Raise `RuleBroken`."""
        name = clean(new.name)
        if not name or len(name) > NAME_LONGEST or "\n" in name:
            raise RuleBroken("token_name_wrong", longest=NAME_LONGEST)
        if not 1 <= new.days <= MOST_DAYS:
            raise RuleBroken("token_days_wrong", most=MOST_DAYS)
        if not new.scopes:
            raise RuleBroken("token_scopes_missing")
        for scope in sorted(new.scopes):
            if not officer.may(NEEDS[scope]):
                raise RuleBroken("token_scope_foreign", scope=scope.value)
        text = PREFIX + base64.urlsafe_b64encode(
            self._chance.token(_SECRET_BYTES)
        ).decode().rstrip("=")
        token = ApiToken(
            id=ApiTokenId(new_id(self._chance)),
            officer_id=officer.id,
            name=name,
            scopes=new.scopes,
            token_hash=_hash(text),
            added_at=self._clock.now(),
            expires_on=self._today() + timedelta(days=new.days),
        )
        async with self._storage.begin() as work:
            await work.api_tokens.save(token)
            await self._audit.note(
                work,
                "token.add",
                by=by,
                subject=token.id,
                facts={"officer": officer.id, "scopes": ",".join(sorted(token.scopes))},
            )
            await work.commit()
        return MadeToken(token=token, text=text)

    async def caller(self, text: str) -> Caller | None:
        """Return who holds this token, or None if it opens nothing (any more)."""
        if not text.startswith(PREFIX) or len(text) > _LONGEST:
            return None
        today = self._today()
        async with self._storage.read() as work:
            token = await work.api_tokens.by_hash(_hash(text))
            if token is None or not token.is_alive(today):
                return None
            officer = await work.officers.get(token.officer_id)
        if not officer.is_active:
            return None
        if token.used_on != today:
            async with self._storage.begin() as work:
                # Somebody may have revoked it in between; that must stay so.
                token = await work.api_tokens.get(token.id)
                if not token.is_alive(today):
                    return None
                token = replace(token, used_on=today)
                await work.api_tokens.save(token)
                await work.commit()
        return Caller(token=token, officer=officer)

    async def seen_by(self, officer: Officer | None) -> Sequence[ListedToken]:
        """Return the officer's own tokens and, to who keeps the house, those of their units.

        To somebody at the machine (None) all of them. Newest first, those that are over last.
        """
        today = self._today()
        async with self._storage.read() as work:
            officers = {one.id: one for one in await _overseen(work, officer)}
            tokens = await work.api_tokens.of_officers(list(officers))
        listed = [
            ListedToken(
                token=one,
                officer=officers[one.officer_id],
                is_alive=one.is_alive(today) and officers[one.officer_id].is_active,
            )
            for one in tokens
        ]
        return sorted(listed, key=lambda one: not one.is_alive)

    async def one(self, token_id: ApiTokenId, officer: Officer | None) -> ListedToken:
        """Return one token that the officer sees. Raise `NotFound`."""
        for listed in await self.seen_by(officer):
            if listed.token.id == token_id:
                return listed
        raise NotFound(f"token {token_id}")

    async def revoke(self, token_id: ApiTokenId, *, by: Officer | None) -> None:
        """End a token at once. Raise `NotFound`. One that is revoked stays so."""
        async with self._storage.begin() as work:
            token = await work.api_tokens.get(token_id)
            if token.officer_id not in {one.id for one in await _overseen(work, by)}:
                raise NotFound(f"token {token_id}")
            if token.revoked_at is not None:
                return
            await work.api_tokens.save(replace(token, revoked_at=self._clock.now()))
            who = by.id if by else MACHINE
            await self._audit.note(work, "token.revoke", by=who, subject=token_id)
            await work.commit()

    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()


async def _overseen(work: Work, officer: Officer | None) -> list[Officer]:
    """Return the officers whose tokens this one sees and may revoke."""
    everybody = await work.officers.all()
    if officer is None:
        return everybody
    if not officer.may(Act.ADMINISTER):
        return [one for one in everybody if one.id == officer.id]
    units = below(officer.unit_id, await work.units.all())
    return [one for one in everybody if one.unit_id in units or one.id == officer.id]


def _hash(text: str) -> bytes:
    # Fast is enough: what is hashed has 256 random bits.
    return hashlib.sha256(text.encode(errors="replace")).digest()
