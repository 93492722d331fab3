"""binhyen channel: accounts on Zalo and Telegram."""

import re
from typing import TYPE_CHECKING, Final

import click

from bot.cli.accounts import (
    Asked,
    account_of,
    codes_of,
    connected,
    document_of,
    findings_of,
    line_of,
    shown,
)
from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.parameters import BareAddress, Dong, Secret
from bot.cli.reply import Reply, table
from bot.cli.zalo import add_zalo
from bot.core.channels import ChannelKind
from bot.core.ids import ChannelId
from bot.services.audit import MACHINE

if TYPE_CHECKING:
    from bot.app.program import Program

_BOT_TOKEN: Final = re.compile(r"\d{1,20}:\S{3,200}")
_SECRET_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NEW_SECRET_BYTES: Final = 32


@click.group("channel", cls=Noun)
def channel() -> None:
    """Accounts on Zalo and Telegram."""


@channel.group("add", cls=Noun)
def add() -> None:
    """Connect an account, or connect it again with new secrets.

    Secrets may be given as they are, as @FILE, or as - (standard input; one of them).
    """


add.add_command(add_zalo)


@add.command("telegram")
@click.option("--unit", "code", required=True, help="The code of the unit it belongs to.")
@click.option("--token", required=True, type=Secret(), help="From @BotFather.")
@click.option("--name", default="", help="What officers call it; the bot's number if left out.")
@click.option("--api-url", type=BareAddress(), help="An own Bot API server.")
@click.option(
    "--mode",
    type=click.Choice(["polling", "webhook"]),
    default="polling",
    show_default=True,
    help="How messages come in; polling needs no public address.",
)
@click.option("--secret-token", default=None, type=Secret(), help="Made up if left out.")
def add_telegram(
    *, code: str, token: str, name: str, api_url: str | None, mode: str, secret_token: str | None
) -> Reply:
    """Connect a Telegram bot."""
    if not _BOT_TOKEN.fullmatch(token):
        raise click.UsageError(
            "Invalid value for '--token': no bot token (digits, colon, letters)"
        )
    if secret_token is not None and not _SECRET_TOKEN.fullmatch(secret_token):
        raise click.UsageError(
            "Invalid value for '--secret-token': 1 to 256 of the signs A-Z a-z 0-9 _ -"
        )
    bot_id = token.partition(":")[0]
    settings = {"bot_id": bot_id, "mode": mode, "api_url": api_url or ""}

    async def done(program: "Program") -> Reply:
        secret = secret_token or program.chance.token(_NEW_SECRET_BYTES).hex()
        asked = Asked(
            kind=ChannelKind.TELEGRAM,
            same_by="bot_id",
            name=name or bot_id,
            settings=settings,
            secrets={"token": token, "secret_token": secret},
        )
        account, is_known = await connected(program, code, asked)
        reply = await shown(program, account, is_known=is_known)
        needs_https = mode == "webhook" and not api_url
        if needs_https and not program.config.public_url.startswith("https://"):
            hint = "Telegram posts to https addresses only: set BINHYEN_PUBLIC_URL to one"
            return Reply(
                document={**reply.document, "note": hint}, lines=reply.lines, details=[hint]
            )
        return reply

    return with_program(done)


@channel.command("list")
def list_() -> Reply:
    """List the accounts in use."""

    async def done(program: "Program") -> Reply:
        codes = codes_of(await program.units.all())
        found = [
            await document_of(program, account, codes)
            for account in await program.channels.accounts()
        ]
        rows = [
            (one["id"], one["kind"], one["name"], one["unit"], one["state"], one["trouble"])
            for one in found
        ]
        lines = table(rows, empty="There are no channels yet; the chat page comes with serve.")
        return Reply(document={"channels": found}, lines=lines)

    return with_program(done)


@channel.command("check")
@click.argument("id_", metavar="ID")
def check(id_: str) -> Reply:
    """Call the platform and say what is wrong; exit status 1 if the channel cannot send."""

    async def done(program: "Program") -> Reply:
        account = await account_of(program, id_)
        findings = await findings_of(program, account)
        document = {
            "id": account.id,
            "kind": account.kind.value,
            "can_send": all(one.is_well for one in findings),
            "findings": [
                {"is_well": one.is_well, "what": one.what, "fix": one.fix} for one in findings
            ],
        }
        lines = [line_of(one) for one in findings]
        wrong = [f"{one.what} {one.fix}".strip() for one in findings if not one.is_well]
        return Reply(document=document, lines=lines, complaint=" ".join(wrong))

    return with_program(done)


@channel.command("price")
@click.argument("id_", metavar="ID")
@click.argument("dong", metavar="DONG", type=Dong())
def price(*, id_: str, dong: int) -> Reply:
    """Enter what a paid message costs there, in VND; `none` takes the price away."""

    async def done(program: "Program") -> Reply:
        account = await account_of(program, id_)
        entered = None if dong == Dong.NONE else dong
        await program.channels.prices.enter(account.id, entered, by=MACHINE)
        told = "is not known any more" if entered is None else f"is {entered} VND"
        return Reply(
            document={"id": account.id, "price_dong": entered},
            lines=[f"The price of a paid message of {id_} {told}."],
        )

    return with_program(done)


@channel.command("remove")
@click.argument("id_", metavar="ID")
def remove(id_: str) -> Reply:
    """Take an account out of use and forget its secrets."""

    async def done(program: "Program") -> Reply:
        account = await account_of(program, id_)
        await program.channels.remove(ChannelId(account.id), by=MACHINE)
        return Reply(document={"id": account.id, "is_removed": True}, lines=[f"{id_} is removed."])

    return with_program(done)
