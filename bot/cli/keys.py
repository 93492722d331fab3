"""binhyen keys: who opens tips, and what the recovery paper does, without the console.

A paper is typed on standard input, one sheet a line, so that it is in no list of commands.
"""

import sys
from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.officer import officer_of
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply, table
from bot.core.officers import fingerprint_of, mark_of
from bot.services.audit import MACHINE

if TYPE_CHECKING:
    from bot.app.program import Program
    from bot.services.officers.papers import PrintedKey

_LONGEST_BYTES = 4096


@click.group("keys", cls=Noun)
def keys() -> None:
    """Who opens tips, and the recovery paper."""


@keys.command("list")
def list_() -> Reply:
    """List the keys tips are sealed to: what each opens, and what it lacks."""

    async def done(program: "Program") -> Reply:
        async with program.storage.read() as work:
            strange = {one.id for one in await work.officers.unattested()}
        units = {unit.id: unit for unit in await program.units.all()}
        found: list[dict[str, object]] = [
            {
                "holder": line.officer.login if line.officer else "recovery",
                "unit": units[line.holder.unit_id].code,
                "mark": mark_of(line.holder.public_key),
                "opens": line.held,
                "lacks": line.missing,
                "fingerprint": fingerprint_of(line.holder.public_key),
                "attested": line.holder.id not in strange,
            }
            for line in await program.officer_services.key_care.lines(None)
        ]
        rows = [tuple(str(value) for value in one.values()) for one in found]
        return Reply(document={"keys": found}, lines=table(rows, empty="There are no keys yet."))

    return with_program(done)


@keys.command("check")
def check() -> Reply:
    """Tell whether the paper on standard input still opens the tips."""
    sheets = _sheets()

    async def done(program: "Program") -> Reply:
        holder = await program.officer_services.recovery.check(sheets, by=MACHINE)
        mark = mark_of(holder.public_key)
        return Reply(document={"fits": True, "mark": mark}, lines=[f"The paper {mark} fits."])

    return with_program(done)


@keys.command("give")
@click.option("--to", "login", required=True, help="The login of a moderator.")
def give(login: str) -> Reply:
    """Let a moderator open every tip the paper on standard input opens."""
    sheets = _sheets()

    async def done(program: "Program") -> Reply:
        officer = await officer_of(program, login)
        given = await program.officer_services.recovery.give(sheets, officer.id, by=MACHINE)
        return Reply(
            document={"to": officer.login, "given": given},
            lines=[f"{officer.login} can open {given} more tips."],
        )

    return with_program(done)


@keys.command("paper")
@click.option("--split", is_flag=True, help="Three sheets, of which any two are enough.")
def paper(*, split: bool) -> Reply:
    """Print a new recovery key; it becomes one by `keys exchange`."""

    async def done(program: "Program") -> Reply:
        key = program.officer_services.recovery.new_paper()
        return _printed(key, is_split=split)

    return with_program(done)


@keys.command("split")
def split() -> Reply:
    """Print three sheets for the paper on standard input, any two of which are enough."""
    sheets = _sheets()

    async def done(program: "Program") -> Reply:
        key = await program.officer_services.recovery.split(sheets, by=MACHINE)
        return _printed(key, is_split=True)

    return with_program(done)


@keys.command("exchange")
def exchange() -> Reply:
    """Make a new paper the recovery key.

    Standard input: the sheets of the new paper, an empty line, the sheets of the old one.
    """
    new, old = _two_papers()

    async def done(program: "Program") -> Reply:
        ended = await program.officer_services.recovery.exchange(new, by=MACHINE, old_sheets=old)
        lines = [f"The new paper opens {ended.given} more tips and every tip from now on."]
        lines.append(
            f"{ended.left} tips are opened by the old paper alone: keep it."
            if ended.left
            else "The old paper opens nothing here any more: destroy it."
        )
        return Reply(document={"given": ended.given, "left": ended.left}, lines=lines)

    return with_program(done)


def _printed(key: "PrintedKey", *, is_split: bool) -> Reply:
    sheets = key.shares if is_split else (key.whole,)
    return Reply(document={"mark": key.mark, "sheets": list(sheets)}, lines=list(sheets))


def _lines() -> list[str]:
    text = sys.stdin.buffer.read(_LONGEST_BYTES).decode("utf-8", "replace")
    return [line.strip() for line in text.splitlines()]


def _sheets() -> list[str]:
    sheets = [line for line in _lines() if line]
    if not sheets:
        raise Refused("Type the paper on standard input, one sheet a line")
    return sheets


def _two_papers() -> tuple[list[str], list[str]]:
    lines = _lines()
    while lines and not lines[0]:
        lines.pop(0)
    middle = lines.index("") if "" in lines else len(lines)
    old = [line for line in lines[middle:] if line]
    if not old:
        raise Refused(
            "Type the sheets of the new paper, an empty line, and the sheets of the old one"
        )
    return lines[:middle], old
