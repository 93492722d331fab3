"""Both sides of tips over a test's own parts, as the program joins them."""

from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.envelopes import Envelopes
from bot.services.tips.reading.reading import Reading, made_reading
from bot.services.tips.receiving.receiving import Receiving, made_receiving
from bot.vault.vault import Vault
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
    )
