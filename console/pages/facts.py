"""Facts that age: numbers, fines, laws, each with where it stands and when it was checked."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from aiohttp import web

from bot.core.edits import EditKind
from bot.core.errors import RuleBroken
from bot.core.officers import Act
from bot.services.edits.editing import REASON_LONGEST, EditRefused
from console.edit_faults import all_told, errors_of
from console.edit_forms import read_fact, shown_fact
from console.forms import Problem
from console.pages.answers import PATH, broken_rule
from console.routes import get, post
from console.visit import ROOT, Visit, see

# Half a year: fines and forms change about twice a year, and somebody should look.
OLD_AFTER: Final = timedelta(days=180)


async def show_all(visit: Visit) -> web.StreamResponse:
    """List the facts, the ones checked longest ago first."""
    editing = visit.services.editing
    changed = await editing.changed()
    facts = sorted(editing.book.facts.items(), key=lambda one: (one[1].checked_on, one[0]))
    return visit.show(
        "facts.html",
        facts=facts,
        changed={key for kind, key in changed if kind is EditKind.FACT},
        aside={one.edit.key for one in editing.set_aside if one.edit.kind is EditKind.FACT},
        old_before=_old_before(visit),
        old=sum(fact.checked_on < _old_before(visit) for _, fact in facts),
    )


async def show(visit: Visit) -> web.StreamResponse:
    """Show one fact and everywhere it stands."""
    editing, key = visit.services.editing, visit.part("fact_key")
    holding = await editing.holding(EditKind.FACT, key)
    return visit.show(
        "fact.html",
        holding=holding,
        fact=editing.book.facts[key],
        uses=await editing.uses(key),
        topics=editing.book.topics,
        faults=all_told(holding.set_aside.faults) if holding.set_aside else [],
        old_before=_old_before(visit),
        names=await editing.names([holding.newest] if holding.newest else []),
    )


async def show_form(visit: Visit) -> web.StreamResponse:
    """Show the form of one fact."""
    holding = await visit.services.editing.holding(EditKind.FACT, visit.part("fact_key"))
    return await _form(visit, shown_fact(holding.written))


async def propose(visit: Visit) -> web.StreamResponse:
    """Keep a change to be looked at before it is saved."""
    editing, key, wanted = visit.services.editing, visit.part("fact_key"), read_fact(visit.form)
    await editing.holding(EditKind.FACT, key)
    if str(wanted["checked_on"]) > _today(visit).isoformat():
        errors = {"checked_on": Problem(key="edit_day_to_come")}
        return await _form(visit, shown_fact(wanted), errors)
    try:
        draft_id = await editing.propose(
            EditKind.FACT, key, wanted, reason=visit.form.text("reason"), by=visit.officer
        )
    except EditRefused as refused:
        return await _form(visit, shown_fact(wanted), errors_of(refused))
    except RuleBroken as broken:
        return await _form(visit, shown_fact(wanted), broken_rule(broken))
    return see(f"{ROOT}{PATH}/nhap/{draft_id}")


async def _form(
    visit: Visit, shown: Mapping[str, object], errors: Mapping[str, Problem] | None = None
) -> web.Response:
    key = visit.part("fact_key")
    return visit.show(
        "fact_form.html",
        status=422 if errors else 200,
        key=key,
        fact=visit.services.editing.book.facts[key],
        uses=await visit.services.editing.uses(key),
        shown=shown,
        today=_today(visit).isoformat(),
        reason=visit.form.text("reason"),
        reason_longest=REASON_LONGEST,
        errors=errors or {},
    )


def _today(visit: Visit) -> date:
    return visit.now.astimezone(visit.services.zone).date()


def _old_before(visit: Visit) -> date:
    return _today(visit) - OLD_AFTER


_ONE: Final = f"{PATH}/so-lieu/{{fact_key}}"

ROUTES = (
    get(f"{PATH}/so-lieu", show_all, needs=Act.SEE),
    get(_ONE, show, needs=Act.SEE),
    get(f"{_ONE}/sua", show_form, needs=Act.EDIT),
    post(f"{_ONE}/sua", propose, needs=Act.EDIT),
)
