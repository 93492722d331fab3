"""Announcements as the composition root wires them, over whatever storage a test has."""

from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.announcements.amendments import Amendments
from bot.services.announcements.announcements import PIECE, Announcements
from bot.services.announcements.approvals import Approvals
from bot.services.announcements.audience import Offers
from bot.services.announcements.letters import WORDS, Letters
from bot.services.announcements.published import Published
from bot.services.announcements.reach import Reaches
from bot.services.announcements.reading import WORDS as READING_WORDS
from bot.services.announcements.reading import ReadingCheck
from bot.services.announcements.texts import Texts
from bot.services.audit import Audit
from bot.services.bells import Bell
from bot.services.notices import Notices
from bot.services.people.interests import Interests
from content.book import Book


def made_announcements(
    book: Book,
    *,
    storage: Storage,
    audit: Audit,
    notices: Notices,
    clock: Clock,
    chance: Chance,
    offers: Offers,
    piece: int = PIECE,
) -> Announcements:
    texts = Texts(book.places)
    voice = book.voice("announcement", *WORDS)
    return Announcements(
        storage=storage,
        audit=audit,
        letters=Letters(storage=storage, voice=voice, texts=texts, clock=clock),
        texts=texts,
        reading=ReadingCheck(
            texts=texts,
            notices=notices,
            audit=audit,
            voice=book.voice("refusals", *READING_WORDS),
        ),
        interests=Interests(storage=storage, offered=book.interests),
        clock=clock,
        chance=chance,
        bell=Bell(),
        offers=offers,
        piece=piece,
    )


def made_approvals(
    announcements: Announcements,
    *,
    storage: Storage,
    audit: Audit,
    notices: Notices,
    clock: Clock,
    offers: Offers,
    above: int = 5,
) -> Approvals:
    return Approvals(
        announcements=announcements,
        reaches=Reaches(storage=storage, offers=offers, clock=clock),
        storage=storage,
        audit=audit,
        notices=notices,
        clock=clock,
        above=above,
    )


def made_amendments(
    book: Book,
    announcements: Announcements,
    approvals: Approvals,
    *,
    storage: Storage,
    audit: Audit,
    clock: Clock,
    chance: Chance,
) -> Amendments:
    return Amendments(
        announcements=announcements,
        approvals=approvals,
        storage=storage,
        texts=Texts(book.places),
        audit=audit,
        clock=clock,
        chance=chance,
    )


def made_published(book: Book, storage: Storage) -> Published:
    return Published(storage=storage, texts=Texts(book.places))
