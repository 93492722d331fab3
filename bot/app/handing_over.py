"""Reaching a person, joined over the program's parts: being called back, being answered here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.envelopes import Envelopes
from bot.services.handovers.asking import HandoverAsking
from bot.services.handovers.bringing import CLOSING, HandoverBringing
from bot.services.handovers.bringing import WORDS as BRINGING_WORDS
from bot.services.handovers.desk import HandoverDesk, Offers
from bot.services.handovers.seals import HandoverSeals
from bot.services.notices import Notices
from bot.services.people.call_backs import WORDS as CALL_BACK_WORDS
from bot.services.people.call_backs import CallBacks
from bot.vault.vault import Vault
from content.book import Book

if TYPE_CHECKING:
    from bot.app.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverServices:
    """The use cases about conversations handed over, by who acts."""

    asking: HandoverAsking
    bringing: HandoverBringing
    desk: HandoverDesk


def made_handovers(
    *,
    storage: Storage,
    vault: Vault,
    envelopes: Envelopes,
    notices: Notices,
    audit: Audit,
    offers: Offers,
    book: Book,
    clock: Clock,
    chance: Chance,
) -> HandoverServices:
    """Return them joined."""
    seals = HandoverSeals(seal=vault.handovers, pseudonyms=vault.lasting)
    return HandoverServices(
        asking=HandoverAsking(
            storage=storage,
            seals=seals,
            envelopes=envelopes,
            notices=notices,
            clock=clock,
            chance=chance,
        ),
        bringing=HandoverBringing(
            storage=storage,
            seals=seals,
            envelopes=envelopes,
            notices=notices,
            audit=audit,
            say=book.voice("handover", *BRINGING_WORDS),
            clock=clock,
        ),
        desk=HandoverDesk(
            storage=storage,
            seals=seals,
            audit=audit,
            say=book.voice("handover", *CLOSING.values()),
            offers=offers,
            clock=clock,
        ),
    )


def handovers_of(program: "Program") -> HandoverServices:
    """Return the program's own."""
    return made_handovers(
        storage=program.storage,
        vault=program.vault,
        envelopes=program.envelopes,
        notices=program.notices,
        audit=program.audit,
        offers=program.channels.offers,
        book=program.book,
        clock=program.clock,
        chance=program.chance,
    )


def made_call_backs(program: "Program") -> CallBacks:
    """Return who left a number to be called back."""
    return CallBacks(
        storage=program.storage,
        envelopes=program.envelopes,
        audit=program.audit,
        notices=program.notices,
        say=program.book.voice("menu", *CALL_BACK_WORDS),
        clock=program.clock,
    )
