"""The head of the audit chain, once a day: kept here and brought to a second place.

Number and hash of the newest entry bind everything before it. Whoever holds them elsewhere can
tell later that nothing up to there was changed or cut off, whatever happened to this machine.
"""

import json
import logging
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bot.core.audit import AuditHead
from bot.core.errors import BinhYenError
from bot.core.notices import NoticeKey
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.services.notices import Notices

log = logging.getLogger(__name__)

AGAIN_AFTER: Final = timedelta(days=1)
_HASH_BYTES: Final = 32


class HeadNotPosted(BinhYenError):
    """The second place did not take it; the text says why in a word or two."""


class HeadsUnreadable(BinhYenError):
    """A file of posted heads has a line that is none."""


class HeadPlace(Protocol):
    """Somewhere this machine cannot change what it once wrote."""

    async def post(self, line: str) -> None:
        """Bring one head there. Raise `HeadNotPosted`."""
        ...


def head_line(head: AuditHead) -> str:
    """Return a head as one line of JSON, as it is posted."""
    return json.dumps(
        {"day": head.day.isoformat(), "number": head.number, "hash": head.hash.hex()}
    )


def read_heads(text: str) -> list[AuditHead]:
    """Return the heads of a file, one a line. Raise `HeadsUnreadable` with the line."""
    heads: list[AuditHead] = []
    for place, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            head = AuditHead(
                day=date.fromisoformat(found["day"]),
                number=int(found["number"]),
                hash=bytes.fromhex(found["hash"]),
            )
        except (ValueError, TypeError, KeyError) as error:
            raise HeadsUnreadable(f"line {place} is no head of an audit chain") from error
        if head.number < 1 or len(head.hash) != _HASH_BYTES:
            raise HeadsUnreadable(f"line {place} is no head of an audit chain")
        heads.append(head)
    return heads


class AuditHeads:
    """Use cases about heads."""

    def __init__(
        self,
        *,
        storage: Storage,
        notices: Notices,
        place: HeadPlace | None,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        """`place` is the second place, None if none was set."""
        self._storage = storage
        self._notices = notices
        self._place = place
        self._clock = clock
        self._zone = zone

    async def newest(self) -> AuditHead | None:
        """Return the head of this moment, None of an empty chain."""
        async with self._storage.read() as work:
            return await self._head(work)

    async def look(self) -> int:
        """Keep the head of today if there is none yet, and post what waits; return how many."""
        async with self._storage.begin() as work:
            await self._compare(work)
            heads = await work.audit.heads(limit=1)
            head = await self._head(work)
            if head is not None and (not heads or heads[0].day < head.day):
                await work.audit.save_head(head)
            waiting = await work.audit.heads_to_post()
            await work.commit()
        return await self._post(waiting) if self._place is not None else 0

    async def _head(self, work: Work) -> AuditHead | None:
        newest = await work.audit.newest(limit=1)
        today = self._clock.now().astimezone(self._zone).date()
        return (
            AuditHead(day=today, number=newest[0].number, hash=newest[0].hash) if newest else None
        )

    async def _compare(self, work: Work) -> None:
        """Tell administrators if the head kept last is no longer in the chain."""
        for head in await work.audit.heads(limit=1):
            entry = await work.audit.get(head.number)
            if entry is not None and entry.hash == head.hash:
                continue
            log.error("audit.differs", extra={"number": head.number})
            await self._tell(work, NoticeKey.AUDIT_DIFFERS, {"number": head.number})

    async def _post(self, waiting: Sequence[AuditHead]) -> int:
        posted = 0
        for head in waiting:
            try:
                await self._bring(head)
            except HeadNotPosted as error:
                log.warning("audit.head_not_posted", extra={"why": str(error)})
                async with self._storage.begin() as work:
                    about = {"days": len(waiting) - posted}
                    await self._tell(work, NoticeKey.AUDIT_HEAD_STUCK, about)
                    await work.commit()
                return posted
            posted += 1
        return posted

    async def _bring(self, head: AuditHead) -> None:
        if self._place is None:
            return
        await self._place.post(head_line(head))
        async with self._storage.begin() as work:
            await work.audit.mark_posted(head.day, at=self._clock.now())
            await work.commit()

    async def _tell(self, work: Work, key: NoticeKey, about: dict[str, int]) -> None:
        for unit in await work.units.all():
            if unit.parent_id is None:
                await self._notices.tell(
                    work,
                    key,
                    unit_id=unit.id,
                    subject=unit.id,
                    about={"unit": unit.name, **about},
                    every=AGAIN_AFTER,
                )
