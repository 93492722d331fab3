"""binhyen token: other software that acts for an officer."""

from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.officer import officer_of
from bot.cli.opening import with_program
from bot.cli.reply import Reply, table
from bot.core.api_tokens import Scope
from bot.core.ids import ApiTokenId
from bot.services.audit import MACHINE

if TYPE_CHECKING:
    from bot.app.program import Program
    from bot.core.api_tokens import ApiToken
    from bot.core.officers import Officer


@click.group("token", cls=Noun)
def token() -> None:
    """Other software that acts for an officer."""


@token.command("add")
@click.option("--officer", "login", required=True, help="The login of whom it acts for.")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="May be given several times.",
)
@click.option("--days", default=365, show_default=True, help="How long it works; 730 at most.")
def add(*, login: str, name: str, scopes: tuple[str, ...], days: int) -> Reply:
    """Make a token; it is shown this once."""

    async def done(program: "Program") -> Reply:
        from bot.app.api import made_api_tokens  # noqa: PLC0415 - so that --help stays quick
        from bot.services.api.tokens import NewToken  # noqa: PLC0415 - same

        officer = await officer_of(program, login)
        made = await made_api_tokens(program).make(
            officer,
            NewToken(name=name, scopes=frozenset(Scope(one) for one in scopes), days=days),
            by=MACHINE,
        )
        return Reply(
            document={**_document(made.token, officer), "token": made.text},
            lines=[made.text],
            details=[
                "Keep it now: it is not shown again. Send it as Authorization: Bearer TOKEN."
            ],
        )

    return with_program(done)


@token.command("list")
def list_() -> Reply:
    """List the tokens with whose they are; those that are over stand last."""

    async def done(program: "Program") -> Reply:
        from bot.app.api import made_api_tokens  # noqa: PLC0415 - so that --help stays quick

        listed = await made_api_tokens(program).seen_by(None)
        found = [{**_document(one.token, one.officer), "is_alive": one.is_alive} for one in listed]
        rows = [
            (
                one.token.id,
                one.officer.login,
                one.token.name,
                ",".join(sorted(one.token.scopes)),
                f"until {one.token.expires_on}" if one.is_alive else "over",
                f"used {one.token.used_on}" if one.token.used_on else "never used",
            )
            for one in listed
        ]
        return Reply(document={"tokens": found}, lines=table(rows, empty="There are no tokens."))

    return with_program(done)


@token.command("revoke")
@click.argument("id_", metavar="ID")
def revoke(id_: str) -> Reply:
    """End a token at once."""

    async def done(program: "Program") -> Reply:
        from bot.app.api import made_api_tokens  # noqa: PLC0415 - so that --help stays quick

        await made_api_tokens(program).revoke(ApiTokenId(id_), by=None)
        return Reply(document={"id": id_, "is_revoked": True}, lines=[f"{id_} is revoked."])

    return with_program(done)


def _document(one: "ApiToken", officer: "Officer") -> dict[str, object]:
    return {
        "id": one.id,
        "officer": officer.login,
        "name": one.name,
        "scopes": sorted(one.scopes),
        "added_at": one.added_at,
        "expires_on": one.expires_on.isoformat(),
        "used_on": one.used_on.isoformat() if one.used_on else None,
        "revoked_at": one.revoked_at,
    }
