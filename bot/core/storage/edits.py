"""The port of the database: what officers changed in answers and facts, and what was not known."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Protocol

from bot.core.edits import Draft, DraftId, Edit, EditKind, Revision
from bot.core.unknown_questions import UnknownQuestion


class Edits(Protocol):
    """Every version. There is no way to change or remove one."""

    async def append(self, edit: Edit) -> None:
        """Store a version. Its revision must be new: take the lock of the audit chain first."""
        ...

    async def revision(self) -> Revision:
        """Return the newest revision of all, 0 if there is none. Cheap: asked all the time."""
        ...

    async def get(self, revision: Revision) -> Edit: ...
    async def newest(self) -> list[Edit]:
        """Return the newest version of everything ever changed, oldest first."""
        ...

    async def newest_of(self, kind: EditKind, key: str) -> Edit | None: ...
    async def history(
        self, kind: EditKind | None = None, key: str = "", *, limit: int
    ) -> list[Edit]:
        """Return versions of one answer or fact, of everything without `kind`, newest first."""
        ...


class Drafts(Protocol):
    """Changes that are looked at before they are saved."""

    async def save(self, draft: Draft) -> None: ...
    async def get(self, draft_id: DraftId) -> Draft: ...
    async def unmeasured(self) -> Draft | None:
        """Return the oldest draft whose effect is not known."""
        ...

    async def remove(self, draft_id: DraftId) -> None: ...
    async def forget_before(self, at: datetime) -> int: ...


class UnknownQuestions(Protocol):
    """Questions that were not understood: stripped texts, counted by the day."""

    async def add(self, texts: Mapping[str, int], day: date) -> None:
        """Count texts of a day, each so many times more."""
        ...

    async def all(self) -> list[UnknownQuestion]: ...
    async def remove(self, texts: Collection[str]) -> int: ...
    async def forget_before(self, day: date) -> int: ...
