"""Both sides of tips over a test's own parts, as the program joins them."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.ids import UnitId
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.tip_queue import TipFilter, TipSight
from bot.core.tips import Tip
from bot.services.audit import Audit
from bot.services.envelopes import Envelopes
from bot.services.paper_pdf import PdfPress
from bot.services.tips.assisted import AssistedEntry, assisted_over
from bot.services.tips.reading.reading import Reading, made_reading
from bot.services.tips.receiving.receiving import Receiving, made_receiving
from bot.vault.cleaning import PictureCleaner
from bot.vault.exports import ExportBox
from bot.vault.vault import Vault
from bot.web.assets import FONTS
from content.book import Book

ROUTE_DAYS = 60


def receiving_of(
    storage: Storage,
    vault: Vault,
    *,
    book: Book,
    envelopes: Envelopes,
    clock: Clock,
    chance: Chance,
    delay_max_s: int = 0,
) -> Receiving:
    return made_receiving(
        storage=storage,
        seals=vault.seals,
        weeks=vault.weeks,
        envelopes=envelopes,
        pseudonyms=vault.lasting,
        voice=book.voice("tips"),
        clock=clock,
        chance=chance,
        delay_max_s=delay_max_s,
        route_days=ROUTE_DAYS,
    )


def reading_of(
    storage: Storage,
    vault: Vault,
    *,
    audit: Audit,
    clock: Clock,
    chance: Chance,
    delay_max_s: int = 0,
) -> Reading:
    return made_reading(
        storage=storage,
        seals=vault.seals,
        weeks=vault.posts,
        audit=audit,
        clock=clock,
        chance=chance,
        delay_max_s=delay_max_s,
        cleaning=PictureCleaner(),
        exports=ExportBox(),
        press=PdfPress(FONTS),
        zone=ZoneInfo("Asia/Ho_Chi_Minh"),
    )


async def tips_in(work: Work, unit_ids: Collection[UnitId], *, now: datetime) -> list[Tip]:
    """Return what the queue shows of these units."""
    sight = TipSight(unit_ids=frozenset(unit_ids), own=UnitId(""))
    return await work.tips.queue(sight, now=now, wanted=TipFilter())


def assisted_of(
    storage: Storage, vault: Vault, *, audit: Audit, clock: Clock, chance: Chance
) -> AssistedEntry:
    return assisted_over(
        storage=storage, seals=vault.seals, audit=audit, clock=clock, chance=chance, delay_max_s=0
    )
