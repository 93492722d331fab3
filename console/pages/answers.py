"""Answers: looked through, one looked at as residents read it, and changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web

from bot.core.edits import EditKind
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import UnitId
from bot.core.languages import Language
from bot.core.officers import Act
from bot.core.text import clean, fold
from bot.core.units import path_up
from bot.services.edits.editing import REASON_LONGEST, EditRefused
from bot.services.units.units import contacts_of
from console.edit_faults import TOP, all_told, errors_of
from console.edit_forms import read_answer, shown_answer
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see
from content.edits import BETWEEN
from content.sources import empty_answer
from content.topics import TOPIC_KEYS, Topic, TopicAnswer

PATH: Final = "/cau-tra-loi"
_LONGEST_SEARCH: Final = 100
_REASON_FIELDS: Final = {"edit_reason_missing": "reason", "edit_reason_long": "reason"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One answer of the list."""

    key: str
    answer: TopicAnswer
    is_changed: bool
    is_set_aside: bool


async def show_all(visit: Visit) -> web.StreamResponse:
    """List the answers by topic, or those that hold the words looked for."""
    editing = visit.services.editing
    changed = await editing.changed()
    aside = {(one.edit.kind, one.edit.key) for one in editing.set_aside}
    wanted = visit.request.query.get("tim", "").strip()[:_LONGEST_SEARCH]
    topics = list(editing.book.topics.values())
    listed = {
        topic.key: [
            Listed(
                key=key,
                answer=answer,
                is_changed=(EditKind.ANSWER, key) in changed,
                is_set_aside=(EditKind.ANSWER, key) in aside,
            )
            for answer in topic.answers.values()
            if _holds(topic, answer, wanted)
            for key in [topic.key + BETWEEN + answer.key]
        ]
        for topic in topics
    }
    return visit.show(
        "answers.html",
        topics=[topic for topic in topics if listed[topic.key]],
        listed=listed,
        count=sum(len(one) for one in listed.values()),
        wanted=wanted,
        set_aside=editing.set_aside,
    )


def _holds(topic: Topic, answer: TopicAnswer, wanted: str) -> bool:
    if not wanted:
        return True
    texts = [
        *topic.title.values(),
        *answer.title.values(),
        *answer.short.values(),
        *(step for steps in answer.steps.values() for step in steps),
        *(one for spoken in answer.examples.values() for one in spoken),
    ]
    return any(fold(wanted) in fold(text) for text in texts)


async def show(visit: Visit) -> web.StreamResponse:
    """Show one answer as residents of a unit read it, with what stands behind it."""
    editing, key = visit.services.editing, _key(visit)
    holding = await editing.holding(EditKind.ANSWER, key)
    units = await visit.services.units.seen_by(visit.officer)
    asked = UnitId(visit.request.query.get("don-vi", ""))
    unit_id = asked if asked in {unit.id for unit in units} else visit.officer.unit_id
    return visit.show(
        "answer.html",
        holding=holding,
        topic=editing.book.topics[visit.part("topic_key")],
        topics=editing.book.topics,
        facts=editing.book.facts,
        said=editing.said(editing.book, key, await contacts_for(visit, unit_id)),
        faults=all_told(holding.set_aside.faults) if holding.set_aside else [],
        units=units,
        unit_id=unit_id,
        names=await editing.names([holding.newest] if holding.newest else []),
    )


async def contacts_for(visit: Visit, unit_id: UnitId) -> Mapping[str, str]:
    """Return what fills the places of a unit's answers."""
    units = {unit.id: unit for unit in await visit.services.units.all()}
    return contacts_of(path_up(unit_id, units))


async def show_form(visit: Visit) -> web.StreamResponse:
    """Show the form of one answer."""
    holding = await visit.services.editing.holding(EditKind.ANSWER, _key(visit))
    shown = shown_answer(holding.written)
    if example := _example(visit):
        shown = {**shown, "examples_vi": f"{shown['examples_vi']}\n{example}"}
    return _form(visit, _key(visit), shown)


