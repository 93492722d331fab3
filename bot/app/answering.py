"""What handles arrivals: every dialogue and every event over the program's services."""

from collections.abc import Mapping
from datetime import datetime

from bot.app.program import Program
from bot.core.messages import IncomingKind
from bot.core.people import Person
from bot.core.storage import Work
from bot.core.turns import EventHandler, Wrote
from handlers.emergency import Emergency
from handlers.join import Join
from handlers.menu import Menu
from handlers.pledge import Pledge
from handlers.privacy import Privacy
from handlers.questions import Questions
from handlers.router import Dialogues, Router
from handlers.tips import TipDialogue
from handlers.track import Track


def made_router(program: Program) -> Router:
    """Return the residents' handler over the program's services."""
    book, zone = program.book, program.config.timezone
    menu = Menu(book)
    dialogues = Dialogues(
        menu=menu,
        emergency=Emergency(book, program.tips),
        questions=Questions(book, program.answers, menu),
        tip=TipDialogue(book, program.tips, form_url=f"{program.config.public_url}/to-giac"),
        track=Track(book, program.tips, zone),
        join=Join(book, program.people),
        pledge=Pledge(book, program.people, program.clock, zone),
        privacy=Privacy(book, program.people, zone),
    )
    return Router(book, program.answers, program.people, dialogues)


def made_events(program: Program) -> Mapping[IncomingKind, EventHandler]:  # noqa: ARG001
    """Return who handles what happens without anybody saying something."""
    return {}


def noting_who_wrote(program: Program) -> Wrote:
    """Return what is done when somebody who joined has written."""

    async def wrote(work: Work, person: Person, at: datetime) -> int:
        await program.people.wrote(work, person, at)
        return await program.announcements.next_chance(work, person, at)

    return wrote
