"""Where claimed copies go: the chats of people who are still there and of groups still linked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, select

from bot.core.deliveries import Delivery, Lane
from bot.core.groups import GroupState
from bot.core.ids import DeliveryId, UnitId
from bot.core.messages import Address
from bot.core.people import PersonState
from bot.storage import tables
from bot.storage.statements import Statements

_people: Final = tables.people
_groups: Final = tables.groups


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a copy goes, and the unit its reader belongs to."""

    address: Address
    unit_id: UnitId | None


async def recipients_of(
    db: Statements, leased: Sequence[dict[str, Any]]
) -> dict[DeliveryId, Recipient]:
    """Return the recipients of claimed rows by their ids; who is gone has none."""
    joined, linked = _people.c.state == PersonState.JOINED, _groups.c.state == GroupState.LINKED
    people = await _chats(db, _people, joined, _named(leased, "person_id"))
    groups = await _chats(db, _groups, linked, _named(leased, "group_id"))
    found: dict[DeliveryId, Recipient] = {}
    for row in leased:
        if (person := people.get(row["person_id"])) is not None:
            found[row["id"]] = _recipient(person, is_group=False)
        elif (group := groups.get(row["group_id"])) is not None:
            found[row["id"]] = _recipient(group, is_group=True)
    return found


def _recipient(row: Row[Any], *, is_group: bool) -> Recipient:
    address = Address(channel_id=row.channel_id, chat=row.chat, is_group=is_group)
    return Recipient(address, row.unit_id)


def _named(leased: Sequence[dict[str, Any]], column: str) -> list[str]:
    return [row[column] for row in leased if row[column] is not None]


async def _chats(
    db: Statements, table: Table, is_reached: ColumnElement[bool], ids: list[str]
) -> dict[str, Row[Any]]:
    if not ids:
        return {}
    columns = (table.c.id, table.c.channel_id, table.c.chat, table.c.unit_id)
    found = await db.rows(select(*columns).where(table.c.id.in_(ids), is_reached))
    return {row.id: row for row in found}


def delivery_of(row: dict[str, Any], recipient: Recipient | None) -> Delivery:
    """Return a claimed row as the delivery it is."""
    replaces = tuple((row["replaces"] or "").split())
    return Delivery(
        **{**row, "lane": Lane(row["lane"]), "replaces": replaces},
        address=recipient.address if recipient else None,
        unit_id=recipient.unit_id if recipient else None,
    )
