"""binhyen unit: the commune and its neighbourhoods."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.importing import imported, listed
from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply, table
from bot.cli.sheets import read_sheet
from bot.core.units import Unit, UnitKind
from bot.services.audit import MACHINE
from bot.services.units.rosters import NEEDED_UNIT_COLUMNS, UNIT_COLUMNS, Cells, check_units

if TYPE_CHECKING:
    from bot.app.program import Program


@click.group("unit", cls=Noun)
def unit() -> None:
    """Add and show the commune and its neighbourhoods."""


@unit.command("add")
@click.option("--code", required=True, help="A short code without spaces, yours to choose.")
@click.option("--name", required=True)
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in UnitKind]))
@click.option("--parent", default="", help="The code of the unit above; the commune if left out.")
@click.option("--households", default=0, type=click.IntRange(0, 1_000_000))
def add(*, code: str, name: str, kind: str, parent: str, households: int) -> Reply:
    """Add a unit, or rename the one that has this code."""
    texts = {
        "code": code,
        "name": name,
        "kind": kind,
        "parent": parent,
        "households": str(households),
    }

    async def done(program: "Program") -> Reply:
        units = await program.units.all()
        checked = check_units(
            [Cells(row=1, texts=texts)], units=units, placeholder=await program.units.placeholder()
        )
        if checked.faults:
            said = [f"--{one['column']}: {one['reason']}" for one in listed(checked.faults)]
            raise Refused(" ".join(said))
        [added] = await program.units.add(checked.rows, by=MACHINE)
        document = _document(added, await program.units.all(), program.config.public_url)
        line = f"{added.name} ({added.code}). To join: {document['join_url']}"
        return Reply(document=document, lines=[line])

    return with_program(done)


@unit.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> Reply:
    """Add units from a CSV or .xlsx FILE: code, name, kind, parent, households.

    Every faulty row is listed; nothing is imported unless all are right.
    """
    sheet = read_sheet(file, columns=UNIT_COLUMNS, needed=NEEDED_UNIT_COLUMNS)

    async def done(program: "Program") -> Reply:
        checked = check_units(
            sheet.rows,
            units=await program.units.all(),
            placeholder=await program.units.placeholder(),
        )
        # Without the right columns every cell would be called missing.
        faults = (
            sheet.faults
            if any(one.row == 1 for one in sheet.faults)
            else ([*sheet.faults, *checked.faults])
        )
        if faults:
            return imported(0, faults, noun="units", is_refused=True)
        added = await program.units.add(checked.rows, by=MACHINE)
        return imported(len(added), (), noun="units", is_refused=False)

    return with_program(done)


@unit.command("list")
def list_() -> Reply:
    """List the units with their join codes."""

    async def done(program: "Program") -> Reply:
        units = sorted(await program.units.all(), key=lambda one: (one.parent_id or "", one.code))
        found = [_document(one, units, program.config.public_url) for one in units]
        rows = [
            (
                one["code"],
                one["kind"],
                one["name"],
                f"{one['households']} households",
                one["join_code"],
            )
            for one in found
        ]
        return Reply(document={"units": found}, lines=table(rows, empty="There are no units yet."))

    return with_program(done)


def _document(one: Unit, units: Sequence[Unit], public_url: str) -> Mapping[str, object]:
    codes = {unit.id: unit.code for unit in units}
    return {
        "id": one.id,
        "code": one.code,
        "name": one.name,
        "kind": one.kind.value,
        "parent": codes.get(one.parent_id) if one.parent_id else None,
        "households": one.households,
        "join_code": one.join_code,
        "join_url": f"{public_url}/tham-gia/{one.join_code}",
    }
