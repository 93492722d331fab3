"""A change before it is saved: what differs, what it does to understanding; and what was saved."""

from collections.abc import Mapping, Sequence
from typing import Final

from aiohttp import web

from bot.core.edits import Draft, DraftId, EditKind, Revision
from bot.core.errors import NotFound, RuleBroken
from bot.core.languages import Language
from bot.core.officers import Act
from bot.services.edits.editing import REASON_LONGEST, EditRefused
from bot.services.edits.effect import Effect
from console.changes import changes
from console.edit_faults import all_told
from console.forms import Problem
from console.pages.answers import PATH, address, broken_rule, contacts_for
from console.routes import get, post
from console.visit import ROOT, Visit, see

_MOST_DIGITS: Final = 15


async def show_draft(visit: Visit) -> web.StreamResponse:
    """Show a change before it is saved."""
    return await _draft_page(visit)


async def show_effect(visit: Visit) -> web.StreamResponse:
    """Show only what the change does: asked again and again until it was measured."""
    draft = await _draft(visit)
    return visit.show("edit_effect.html", draft=draft, effect=_effect(draft.effect))


async def save(visit: Visit) -> web.StreamResponse:
    """Make the change hold."""
    draft = await _draft(visit)
    try:
        await visit.services.editing.save(draft.id, by=visit.officer)
    except RuleBroken as broken:
        return await _draft_page(visit, broken_rule(broken))
    return see(f"{address(draft.kind, draft.key)}?da-luu=1")


async def drop(visit: Visit) -> web.StreamResponse:
    """Throw the change away."""
    draft = await _draft(visit)
    await visit.services.editing.drop(draft.id, by=visit.officer)
    return see(f"{ROOT}{PATH}")


async def _draft_page(visit: Visit, errors: dict[str, Problem] | None = None) -> web.Response:
    editing, draft = visit.services.editing, await _draft(visit)
    before, after = await editing.draft_written(draft)
    said: Mapping[Language, Sequence[str]] = {}
    if draft.kind is EditKind.ANSWER:
        contacts = await contacts_for(visit, visit.officer.unit_id)
        said = editing.said(await editing.draft_book(draft), draft.key, contacts)
    return visit.show(
        "edit_draft.html",
        status=409 if errors else 200,
        draft=draft,
        address=address(draft.kind, draft.key),
        changes=changes(before, after),
        is_gone=after is None,
        is_new=before is None,
        said=said,
        uses=await editing.uses(draft.key) if draft.kind is EditKind.FACT else [],
        topics=editing.book.topics,
        effect=_effect(draft.effect),
        errors=errors or {},
    )


async def _draft(visit: Visit) -> Draft:
    draft_id = DraftId(visit.part("draft_id"))
    return await visit.services.editing.draft(draft_id, by=visit.officer)


def _effect(text: str | None) -> Effect | None:
    return Effect.read(text) if text else None


async def show_history(visit: Visit) -> web.StreamResponse:
    """List what was changed, the newest first; of one answer or fact if it is asked for."""
    editing = visit.services.editing
    kind, key = visit.request.query.get("loai", ""), visit.request.query.get("muc", "")
    wanted = EditKind(kind) if kind in set(EditKind) else None
    found = await editing.history(wanted, key if wanted else "")
    return visit.show(
        "edit_history.html",
        found=found,
        wanted=wanted,
        key=key,
        names=await editing.names(found),
        address=address,
        topics=editing.book.topics,
    )


async def show_version(visit: Visit) -> web.StreamResponse:
    """Show one change that was saved."""
    return await _version_page(visit)


async def propose_back(visit: Visit) -> web.StreamResponse:
    """Keep a draft that brings back what held before."""
    try:
        draft_id = await visit.services.editing.propose_back(
            _revision(visit), reason=visit.form.text("reason"), by=visit.officer
        )
    except EditRefused as refused:
        told = all_told([fault for _, fault in refused.faults])
        return await _version_page(visit, {f"top-{at}": one for at, one in enumerate(told)})
    except RuleBroken as broken:
        return await _version_page(visit, broken_rule(broken))
    return see(f"{ROOT}{PATH}/nhap/{draft_id}")


async def _version_page(visit: Visit, errors: dict[str, Problem] | None = None) -> web.Response:
    editing = visit.services.editing
    edit = await editing.version(_revision(visit))
    before, after = await editing.version_written(edit)
    return visit.show(
        "edit_version.html",
        status=422 if errors else 200,
        edit=edit,
        address=address(edit.kind, edit.key),
        changes=changes(before, after),
        names=await editing.names([edit]),
        effect=_effect(edit.effect),
        topics=editing.book.topics,
        reason=visit.form.text("reason"),
        reason_longest=REASON_LONGEST,
        errors=errors or {},
    )


def _revision(visit: Visit) -> Revision:
    typed = visit.part("revision")
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS):
        raise NotFound(f"revision {typed}")
    return Revision(int(typed))


ROUTES = (
    get(f"{PATH}/nhap/{{draft_id}}", show_draft, needs=Act.EDIT),
    get(f"{PATH}/nhap/{{draft_id}}/tac-dung", show_effect, needs=Act.EDIT),
    post(f"{PATH}/nhap/{{draft_id}}", save, needs=Act.EDIT),
    post(f"{PATH}/nhap/{{draft_id}}/bo", drop, needs=Act.EDIT),
    get(f"{PATH}/lich-su", show_history, needs=Act.SEE),
    get(f"{PATH}/lich-su/{{revision}}", show_version, needs=Act.SEE),
    post(f"{PATH}/lich-su/{{revision}}", propose_back, needs=Act.EDIT),
)
