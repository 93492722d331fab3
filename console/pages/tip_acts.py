"""What an officer does to one tip: move, answer, note, hand over, merge, give away, black out.

Every form says at which version the officer saw the tip. If something changed meanwhile nothing
is done: the page shows what changed, and keeps what was typed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from aiohttp import web

from bot.core.errors import RuleBroken, UnlawfulMove
from bot.core.ids import OfficerId, TipId, UnitId
from bot.core.languages import Language
from bot.core.officers import Act
from bot.core.sealing import SealBroken
from bot.core.tips import TipState
from bot.services.tips.reading.access import Reader
from bot.services.tips.talk import Letter
from console.forms import Problem
from console.pages.tip import REPLIES, address_of, opened
from console.pages.tip_parts import QUEUE, locked, reader_of
from console.routes import Page, post
from console.visit import Visit, see

_LONGEST_NUMBER: Final = 12
_PICTURE_MOST_BYTES: Final = 8_000_000
INSPECTORATE: Final = "thanh-tra"

Deed = Callable[[Visit, Reader, TipId, int | None], Awaitable[object]]


def _version(visit: Visit) -> int | None:
    """Return at which version the officer saw the tip, None if the form does not say."""
    typed = visit.form.text("version")
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_NUMBER
    return int(typed) if is_number else None


def _act(deed: Deed, at: str, *, leads_to_queue: bool = False) -> Page:
    """Return the page that does `deed` and shows the tip again, with the reason if it may not."""

    async def page(visit: Visit) -> web.StreamResponse:
        reader = reader_of(visit)
        if reader is None:
            return locked(visit, address_of(visit))
        try:
            await deed(visit, reader, TipId(visit.part("tip_id")), _version(visit))
        except UnlawfulMove:
            # Somebody else moved it meanwhile: the page now shows where it stands.
            return await opened(visit, reader, problem=Problem(key="tip_moved_meanwhile"), at=at)
        except SealBroken:
            return await opened(visit, reader, problem=Problem(key="tip_seal_broken"), at=at)
        except RuleBroken as broken:
            problem = Problem(key=broken.key, values=broken.values)
            return await opened(visit, reader, problem=problem, at=at)
        return see(QUEUE if leads_to_queue else address_of(visit))

    return page


async def _move(visit: Visit, reader: Reader, tip_id: TipId, version: int | None) -> object:
    to = visit.form.text("to")
    if to not in set(TipState) - {TipState.DOUBLED}:
        raise RuleBroken("tip_state_missing")
    return await visit.services.reading.desk.move(
        tip_id,
        TipState(to),
        reader,
        reason=visit.form.text("reason"),
        passed_to=visit.form.text("passed_to"),
        version=version,
    )


async def _reply(visit: Visit, reader: Reader, tip_id: TipId, version: int | None) -> None:
    letter = Letter(text=visit.form.text("text"))
    upload = visit.form.files.get("file")
    if upload is not None:
        picture = await visit.services.reading.viewer.cleaned(upload.body)
        letter = replace(letter, pictures=(picture,))
    await visit.services.reading.talks.say(tip_id, reader, letter, version=version)


async def _note(visit: Visit, reader: Reader, tip_id: TipId, _version: int | None) -> object:
    return await visit.services.reading.desk.note(tip_id, reader, visit.form.text("note"))


async def _claim(visit: Visit, reader: Reader, tip_id: TipId, version: int | None) -> object:
    claims, to = visit.services.reading.claims, visit.form.text("officer")
    if to == reader.officer.id:
        return await claims.claim(tip_id, reader, version=version)
    if not to:
        return await claims.release(tip_id, reader, version=version)
    return await claims.hand_over(tip_id, reader, OfficerId(to), version=version)


async def _merge(visit: Visit, reader: Reader, tip_id: TipId, version: int | None) -> object:
    return await visit.services.reading.merging.merge(
        tip_id,
        reader,
        into=visit.form.text("into"),
        reason=visit.form.text("reason"),
        version=version,
    )


async def _transfer(visit: Visit, reader: Reader, tip_id: TipId, version: int | None) -> object:
    transfers, to = visit.services.reading.transfers, visit.form.text("unit")
    reason = visit.form.text("reason")
    if to == INSPECTORATE:
        return await transfers.to_inspectorate(tip_id, reader, reason=reason, version=version)
    return await transfers.to_unit(tip_id, reader, UnitId(to), reason=reason, version=version)


async def _hold(visit: Visit, reader: Reader, tip_id: TipId, version: int | None) -> object:
    holding, reason = visit.services.reading.holding, visit.form.text("reason")
    act = holding.hold if visit.form.text("to") == "hold" else holding.let_go
    return await act(tip_id, reader, reason=reason, version=version)


async def _redact(visit: Visit, reader: Reader, tip_id: TipId, version: int | None) -> object:
    ticked = [int(one) for one in visit.form.texts("piece") if one.isascii() and one.isdigit()]
    return await visit.services.reading.redacting.redact(
        tip_id,
        reader,
        numbers=ticked,
        words=visit.form.text("words").splitlines(),
        version=version,
    )


async def begin_reply(visit: Visit) -> web.StreamResponse:
    """Put a ready sentence below what was typed; nothing is sent or kept."""
    reader = reader_of(visit)
    if reader is None:
        return locked(visit, address_of(visit))
    text, chosen = visit.form.text("text"), visit.form.text("template")
    if chosen in REPLIES:
        text = f"{text}\n{visit.services.tip_voice(chosen, Language.VI)}".strip()
    return await opened(visit, reader, typed={"text": text}, at="reply")


_AT: Final = "/tin-bao/{tip_id}"
ROUTES = (
    post(f"{_AT}/chuyen", _act(_move, "move"), needs=Act.MODERATE),
    post(
        f"{_AT}/tra-loi",
        _act(_reply, "reply"),
        needs=Act.MODERATE,
        file_most_bytes=_PICTURE_MOST_BYTES,
    ),
    post(
        f"{_AT}/mau",
        begin_reply,
        needs=Act.MODERATE,
        file_most_bytes=_PICTURE_MOST_BYTES,
    ),
    post(f"{_AT}/ghi-chu", _act(_note, "note"), needs=Act.MODERATE),
    post(f"{_AT}/nhan", _act(_claim, "claim"), needs=Act.MODERATE),
    post(f"{_AT}/gop", _act(_merge, "merge"), needs=Act.MODERATE),
    post(
        f"{_AT}/don-vi",
        _act(_transfer, "transfer", leads_to_queue=True),
        needs=Act.MODERATE,
    ),
    post(f"{_AT}/luu-giu", _act(_hold, "hold"), needs=Act.MODERATE),
    post(f"{_AT}/che", _act(_redact, "redact"), needs=Act.MODERATE),
)
