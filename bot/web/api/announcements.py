"""What software may do about announcements: write, look, let go, approve, correct, take back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from bot.core.announcements import AnnouncementState, Link
from bot.core.api_tokens import Scope
from bot.core.audience import Audience
from bot.core.errors import NotFound
from bot.core.ids import AnnouncementId, ChannelId
from bot.services.announcements.amendments import Amendments, Correction
from bot.services.announcements.announcing import Shown, Wording
from bot.services.api.acting import KeyReused
from bot.web.api.endpoints import Call, Endpoint, Given
from bot.web.api.refusals import Refusal
from bot.web.api.services import ApprovalDesk
from bot.web.api.shapes import (
    AnnouncementList,
    AnnouncementShown,
    Approval,
    ListQuery,
    NewAnnouncement,
    NewCorrection,
    Plan,
    plan,
    shown,
)

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
_KEY_LONGEST: Final = 255
_OVER: Final = frozenset(
    {AnnouncementState.SENDING, AnnouncementState.PAUSED, AnnouncementState.CANCELLED}
)


async def write(call: Call) -> Given:
    """Keep a draft; the same request again answers with the same draft."""
    asked: NewAnnouncement = call.body
    key = _key(call)
    wording = await _wording(call, asked)
    try:
        written = await call.services.drafts.write(
            wording, caller=call.caller, key=key, request=msgspec.json.encode(asked)
        )
    except KeyReused as error:
        raise Refusal(409, "key_reused", fields={IDEMPOTENCY_KEY: "used before"}) from error
    one = await call.services.announcements.show(written.id, to=call.officer)
    return Given(
        body=shown(one, _desk(call).mark(one.announcement)),
        status=200 if written.is_repeat else 201,
        headers={
            "Location": f"{call.request.path}/{written.id}",
            REPLAYED: "true" if written.is_repeat else "false",
        },
    )


async def list_newest(call: Call) -> Given:
    """List the officer's announcements, newest first."""
    asked: ListQuery = call.query
    found = await call.services.announcements.newest(call.officer, limit=asked.limit)
    desk = _desk(call)
    return Given(
        body=AnnouncementList(
            announcements=[shown(one, desk.mark(one.announcement)) for one in found]
        )
    )


async def show(call: Call) -> Given:
    """Show one with what became of it."""
    return await _shown(call)


async def show_plan(call: Call) -> Given:
    """Say whom it would reach if it were sent now."""
    one = (await _one(call)).announcement
    if one.state in _OVER:
        raise Refusal(409, "plan_over")
    kinds = {str(account.id): account.kind for account in await call.services.channels.accounts()}
    reach = await call.services.reaches.of(one)
    return Given(body=plan(one, _desk(call).mark(one), reach, kinds))


async def release(call: Call) -> Given:
    """Let a draft go, or put it up for approval."""
    await _desk(call).propose(call.announcement_id, by=call.officer)
    return await _shown(call)


async def approve(call: Call) -> Given:
    """Approve exactly what the approver saw."""
    asked: Approval = call.body
    # What is not the officer's to see is not there, whatever mark was guessed.
    await _one(call)
    await _desk(call).approve(call.announcement_id, asked.mark, by=call.officer)
    return await _shown(call)


async def correct(call: Call) -> Given:
    """Send a corrected text to whom the earlier one reached, or put it up for approval."""
    asked: NewCorrection = call.body
    earlier = (await _one(call)).announcement
    correction = Correction(
        title=asked.title, text=asked.text, attachment_id=earlier.attachment_id
    )
    made = await _amendments(call).correct(earlier.id, correction, by=call.officer)
    return await _amended(call, made.id)


async def recall(call: Call) -> Given:
    """Take it back, at once, from whom it reached."""
    made = await _amendments(call).recall(call.announcement_id, by=call.officer)
    return await _amended(call, made.id)


def _amendments(call: Call) -> Amendments:
    return call.services.amendments(call.services.drafts.audit_of(call.caller))


async def _amended(call: Call, made: AnnouncementId) -> Given:
    """Answer with the new announcement that corrects or takes back."""
    one = await call.services.announcements.show(made, to=call.officer)
    return Given(
        body=shown(one, _desk(call).mark(one.announcement)),
        status=201,
        headers={"Location": call.request.path.partition(call.announcement_id)[0] + made},
    )


