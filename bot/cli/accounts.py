"""What the commands about accounts share: connecting one, showing one, checking one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.cli.reply import Reply
from bot.core.channels import ChannelAccount, ChannelKind, Finding
from bot.core.errors import RuleBroken
from bot.core.ids import UnitId
from bot.core.units import Unit
from bot.services.audit import MACHINE
from bot.services.channels.channels import merged

if TYPE_CHECKING:
    from bot.app.program import Program

CHECK_LIMIT_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An account to connect. `same_by` is the setting by which a known one is found."""

    kind: ChannelKind
    same_by: str
    name: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


async def connected(program: "Program", code: str, asked: Asked) -> tuple[ChannelAccount, bool]:
    """Add the account, or give it new secrets if it is known: people belong to its id.

    Return it, and whether it was known. What is set of a known one and not said stays.
    """
    unit = await program.units.by_code(code)
    settings = {key: value for key, value in asked.settings.items() if value}
    for one in await program.channels.accounts():
        if one.kind is asked.kind and one.settings.get(asked.same_by) == settings[asked.same_by]:
            account = await program.channels.reconnect(
                one.id, settings=merged(one, settings), credentials=asked.secrets, by=MACHINE
            )
            return account, True
    account = await program.channels.add(
        kind=asked.kind,
        unit_id=unit.id,
        name=asked.name,
        settings=settings,
        credentials=asked.secrets,
        by=MACHINE,
    )
    return account, False


async def shown(program: "Program", account: ChannelAccount, *, is_known: bool) -> Reply:
    """Return what is told of an account just connected."""
    document = {
        **await document_of(program, account, codes_of(await program.units.all())),
        "is_reconnected": is_known,
    }
    lines = [f"{account.id}: {account.kind.value} {account.name}"]
    if is_known:
        lines.append("It was known; a running program uses the new secrets within seconds.")
    if document["webhook_url"]:
        lines.append(f"Webhook address to enter at the platform: {document['webhook_url']}")
    return Reply(document=document, lines=lines)


def codes_of(units: Sequence[Unit]) -> dict[UnitId, str]:
    """Return the units' codes by their ids."""
    return {unit.id: unit.code for unit in units}


async def document_of(
    program: "Program", account: ChannelAccount, codes: Mapping[UnitId, str]
) -> dict[str, object]:
    """Return an account as JSON shows it."""
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


def line_of(finding: Finding, name: str = "") -> str:
    """Return a finding as a line: well or not, what, and the fix."""
    mark = "ok  " if finding.is_well else "FAIL"
    return f"{mark}  {name}{finding.what} {finding.fix}".rstrip()


async def account_of(program: "Program", channel_id: str) -> ChannelAccount:
    """Return an account in use. Raise `RuleBroken`."""
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
