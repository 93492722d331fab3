"""binhyen officer: those who sign in at the console."""

import sys
from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply, table
from bot.core.officers import Role
from bot.services.audit import MACHINE

if TYPE_CHECKING:
    from bot.app.program import Program
    from bot.core.officers import Officer


@click.group("officer", cls=Noun)
def officer() -> None:
    """Those who sign in at the console."""


@officer.command("add")
@click.option("--login", required=True)
@click.option("--name", required=True)
@click.option("--unit", "code", required=True, help="The code of the unit the officer works for.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given several times.",
)
@click.option(
    "--password-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Read the password from standard input, so that it is in no list of commands.",
)
def add(*, login: str, name: str, code: str, roles: tuple[str, ...]) -> Reply:
    """Add an officer; the password is the first line of standard input."""
    password = _password()

    async def done(program: "Program") -> Reply:
        from bot.services.officers.accounts import NewOfficer  # noqa: PLC0415 - so that --help stays quick

        unit = await program.units.by_code(code)
        added = await program.officer_services.officers.add(
            NewOfficer(
                login=login,
                name=name,
                password=password,
                unit_id=unit.id,
                roles=frozenset(Role(role) for role in roles),
            ),
            by=MACHINE,
        )
        document = {
            "id": added.id,
            "login": added.login,
            "unit": unit.code,
            "roles": sorted(added.roles),
        }
        url = f"{program.config.public_url}/console"
        return Reply(document=document, lines=[f"{added.login} can sign in at {url}"])

    return with_program(done)


@officer.command("list")
def list_() -> Reply:
    """List the officers, those who left too."""

    async def done(program: "Program") -> Reply:
        units = {unit.id: unit.code for unit in await program.units.all()}
        officers = await program.officer_services.officers.all()
        found: list[dict[str, object]] = [
            {
                "id": one.id,
                "login": one.login,
                "unit": units[one.unit_id],
                "roles": sorted(one.roles),
                "is_active": one.is_active,
            }
            for one in officers
        ]
        rows = [
            (
                one.login,
                units[one.unit_id],
                ", ".join(sorted(one.roles)),
                "" if one.is_active else "left",
            )
            for one in officers
        ]
        return Reply(document={"officers": found}, lines=table(rows, empty="There are none yet."))

    return with_program(done)


@officer.command("roles")
@click.option("--login", required=True)
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="Every role the officer will have; may be given several times.",
)
def roles_(login: str, roles: tuple[str, ...]) -> Reply:
    """Change what an officer may do; they must sign in again."""

    async def done(program: "Program") -> Reply:
        found = await officer_of(program, login)
        changed = await program.officer_services.staff.set_roles(
            found.id, frozenset(Role(role) for role in roles), by=MACHINE
        )
        listed = sorted(changed.roles)
        return Reply(
            document={"login": changed.login, "roles": listed},
            lines=[f"{changed.login} is now {', '.join(listed)}"],
        )

    return with_program(done)


@officer.command("leave")
@click.option("--login", required=True)
def leave(login: str) -> Reply:
    """Close an account: sessions ended, the key to tips destroyed."""

    async def done(program: "Program") -> Reply:
        found = await officer_of(program, login)
        left = await program.officer_services.staff.leave(found.id, by=MACHINE)
        return Reply(
            document={"login": left.login, "is_active": left.is_active},
            lines=[f"{left.login} can no longer sign in and opens no tip"],
        )

    return with_program(done)


@officer.command("link")
@click.option("--login", required=True)
def link(login: str) -> Reply:
    """Print a link by which an officer picks a new password, for a day and one use."""

    async def done(program: "Program") -> Reply:
        found = await officer_of(program, login)
        secret = await program.officer_services.staff.link(found.id, by=MACHINE)
        url = f"{program.config.public_url}/console/mat-khau-moi/{secret}"
        return Reply(document={"login": found.login, "url": url}, lines=[url])

    return with_program(done)


async def officer_of(program: "Program", login: str) -> "Officer":
    """Return who signs in by that name. Raise `Refused`."""
    wanted = login.strip().casefold()
    for one in await program.officer_services.officers.all():
        if one.login == wanted:
            return one
    raise Refused(f"No officer signs in as {login}")


def _password() -> str:
    try:
        line = sys.stdin.buffer.readline().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("The password on standard input is not UTF-8") from error
    return line.rstrip("\r\n")
