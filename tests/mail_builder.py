"""Notices by e-mail over a test's own parts, as the program joins them."""

from bot.core.mails import Mailer
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.envelopes import Envelopes
from bot.services.mail_addresses import MailAddresses
from bot.services.mailing import WORDS, Mailing
from bot.vault.vault import Vault
from content.book import Book

CONSOLE_URL = "http://binhyen.test/console"


def mailing_of(
    storage: Storage,
    *,
    book: Book,
    envelopes: Envelopes,
    clock: Clock,
    chance: Chance,
    mailer: Mailer | None = None,
) -> Mailing:
    return Mailing(
        storage=storage,
        envelopes=envelopes,
        mailer=mailer,
        voice=book.voice("notices", *WORDS),
        clock=clock,
        chance=chance,
        console_url=CONSOLE_URL,
    )


def addresses_of(
    storage: Storage,
    vault: Vault,
    *,
    mailing: Mailing,
    audit: Audit,
    envelopes: Envelopes,
    clock: Clock,
    chance: Chance,
) -> MailAddresses:
    return MailAddresses(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        mailing=mailing,
        pseudonyms=vault.lasting,
        clock=clock,
        chance=chance,
    )
