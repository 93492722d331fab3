"""What officers write. What became of the copies is in `bot.storage.deliveries`."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, TableValuedAlias, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from bot.core.announcements import Amendment, Announcement, AnnouncementState
from bot.core.errors import NotFound
from bot.core.ids import AnnouncementId, UnitId
from bot.storage import tables
from bot.storage.recording import OPEN
from bot.storage.statements import Statements, first_noun, kept_still, noun_of, upsert, values_of

_announcements = tables.announcements


class SqlAnnouncements:
    """What officers write."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, announcement: Announcement) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _announcements), values_of(announcement))

    async def get(self, announcement_id: AnnouncementId) -> Announcement:
        """Return the announcement. Raise `NotFound`."""
        statement = select(_announcements).where(_announcements.c.id == announcement_id)
        found = await self._db.rows(kept_still(self._db, statement))
        announcement = first_noun(Announcement, found)
        if announcement is None:
            raise NotFound(f"announcement {announcement_id}")
        return announcement

    async def by_slug(self, slug: str) -> Announcement | None:
        """Return the announcement of this public address."""
        statement = select(_announcements).where(_announcements.c.slug == slug)
        return first_noun(Announcement, await self._db.rows(statement))

    async def amendments_of(self, announcement_id: AnnouncementId) -> list[Announcement]:
        """Return those that amend it, newest first."""
        return await self._all(
            select(_announcements)
            .where(_announcements.c.amends == announcement_id)
            .order_by(_announcements.c.written_at.desc(), _announcements.c.id)
        )

    async def due(self, now: datetime) -> list[Announcement]:
        """Return scheduled announcements whose hour has come, oldest first.

        One without an hour of its own is due at once.
        """
        hour = _announcements.c.due_at
        return await self._all(
            select(_announcements)
            .where(
                _announcements.c.state == AnnouncementState.SCHEDULED,
                hour.is_(None) | (hour <= now),
            )
            .order_by(hour.is_not(None), hour, _announcements.c.written_at, _announcements.c.id)
        )

    async def proposed(self) -> list[Announcement]:
        """Return what waits for a second officer, oldest first."""
        return await self._all(
            select(_announcements)
            .where(_announcements.c.state == AnnouncementState.PROPOSED)
            .order_by(_announcements.c.written_at, _announcements.c.id)
        )

    async def freezing(self) -> list[Announcement]:
        """Return started announcements of whose recipients some have no row yet."""
        is_short = _announcements.c.freezing_after.is_not(None)
        return await self._all(
            select(_announcements).where(is_short).order_by(_announcements.c.id)
        )

    async def finished(self, *, since: datetime) -> list[Announcement]:
        """Return those that began at `since` or later and have nothing left to send."""
        rows = tables.deliveries
        is_open = (
            select(rows.c.id)
            .where(rows.c.announcement_id == _announcements.c.id, rows.c.state.in_(OPEN))
            .exists()
        )
        return await self._all(
            select(_announcements)
            .where(
                _announcements.c.state == AnnouncementState.SENDING,
                _announcements.c.started_at >= since,
                _announcements.c.freezing_after.is_(None),
                ~is_open,
            )
            .order_by(_announcements.c.started_at, _announcements.c.id)
        )

    async def of_units(
        self, unit_ids: Collection[UnitId], *, limit: int = 100
    ) -> list[Announcement]:
        """Return those written for these units and for no others, newest first."""
        more = self._more_units()
        is_wider = select(more.c.value).where(more.c.value.not_in(unit_ids)).exists()
        return await self._all(
            select(_announcements)
            .where(_announcements.c.unit_id.in_(unit_ids), ~is_wider)
            .order_by(_announcements.c.written_at.desc(), _announcements.c.id)
            .limit(limit)
        )

    def _more_units(self) -> TableValuedAlias:
        """Return the further units of an announcement, one a row."""
        kept = _announcements.c.audience
        if self._db.is_postgres:
            listed = cast(kept, JSONB)["more_unit_ids"]
            return func.jsonb_array_elements_text(listed).table_valued("value")
        return func.json_each(kept, "$.more_unit_ids").table_valued("value")

    async def public(self, *, limit: int = 50) -> list[Announcement]:
        """Return started, public, not cancelled ones, newest first.

        Of one that was corrected only the correction, of one taken back nothing, even if that
        was stopped half-way: the earlier text is known to be wrong.
        """
        amending = _announcements.alias("amending")
        is_amended = (
            select(amending.c.id)
            .where(
                amending.c.amends == _announcements.c.id,
                amending.c.started_at.is_not(None),
            )
            .exists()
        )
        amendment = _announcements.c.amendment
        return await self._all(
            select(_announcements)
            .where(
                _announcements.c.is_public,
                _announcements.c.started_at.is_not(None),
                _announcements.c.state != AnnouncementState.CANCELLED,
                or_(amendment.is_(None), amendment != Amendment.RECALL),
                ~is_amended,
            )
            .order_by(_announcements.c.started_at.desc(), _announcements.c.id)
            .limit(limit)
        )

    async def _all(self, statement: Select[tuple[object, ...]]) -> list[Announcement]:
        return [noun_of(Announcement, row) for row in await self._db.rows(statement)]