async def propose(visit: Visit) -> web.StreamResponse:
    """Keep a change to be looked at before it is saved."""
    await visit.services.editing.holding(EditKind.ANSWER, _key(visit))
    return await _proposed(visit, _key(visit))


async def show_new(visit: Visit) -> web.StreamResponse:
    """Show the form of an answer nobody has written yet."""
    shown = shown_answer(empty_answer(_topic(visit)))
    return _form(visit, "", {**shown, "examples_vi": _example(visit)})


def _example(visit: Visit) -> str:
    """Return the question that is to become an example, if one was picked."""
    return clean(visit.request.query.get("vi-du", ""))[:REASON_LONGEST]


async def propose_new(visit: Visit) -> web.StreamResponse:
    """Keep a new answer to be looked at before it is saved."""
    _topic(visit)
    return await _proposed(visit, "")


async def _proposed(visit: Visit, key: str) -> web.StreamResponse:
    editing, wanted = visit.services.editing, read_answer(visit.form)
    if not key and not wanted["title"]:
        errors = {"title_vi": Problem(key="edit_missing_title")}
        return _form(visit, "", shown_answer(wanted), errors)
    try:
        draft_id = await editing.propose(
            EditKind.ANSWER,
            key or editing.new_key(visit.part("topic_key")),
            wanted,
            reason=visit.form.text("reason"),
            by=visit.officer,
        )
    except EditRefused as refused:
        return _form(visit, key, shown_answer(wanted), errors_of(refused))
    except RuleBroken as broken:
        return _form(visit, key, shown_answer(wanted), broken_rule(broken))
    return see(f"{ROOT}{PATH}/nhap/{draft_id}")


def broken_rule(broken: RuleBroken) -> dict[str, Problem]:
    """Return which field of a form a broken rule belongs to."""
    field = _REASON_FIELDS.get(broken.key, TOP)
    return {field: Problem(key=broken.key, values=broken.values)}


def _form(
    visit: Visit,
    key: str,
    shown: Mapping[str, object],
    errors: Mapping[str, Problem] | None = None,
) -> web.Response:
    book = visit.services.editing.book
    topic = book.topics[visit.part("topic_key")]
    others = [one for one in book.topics if one != topic.key]
    return visit.show(
        "answer_form.html",
        status=422 if errors else 200,
        key=key,
        topic=topic,
        topics=book.topics,
        facts=book.facts,
        shown=shown,
        laws=_first(shown["law"], list(book.facts)),
        related=_first(shown["related"], others),
        reason=visit.form.text("reason"),
        reason_longest=REASON_LONGEST,
        errors=errors or {},
        languages=tuple(Language),
    )


def _first(chosen: object, offered: Sequence[str]) -> list[str]:
    """Return what is offered with what was chosen first, in its order: the form keeps it."""
    picked = [str(one) for one in chosen] if isinstance(chosen, list) else []
    return [*picked, *(one for one in offered if one not in picked)]


def _key(visit: Visit) -> str:
    return _topic(visit) + BETWEEN + visit.part("answer_key")


def _topic(visit: Visit) -> str:
    topic = visit.part("topic_key")
    if topic not in TOPIC_KEYS:
        raise NotFound(f"topic {topic}")
    return topic


def address(kind: EditKind, key: str) -> str:
    """Return the page of an answer or fact."""
    place = "muc" if kind is EditKind.ANSWER else "so-lieu"
    return f"{ROOT}{PATH}/{place}/{quote(key)}"


_ONE: Final = f"{PATH}/muc/{{topic_key}}/{{answer_key}}"

ROUTES = (
    get(PATH, show_all, needs=Act.SEE),
    get(_ONE, show, needs=Act.SEE),
    get(f"{_ONE}/sua", show_form, needs=Act.EDIT),
    post(f"{_ONE}/sua", propose, needs=Act.EDIT),
    get(f"{PATH}/them/{{topic_key}}", show_new, needs=Act.EDIT),
    post(f"{PATH}/them/{{topic_key}}", propose_new, needs=Act.EDIT),
)
