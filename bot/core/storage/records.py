"""The port of the database: the audit chain, what happens once, small values."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Protocol

from bot.core.audit import AuditEntry, AuditFilter, AuditHead, AuditRecord


class AuditLog(Protocol):
    """The chain. Appending takes a lock, so that two processes cannot fork it."""

    async def append(self, record: AuditRecord) -> AuditEntry: ...
    async def catch_up(self) -> None:
        """Erase the keys of all entries there are. For a start: the unit may write nothing."""
        ...

    async def get(self, number: int) -> AuditEntry | None: ...
    async def newest(self, *, limit: int = 100) -> list[AuditEntry]: ...
    def walk(self) -> AsyncIterator[AuditEntry]:
        """Yield every entry, oldest first, as stored."""
        ...

    async def entries(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> list[AuditEntry]:
        """Return entries with numbers under `before`, newest first."""
        ...

    async def save_head(self, head: AuditHead) -> None: ...
    async def heads(self, *, limit: int) -> list[AuditHead]:
        """Return the newest heads, newest first."""
        ...

    async def heads_to_post(self) -> list[AuditHead]:
        """Return the heads no second place has taken yet, oldest first."""
        ...

    async def mark_posted(self, day: date, *, at: datetime) -> None: ...


class Claims(Protocol):
    """Who does what once: fired moments, and leases on names."""

    async def once(self, job: str, moment: datetime) -> bool:
        """Tell whether this is the first to claim that moment of that job."""
        ...

    async def lease(self, name: str, *, owner: str, now: datetime, until: datetime) -> bool:
        """Take or keep the lease on `name`; False while another owner's has not run out."""
        ...

    async def end_lease(self, name: str, *, owner: str) -> None: ...
    async def forget_before(self, at: datetime) -> int: ...


class Settings(Protocol):
    """Small values the console keeps."""

    async def get(self, key: str) -> str | None: ...
    async def put(self, key: str, value: str) -> None: ...
