"""Questions that were not understood: made an example of an answer, a new answer, or dismissed."""

from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from bot.core.errors import NotFound
from bot.core.officers import Act
from bot.services.answers.not_understood import AskedAlike
from console.pages.answers import PATH
from console.routes import get, post
from console.visit import ROOT, Visit, see
from content.edits import BETWEEN
from content.topics import MAIN

_UNKNOWN: Final = f"{PATH}/chua-hieu"
_SHOWN: Final = 20


async def show(visit: Visit) -> web.StreamResponse:
    """List the questions, those asked most first."""
    service, book = visit.services.unknown_questions, visit.services.editing.book
    found = await service.asked(visit.officer)
    shown = found[:_SHOWN]
    nearest = {one.text: service.nearest(one.example) for one in shown}
    return visit.show(
        "unknown_questions.html",
        found=found,
        shown=shown,
        nearest={text: f"{topic}{BETWEEN}{MAIN}" for text, topic in nearest.items() if topic},
        topics=book.topics,
        days_kept=service.days_kept,
    )


async def act(visit: Visit) -> web.StreamResponse:
    """Lead on to the form with the question as an example, or dismiss it."""
    one = await _asked(visit)
    topic, _, answer = visit.form.text("muc").partition(BETWEEN)
    topics = visit.services.editing.book.topics
    what = visit.form.text("viec")
    if what == "bo":
        await visit.services.unknown_questions.drop(one.text, by=visit.officer)
        return see(f"{ROOT}{_UNKNOWN}")
    if topic not in topics or answer not in topics[topic].answers:
        raise NotFound(f"answer {topic}{BETWEEN}{answer}")
    query = urlencode({"vi-du": one.example})
    place = f"them/{topic}" if what == "moi" else f"muc/{topic}{BETWEEN}{answer}/sua"
    return see(f"{ROOT}{PATH}/{place}?{query}")


async def _asked(visit: Visit) -> AskedAlike:
    text = visit.form.text("cau")
    for one in await visit.services.unknown_questions.asked(visit.officer):
        if one.text == text:
            return one
    raise NotFound("no such question")


ROUTES = (
    get(_UNKNOWN, show, needs=Act.EDIT),
    post(_UNKNOWN, act, needs=Act.EDIT),
)
