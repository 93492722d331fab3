"""How acts of other software are written down, and drafts that are written once.

Each entry of the audit chain names the token. A request may come a second time, because its
answer was lost: what was written at the first is found by the key the software gave it.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from bot.core.errors import BinhYenError
from bot.core.ids import AnnouncementId, ApiTokenId, OfficerId
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.announcing import Wording
from bot.services.api.tokens import Caller
from bot.services.audit import Audit

REMEMBERED: Final = timedelta(hours=24)

# Rides in the transaction of an act: the work, the act, what it is about.
Beside = Callable[[Work, str, str], Awaitable[None]]


class KeyReused(BinhYenError):
    """The key of an earlier request came with another content."""


class _AlreadyWritten(BinhYenError):
    """The same request was carried out while this one was on its way."""


class ApiAudit(Audit):
    """Names the token in every entry."""

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        token_id: ApiTokenId,
        beside: Beside | None = None,
    ) -> None:
        """`beside` is done in the transaction of every act that is noted."""
        super().__init__(storage=storage, clock=clock)
        self._token_id = token_id
        self._beside = beside

    async def note(
        self,
        work: Work,
        act: str,
        *,
        by: OfficerId | str,
        subject: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> int:
        """Append one act and the token within the caller's transaction."""
        named = {**(facts or {}), "token": self._token_id}
        number = await super().note(work, act, by=by, subject=subject, facts=named)
        if self._beside is not None:
            await self._beside(work, act, subject)
        return number


class _Memory(msgspec.Struct, frozen=True):
    """What is kept of a request: what it said, as a hash, and what came of it."""

    said: str
    announcement_id: AnnouncementId


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A draft. `is_repeat`: it was written at an earlier request with the same key."""

    id: AnnouncementId
    is_repeat: bool = False


class ApiDrafts:
    """Writes drafts for other software, each request once."""

    def __init__(
        self, *, storage: Storage, clock: Clock, noted_by: Callable[[Audit], Announcements]
    ) -> None:
        """`noted_by` gives the use cases of announcements over another audit."""
        self._storage = storage
        self._clock = clock
        self._noted_by = noted_by

    def audit_of(self, caller: Caller, beside: Beside | None = None) -> Audit:
        """Return what notes the acts of a caller."""
        return ApiAudit(
            storage=self._storage, clock=self._clock, token_id=caller.token.id, beside=beside
        )

    async def write(
        self, wording: Wording, *, caller: Caller, key: str, request: bytes
    ) -> Written:
        """Keep a draft, or return the one of the same request before.

        `key` is what the software calls the request, empty for one that never comes again;
        `request` is what it said. Raise `KeyReused`, and what writing raises.
        """
        if not key:
            one = await self._noted_by(self.audit_of(caller)).write(wording, by=caller.officer)
            return Written(id=one.id)
        name = hashlib.sha256(f"{caller.token.id}\n{key}".encode()).hexdigest()
        said = hashlib.sha256(request).hexdigest()
        earlier = await self._earlier(name, said)
        if earlier is not None:
            return earlier

        async def remember(work: Work, act: str, subject: str) -> None:
            if act != "announcement.write":
                return
            now = self._clock.now()
            memory = _Memory(said=said, announcement_id=AnnouncementId(subject))
            slip = Slip(
                kind=SlipKind.API_CALL,
                key=name,
                holder=caller.token.id,
                body=msgspec.json.encode(memory),
                until=now + REMEMBERED,
            )
            if not await work.slips.claim(slip, now=now):
                raise _AlreadyWritten

        audit = self.audit_of(caller, remember)
        try:
            one = await self._noted_by(audit).write(wording, by=caller.officer)
        except _AlreadyWritten:
            # Side by side with the first: nothing of this one was kept.
            found = await self._earlier(name, said, is_fresh=True)
            if found is None:
                raise
            return found
        return Written(id=one.id)

    async def _earlier(self, name: str, said: str, *, is_fresh: bool = False) -> Written | None:
        """Return what an earlier request wrote.

        `is_fresh`: it may not be on the disk yet; then wait until it is.
        """
        async with self._storage.begin() if is_fresh else self._storage.read() as work:
            slip = await work.slips.get(SlipKind.API_CALL, name, now=self._clock.now())
            if is_fresh:
                await work.commit()
        if slip is None:
            return None
        memory = msgspec.json.decode(slip.body, type=_Memory)
        if memory.said != said:
            raise KeyReused("the key belongs to an earlier request that said something else")
        return Written(id=memory.announcement_id, is_repeat=True)
