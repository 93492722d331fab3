"""The residents' handler: every dialogue over the program's services."""

from bot.app.program import Program
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
