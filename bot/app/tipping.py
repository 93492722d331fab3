"""Both sides of tips, joined over the program's parts. They meet nowhere but in the database."""

from typing import TYPE_CHECKING, Final

from bot.app.locking import ServeRole
from bot.core.backups import Backups
from bot.services.paper_pdf import PdfPress
from bot.services.tips.assisted import AssistedEntry, assisted_over
from bot.services.tips.forgetting import TipForgetting
from bot.services.tips.reading.reading import Reading, made_reading
from bot.services.tips.receiving.receiving import Receiving, made_receiving
from bot.services.tips.reminding import TipReminders
from bot.vault.exports import ExportBox
from bot.web.assets import FONTS

if TYPE_CHECKING:
    from bot.app.program import Program


# A process that does one part of the work is not given the other side of tips.
_NOT_HERE: Final = {
    ServeRole.CONSOLE: frozenset({"receiving"}),
    ServeRole.GATEWAY: frozenset({"reading"}),
    ServeRole.WORKER: frozenset({"reading"}),
}


def not_here(role: str) -> frozenset[str]:
    """Return which side of tips a process of this role does without, by its name in `Program`."""
    return _NOT_HERE.get(ServeRole(role), frozenset()) if role in set(ServeRole) else frozenset()


def made_tip_receiving(program: "Program") -> Receiving:
    """Return the senders' side."""
    return made_receiving(
        storage=program.storage,
        seals=program.vault.seals,
        weeks=program.vault.weeks,
        envelopes=program.envelopes,
        pseudonyms=program.vault.lasting,
        voice=program.book.voice("tips"),
        clock=program.clock,
        chance=program.chance,
        delay_max_s=program.config.tip_delay_max_s,
        route_days=program.config.route_days,
    )


def made_tip_reading(program: "Program") -> Reading:
    """Return the officers' side. Of routes it is given only what seals to them."""
    return made_reading(
        storage=program.storage,
        seals=program.vault.seals,
        weeks=program.vault.posts,
        audit=program.audit,
        clock=program.clock,
        chance=program.chance,
        delay_max_s=program.config.tip_delay_max_s,
        cleaning=program.cleaning,
        exports=ExportBox(),
        press=PdfPress(FONTS),
        zone=program.config.timezone,
    )


def made_tip_forgetting(program: "Program", backups: Backups) -> TipForgetting:
    """Return what forgets tips on time, and proves it by `backups`."""
    return TipForgetting(
        storage=program.storage,
        backups=backups,
        audit=program.audit,
        notices=program.notices,
        clock=program.clock,
        chance=program.chance,
    )


def made_tip_reminders(program: "Program") -> TipReminders:
    """Return what tells officers of tips, knowing no conversation and holding no key."""
    return TipReminders(
        storage=program.storage,
        notices=program.notices,
        audit=program.audit,
        clock=program.clock,
    )


def made_assisted_entry(program: "Program") -> AssistedEntry:
    """Return what takes down for somebody; it has no way to anybody's chat."""
    return assisted_over(
        storage=program.storage,
        seals=program.vault.seals,
        audit=program.audit,
        clock=program.clock,
        chance=program.chance,
        delay_max_s=program.config.tip_delay_max_s,
    )
