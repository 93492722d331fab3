"""What is done about announcements beside sending them; built when somebody asks for it."""

from typing import TYPE_CHECKING

from bot.core.languages import Language
from bot.services.announcements.amendments import Amendments
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.approvals import Approvals
from bot.services.announcements.attachments import Attachments
from bot.services.announcements.failing import FailureWatch
from bot.services.announcements.letters import WORDS, Letters
from bot.services.announcements.reach import Reaches
from bot.services.announcements.reading import WORDS as READING_WORDS
from bot.services.announcements.reading import ReadingCheck
from bot.services.announcements.results import Results
from bot.services.announcements.texts import Texts
from bot.services.announcements.trials import Trials
from bot.services.audit import Audit
from bot.services.people.interests import Interests

if TYPE_CHECKING:
    from bot.app.program import Program


def made_texts(program: "Program") -> Texts:
    """Return what knows the places texts of announcements may hold."""
    return Texts(program.book.places)


def made_announcements(program: "Program", audit: Audit | None = None) -> Announcements:
    """Return what officers send to many; `audit` may add to what is noted of their acts."""
    return Announcements(
        storage=program.storage,
        audit=audit or program.audit,
        letters=Letters(
            storage=program.storage,
            voice=program.book.voice("announcement", *WORDS),
            texts=made_texts(program),
            clock=program.clock,
        ),
        texts=made_texts(program),
        reading=ReadingCheck(
            texts=made_texts(program),
            notices=program.notices,
            audit=audit or program.audit,
            voice=program.book.voice("refusals", *READING_WORDS),
        ),
        interests=Interests(storage=program.storage, offered=program.book.interests),
        clock=program.clock,
        chance=program.chance,
        bell=program.announcement_bell,
        offers=program.channels.offers,
    )


def made_trials(program: "Program") -> Trials:
    """Return what sends a draft to its writer's own chat."""
    return Trials(
        announcements=program.announcements,
        storage=program.storage,
        notices=program.notices,
        audit=program.audit,
    )


def offered_topics(program: "Program") -> tuple[tuple[str, str], ...]:
    """Return the topics an announcement can be kept to: each key, and what officers read."""
    return tuple((key, one.label[Language.VI]) for key, one in program.book.interests.items())


def made_approvals(program: "Program", audit: Audit | None = None) -> Approvals:
    """Return what lets drafts go, or puts them before a second officer; `audit` as above."""
    return Approvals(
        announcements=made_announcements(program, audit) if audit else program.announcements,
        reaches=made_reaches(program),
        storage=program.storage,
        audit=audit or program.audit,
        notices=program.notices,
        clock=program.clock,
        above=program.config.approve_above,
    )


def made_amendments(program: "Program", audit: Audit | None = None) -> Amendments:
    """Return what corrects and takes back; `audit` as above."""
    return Amendments(
        announcements=made_announcements(program, audit) if audit else program.announcements,
        approvals=made_approvals(program, audit),
        storage=program.storage,
        texts=made_texts(program),
        audit=audit or program.audit,
        clock=program.clock,
        chance=program.chance,
    )


def made_attachments(program: "Program") -> Attachments:
    """Return what takes in pictures and files."""
    # The one cleaner of the process: two at once might take more memory than there is.
    return Attachments(storage=program.storage, cleaning=program.cleaning, clock=program.clock)


def made_reaches(program: "Program") -> Reaches:
    """Return what counts whom a draft would reach."""
    return Reaches(
        storage=program.storage,
        offers=program.channels.offers,
        clock=program.clock,
        quiet=program.config.quiet_hours,
    )


def made_results(program: "Program") -> Results:
    """Return what tells who was not reached."""
    return Results(storage=program.storage, audit=program.audit)


def made_failure_watch(program: "Program") -> FailureWatch:
    """Return what pauses a sending that goes wrong."""
    return FailureWatch(
        storage=program.storage,
        audit=program.audit,
        notices=program.notices,
        clock=program.clock,
    )
