"""binhyen group: chats that many read, linked to units."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply, table
from bot.core.channels import GroupAsset
from bot.core.errors import RuleBroken
from bot.core.ids import ChannelId, GroupId

if TYPE_CHECKING:
    from bot.app.program import Program
    from bot.services.groups.groups import Listed


@click.group("group", cls=Noun)
def group() -> None:
    """Link groups to units, make groups, see how they stand."""


@group.command("list")
@click.option("--unit", "code", default="", help="Only groups of the unit with this code.")
def list_(*, code: str) -> Reply:
    """List the groups, linked or only seen."""

    async def done(program: "Program") -> Reply:
        unit = await program.units.by_code(code) if code else None
        listed = await program.groups.all(None)
        found = [_document(one) for one in listed if unit is None or one.unit == unit]
        rows = [
            (one["id"], one["state"], one["unit"] or "-", one["members"], one["name"])
            for one in found
        ]
        return Reply(document={"groups": found}, lines=table(rows, empty="There are no groups."))

    return with_program(done)


@group.command("code")
@click.option("--unit", "code", required=True, help="The unit the group will belong to.")
@click.option("--channel", default="", help="The id of the account; else all that serve the unit.")
def code(*, code: str, channel: str) -> Reply:
    """Make a one-time code; typed in a group as /lienket CODE it links the group."""

    async def done(program: "Program") -> Reply:
        unit = await program.units.by_code(code)
        channel_id = await _channel(program, channel) if channel else None
        made = await program.group_codes.make(unit.id, channel_id=channel_id, by=None)
        document = {
            "code": made.code,
            "unit": unit.code,
            "until": made.until,
            "links": list(made.links),
        }
        lines = [
            f"{made.code}: good once, for {unit.name}, until {made.until:%H:%M} UTC.",
            f"Type it in the group: /lienket {made.code}",
            *(f"Or open on a phone and choose the group: {link}" for link in made.links),
        ]
        return Reply(document=document, lines=lines)

    return with_program(done)


@group.command("link")
@click.argument("id_", metavar="ID")
@click.option("--unit", "code", required=True)
def link(*, id_: str, code: str) -> Reply:
    """Link a group to a unit, or move it there."""

    async def done(program: "Program") -> Reply:
        unit = await program.units.by_code(code)
        await program.channels.refresh()
        await program.groups.assign(GroupId(id_), unit.id, by=None)
        return await _shown(program, id_)

    return with_program(done)


@group.command("unlink")
@click.argument("id_", metavar="ID")
def unlink(id_: str) -> Reply:
    """Let a group hear nothing more."""

    async def done(program: "Program") -> Reply:
        await program.groups.unlink(GroupId(id_), by=None)
        return await _shown(program, id_)

    return with_program(done)


@group.command("sync")
def sync() -> Reply:
    """Ask every account about its groups; status 1 if one does not answer."""

    async def done(program: "Program") -> Reply:
        synced = await program.group_desks.sync()
        document = {
            "groups": synced.groups,
            "found": synced.found,
            "lapsed": list(synced.lapsed),
            "lapsing": list(synced.lapsing),
            "troubles": [
                {"channel": channel_id, "trouble": said} for channel_id, said in synced.troubles
            ],
        }
        lines = [
            f"{synced.groups} groups, {synced.found} of them new.",
            *(f"  {one}: lapsed, hears nothing until it is paid" for one in synced.lapsed),
            *(f"  {one}: paid for two more weeks at most" for one in synced.lapsing),
        ]
        complaint = "; ".join(f"{channel}: {said}" for channel, said in synced.troubles)
        return Reply(document=document, lines=lines, complaint=complaint)

    return with_program(done)


@group.command("make")
@click.option("--channel", required=True, help="The id of the account.")
@click.option("--name", required=True)
@click.option("--unit", "code", required=True, help="The unit the group will belong to.")
@click.option("--admin", required=True, help="The platform's id of an admin of the account.")
@click.option("--asset", default="", help="What pays for it; the only free one if left out.")
def make(*, channel: str, name: str, code: str, admin: str, asset: str) -> Reply:
    """Make a group on an account that makes its own, and link it."""

    async def done(program: "Program") -> Reply:
        from bot.services.groups.desks import NewGroup  # noqa: PLC0415 - so --help stays quick

        unit = await program.units.by_code(code)
        channel_id = await _channel(program, channel)
        wanted = NewGroup(
            channel_id=channel_id,
            unit_id=unit.id,
            name=name,
            asset=asset or await _only_asset(program, channel_id),
            admin=admin,
        )
        made = await program.group_desks.make(wanted, by=None)
        return await _shown(program, made.id)

    return with_program(done)


async def _channel(program: "Program", channel: str) -> ChannelId:
    if channel not in {account.id for account in await program.channels.accounts()}:
        raise RuleBroken("channel_unknown", channel=channel)
    return ChannelId(channel)


async def _only_asset(program: "Program", channel_id: ChannelId) -> str:
    """Return the free asset of an account if there is just one; else name them all."""
    offers = {one.account.id: one for one in await program.group_desks.offers(None)}
    if channel_id not in offers:
        raise RuleBroken("group_not_made_here")
    offer = offers[channel_id]
    if offer.trouble:
        raise RuleBroken("group_platform", detail=offer.trouble)
    if len(offer.assets) != 1:
        named = ", ".join(_described(one) for one in offer.assets) or "none"
        raise Refused(f"Choose with --asset; free are: {named}")
    return offer.assets[0].id


def _described(asset: GroupAsset) -> str:
    until = f" until {asset.valid_until}" if asset.valid_until else ""
    return f"{asset.id} ({asset.most_members} people{until})"


async def _shown(program: "Program", id_: str) -> Reply:
    listed = await program.groups.one(GroupId(id_), None)
    document = _document(listed)
    unit = document["unit"] or "no unit"
    lines = [f"{document['id']}: {document['state']}, {unit}"]
    if listed.group.invite_url:
        lines.append(f"Neighbours join by {listed.group.invite_url}")
    return Reply(document=document, lines=lines)


def _document(listed: "Listed") -> Mapping[str, object]:
    one = listed.group
    return {
        "id": one.id,
        "channel": one.channel_id,
        "name": one.name,
        "unit": listed.unit.code if listed.unit else None,
        "state": one.state.value,
        "members": one.members,
        "most_members": one.most_members or None,
        "invite_url": one.invite_url or None,
        "lapses_on": one.lapses_on.isoformat() if one.lapses_on else None,
        "can_delete": one.can_delete,
    }
