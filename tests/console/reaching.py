"""For the console: people to be called back or answered, and news of accounts."""

from bot.app.handing_over import HandoverServices, made_handovers
from bot.clock import RealChance
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.audit import Audit
from bot.services.channels.account_events import WORDS as ACCOUNT_WORDS
from bot.services.channels.account_events import AccountEvents
from bot.services.channels.channels import Channels
from bot.services.envelopes import Envelopes
from bot.services.notices import Notices
from bot.services.people.call_backs import WORDS, CallBacks
from bot.vault.vault import Vault
from content.book import Book


def reaching(
    book: Book,
    *,
    storage: Storage,
    vault: Vault,
    envelopes: Envelopes,
    notices: Notices,
    channels: Channels,
    clock: Clock,
) -> tuple[HandoverServices, CallBacks]:
    """Return both over the same parts."""
    audit = Audit(storage=storage, clock=clock, key=vault.audit)
    handovers = made_handovers(
        storage=storage,
        vault=vault,
        envelopes=envelopes,
        notices=notices,
        audit=audit,
        offers=channels.offers,
        book=book,
        clock=clock,
        chance=RealChance(),
    )
    call_backs = CallBacks(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        notices=notices,
        say=book.voice("menu", *WORDS),
        clock=clock,
    )
    return handovers, call_backs


def account_events_of(
    book: Book, storage: Storage, channels: Channels, *, audit: Audit, clock: Clock
) -> AccountEvents:
    """Return what acts on news of accounts."""
    say = book.voice("channels", *ACCOUNT_WORDS)
    return AccountEvents(channels=channels, storage=storage, audit=audit, say=say, clock=clock)
