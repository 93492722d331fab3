"""Writing an announcement: the form, empty or with a draft in it.

What stands in the form is in `console.written`, letting go in `sending` beside this file.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aiohttp import web

from bot.core.announcements import Amendment, Announcement, AnnouncementState
from bot.core.channels import ChannelAccount
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId, AttachmentId
from bot.core.languages import Language
from bot.core.messages import Attachment
from bot.core.officers import Act
from bot.services.announcements.announcing import (
    ADDRESS_LONGEST,
    LABEL_LONGEST,
    LINKS_AT_MOST,
    TITLE_LONGEST,
)
from bot.services.announcements.attachments import UPLOAD_MOST_BYTES
from bot.services.announcements.texts import TEXT_LONGEST
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see
from console.written import Errors, Written, fault_of, typed, wording_of, written_of

FILE: Final = "file"
# So many earlier announcements are offered to send to those whom one of them did not reach.
_EARLIER_MOST: Final = 20


async def show_new(visit: Visit) -> web.StreamResponse:
    """Show the empty form."""
    return await _form(visit, Written(unit_id=visit.officer.unit_id))


async def write(visit: Visit) -> web.StreamResponse:
    """Keep a draft and go on to the page that says to whom it goes."""
    return await _keep(visit, None)


async def show_draft(visit: Visit) -> web.StreamResponse:
    """Show the form with a draft in it, or with what waits for approval."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    draft = shown.announcement
    is_proposed = draft.state is AnnouncementState.PROPOSED and draft.amends is None
    if draft.state is not AnnouncementState.DRAFT and not is_proposed:
        raise web.HTTPSeeOther(f"{ROOT}/thong-bao/{announcement_id}")
    due = visit.moment(draft.due_at) if draft.due_at else None
    return await _form(visit, written_of(draft, due), draft=draft)


async def revise(visit: Visit) -> web.StreamResponse:
    """Keep the changed draft."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    return await _keep(visit, shown.announcement)


async def _keep(visit: Visit, draft: Announcement | None) -> web.StreamResponse:
    written, errors = typed(visit.form), Errors()
    services = visit.services
    try:
        written = replace(written, attachment_id=await attached(visit))
    except RuleBroken as broken:
        errors[FILE] = Problem(key=broken.key, values=broken.values)
    wording = wording_of(written, errors, zone=services.zone)
    if errors:
        return await _form(visit, written, draft=draft, errors=errors)
    try:
        if draft is None:
            kept = await services.announcements.write(wording, by=visit.officer)
        else:
            kept = await services.announcements.revise(draft.id, wording, by=visit.officer)
    except RuleBroken as broken:
        return await _form(visit, written, draft=draft, errors=fault_of(broken))
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


async def _form(
    visit: Visit,
    written: Written,
    *,
    draft: Announcement | None = None,
    errors: Errors | None = None,
) -> web.Response:
    services = visit.services
    return visit.show(
        "announcement_form.html",
        status=422 if errors else 200,
        written=written,
        attachment=await described(visit, written.attachment_id),
        units=await services.units.seen_by(visit.officer),
        channels=await _channels(visit),
        topics=services.topics,
        earlier=await _earlier(visit),
        places={name: one.label[Language.VI] for name, one in services.texts.places.items()},
        draft=draft,
        title_longest=TITLE_LONGEST,
        text_longest=TEXT_LONGEST,
        links_most=LINKS_AT_MOST,
        label_longest=LABEL_LONGEST,
        address_longest=ADDRESS_LONGEST,
        errors=errors or {},
    )


async def _channels(visit: Visit) -> Sequence[ChannelAccount]:
    """Return the accounts over which people of the officer's units may have joined."""
    around = await visit.services.units.around(visit.officer)
    return [one for one in await visit.services.channels.accounts() if one.unit_id in around]


async def _earlier(visit: Visit) -> Sequence[Announcement]:
    """Return what was started and not taken back, the last one first."""
    newest = await visit.services.announcements.newest(visit.officer)
    started = [one.announcement for one in newest if one.announcement.started_at is not None]
    return [one for one in started if one.amendment is not Amendment.RECALL][:_EARLIER_MOST]


_ONE: Final = "/thong-bao/{announcement_id}"
_MOST: Final = UPLOAD_MOST_BYTES
ROUTES = (
    get("/thong-bao/moi", show_new, needs=Act.ANNOUNCE),
    post("/thong-bao/moi", write, needs=Act.ANNOUNCE, file_most_bytes=_MOST),
    get(f"{_ONE}/sua", show_draft, needs=Act.ANNOUNCE),
    post(f"{_ONE}/sua", revise, needs=Act.ANNOUNCE, file_most_bytes=_MOST),
)
