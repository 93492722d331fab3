"""binhyen officer: those who sign in at the console."""

import sys
from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply
from bot.core.officers import Role
from bot.services.audit import MACHINE

if TYPE_CHECKING:
    from bot.app.program import Program


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


def _password() -> str:
    try:
        line = sys.stdin.buffer.readline().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("The password on standard input is not UTF-8") from error
    return line.rstrip("\r\n")
