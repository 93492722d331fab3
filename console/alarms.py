"""What must be seen on every page: accounts that cannot send, or (administrators) soon cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.channels import AccountState, ChannelAccount
from bot.core.officers import Act, Officer
from bot.services.channels.credentials import OLD_AFTER
from console.services import ConsoleServices


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One account in trouble. `days` is how long it was not renewed, 0 if it is broken."""

    account: ChannelAccount
    days: int = 0


async def alarms_of(services: ConsoleServices, officer: Officer) -> Sequence[Alarm]:
    """Return the alarms about accounts of the units this officer sees.

    How long ago accounts were renewed stands among their credentials, so these are opened only
    for whoever can connect one again.
    """
    is_keeper = officer.may(Act.ADMINISTER)
    ages = await services.channels.renewals.ages() if is_keeper else {}
    found = [
        Alarm(account=account, days=0 if is_broken else age.days)
        for account in await services.channels.accounts()
        if (is_broken := account.state is AccountState.BROKEN)
        | ((age := ages.get(account.id, timedelta())) > OLD_AFTER)
    ]
    if not found:
        return ()
    units = {unit.id for unit in await services.units.seen_by(officer)}
    return [one for one in found if one.account.unit_id in units]
