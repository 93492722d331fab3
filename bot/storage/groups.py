"""Groups on platforms."""

from collections.abc import Collection

from sqlalchemy import Select, delete, select

from bot.core.audience import Selection
from bot.core.errors import NotFound
from bot.core.groups import Group
from bot.core.ids import ChannelId, GroupId, UnitId
from bot.storage import tables
from bot.storage.audiences import groups_of
from bot.storage.statements import Statements, first_noun, kept_still, noun_of, upsert, values_of

_groups = tables.groups


class SqlGroups:
    """Groups on platforms."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def save(self, group: Group) -> None:
        """Insert or replace by id."""
        await self._db.count(upsert(self._db, _groups), values_of(group))

    async def get(self, group_id: GroupId) -> Group:
        """Return the group. Raise `NotFound`."""
        group = await self._first(select(_groups).where(_groups.c.id == group_id))
        if group is None:
            raise NotFound(f"group {group_id}")
        return group

    async def find(self, channel_id: ChannelId, chat: str) -> Group | None:
        """Return the group of this chat."""
        of_chat = (_groups.c.channel_id == channel_id, _groups.c.chat == chat)
        return await self._first(select(_groups).where(*of_chat))

    async def of_units(self, unit_ids: Collection[UnitId]) -> list[Group]:
        """Return the groups linked to one of the units, by name."""
        return await self._all(select(_groups).where(_groups.c.unit_id.in_(unit_ids)))

    async def meant(self, selection: Selection) -> list[Group]:
        """Return the groups `Deliveries.freeze` would take, by name."""
        meant = groups_of(selection).with_only_columns(_groups.c.id)
        return await self._all(select(_groups).where(_groups.c.id.in_(meant)))

    async def of_channel(self, channel_id: ChannelId) -> list[Group]:
        """Return the groups of an account, by name."""
        return await self._all(select(_groups).where(_groups.c.channel_id == channel_id))

    async def remove(self, group_id: GroupId) -> None:
        """Delete the group; what waits for it is skipped when it is claimed."""
        await self._db.count(delete(_groups).where(_groups.c.id == group_id))

    async def _first(self, statement: Select[tuple[object, ...]]) -> Group | None:
        return first_noun(Group, await self._db.rows(kept_still(self._db, statement)))

    async def _all(self, statement: Select[tuple[object, ...]]) -> list[Group]:
        in_order = statement.order_by(_groups.c.name, _groups.c.id)
        return [noun_of(Group, row) for row in await self._db.rows(in_order)]
