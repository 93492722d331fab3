"""Every dialogue of a town, behind the real router."""

from collections.abc import Callable
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from bot.services.answers.answers import Answers
from bot.services.answers.scams import ScamCheck
from bot.services.handovers.asking import HandoverAsking
from bot.services.notices import Notices
from bot.services.people.interests import Interests
from bot.services.people.people import People
from bot.services.people.withdrawals import Withdrawals
from bot.services.tips.receiving.pictures import TipPictures
from bot.services.tips.receiving.receiving import Receiving
from content.book import Book
from handlers.emergency import Emergency
from handlers.group import GroupTalk
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
from tests.fakes import FakeClock, SteadyChance
from tests.one_book import the_book

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
FOLLOW_URL: Final = "https://binhyen.example/theo-doi"


@cache
def the_answers() -> Answers:
    return Answers(the_book())


def made_router(
    book: Book,
    people: People,
    receiving: Receiving,
    clock: FakeClock,
    *,
    pictures: TipPictures,
    group: GroupTalk,
    withdrawals: Withdrawals,
    interests: Interests,
    notices: Notices,
    noted: Callable[[str], None],
    asking: HandoverAsking,
) -> Router:
    menu, last_topic = Menu(book), LastTopic(clock)
    hand_over = HandOver(book, asking, menu, clock=clock, zone=ZONE)
    dialogues = Dialogues(
        menu=menu,
        emergency=Emergency(book, receiving.intake),
        introduction=Introduction(book, clock),
        questions=Questions(
            book, the_answers(), menu, last=last_topic, hand_over=hand_over, noted=noted
        ),
        hand_over=hand_over,
        scam=ScamDialogue(book, ScamCheck(book), menu, last_topic),
        tip=TipDialogue(
            book,
            receiving,
            pictures,
            SteadyChance(),
            form_url="https://binhyen.example/to-giac",
        ),
        track=Track(book, receiving.talks, pictures, ZONE, follow_url=FOLLOW_URL),
        talk=TalkDialogue(book, receiving.routes, pictures, follow_url=FOLLOW_URL),
        join=Join(book, people),
        pledge=Pledge(book, people, clock, ZONE),
        privacy=Privacy(book, withdrawals, interests, ZONE),
        interests=InterestDialogue(book, interests, menu),
        group=group,
        notice_chat=NoticeChat(book, notices),
    )
    return Router(book, the_answers(), people, dialogues)
