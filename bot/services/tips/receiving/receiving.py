"""The receiving side, joined: what a process that talks with residents is given of tips."""

from dataclasses import dataclass

from bot.core.sealing import Pseudonyms, TipSeals, WeekSealing
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.envelopes import Envelopes
from bot.services.tips.receiving.fresh import FreshTips
from bot.services.tips.receiving.intake import Intake
from bot.services.tips.receiving.limits import TipLimits
from bot.services.tips.receiving.ready_receipts import ReadyReceipts
from bot.services.tips.receiving.routes import ReplyRoutes
from bot.services.tips.receiving.sealed_intake import SealedIntake
from bot.services.tips.receiving.talks import ResidentTalks
from bot.services.tips.receiving.tasks import PageTasks
from bot.services.tips.records import KnownReaders, Records
from bot.services.tips.talk import Talk
from content.sentences import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    """Use cases of senders."""

    intake: Intake
    sealed: SealedIntake
    talks: ResidentTalks
    routes: ReplyRoutes
    limits: TipLimits
    tasks: PageTasks
    ready: ReadyReceipts


def made_receiving(
    *,
    storage: Storage,
    seals: TipSeals,
    weeks: WeekSealing,
    envelopes: Envelopes,
    pseudonyms: Pseudonyms,
    voice: Voice,
    clock: Clock,
    chance: Chance,
    delay_max_s: int,
    route_days: int,
) -> Receiving:
    """Join the receiving side. `voice` says the sentences of section `tips`."""
    records = Records(seals.tips)
    limits = TipLimits(clock=clock, chance=chance)
    talk = Talk(records, seals.talks)
    routes = ReplyRoutes(
        storage=storage,
        weeks=weeks,
        talk=talk,
        envelopes=envelopes,
        voice=voice,
        clock=clock,
        chance=chance,
        days=route_days,
    )
    readers = KnownReaders(storage)
    ready = ReadyReceipts(receipts=seals.receipts, talks=seals.talks, clock=clock)
    fresh = FreshTips(
        seals=seals,
        ready=ready,
        limits=limits,
        clock=clock,
        chance=chance,
        delay_max_s=delay_max_s,
    )
    return Receiving(
        intake=Intake(
            readers=readers,
            records=records,
            seals=seals,
            fresh=fresh,
            routes=routes,
            clock=clock,
            chance=chance,
        ),
        sealed=SealedIntake(readers=readers, seals=seals, fresh=fresh, clock=clock),
        talks=ResidentTalks(
            storage=storage,
            talk=talk,
            sealing=seals.talks,
            receipts=seals.receipts,
            clock=clock,
        ),
        routes=routes,
        limits=limits,
        tasks=PageTasks(limits=limits, pseudonyms=pseudonyms, clock=clock, chance=chance),
        ready=ready,
    )
