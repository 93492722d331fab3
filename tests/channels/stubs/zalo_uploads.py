"""Files an OA uploads before it sends them: types, sizes, number a month, seven days of life."""

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from aiohttp import web

from tests.channels.stubs.multipart_body import BadMultipart, multipart_parts
from tests.channels.stubs.sent_log import SentFile
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import ZaloIds, ZaloOa
from tests.channels.stubs.zalo_answers import ZaloRefusal, envelope, too_much, wrong
from tests.channels.stubs.zalo_groups import VIETNAM
from tests.channels.stubs.zalo_world import ApiAnswer, Calls

LIFE_S: Final = 7 * 86_400.0
NAME_MAX: Final = 200
PER_MONTH: Final = 5000

_MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadKind:
    """What one upload address takes and under which key it answers."""

    suffixes: frozenset[str]
    most_bytes: int
    answer_key: str


KINDS: Final = {
    "image": UploadKind(
        suffixes=frozenset({".jpg", ".jpeg", ".png"}), most_bytes=_MB, answer_key="attachment_id"
    ),
    "gif": UploadKind(
        suffixes=frozenset({".gif"}), most_bytes=5 * _MB, answer_key="attachment_id"
    ),
    "file": UploadKind(
        suffixes=frozenset({".pdf", ".doc", ".docx", ".csv"}),
        most_bytes=5 * _MB,
        answer_key="token",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    kind: str
    oa_id: str
    name: str
    size_bytes: int
    born_s: float


class ZaloUploads:
    """Keeps what was uploaded, by the handle that was answered."""

    def __init__(self, *, clock: StubClock, ids: ZaloIds) -> None:
        self.per_month = PER_MONTH
        self._clock = clock
        self._ids = ids
        self._months: Counter[str] = Counter()
        self._kept: dict[str, _Kept] = {}

    def calls(self) -> Calls:
        """Return the calls by their address."""
        return {f"/v2.0/oa/upload/{kind}": ("POST", self._call) for kind in KINDS}

    async def _call(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        kind = request.path.rpartition("/")[2]
        return ApiAnswer(body=await self.take(request, kind=kind, oa_id=oa.oa_id))

    async def take(self, request: web.Request, *, kind: str, oa_id: str) -> dict[str, object]:
        """Return the answer to one upload; ZaloRefusal -201 or -210 if it cannot be kept."""
        if request.content_type != "multipart/form-data":
            raise wrong("file is invalid", rule="an upload is multipart")
        name, size_bytes = await _file_of(request)
        rules = KINDS[kind]
        suffix = PurePath(name).suffix.lower()
        if not suffix:
            return envelope({})
        if suffix not in rules.suffixes:
            raise wrong("file type is invalid", rule=f"a type of {kind}")
        if len(name) > NAME_MAX:
            raise too_much("file name is too long", rule=f"file name at most {NAME_MAX}")
        if size_bytes > rules.most_bytes:
            raise too_much("file is too large", rule=f"{kind} at most {rules.most_bytes} bytes")
        month = self._clock.now().astimezone(VIETNAM).strftime("%Y-%m")
        if self._months[month] >= self.per_month:
            raise ZaloRefusal(-211, "Quota of uploads is used up for this month")
        self._months[month] += 1
        handle = self._ids.handle()
        self._kept[handle] = _Kept(
            kind=kind,
            oa_id=oa_id,
            name=name,
            size_bytes=size_bytes,
            born_s=self._clock.seconds(),
        )
        return envelope({rules.answer_key: handle})

    def resolved(self, file: SentFile, *, oa_id: str) -> SentFile:
        """Return `file` with the name and size it was uploaded with; -100 if it is not there."""
        if not file.reference or file.kind == "sticker":
            return file
        kept = self._kept.get(file.reference)
        is_gone = kept is None or self._clock.seconds() - kept.born_s >= LIFE_S
        if kept is None or is_gone or (kept.kind, kept.oa_id) != (file.kind, oa_id):
            raise ZaloRefusal(-100, "Attachment is expired or unknown")
        return SentFile(
            kind=file.kind,
            name=kept.name,
            size_bytes=kept.size_bytes,
            reference=file.reference,
        )


async def _file_of(request: web.Request) -> tuple[str, int]:
    """Return the name and size in bytes of the field `file`; -201 if there is none."""
    try:
        parts = await multipart_parts(request)
    except BadMultipart:
        parts = []
    for part in parts:
        if part.name == "file" and part.filename is not None:
            return part.filename, len(part.data)
    raise wrong("file is invalid", rule="multipart field file")
