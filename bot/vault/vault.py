"""Everything of this room, opened over one folder of keys."""

import os
from dataclasses import dataclass
from pathlib import Path

from bot.core.sealing import TipSeals
from bot.core.time import Clock
from bot.vault.errors import KeyUnusable
from bot.vault.lasting import LastingSeal
from bot.vault.moving_mac import MovingMac
from bot.vault.officers import OfficerKeys, Passwords
from bot.vault.passing import PassingSeal
from bot.vault.receipts import Receipts, pepper_in
from bot.vault.setup import SetupKey
from bot.vault.slow import CHEAP_COST, PASSWORD_COST, RECEIPT_COST, SlowWork
from bot.vault.talks import TalkBox
from bot.vault.tips import TipBox
from bot.vault.weeks import WeekBox, WeekKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """What the composition root hands out, each to those who need it. Close it at the end."""

    passing: PassingSeal
    # Days of their own: what somebody wrote to officers waits for them longer than a day.
    handovers: PassingSeal
    lasting: LastingSeal
    tips: TipBox
    talks: TalkBox
    posts: WeekBox
    # None in a process that only serves officers: it never learns where an answer goes.
    route_keys: WeekKeys | None
    officers: OfficerKeys
    passwords: Passwords
    receipts: Receipts
    setup: SetupKey
    audit: MovingMac
    slow: SlowWork

    @property
    def seals(self) -> TipSeals:
        """Return what both sides of tips seal with."""
        return TipSeals(tips=self.tips, talks=self.talks, receipts=self.receipts)

    @property
    def weeks(self) -> WeekKeys:
        """Return the keys of reply routes. Raises `KeyUnusable` where nobody may know them."""
        if self.route_keys is None:
            raise KeyUnusable("a process that serves officers does not open reply routes")
        return self.route_keys

    def close(self) -> None:
        """End the threads of slow work. Call it when nothing waits for them."""
        self.slow.close()


def open_vault(
    keys_folder: Path, *, clock: Clock, cheap: bool = False, with_routes: bool = True
) -> Vault:
    """Open the keys in `keys_folder`, making those that are not there yet.

    Not `with_routes`, the keys of reply routes are left alone. `cheap` takes all slowness out of
    passwords and receipts: for tests only.
    Raises `KeyFileUnusable`.
    """
    lasting = LastingSeal(keys_folder / "lasting.key")
    pepper = pepper_in(keys_folder / "receipt-pepper.key")
    passing = PassingSeal(keys_folder / "passing", clock=clock)
    slow = SlowWork(workers=os.cpu_count() or 1)
    password_cost, receipt_cost = (
        (CHEAP_COST, CHEAP_COST) if cheap else (PASSWORD_COST, RECEIPT_COST)
    )
    return Vault(
        passing=passing,
        handovers=PassingSeal(keys_folder / "handovers", clock=clock),
        lasting=lasting,
        tips=TipBox(),
        talks=TalkBox(),
        posts=WeekBox(),
        route_keys=WeekKeys(keys_folder / "routes", clock=clock) if with_routes else None,
        officers=OfficerKeys(slow=slow, cost=password_cost),
        passwords=Passwords(slow=slow, cost=password_cost),
        receipts=Receipts(pepper, slow=slow, cost=receipt_cost),
        setup=SetupKey(keys_folder / "setup"),
        audit=MovingMac(keys_folder / "audit"),
        slow=slow,
    )
