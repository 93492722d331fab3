"""Writing an announcement and letting it go, after a page that says to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from aiohttp import web

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId, AttachmentId, UnitId
from bot.core.messages import Attachment
from bot.core.officers import Act
from bot.services.announcements.announcing import TITLE_LONGEST, Shown, Wording
from bot.services.announcements.attachments import UPLOAD_MOST_BYTES
from bot.services.announcements.texts import TEXT_LONGEST
from console.fields import read_due
from console.forms import Form, Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see

_FIELD_OF: Final = {"title_wrong": "title", "text_wrong": "text", "due_wrong": "due"}
FILE: Final = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands in the form. `attachment_id` is of what was handed in before, or empty."""

    unit_id: str
    title: str = ""
    text: str = field(default="", repr=False)
    is_urgent: bool = False
    is_public: bool = True
    is_later: bool = False
    due: str = ""
    attachment_id: str = ""


async def show_new(visit: Visit) -> web.StreamResponse:
    """Show the empty form."""
    return await _form(visit, Written(unit_id=visit.officer.unit_id))


async def write(visit: Visit) -> web.StreamResponse:
    """Keep a draft and go on to the page that says to whom it goes."""
    return await _keep(visit, None)


async def show_draft(visit: Visit) -> web.StreamResponse:
    """Show the form with a draft in it."""
    draft = (await _draft(visit)).announcement
    due = visit.moment(draft.due_at).input if draft.due_at else ""
    written = Written(
        unit_id=draft.unit_id,
        title=draft.title,
        text=draft.text,
        is_urgent=draft.is_urgent,
        is_public=draft.is_public,
        is_later=draft.due_at is not None,
        due=due,
        attachment_id=draft.attachment_id or "",
    )
    return await _form(visit, written, draft_id=draft.id)


async def revise(visit: Visit) -> web.StreamResponse:
    """Keep the changed draft."""
    return await _keep(visit, AnnouncementId(visit.part("announcement_id")))


async def _keep(visit: Visit, draft_id: AnnouncementId | None) -> web.StreamResponse:
    written = _typed(visit.form)
    services = visit.services
    try:
        written = replace(written, attachment_id=await attached(visit))
    except RuleBroken as broken:
        errors = {FILE: Problem(key=broken.key, values=broken.values)}
        return await _form(visit, written, draft_id=draft_id, errors=errors)
    try:
        wording = Wording(
            unit_id=UnitId(written.unit_id),
            title=written.title,
            text=written.text,
            is_urgent=written.is_urgent,
            is_public=written.is_public,
            due_at=_due_at(written, visit),
            attachment_id=AttachmentId(written.attachment_id) or None,
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


async def attached(visit: Visit) -> str:
    """Keep what a form brought; return its id, or of what stood there before, or nothing.

    Raise `RuleBroken` with the reason for which it cannot go out.
    """
    upload = visit.form.files.get(FILE)
    if upload is not None and upload.body:
        return (await visit.services.attachments.keep(upload.name, upload.body)).id
    return "" if visit.form.is_ticked("drop") else visit.form.text("attachment")


async def described(visit: Visit, attachment_id: str) -> Attachment | None:
    """Return what is known of an attachment a form names; it may name anything."""
    if not attachment_id:
        return None
    try:
        return await visit.services.attachments.described(AttachmentId(attachment_id))
    except NotFound:
        return None


def _typed(form: Form) -> Written:
    return Written(
        unit_id=form.text("unit"),
        title=form.text("title"),
        text=form.text("text"),
        is_urgent=form.is_ticked("urgent"),
        is_public=form.is_ticked("public"),
        is_later=form.text("when") == "later",
        due=form.text("due"),
        attachment_id=form.text("attachment"),
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
        attachment=await described(visit, written.attachment_id),
        units=await visit.services.units.seen_by(visit.officer),
        draft_id=draft_id,
        title_longest=TITLE_LONGEST,
        text_longest=TEXT_LONGEST,
        errors=errors or {},
    )


async def show_send(visit: Visit) -> web.StreamResponse:
    """Say what will happen to whom before it does."""
    shown = await _draft(visit)
    draft = shown.announcement
    return visit.show(
        "announcement_send.html",
        draft=draft,
        unit=shown.unit,
        attachment=shown.attachment,
        reach=await visit.services.reaches.of(draft),
        channels={one.id: one for one in await visit.services.channels.accounts()},
        letter=(await visit.services.announcements.letter(draft.id)).text,
    )


async def send(visit: Visit) -> web.StreamResponse:
    """Let the draft go."""
    draft: Announcement = (await _draft(visit)).announcement
    await visit.services.announcements.release(draft.id, by=visit.officer)
    return see(f"{ROOT}/thong-bao/{draft.id}")


async def _draft(visit: Visit) -> Shown:
    """Return the draft; what is no draft any more is shown on its own page."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    if shown.announcement.state is not AnnouncementState.DRAFT:
        raise web.HTTPSeeOther(f"{ROOT}/thong-bao/{announcement_id}")
    return shown


_ONE: Final = "/thong-bao/{announcement_id}"
_MOST: Final = UPLOAD_MOST_BYTES
ROUTES = (
    get("/thong-bao/moi", show_new, needs=Act.ANNOUNCE),
    post("/thong-bao/moi", write, needs=Act.ANNOUNCE, file_most_bytes=_MOST),
    get(f"{_ONE}/sua", show_draft, needs=Act.ANNOUNCE),
    post(f"{_ONE}/sua", revise, needs=Act.ANNOUNCE, file_most_bytes=_MOST),
    get(f"{_ONE}/gui", show_send, needs=Act.ANNOUNCE),
    post(f"{_ONE}/gui", send, needs=Act.ANNOUNCE),
)
