"""What is done about announcements beside sending them; built when somebody asks for it."""

from bot.app.program import Program
from bot.services.announcements.amendments import Amendments
from bot.services.announcements.attachments import Attachments
from bot.services.announcements.failing import FailureWatch
from bot.services.announcements.reach import Reaches
from bot.services.announcements.results import Results


def made_amendments(program: Program) -> Amendments:
    """Return what corrects and takes back."""
    return Amendments(
        announcements=program.announcements,
        storage=program.storage,
        audit=program.audit,
        clock=program.clock,
        chance=program.chance,
    )


def made_attachments(program: Program) -> Attachments:
    """Return what takes in pictures and files."""
    # The one cleaner of the process: two at once might take more memory than there is.
    return Attachments(storage=program.storage, cleaning=program.cleaning, clock=program.clock)


def made_reaches(program: Program) -> Reaches:
    """Return what counts whom a draft would reach."""
    return Reaches(storage=program.storage, offers=program.channels.offers, clock=program.clock)


def made_results(program: Program) -> Results:
    """Return what tells who was not reached."""
    return Results(storage=program.storage, audit=program.audit)


def made_failure_watch(program: Program) -> FailureWatch:
    """Return what pauses a sending that goes wrong."""
    return FailureWatch(
        storage=program.storage,
        audit=program.audit,
        notices=program.notices,
        clock=program.clock,
    )
