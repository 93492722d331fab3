"""Looking into the audit chain on a page, and having it checked; both stand in it themselves."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.audit import AuditEntry, AuditFilter, AuditHead
from bot.core.audit_check import ChainReport
from bot.core.errors import BinhYenError, NotFound
from bot.core.officers import Act, Officer
from bot.core.storage import Storage, Work
from bot.core.units import below
from bot.services.audit import Audit
from bot.services.audit_keys import AuditorKeys

PAGE: Final = 50
# Less than a page of the console may take.
CHECK_LIMIT_S: Final = 8.0


class ChainTooLong(BinhYenError):
    """The chain takes longer to check than a page may; the command line has the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody looks for; empty is everything. Days are local and count whole."""

    who: str = ""
    act: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def facts(self) -> Mapping[str, str]:
        """Return what was asked for, as it stands in the chain."""
        named = {
            "who": self.who,
            "act": self.act,
            "subject": self.subject,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Entries, newest first. `names` are those of officers by id; `after` asks for older ones.

    `head` is the newest head that was kept; `keys_waiting` tells that nobody has written down
    the auditor's key yet.
    """

    entries: Sequence[AuditEntry]
    names: Mapping[str, str]
    after: int | None
    head: AuditHead | None
    keys_waiting: bool


class AuditView:
    """Use cases of the page."""

    def __init__(
        self, *, storage: Storage, audit: Audit, keys: AuditorKeys, zone: ZoneInfo
    ) -> None:
        self._storage = storage
        self._audit = audit
        self._keys = keys
        self._zone = zone

    async def page(self, officer: Officer, asked: Asked, *, before: int | None) -> AuditPage:
        """Return a page of entries with numbers under `before`; the look is in the chain first.

        Below the commune only what officers of the own units did. Raise `NotFound` for somebody
        who may not audit.
        """
        _check(officer)
        facts = {**asked.facts, **({"before": str(before)} if before is not None else {})}
        async with self._storage.begin() as work:
            await self._audit.note(work, "audit.read", by=officer.id, facts=facts)
            await work.commit()
        async with self._storage.read() as work:
            names, is_all = await self._names(work, officer)
            found = await work.audit.entries(
                AuditFilter(
                    actors=None if is_all else frozenset(names),
                    actor=asked.who,
                    act=asked.act,
                    subject=asked.subject,
                    since=self._start(asked.since),
                    until=self._start(asked.until + timedelta(days=1)) if asked.until else None,
                ),
                before=before,
                limit=PAGE + 1,
            )
            heads = await work.audit.heads(limit=1)
        return AuditPage(
            entries=found[:PAGE],
            names=names,
            after=found[PAGE - 1].number if len(found) > PAGE else None,
            head=heads[0] if heads else None,
            keys_waiting=bool(await self._keys.waiting()),
        )

    async def verify(self, officer: Officer) -> ChainReport:
        """Walk the whole chain. Raise `ChainTooLong`, `NotFound`."""
        _check(officer)
        async with self._storage.begin() as work:
            await self._audit.note(work, "audit.verify", by=officer.id)
            await work.commit()
        try:
            async with asyncio.timeout(CHECK_LIMIT_S):
                return await self._audit.verify()
        except TimeoutError as error:
            raise ChainTooLong from error

    async def _names(self, work: Work, officer: Officer) -> tuple[Mapping[str, str], bool]:
        """Return the names of the officers in sight, and whether every act is in sight."""
        units = await work.units.all()
        allowed = below(officer.unit_id, units)
        is_all = any(unit.id in allowed and unit.parent_id is None for unit in units)
        everyone = await work.officers.all()
        return {str(one.id): one.name for one in everyone if one.unit_id in allowed}, is_all

    def _start(self, day: date | None) -> datetime | None:
        if day is None:
            return None
        return datetime.combine(day, time.min, self._zone).astimezone(UTC)


def _check(officer: Officer) -> None:
    if not officer.may(Act.AUDIT):
        raise NotFound("no such page for this officer")
