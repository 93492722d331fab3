"""Tips that the page seals before it sends them: what it needs for that, and what it brings.

What was told comes through here sealed. The private key of the dialogue comes in the clear,
for the moment in which the receipt locks it.
"""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.ids import KeyHolderId, TipId, UnitId
from bot.core.tips import TipCategory
from bot.services.tips.receiving.pictures import MOST_PICTURES
from bot.services.tips.receiving.sealed_intake import (
    ReadersChanged,
    SealedIntake,
    SealedTip,
    SealedWrongly,
    TipKnown,
)
from bot.services.tips.receiving.tasks import Answered, PageTask, PageTasks
from bot.services.tips.records import Readers
from bot.web.sent_again import mark_of
from bot.web.tip_door import BUSY_S, TipDoor
from bot.web.uploads import MULTIPART, UPLOAD_S, Bounds, parts_of

PATH: Final = "/to-giac/kin"
_ENVELOPE: Final = "tip"
_RECORD: Final = "record"
_ENVELOPE_BYTES: Final = 256 * 1024
# A megabyte padded, and what sealing adds to it.
_RECORD_BYTES: Final = 1024 * 1024 + 1024
_MOST_RECORDS: Final = 2 + MOST_PICTURES
_BOUNDS: Final = Bounds(
    most_parts=_MOST_RECORDS + 2,
    all_bytes=_ENVELOPE_BYTES + _MOST_RECORDS * _RECORD_BYTES,
    most_bytes=lambda name, _is_file: _ENVELOPE_BYTES if name == _ENVELOPE else _RECORD_BYTES,
)


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page says of a sealed tip; bytes are base64 (RFC 4648)."""

    id: Annotated[str, msgspec.Meta(max_length=12)]
    unit: Annotated[str, msgspec.Meta(max_length=64)]
    category: TipCategory
    is_urgent: bool
    about_officer: bool
    talk: bytes
    keys: dict[str, bytes]
    task: Annotated[str, msgspec.Meta(max_length=128)] = ""
    number: Annotated[str, msgspec.Meta(max_length=8)] = ""
    once: Annotated[str, msgspec.Meta(max_length=32)] = ""


_DECODER: Final = msgspec.json.Decoder(_Envelope)


class SealedForm:
    """Answers /to-giac/kin."""

    def __init__(self, *, sealed: SealedIntake, tasks: PageTasks, door: TipDoor) -> None:
        self._sealed = sealed
        self._tasks = tasks
        self._door = door
        self._ground: tuple[Readers, Mapping[str, object]] | None = None

    async def ground(self) -> Mapping[str, object]:
        """Return what the page must know to seal: units by code, readers, their public keys."""
        readers = await self._sealed.readers()
        if self._ground is None or self._ground[0] is not readers:
            self._ground = readers, _ground(readers)
        return self._ground[1]

    async def send(self, request: web.Request) -> web.Response:
        """Store what the page has sealed; show the receipt, or say in JSON what to do next."""
        if wait_s := self._door.wait_s(request):
            return _refused(web.HTTPTooManyRequests.status_code, "too_many", wait_s=wait_s)
        if not self._door.begin_upload():
            return _refused(web.HTTPTooManyRequests.status_code, "too_many", wait_s=BUSY_S)
        try:
            return await self._stored(request)
        finally:
            self._door.end_upload()

    async def _stored(self, request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(UPLOAD_S):
                said, tip = await _read(request)
        except TimeoutError:
            return _refused(web.HTTPRequestTimeout.status_code, "too_slow")
        except SealedWrongly as error:
            raise web.HTTPBadRequest from error
        # The page takes another number when a word is changed; sealed anew, the same looks new.
        mark = mark_of(said.once, ())
        if not self._door.was_sent(mark) and not self._may_pass(
            tip, Answered(token=said.task, number=said.number)
        ):
            status = web.HTTPConflict.status_code
            return _refused(status, "task", task=task_for_script(self._tasks.new()))
        try:
            shown = await self._door.stored(lambda: self._sealed.accept(tip), mark=mark)
        except SealedWrongly as error:
            raise web.HTTPBadRequest from error
        except TipKnown:
            return _refused(web.HTTPConflict.status_code, "again")
        except ReadersChanged:
            status = web.HTTPConflict.status_code
            return _refused(status, "readers", ground=await self.ground())
        except RuleBroken:
            return _refused(web.HTTPServiceUnavailable.status_code, "not_ready")
        return await self._door.receipt(request, shown, is_urgent=tip.is_urgent)

    def _may_pass(self, tip: SealedTip, answered: Answered) -> bool:
        """Tell whether no task stands before the tip, or it was solved, which is then spent."""
        is_due = self._tasks.is_due(
            tip.unit_id, is_urgent=tip.is_urgent, about_officer=tip.about_officer
        )
        return not is_due or self._tasks.spend(answered)

    def routes(self) -> list[web.RouteDef]:
        """Return the route of sealed tips."""
        return [web.post(PATH, self.send)]


async def _read(request: web.Request) -> tuple[_Envelope, SealedTip]:
    """Return what the page sent. Raise `SealedWrongly`, `HTTPBadRequest`, 413."""
    if request.content_type != MULTIPART:
        raise SealedWrongly("not what the page sends")
    envelope: bytes | None = None
    records: list[bytes] = []
    async for part in parts_of(request, _BOUNDS):
        if part.is_too_large:
            raise SealedWrongly("the size of a part")
        if part.name == _ENVELOPE and envelope is None:
            envelope = part.body
        elif part.name == _RECORD:
            records.append(part.body)
        else:
            raise SealedWrongly("a part that the page does not send")
    try:
        said = _DECODER.decode(envelope or b"")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SealedWrongly("the envelope") from error
    return said, _tip(said, records)


def _tip(said: _Envelope, records: list[bytes]) -> SealedTip:
    return SealedTip(
        tip_id=TipId(said.id),
        unit_id=UnitId(said.unit),
        category=said.category,
        is_urgent=said.is_urgent,
        about_officer=said.about_officer,
        talk_private=said.talk,
        records=records,
        keys={KeyHolderId(holder): wrapped for holder, wrapped in said.keys.items()},
    )


def task_for_script(task: PageTask | None) -> Mapping[str, object] | None:
    """Return a task as the script of the page knows it."""
    return None if task is None else {"token": task.token, "numbers": list(task.numbers)}


def _ground(readers: Readers) -> Mapping[str, object]:
    units = list(readers.units.values())
    filed = {unit.id: readers.of(unit.id) for unit in units}
    inspecting = {
        unit.inspectorate_id: readers.of(unit.inspectorate_id, about_officer=True)
        for unit in units
        if unit.inspectorate_id is not None
    }
    found = [holder for some in (filed, inspecting) for each in some.values() for holder in each]
    ground = {
        "top": next((unit.code for unit in units if unit.parent_id is None), ""),
        "units": {
            unit.code: {
                "id": unit.id,
                "readers": [holder.id for holder in filed[unit.id]],
                "inspectorate": _inspectorate(readers, unit.id),
            }
            for unit in units
        },
        "inspecting": {
            unit_id: [holder.id for holder in some] for unit_id, some in inspecting.items()
        },
        "keys": {holder.id: holder.public_key for holder in found},
    }
    built: Mapping[str, object] = msgspec.to_builtins(ground)
    return built


def _inspectorate(readers: Readers, unit_id: UnitId) -> UnitId | None:
    try:
        return readers.filed_under(unit_id, about_officer=True)
    except RuleBroken:
        return None


def _refused(status: int, error: str, **more: object) -> web.Response:
    response = web.json_response({"error": error, **more}, status=status)
    response.headers["Cache-Control"] = "no-store"
    if "wait_s" in more:
        response.headers["Retry-After"] = str(more["wait_s"])
    return response
