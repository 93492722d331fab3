"""What officers changed in answers and facts: versions that are only ever added, and drafts."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy import insert as plain_insert

from bot.core.edits import AS_IN_THE_FILES, Draft, DraftId, Edit, EditKind, Revision
from bot.core.errors import NotFound
from bot.storage import tables
from bot.storage.statements import (
    Statements,
    first_noun,
    kept_still,
    noun_of,
    upsert,
    values_of,
)

_edits: Final = tables.content_edits
_drafts: Final = tables.content_drafts


class SqlEdits:
    """Every version."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def append(self, edit: Edit) -> None:
        """Store a version under its new revision."""
        await self._db.count(plain_insert(_edits), values_of(edit))

    async def revision(self) -> Revision:
        """Return the newest revision of all, 0 if there is none."""
        (row,) = await self._db.rows(select(func.max(_edits.c.revision).label("newest")))
        return Revision(row.newest or AS_IN_THE_FILES)

    async def get(self, revision: Revision) -> Edit:
        """Return the version. Raise `NotFound`."""
        rows = await self._db.rows(select(_edits).where(_edits.c.revision == revision))
        edit = first_noun(Edit, rows)
        if edit is None:
            raise NotFound(f"revision {revision}")
        return edit

    async def newest(self) -> list[Edit]:
        """Return the newest version of everything ever changed, oldest first."""
        last = select(func.max(_edits.c.revision)).group_by(_edits.c.kind, _edits.c.key)
        statement = select(_edits).where(_edits.c.revision.in_(last)).order_by(_edits.c.revision)
        return [noun_of(Edit, row) for row in await self._db.rows(statement)]

    async def newest_of(self, kind: EditKind, key: str) -> Edit | None:
        """Return the newest version of one answer or fact, None if it was never changed."""
        found = await self.history(kind, key, limit=1)
        return found[0] if found else None

    async def history(
        self, kind: EditKind | None = None, key: str = "", *, limit: int
    ) -> list[Edit]:
        """Return versions of one answer or fact, of everything without `kind`, newest first."""
        statement = select(_edits).order_by(_edits.c.revision.desc()).limit(limit)
        if kind is not None:
            statement = statement.where(_edits.c.kind == kind, _edits.c.key == key)
        return [noun_of(Edit, row) for row in await self._db.rows(statement)]


class SqlDrafts:
    """Changes that are looked at before they are saved."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, draft: Draft) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _drafts), values_of(draft))

    async def get(self, draft_id: DraftId) -> Draft:
        """Return the draft. Raise `NotFound`."""
        statement = kept_still(self._db, select(_drafts).where(_drafts.c.id == draft_id))
        draft = first_noun(Draft, await self._db.rows(statement))
        if draft is None:
            raise NotFound(f"draft {draft_id}")
        return draft

    async def unmeasured(self) -> Draft | None:
        """Return the oldest draft whose effect is not known."""
        statement = (
            select(_drafts)
            .where(_drafts.c.effect.is_(None))
            .order_by(_drafts.c.at, _drafts.c.id)
            .limit(1)
        )
        return first_noun(Draft, await self._db.rows(statement))

    async def remove(self, draft_id: DraftId) -> None:
        """Forget the draft, if it is there."""
        await self._db.count(delete(_drafts).where(_drafts.c.id == draft_id))

    async def forget_before(self, at: datetime) -> int:
        """Forget drafts begun before; return how many."""
        return await self._db.count(delete(_drafts).where(_drafts.c.at < at))
