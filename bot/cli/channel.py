"""binhyen channel: accounts on Zalo and Telegram."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.parameters import BareAddress, PlatformId, Secret
from bot.cli.reply import Reply, table
from bot.core.channels import ChannelAccount, ChannelKind, Finding
from bot.core.errors import RuleBroken
from bot.core.ids import ChannelId, UnitId
from bot.core.units import Unit
from bot.services.audit import MACHINE

if TYPE_CHECKING:
    from bot.app.program import Program

CHECK_LIMIT_S: Final = 20.0
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


@add.command("zalo")
@click.option("--unit", "code", required=True, help="The code of the unit it belongs to.")
@click.option("--app-id", required=True, type=PlatformId())
@click.option("--app-secret", required=True, type=Secret())
@click.option("--oa-id", required=True, type=PlatformId())
@click.option("--oa-secret", required=True, type=Secret(), help="Signs the webhooks.")
@click.option("--access-token", required=True, type=Secret())
@click.option("--refresh-token", required=True, type=Secret())
@click.option("--name", default="", help="What officers call it; the account id if left out.")
@click.option("--api-url", type=BareAddress(), help="In place of the platform's.")
@click.option("--oauth-url", type=BareAddress(), help="In place of the platform's.")
def add_zalo(
    *,
    code: str,
    app_id: str,
    app_secret: str,
    oa_id: str,
    oa_secret: str,
    access_token: str,
    refresh_token: str,
    name: str,
    api_url: str | None,
    oauth_url: str | None,
) -> Reply:
    """Connect a Zalo Official Account. Several accounts may share one app."""
    settings = {
        "app_id": app_id,
        "oa_id": oa_id,
        "api_url": api_url or "",
        "oauth_url": oauth_url or "",
    }
    secrets = {
        "app_secret": app_secret,
        "oa_secret": oa_secret,
        "access_token": access_token,
        "refresh_token": refresh_token,
    }

    async def done(program: "Program") -> Reply:
        asked = _Asked(
            kind=ChannelKind.ZALO,
            same_by="oa_id",
            name=name or oa_id,
            settings=settings,
            secrets=secrets,
        )
        return await _connected(program, code, asked)

    return with_program(done)


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
        asked = _Asked(
            kind=ChannelKind.TELEGRAM,
            same_by="bot_id",
            name=name or bot_id,
            settings=settings,
            secrets={"token": token, "secret_token": secret},
        )
        reply = await _connected(program, code, asked)
        needs_https = mode == "webhook" and not api_url
        if needs_https and not program.config.public_url.startswith("https://"):
            hint = "Telegram posts to https addresses only: set BINHYEN_PUBLIC_URL to one"
            return Reply(
                document={**reply.document, "note": hint}, lines=reply.lines, details=[hint]
            )
        return reply

    return with_program(done)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """An account to connect. `same_by` is the setting by which a known one is found."""

    kind: ChannelKind
    same_by: str
    name: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


async def _connected(program: "Program", code: str, asked: _Asked) -> Reply:
    """Add the account, or give it new secrets if it is known: people belong to its id."""
    unit = await program.units.by_code(code)
    settings = {key: value for key, value in asked.settings.items() if value}
    known = [
        one
        for one in await program.channels.accounts()
        if one.kind is asked.kind and one.settings.get(asked.same_by) == settings[asked.same_by]
    ]
    if known:
        account = await program.channels.reconnect(
            known[0].id, settings=settings, credentials=asked.secrets, by=MACHINE
        )
    else:
        account = await program.channels.add(
            kind=asked.kind,
            unit_id=unit.id,
            name=asked.name,
            settings=settings,
            credentials=asked.secrets,
            by=MACHINE,
        )
    document = {
        **await _document(program, account, _codes(await program.units.all())),
        "is_reconnected": bool(known),
    }
    lines = [f"{account.id}: {asked.kind.value} {account.name}"]
    if known:
        lines.append("It was known; a running program uses the new secrets within seconds.")
    if document["webhook_url"]:
        lines.append(f"Webhook address to enter at the platform: {document['webhook_url']}")
    return Reply(document=document, lines=lines)


def _codes(units: Sequence[Unit]) -> dict[UnitId, str]:
    return {unit.id: unit.code for unit in units}


async def _document(
    program: "Program", account: ChannelAccount, codes: Mapping[UnitId, str]
) -> dict[str, object]:
    path = await program.channels.webhook_path(account)
    return {
        "id": account.id,
        "kind": account.kind.value,
        "webhook_path": path,
        "webhook_url": f"{program.config.public_url}{path}" if path else None,
        "name": account.name,
        "unit": codes.get(account.unit_id),
        "state": account.state.value,
        "trouble": account.trouble,
        "settings": dict(account.settings),
    }


@channel.command("list")
def list_() -> Reply:
    """List the accounts in use."""

    async def done(program: "Program") -> Reply:
        codes = _codes(await program.units.all())
        found = [
            await _document(program, account, codes)
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
        account = await _account(program, id_)
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


def line_of(finding: Finding, name: str = "") -> str:
    """Return a finding as a line: well or not, what, and the fix."""
    mark = "ok  " if finding.is_well else "FAIL"
    return f"{mark}  {name}{finding.what} {finding.fix}".rstrip()


async def _account(program: "Program", channel_id: str) -> ChannelAccount:
    for account in await program.channels.accounts():
        if account.id == channel_id:
            return account
    raise RuleBroken("channel_unknown", channel=channel_id)


async def findings_of(program: "Program", account: ChannelAccount) -> list[Finding]:
    """Return what a check of the platform found; silence is a finding too."""
    try:
        async with asyncio.timeout(CHECK_LIMIT_S):
            return list(await program.channels.check(account.id))
    except TimeoutError:
        what = f"The platform has not answered for {CHECK_LIMIT_S:.0f} seconds."
        return [Finding(is_well=False, what=what, fix="Check the network, then try again.")]


@channel.command("remove")
@click.argument("id_", metavar="ID")
def remove(id_: str) -> Reply:
    """Take an account out of use and forget its secrets."""

    async def done(program: "Program") -> Reply:
        account = await _account(program, id_)
        await program.channels.remove(ChannelId(account.id), by=MACHINE)
        return Reply(document={"id": account.id, "is_removed": True}, lines=[f"{id_} is removed."])

    return with_program(done)
