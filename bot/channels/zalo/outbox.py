"""One message on its way to Zalo: its attachment uploaded, its parts sent in order, none twice.

How it looks is in `rendering`, what a refusal means in `errors`.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.channels.zalo.account import Say
from bot.channels.zalo.api import OaApi
from bot.channels.zalo.calls import Answer
from bot.channels.zalo.errors import (
    ATTACHMENT_GONE_CODE,
    SHAPE_CODES,
    UNPAID_CODES,
    Refusals,
)
from bot.channels.zalo.rendering import (
    Form,
    Part,
    Place,
    Way,
    place_of,
    placeholder,
    recipient_of,
    render,
)
from bot.channels.zalo.standing import Standing
from bot.channels.zalo.uploads import Handle, Uploads
from bot.core.languages import Language
from bot.core.messages import Address, Outgoing
from bot.core.sending import MessageRefused, NextStep, SendError
from bot.core.text import clean
from bot.core.time import Clock

PATHS: Final = {
    Place.PERSON: "/v3.0/oa/message/cs",
    Place.GROUP: "/v3.0/oa/group/message",
    Place.VISITOR: "/v2.0/oa/message",
}
# So long a message that stopped half-way may come again and goes on where it stopped.
_HALF_WAY_S: Final = 600.0
_MOST_HALF_WAY: Final = 1_000
_COMES_AGAIN: Final = frozenset({NextStep.RETRY, NextStep.LEAVE_UNKNOWN, NextStep.CALL_OFFICER})


@dataclass(frozen=True, slots=True)
class _Letter:
    to: Address
    message: Outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class _HalfWay:
    """What of a message Zalo has taken already: so many parts, with these ids."""

    parts: int
    ids: tuple[str, ...] = field(repr=False)
    until_s: float


_NOTHING: Final = _HalfWay(parts=0, ids=(), until_s=0.0)


class Outbox:
    """Sends for one account. `form` is what asks people for their name and number."""

    def __init__(
        self,
        *,
        api: OaApi,
        uploads: Uploads,
        refusals: Refusals,
        standing: Standing,
        clock: Clock,
        form: Form,
    ) -> None:
        self._api = api
        self._uploads = uploads
        self._refusals = refusals
        self._standing = standing
        self._clock = clock
        self._form = form
        self._half_way: OrderedDict[_Letter, _HalfWay] = OrderedDict()

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        """Deliver `message`; return Zalo's ids of its parts, or raise a `SendError`."""
        handle = await self._uploads.handle(message.attachment) if message.attachment else None
        form = await self._pictured_form(to, message)
        parts = render(message, place=place_of(to), handle=handle, form=form)
        if not parts and message.is_recall:
            return ()
        if not parts:
            raise MessageRefused("empty text")
        letter = _Letter(to, message)
        done = self._taken(letter)
        ids = list(done.ids)
        for number, part in enumerate(parts[done.parts :], start=done.parts):
            try:
                found, handle = await self._send_part(letter, part, number, handle)
            except SendError as error:
                self._stopped(letter, error, ids, number)
                raise
            ids += found
        return tuple(ids)

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:
        """Return the texts of every body `message` may be sent as, as echoes are read.

        No words at all only if the message has none.
        """
        try:
            handle = placeholder(message.attachment) if message.attachment else None
        except MessageRefused:
            return []
        parts = render(message, place=place_of(to), handle=handle, form=self._form)
        texts = [text for part in parts for text in part.texts]
        cleaned = list(dict.fromkeys(clean(text) for text in texts))
        return [text for text in cleaned if text] or cleaned

    async def _pictured_form(self, to: Address, message: Outgoing) -> Form | None:
        """Return the form if it is wanted and has a picture: Zalo refuses one without."""
        if not message.asks_contact or place_of(to) is not Place.PERSON:
            return None
        picture_url = await self._standing.picture_url()
        return replace(self._form, picture_url=picture_url) if picture_url else None

    async def _send_part(
        self, letter: _Letter, part: Part, number: int, handle: Handle | None
    ) -> tuple[list[str], Handle | None]:
        """Send one part in the first of its ways that is not refused for its shape."""
        to, attachment = letter.to, letter.message.attachment
        ids, answer = await self._send_ways(to, part)
        if answer.code == ATTACHMENT_GONE_CODE and attachment and handle:
            handle = await self._uploads.renewed(attachment, handle)
            part = render(letter.message, place=place_of(to), handle=handle)[number]
            ids, answer = await self._send_ways(to, part)
        if answer.code in UNPAID_CODES:
            self._standing.note_unpaid(answer.code)
        if answer.code != 0:
            is_part = place_of(to) is Place.VISITOR
            raise self._refusals.of_message(answer, is_group=to.is_group, is_part=is_part)
        return ids, handle

    async def _send_ways(self, to: Address, part: Part) -> tuple[list[str], Answer]:
        ids: list[str] = []
        answer = Answer(code=0)
        for way in part.ways:
            ids, answer = await self._send_way(to, way)
            if answer.code not in SHAPE_CODES or ids:
                break
        return ids, answer

    async def _send_way(self, to: Address, way: Way) -> tuple[list[str], Answer]:
        """Send one body after another; return Zalo's ids, and the first refusal or last answer."""
        path, recipient = PATHS[place_of(to)], recipient_of(to)
        ids: list[str] = []
        answer = Answer(code=0)
        for body in way:
            answer = await self._api.do(path, {"recipient": recipient, "message": body})
            if answer.code != 0:
                break
            ids.append(self._standing.take(answer.data))
        return ids, answer

    def _taken(self, letter: _Letter) -> _HalfWay:
        """Return what Zalo took of this message when it came before, and forget it."""
        self._forget_old()
        return self._half_way.pop(letter, _NOTHING)

    def _forget_old(self) -> None:
        """Forget what never came again: who was told what is not for this memory to keep."""
        now = self._clock.monotonic()
        while self._half_way and next(iter(self._half_way.values())).until_s <= now:
            self._half_way.popitem(last=False)

    def _stopped(self, letter: _Letter, error: SendError, ids: Sequence[str], parts: int) -> None:
        """Remember what of a message Zalo took, if the rest of it may come again."""
        if not parts or error.next_step not in _COMES_AGAIN:
            return
        until_s = self._clock.monotonic() + _HALF_WAY_S
        half = _HalfWay(parts=parts, ids=tuple(ids), until_s=until_s)
        self._half_way[letter] = half
        if len(self._half_way) > _MOST_HALF_WAY:
            self._half_way.popitem(last=False)


def form_in(say: Say) -> Form:
    """Return the form with its words, still without a picture."""
    return Form(
        title=say("zalo_form_title", Language.VI),
        subtitle=say("zalo_form_subtitle", Language.VI),
        picture_url="",
    )