async def _one(call: Call) -> Shown:
    return await call.services.announcements.show(call.announcement_id, to=call.officer)


async def _shown(call: Call) -> Given:
    one = await _one(call)
    return Given(body=shown(one, _desk(call).mark(one.announcement)))


def _desk(call: Call) -> ApprovalDesk:
    return call.services.desk(call.services.drafts.audit_of(call.caller))


def _key(call: Call) -> str:
    key = call.request.headers.get(IDEMPOTENCY_KEY, "")
    if len(key) > _KEY_LONGEST or not key.isascii() or not key.isprintable():
        wrong = {IDEMPOTENCY_KEY: f"1 to {_KEY_LONGEST} printable ASCII characters"}
        raise Refusal(422, "fields_wrong", fields=wrong)
    return key


async def _wording(call: Call, asked: NewAnnouncement) -> Wording:
    units = {unit.code: unit.id for unit in await call.services.units.seen_by(call.officer)}
    known = {account.id for account in await call.services.channels.accounts()}
    wrong: dict[str, str] = {}
    for field, codes in (
        ("unit", [asked.unit]),
        ("more_units", asked.more_units),
        ("without_units", asked.without_units),
    ):
        if set(codes) - set(units):
            wrong[field] = "no unit of yours has this code"
    if set(asked.channels) - known:
        wrong["channels"] = "no such channel in use"
    if asked.missed is not None and not await _is_there(call, AnnouncementId(asked.missed)):
        wrong["missed"] = "no announcement of yours has this id"
    if wrong:
        raise Refusal(422, "fields_wrong", fields=wrong)
    more, without = _once(asked.more_units), _once(asked.without_units)
    return Wording(
        unit_id=units[asked.unit],
        title=asked.title,
        text=asked.text,
        is_urgent=asked.is_urgent,
        is_public=asked.is_public,
        channels=tuple(ChannelId(one) for one in _once(asked.channels)),
        due_at=asked.due_at,
        grace=timedelta(minutes=asked.grace_minutes),
        audience=Audience(
            more_unit_ids=tuple(units[code] for code in more if code != asked.unit),
            without_unit_ids=tuple(units[code] for code in without),
            topics=_once(asked.topics),
            missed=AnnouncementId(asked.missed) if asked.missed is not None else None,
        ),
        links=tuple(Link(label=one.label, url=one.url) for one in asked.links),
    )


def _once(named: Sequence[str]) -> tuple[str, ...]:
    """Return each name once, in the order in which they came."""
    return tuple(dict.fromkeys(named))


async def _is_there(call: Call, announcement_id: AnnouncementId) -> bool:
    try:
        await call.services.announcements.show(announcement_id, to=call.officer)
    except NotFound:
        return False
    return True


_ALL: Final = "/announcements"
_ONE: Final = "/announcements/{announcement_id}"
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    Endpoint(
        method="POST",
        path=_ALL,
        scope=Scope.WRITE,
        act=write,
        takes=NewAnnouncement,
        gives=AnnouncementShown,
        headers=(IDEMPOTENCY_KEY,),
        well=(200, 201),
        may_conflict=True,
    ),
    Endpoint(
        method="GET",
        path=_ALL,
        scope=Scope.READ,
        act=list_newest,
        query=ListQuery,
        gives=AnnouncementList,
    ),
    Endpoint(method="GET", path=_ONE, scope=Scope.READ, act=show, gives=AnnouncementShown),
    Endpoint(
        method="GET",
        path=f"{_ONE}/plan",
        scope=Scope.READ,
        act=show_plan,
        gives=Plan,
        may_conflict=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/release",
        scope=Scope.WRITE,
        act=release,
        gives=AnnouncementShown,
        may_conflict=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/approve",
        scope=Scope.APPROVE,
        act=approve,
        takes=Approval,
        gives=AnnouncementShown,
        may_conflict=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/correct",
        scope=Scope.WRITE,
        act=correct,
        takes=NewCorrection,
        gives=AnnouncementShown,
        well=(201,),
        may_conflict=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/recall",
        scope=Scope.WRITE,
        act=recall,
        gives=AnnouncementShown,
        well=(201,),
        may_conflict=True,
    ),
)
