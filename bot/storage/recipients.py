"""Where claimed copies go: the chats of people who are still there and of groups still linked."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, select

from bot.core.deliveries import Delivery, Lane
from bot.core.groups import GroupState
from bot.core.ids import DeliveryId
from bot.core.messages import Address
from bot.core.people import PersonState
from bot.storage import tables
from bot.storage.statements import Statements

_people: Final = tables.people
_groups: Final = tables.groups


async def addresses_of(
    db: Statements, leased: Sequence[dict[str, Any]]
) -> dict[DeliveryId, Address]:
    """Return the addresses of claimed rows by their ids; who is gone has none."""
    joined, linked = _people.c.state == PersonState.JOINED, _groups.c.state == GroupState.LINKED
    people = await _chats(db, _people, joined, _named(leased, "person_id"))
    groups = await _chats(db, _groups, linked, _named(leased, "group_id"))
    addresses: dict[DeliveryId, Address] = {}
    for row in leased:
        if (person := people.get(row["person_id"])) is not None:
            addresses[row["id"]] = Address(channel_id=person[0], chat=person[1])
        elif (group := groups.get(row["group_id"])) is not None:
            addresses[row["id"]] = Address(channel_id=group[0], chat=group[1], is_group=True)
    return addresses


def _named(leased: Sequence[dict[str, Any]], column: str) -> list[str]:
    return [row[column] for row in leased if row[column] is not None]


async def _chats(
    db: Statements, table: Table, is_reached: ColumnElement[bool], ids: list[str]
) -> dict[str, Any]:
    if not ids:
        return {}
    statement = select(table.c.id, table.c.channel_id, table.c.chat).where(
        table.c.id.in_(ids), is_reached
    )
    return {row.id: (row.channel_id, row.chat) for row in await db.rows(statement)}


def delivery_of(row: dict[str, Any], address: Address | None) -> Delivery:
    """Return a claimed row as the delivery it is."""
    replaces = tuple((row["replaces"] or "").split())
    return Delivery(**{**row, "lane": Lane(row["lane"]), "replaces": replaces}, address=address)
