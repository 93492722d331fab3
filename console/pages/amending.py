"""Correcting an announcement and taking it back, each after saying what that does to whom."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from bot.core.announcements import Amendment
from bot.core.deliveries import NEXT_CHANCE, DeliveryState
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId, AttachmentId
from bot.core.officers import Act
from bot.services.announcements.amendments import Correction
from bot.services.announcements.announcing import TITLE_LONGEST, Shown
from bot.services.announcements.attachments import UPLOAD_MOST_BYTES, headers_of
from bot.services.announcements.texts import TEXT_LONGEST
from console.forms import Problem
from console.pages.announcing import FILE, attached, described
from console.routes import get, post
from console.visit import ROOT, Visit, see

_FIELD_OF: Final = {"title_wrong": "title", "text_wrong": "text"}


async def _shown(visit: Visit) -> Shown:
    """Return the announcement; what cannot be amended is shown on its own page."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    one = shown.announcement
    is_recall = one.amendment is Amendment.RECALL
    if one.started_at is None or shown.amended_by is not None or is_recall:
        raise web.HTTPSeeOther(f"{ROOT}/thong-bao/{announcement_id}")
    return shown


def _have_it(shown: Shown) -> int:
    """Return how many have it, or may have it; of an amendment, or the text before it."""
    tally = shown.tally
    if shown.amends is not None:
        return tally.recipients - _held_back(shown)
    had = (DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING)
    return sum(tally.outcomes.get(state, 0) for state in had)


def _held_back(shown: Shown) -> int:
    return sum(shown.tally.reasons.get(reason, 0) for reason in NEXT_CHANCE)


def _waiting(shown: Shown) -> int:
    """Return to how many it was still to go who have no text before it either."""
    return 0 if shown.amends else shown.tally.outcomes.get(DeliveryState.WAITING, 0)


async def show_correct(visit: Visit) -> web.StreamResponse:
    """Show the form with what was sent in it."""
    shown = await _shown(visit)
    one = shown.announcement
    return await _form(
        visit, shown, title=one.title, text=one.text, attachment_id=one.attachment_id or ""
    )


async def _form(
    visit: Visit,
    shown: Shown,
    *,
    title: str,
    text: str,
    attachment_id: str,
    errors: Mapping[str, Problem] | None = None,
) -> web.Response:
    return visit.show(
        "announcement_correct.html",
        status=422 if errors else 200,
        shown=shown,
        title=title,
        text=text,
        attachment=await described(visit, attachment_id),
        have_it=_have_it(shown),
        owed=_waiting(shown) + _held_back(shown),
        needs_approval=visit.services.approvals.are_needed(
            shown.announcement, people=shown.tally.recipients
        ),
        title_longest=TITLE_LONGEST,
        text_longest=TEXT_LONGEST,
        errors=errors or {},
    )


async def correct(visit: Visit) -> web.StreamResponse:
    """Send the corrected text, or say what is wrong with it."""
    shown = await _shown(visit)
    title, text = visit.form.text("title"), visit.form.text("text")
    attachment_id = visit.form.text("attachment")
    field = FILE
    try:
        attachment_id = await attached(visit)
        field = "text"
        corrected = await visit.services.amendments.correct(
            shown.announcement.id,
            Correction(title=title, text=text, attachment_id=AttachmentId(attachment_id) or None),
            by=visit.officer,
        )
    except RuleBroken as broken:
        errors = {_FIELD_OF.get(broken.key, field): Problem(key=broken.key, values=broken.values)}
        return await _form(
            visit, shown, title=title, text=text, attachment_id=attachment_id, errors=errors
        )
    return see(f"{ROOT}/thong-bao/{corrected.id}")


async def show_recall(visit: Visit) -> web.StreamResponse:
    """Say what taking it back means before it is done."""
    shown = await _shown(visit)
    return visit.show(
        "announcement_recall.html",
        shown=shown,
        have_it=_have_it(shown),
        waiting=_waiting(shown),
    )


async def recall(visit: Visit) -> web.StreamResponse:
    """Take it back."""
    shown = await _shown(visit)
    taken_back = await visit.services.amendments.recall(shown.announcement.id, by=visit.officer)
    return see(f"{ROOT}/thong-bao/{taken_back.id}")


async def attachment(visit: Visit) -> web.StreamResponse:
    """Answer with the picture or file of an announcement."""
    announcement_id = AnnouncementId(visit.part("announcement_id"))
    shown = await visit.services.announcements.show(announcement_id, to=visit.officer)
    kept = shown.attachment
    if kept is None:
        raise NotFound("nothing goes with this announcement")
    body = await visit.services.attachments.body(kept.id)
    return web.Response(body=body, headers=headers_of(kept))


_ONE: Final = "/thong-bao/{announcement_id}"
ROUTES = (
    get(f"{_ONE}/kem", attachment, needs=Act.SEE),
    get(f"{_ONE}/dinh-chinh", show_correct, needs=Act.ANNOUNCE),
    post(f"{_ONE}/dinh-chinh", correct, needs=Act.ANNOUNCE, file_most_bytes=UPLOAD_MOST_BYTES),
    get(f"{_ONE}/thu-hoi", show_recall, needs=Act.ANNOUNCE),
    post(f"{_ONE}/thu-hoi", recall, needs=Act.ANNOUNCE),
)
