"""The reading side, joined: what a process that serves officers is given of tips."""

from dataclasses import dataclass
from datetime import tzinfo

from bot.core.papers import PaperPress
from bot.core.pictures import PictureCleaning
from bot.core.sealing import ExportSealing, TipSeals, WeekClosing
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.tips.reading.access import Access, Handling
from bot.services.tips.reading.answering import OfficerTalks
from bot.services.tips.reading.claiming import Claims
from bot.services.tips.reading.desk import Desk
from bot.services.tips.reading.exporting import Exporting
from bot.services.tips.reading.holding import Holding
from bot.services.tips.reading.merging import Merging
from bot.services.tips.reading.queue import Queue
from bot.services.tips.reading.redacting import Redacting
from bot.services.tips.reading.rewrapping import Rewrapping
from bot.services.tips.reading.searching import Searching
from bot.services.tips.reading.statistics import TipStatistics
from bot.services.tips.reading.transferring import Transfers
from bot.services.tips.reading.viewing import Viewer
from bot.services.tips.records import Records
from bot.services.tips.talk import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Use cases of officers."""

    queue: Queue
    desk: Desk
    talks: OfficerTalks
    rewrapping: Rewrapping
    claims: Claims
    merging: Merging
    holding: Holding
    transfers: Transfers
    redacting: Redacting
    searching: Searching
    viewer: Viewer
    exporting: Exporting
    statistics: TipStatistics


def made_reading(
    *,
    storage: Storage,
    seals: TipSeals,
    weeks: WeekClosing,
    audit: Audit,
    clock: Clock,
    chance: Chance,
    delay_max_s: int,
    cleaning: PictureCleaning,
    exports: ExportSealing,
    press: PaperPress,
    zone: tzinfo,
) -> Reading:
    """Join the reading side. Of the week's keys it needs the public half alone."""
    records = Records(seals.tips)
    access = Access(seals.tips)
    talk = Talk(records, seals.talks)
    handling = Handling(storage=storage, access=access, records=records, audit=audit, clock=clock)
    desk = Desk(handling=handling, records=records, talk=talk)
    return Reading(
        queue=Queue(storage=storage, audit=audit, clock=clock),
        desk=desk,
        claims=Claims(handling),
        holding=Holding(handling),
        merging=Merging(handling=handling, access=access),
        transfers=Transfers(handling=handling, sealing=seals.tips),
        redacting=Redacting(handling=handling, records=records),
        searching=Searching(handling=handling, desk=desk),
        viewer=Viewer(desk=desk, cleaning=cleaning),
        exporting=Exporting(
            handling=handling,
            desk=desk,
            sealing=exports,
            cleaning=cleaning,
            press=press,
            zone=zone,
        ),
        talks=OfficerTalks(
            storage=storage,
            access=access,
            records=records,
            talk=talk,
            weeks=weeks,
            audit=audit,
            clock=clock,
            chance=chance,
            delay_max_s=delay_max_s,
        ),
        rewrapping=Rewrapping(seals.tips),
        statistics=TipStatistics(storage=storage, audit=audit),
    )
