"""What handles arrivals: every dialogue and every event over the program's services."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.app.program import Program
from bot.core.messages import IncomingKind
from bot.core.people import Person
from bot.core.storage import Work
from bot.core.turns import EventHandler, Wrote
from bot.services.answers.scams import ScamCheck
from bot.services.conversations.echoes import Echoes
from bot.services.conversations.stand_backs import StandBacks
from bot.services.people.interests import Interests
from handlers.emergency import Emergency
from handlers.group import GroupServices, GroupTalk
from handlers.handover import HandOver
from handlers.interests import InterestDialogue
from handlers.introduction import Introduction
from handlers.join import Join
from handlers.last_topic import LastTopic
from handlers.menu import Menu
from handlers.notice_chat import NoticeChat
from handlers.pledge import Pledge
from handlers.privacy import Privacy
from handlers.questions import Questions
from handlers.router import Dialogues, Router
from handlers.scams import ScamDialogue
from handlers.talk import TalkDialogue
from handlers.tips import TipDialogue
from handlers.track import Track


def made_router(program: Program, noted: Callable[[str], None]) -> Router:
    """Return the residents' handler; what was not understood is handed to `noted`."""
    book, zone = program.book, program.config.timezone
    menu, emergency = Menu(book), Emergency(book, program.receiving.intake)
    last_topic = LastTopic(program.clock)
    hand_over = HandOver(book, program.handovers.asking, menu, clock=program.clock, zone=zone)
    interests = Interests(storage=program.storage, offered=book.interests)
    follow_url = f"{program.config.public_url}/theo-doi"
    dialogues = Dialogues(
        menu=menu,
        emergency=emergency,
        introduction=Introduction(book, program.clock),
        questions=Questions(
            book, program.answers, menu, last=last_topic, hand_over=hand_over, noted=noted
        ),
        hand_over=hand_over,
        scam=ScamDialogue(book, ScamCheck(book), menu, last_topic),
        tip=TipDialogue(
            book,
            program.receiving,
            program.tip_pictures,
            program.chance,
            form_url=f"{program.config.public_url}/to-giac",
        ),
        track=Track(
            book, program.receiving.talks, program.tip_pictures, zone, follow_url=follow_url
        ),
        talk=TalkDialogue(
            book, program.receiving.routes, program.tip_pictures, follow_url=follow_url
        ),
        join=Join(book, program.people),
        pledge=Pledge(book, program.people, program.clock, zone),
        privacy=Privacy(book, program.withdrawals, interests, zone),
        interests=InterestDialogue(book, interests, menu),
        notice_chat=NoticeChat(book, program.notices),
        group=GroupTalk(book, _group_services(program), emergency=emergency, menu=menu),
    )
    return Router(book, program.answers, program.people, dialogues)


def _group_services(program: Program) -> GroupServices:
    return GroupServices(
        groups=program.groups,
        codes=program.group_codes,
        alarms=program.group_alarms,
        albums=program.group_albums,
        ways=program.ways,
        answers=program.answers,
        wrote=noting_who_wrote(program),
    )


def made_events(program: Program) -> Mapping[IncomingKind, EventHandler]:
    """Return who handles what happens without anybody saying something."""
    echoes = Echoes(
        envelopes=program.envelopes,
        stand_backs=StandBacks(clock=program.clock),
        answered=program.handovers.asking.answered_elsewhere,
        clock=program.clock,
    )
    return {
        IncomingKind.GROUP: program.groups.heard,
        IncomingKind.ECHO: echoes.heard,
        IncomingKind.CONTACT: program.call_backs.heard,
        IncomingKind.ACCOUNT: program.account_events.heard,
    }


def noting_who_wrote(program: Program) -> Wrote:
    """Return what is done when somebody who joined has written."""

    async def wrote(work: Work, person: Person, at: datetime) -> int:
        await program.people.wrote(work, person, at)
        return await program.announcements.next_chance(work, person, at)

    return wrote
