"""binhyen channel add zalo: with a pair pasted by hand, or by a grant that comes back here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import click

from bot.cli.accounts import Asked, connected, findings_of, line_of, shown
from bot.cli.nouns import Verb
from bot.cli.opening import with_program
from bot.cli.parameters import BareAddress, PlatformId, Secret
from bot.cli.reply import Refused, Reply
from bot.core.channels import ChannelKind
from bot.core.languages import Language
from bot.services.audit import MACHINE
from bot.services.channels.grants import (
    FIXED,
    IN_REDIRECT,
    OA_ID,
    PKCE,
    STATE_IN,
    Application,
    Fault,
    Progress,
)

if TYPE_CHECKING:
    from bot.app.program import Program

_LOOK_EVERY_S: Final = 1.0
_PAIR: Final = ("access_token", "refresh_token")
_OLDEST_MINUTES: Final = 7 * 24 * 60
_FASTEST: Final = 60_000


@click.command("zalo", cls=Verb)
@click.option("--unit", "code", required=True, help="The code of the unit it belongs to.")
@click.option("--app-id", required=True, type=PlatformId())
@click.option("--app-secret", required=True, type=Secret())
@click.option("--oa-id", type=PlatformId(), help="Needed with a pair; else any account may agree.")
@click.option("--oa-secret", required=True, type=Secret(), help="Signs the webhooks.")
@click.option("--access-token", type=Secret(), help="Without a pair a link to agree is printed.")
@click.option("--refresh-token", type=Secret())
@click.option("--name", default="", help="What officers call it; Zalo's name if left out.")
@click.option(
    "--signed-with",
    type=click.Choice(["oa_secret", "app_secret"]),
    help="Which secret signs the webhooks; oa_secret if never said.",
)
@click.option(
    "--per-minute", type=click.IntRange(1, _FASTEST), help="Requests its tier allows in a minute."
)
@click.option(
    "--step-back-min",
    type=click.IntRange(0, _OLDEST_MINUTES),
    help="Minutes the bot is silent after a person wrote in the account's own tool; 60.",
)
@click.option("--fixed-pkce", is_flag=True, help="The same proof for every grant.")
@click.option("--state-in-redirect", is_flag=True, help="If Zalo does not bring `state` back.")
@click.option("--api-url", type=BareAddress(), help="In place of the platform's.")
@click.option("--oauth-url", type=BareAddress(), help="In place of the platform's.")
def add_zalo(*, code: str, name: str, **typed: Any) -> Reply:  # noqa: ANN401 - one per option
    """Connect a Zalo Official Account. Several accounts may share one app.

    Without a pair it prints a link, waits ten minutes for somebody to agree there, and needs
    the program to be running, because that is where Zalo sends them back to.
    """
    asked = _asked(name, typed)

    async def done(program: "Program") -> Reply:
        if asked.has_pair:
            return await _checked(program, code, asked)
        return await _granted(program, code, asked)

    return with_program(done)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What was typed; `settings` without what was left out."""

    name: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def has_pair(self) -> bool:
        return _PAIR[0] in self.secrets


def _asked(name: str, typed: Mapping[str, Any]) -> _Typed:
    """Return what was typed. Raise `click.UsageError` for half a pair or a pair of nobody."""
    given = [bool(typed[one]) for one in _PAIR]
    if any(given) and not all(given):
        raise click.UsageError("a pair is both: --access-token and --refresh-token")
    if all(given) and not typed["oa_id"]:
        raise click.UsageError("Missing option '--oa-id' (a pair does not say whose it is)")
    plain = ("app_id", "oa_id", "signed_with", "per_minute", "step_back_min")
    settings = {key: typed[key] for key in (*plain, "api_url", "oauth_url")}
    settings[PKCE] = FIXED if typed["fixed_pkce"] else None
    settings[STATE_IN] = IN_REDIRECT if typed["state_in_redirect"] else None
    secrets = {key: typed[key] for key in ("app_secret", "oa_secret", *_PAIR)}
    return _Typed(
        name=name,
        settings={key: str(value) for key, value in settings.items() if value is not None},
        secrets={key: value for key, value in secrets.items() if value},
    )


async def _checked(program: "Program", code: str, typed: _Typed) -> Reply:
    """Keep a pasted pair, and try it: the first look renews it, which proves it."""
    asked = Asked(
        kind=ChannelKind.ZALO,
        same_by=OA_ID,
        name=typed.name or typed.settings[OA_ID],
        settings=typed.settings,
        secrets=typed.secrets,
    )
    account, is_known = await connected(program, code, asked)
    reply = await shown(program, account, is_known=is_known)
    # Whatever comes of it, the account is added: Zalo may be out of reach just now.
    findings = await findings_of(program, account)
    return replace(
        reply,
        document={**reply.document, "can_send": all(one.is_well for one in findings)},
        lines=[*reply.lines, *(line_of(one) for one in findings)],
    )


async def _granted(program: "Program", code: str, typed: _Typed) -> Reply:
    """Print where to agree, and wait until the running program has been called back."""
    unit = await program.units.by_code(code)
    known = {account.id for account in await program.channels.accounts()}
    begun = await program.connecting.begin(
        Application(
            unit_id=unit.id,
            settings=typed.settings,
            secrets=typed.secrets,
            name=typed.name,
            oa_id=typed.settings.get(OA_ID, ""),
        ),
        by=MACHINE,
    )
    # Standard output is for the one document.
    click.echo("Open this link as an administrator of the account, and agree:", err=True)
    click.echo(begun.link, err=True)
    click.echo("Waiting for ten minutes. The program must be running (binhyen serve).", err=True)
    while True:
        grant = await program.connecting.find(begun.id)
        if grant.progress is Progress.CONNECTED:
            break
        if grant.progress is Progress.FAILED:
            fault = grant.fault or Fault.UNKNOWN
            raise Refused(program.connecting.words(fault, grant.code, Language.EN))
        await program.clock.sleep(_LOOK_EVERY_S)
    accounts = await program.channels.accounts()
    account = next(one for one in accounts if one.id == grant.channel_id)
    return await shown(program, account, is_known=account.id in known)
