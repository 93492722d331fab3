"""Writing an announcement and letting it go, after a page that says to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from aiohttp import web

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId, ChannelId, UnitId
from bot.core.officers import Act
from bot.core.units import below
from bot.services.announcing import TEXT_LONGEST, TITLE_LONGEST, Wording
from console.fields import read_due
from console.forms import Form, Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see

_FIELD_OF: Final = {"title_wrong": "title", "text_wrong": "text", "due_wrong": "due"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands in the form."""

    unit_id: str
    title: str = ""
    text: str = field(default="", repr=False)
    is_urgent: bool = False
    is_public: bool = True
    is_later: bool = False
    due: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom an announcement would reach now."""

    people: int
    by_channel: Mapping[ChannelId, int]


async def show_new(visit: Visit) -> web.StreamResponse:
    """Show the empty form."""
    return await _form(visit, Written(unit_id=visit.officer.unit_id))


async def write(visit: Visit) -> web.StreamResponse:
    """Keep a draft and go on to the page that says to whom it goes."""
    return await _keep(visit, None)


async def show_draft(visit: Visit) -> web.StreamResponse:
    """Show the form with a draft in it."""
    draft = await _draft(visit)
    due = visit.moment(draft.due_at).input if draft.due_at else ""
    written = Written(
        unit_id=draft.unit_id,
        title=draft.title,
        text=draft.text,
        is_urgent=draft.is_urgent,
        is_public=draft.is_public,
        is_later=draft.due_at is not None,
        due=due,
    )
    return await _form(visit, written, draft_id=draft.id)


async def revise(visit: Visit) -> web.StreamResponse:
    """Keep the changed draft."""
    return await _keep(visit, AnnouncementId(visit.part("announcement_id")))


async def _keep(visit: Visit, draft_id: AnnouncementId | None) -> web.StreamResponse:
    written = _typed(visit.form)
    services = visit.services
    try:
        wording = Wording(
            unit_id=UnitId(written.unit_id),
            title=written.title,
            text=written.text,
            is_urgent=written.is_urgent,
            is_public=written.is_public,
            due_at=_due_at(written, visit),
        )
        if draft_id is None:
            kept = await services.announcements.write(wording, by=visit.officer)
        else:
            kept = await services.announcements.revise(draft_id, wording, by=visit.officer)
    except RuleBroken as broken:
        problem = Problem(key=broken.key, values=broken.values)
        errors = {_FIELD_OF.get(broken.key, "due"): problem}
        return await _form(visit, written, draft_id=draft_id, errors=errors)
    return see(f"{ROOT}/thong-bao/{kept.id}/gui")


def _typed(form: Form) -> Written:
    return Written(
        unit_id=form.text("unit"),
        title=form.text("title"),
        text=form.text("text"),
        is_urgent=form.is_ticked("urgent"),
        is_public=form.is_ticked("public"),
        is_later=form.text("when") == "later",
        due=form.text("due"),
    )


def _due_at(written: Written, visit: Visit) -> datetime | None:
    return read_due(written.due, zone=visit.services.zone) if written.is_later else None


async def _form(
    visit: Visit,
    written: Written,
    *,
    draft_id: AnnouncementId | None = None,
    errors: Mapping[str, Problem] | None = None,
) -> web.Response:
    return visit.show(
        "announcement_form.html",
        status=422 if errors else 200,
        written=written,
        units=await visit.services.units.seen_by(visit.officer),
        draft_id=draft_id,
        title_longest=TITLE_LONGEST,
        text_longest=TEXT_LONGEST,
        errors=errors or {},
    )


async def show_send(visit: Visit) -> web.StreamResponse:
    """Say what will happen to whom before it does."""
    draft = await _draft(visit)
    units = await visit.services.units.seen_by(visit.officer)
    unit = next(one for one in units if one.id == draft.unit_id)
    return visit.show(
        "announcement_send.html",
        draft=draft,
        unit=unit,
        audience=await _audience(visit, draft),
        channels={one.id: one for one in await visit.services.channels.accounts()},
        letter=visit.services.announcements.rendered(draft, unit).text,
    )


async def _audience(visit: Visit, draft: Announcement) -> Audience:
    headcounts = await visit.services.people.headcounts(visit.officer)
    units = below(draft.unit_id, [one.unit for one in headcounts])
    by_channel: dict[ChannelId, int] = {}
    for headcount in headcounts:
        if headcount.unit.id in units:
            for channel_id, people in headcount.by_channel.items():
                by_channel[channel_id] = by_channel.get(channel_id, 0) + people
    return Audience(people=sum(by_channel.values()), by_channel=by_channel)


async def send(visit: Visit) -> web.StreamResponse:
    """Let the draft go."""
    draft_id = AnnouncementId(visit.part("announcement_id"))
    draft = await _draft(visit)
    await visit.services.announcements.release(draft.id, by=visit.officer)
    return see(f"{ROOT}/thong-bao/{draft_id}")


async def _draft(visit: Visit) -> Announcement:
    """Return the draft; what is no draft any more is shown on its own page."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    if shown.announcement.state is not AnnouncementState.DRAFT:
        raise web.HTTPSeeOther(f"{ROOT}/thong-bao/{announcement_id}")
    return shown.announcement


ROUTES = (
    get("/thong-bao/moi", show_new, needs=Act.ANNOUNCE),
    post("/thong-bao/moi", write, needs=Act.ANNOUNCE),
    get("/thong-bao/{announcement_id}/sua", show_draft, needs=Act.ANNOUNCE),
    post("/thong-bao/{announcement_id}/sua", revise, needs=Act.ANNOUNCE),
    get("/thong-bao/{announcement_id}/gui", show_send, needs=Act.ANNOUNCE),
    post("/thong-bao/{announcement_id}/gui", send, needs=Act.ANNOUNCE),
)
