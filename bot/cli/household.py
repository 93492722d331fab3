"""binhyen household: the lists of households."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.importing import imported
from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Reply, table
from bot.cli.sheets import read_sheet
from bot.services.audit import MACHINE
from bot.services.units.rosters import (
    HOUSEHOLD_COLUMNS,
    NEEDED_HOUSEHOLD_COLUMNS,
    check_households,
)

if TYPE_CHECKING:
    from bot.app.program import Program


@click.group("household", cls=Noun)
def household() -> None:
    """Import and show the lists of households."""


@household.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--skip-bad", is_flag=True, help="Import the rows that are right.")
def import_(file: Path, *, skip_bad: bool) -> Reply:
    """Add households from a CSV or .xlsx FILE: unit, code, address, head_name.

    Every faulty row is listed; nothing is imported unless all are right or --skip-bad is given.
    Households that are known by unit and code are renewed.
    """
    sheet = read_sheet(file, columns=HOUSEHOLD_COLUMNS, needed=NEEDED_HOUSEHOLD_COLUMNS)

    async def done(program: "Program") -> Reply:
        if any(fault.row == 1 for fault in sheet.faults):
            return imported(0, sheet.faults, noun="households", is_refused=True)
        unread = {fault.row for fault in sheet.faults}
        checked = check_households(
            [row for row in sheet.rows if row.row not in unread], units=await program.units.all()
        )
        faults = [*sheet.faults, *checked.faults]
        if (faults and not skip_bad) or not checked.rows:
            return imported(0, faults, noun="households", is_refused=True)
        count = await program.units.import_households(checked.rows, by=MACHINE)
        return imported(count, faults, noun="households", is_refused=False)

    return with_program(done)


@household.command("list")
@click.option("--unit", "code", required=True, help="The code of the unit.")
def list_(code: str) -> Reply:
    """List the households of a unit with their join codes."""

    async def done(program: "Program") -> Reply:
        found = sorted(await program.units.households(code), key=lambda one: one.code)
        rows = [(one.code, one.head_name, one.address, one.join_code) for one in found]
        document = {
            "unit": code,
            "households": [
                {
                    "code": one.code,
                    "address": one.address,
                    "head_name": one.head_name,
                    "join_code": one.join_code,
                }
                for one in found
            ],
        }
        return Reply(document=document, lines=table(rows, empty="There are no households yet."))

    return with_program(done)
