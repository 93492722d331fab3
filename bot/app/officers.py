"""Everything about officers and their keys, joined over one storage and one vault."""

from dataclasses import dataclass

from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.officers.founding import FoundingTips
from bot.services.officers.keys_in_hand import KeysInHand
from bot.services.officers.officers import Officers
from bot.services.officers.own_account import OwnAccount
from bot.services.officers.own_pairs import OwnPairs
from bot.services.officers.pairs import Pairs
from bot.services.officers.recovery import Recovery
from bot.services.officers.retiring import Retiring
from bot.services.officers.setting_up import SettingUp
from bot.services.officers.sign_ins import SignIns
from bot.services.officers.staff import Staff
from bot.services.officers.tries import Tries
from bot.services.tips.reading.key_care import KeyCare
from bot.services.tips.reading.rewrapping import Rewrapping
from bot.vault.paper import Paper
from bot.vault.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerServices:
    """The use cases about officers, which share what is in memory of who is signed in."""

    officers: Officers
    staff: Staff
    setting_up: SettingUp
    sign_ins: SignIns
    own_account: OwnAccount
    recovery: Recovery
    key_care: KeyCare


def made_officer_services(
    *, storage: Storage, vault: Vault, audit: Audit, clock: Clock, chance: Chance
) -> OfficerServices:
    """Return them joined."""
    in_hand, paper = KeysInHand(), Paper()
    tries = Tries(pseudonyms=vault.lasting, chance=chance)
    retiring = Retiring(founding=vault.setup, clock=clock)
    key_care = KeyCare(storage=storage, sealing=vault.tips, audit=audit, clock=clock)
    pairs = Pairs(
        keys=vault.officers,
        passwords=vault.passwords,
        founding=FoundingTips(founding=vault.setup, rewrapping=Rewrapping(vault.tips)),
        chance=chance,
    )
    own_pairs = OwnPairs(
        storage=storage, keys=vault.officers, key_care=key_care, retiring=retiring, audit=audit
    )
    officers = Officers(storage=storage, pairs=pairs, audit=audit, clock=clock, chance=chance)
    return OfficerServices(
        officers=officers,
        staff=Staff(
            storage=storage,
            pairs=pairs,
            retiring=retiring,
            pseudonyms=vault.lasting,
            audit=audit,
            clock=clock,
        ),
        setting_up=SettingUp(
            storage=storage,
            officers=officers,
            pairs=pairs,
            founding=vault.setup,
            retiring=retiring,
            paper=paper,
            audit=audit,
            chance=chance,
        ),
        sign_ins=SignIns(
            storage=storage,
            pairs=pairs,
            own_pairs=own_pairs,
            in_hand=in_hand,
            passwords=vault.passwords,
            tries=tries,
            audit=audit,
            clock=clock,
            chance=chance,
        ),
        own_account=OwnAccount(
            storage=storage,
            pairs=pairs,
            own_pairs=own_pairs,
            in_hand=in_hand,
            passwords=vault.passwords,
            tries=tries,
            audit=audit,
            clock=clock,
        ),
        recovery=Recovery(
            storage=storage,
            keys=vault.officers,
            paper=paper,
            key_care=key_care,
            retiring=retiring,
            audit=audit,
            clock=clock,
            chance=chance,
        ),
        key_care=key_care,
    )
