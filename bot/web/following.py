"""Looking at a tip with its receipt, and talking about it with the officers who read it.

The receipt travels in the bodies of forms, never in an address or a cookie, so that no history,
log or proxy keeps it. So every act is a POST to the one address, told apart by the field `act`.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from aiohttp import web

from bot.core.errors import LocatorTaken, NotFound, RuleBroken
from bot.core.tips import TipState
from bot.core.turns import Effect
from bot.services.answers.answers import Answers
from bot.services.tips.receiving.pictures import MOST_PICTURES
from bot.services.tips.receiving.talks import Followed, ResidentTalks, TooManyTries
from bot.services.tips.talk import Letter, Said
from bot.web.picture_form import PICTURES, PictureForms, Sent
from bot.web.pictures import qr
from bot.web.second_look import confirming, number_to_call, unconfirmed
from bot.web.tip_door import TipDoor
from content.book import Book
from content.revealing import Hint

LONGEST_TEXT: Final = 3_000
_LONGEST_CODE: Final = 100
_FAULT: Final = web.HTTPBadRequest.status_code


class Act(StrEnum):
    """What a form of the page asks for."""

    LOOK = "look"
    WRITE = "write"
    ASK_WITHDRAW = "ask_withdraw"
    WITHDRAW = "withdraw"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What stands beside the dialogue: something half written, what is wrong, what was done."""

    text: str = field(default="", repr=False)
    is_correction: bool = False
    faults: Mapping[str, str] = field(default_factory=dict)
    hints: Sequence[Hint] = ()
    lost_pictures: bool = False
    wait_s: int = 0
    done: str = ""
    danger_number: str = ""
    is_asked: bool = False

    @property
    def sure(self) -> str:
        """What the button "send as it is" says of the hints."""
        return confirming(self.hints)


class Following:
    """Answers /theo-doi."""

    def __init__(
        self,
        *,
        talks: ResidentTalks,
        answers: Answers,
        book: Book,
        door: TipDoor,
        forms: PictureForms,
    ) -> None:
        self._talks = talks
        self._answers = answers
        self._book = book
        self._door = door
        self._pages = door.pages
        self._forms = forms

    async def show(self, request: web.Request) -> web.Response:
        """Show the form for the receipt."""
        return await self._ask(request)

    async def act(self, request: web.Request) -> web.Response:
        """Do what a form asks for, if its receipt opens a tip."""
        sent = await self._forms.read(request, self._is_ready)
        typed = sent.fields.get("code", "")
        if not typed:
            return await self._ask(request, fault="error_field_missing", status=_FAULT)
        try:
            followed = await self._followed(typed)
        except TooManyTries as error:
            minutes = max(1, -(-error.wait_s // 60))
            response = await self._ask(request, wait_minutes=minutes, status=429)
            response.headers["Retry-After"] = str(error.wait_s)
            return response
        if followed is None:
            return await self._unknown(request, sent)
        if sent.fields.get("act") == Act.EXCHANGE:
            return await self._exchange(request, followed, sent)
        if followed.is_handed and followed.has_talk:
            return await self._show_fresh(request, typed, await self._talks.draw())
        return await self._done(request, followed, sent)

    async def _followed(self, typed: str) -> Followed | None:
        return await self._talks.follow(typed) if len(typed) <= _LONGEST_CODE else None

    async def _unknown(self, request: web.Request, sent: Sent) -> web.Response:
        # Sent twice: the receipt was exchanged a moment ago, or the tip is gone as was wanted.
        if sent.fields.get("act") == Act.EXCHANGE:
            fresh = sent.fields.get("fresh", "")
            if (followed := await self._followed(fresh)) is not None:
                return await self._dialogue(request, fresh, followed, Desk(done="exchanged"))
        return await self._ask(request, is_unknown=True)

    async def _done(self, request: web.Request, followed: Followed, sent: Sent) -> web.Response:
        typed = sent.fields["code"]
        match sent.fields.get("act"):
            case Act.WRITE:
                return await self._write(request, followed, sent)
            case Act.WITHDRAW:
                return await self._withdraw(request, typed, followed)
            case Act.ASK_WITHDRAW:
                return await self._dialogue(request, typed, followed, Desk(is_asked=True))
            case _:
                return await self._dialogue(request, typed, followed, Desk())

    # --- acts --------------------------------------------------------------------------------

    async def _write(self, request: web.Request, followed: Followed, sent: Sent) -> web.Response:
        typed, fields = sent.fields["code"], sent.fields
        text, is_fix = fields.get("text", ""), bool(fields.get("correction"))
        faults = self._faults(sent)
        hints = self._unconfirmed(fields)
        wait_s = self._door.wait_s(request) if sent.wait_s is None else sent.wait_s
        if faults or hints or wait_s:
            desk = Desk(
                text=text,
                is_correction=is_fix,
                faults=faults,
                hints=() if faults else hints,
                lost_pictures=sent.had_files,
                wait_s=wait_s,
            )
            return await self._dialogue(
                request, typed, followed, desk, status=_FAULT if faults else 200
            )
        letter = Letter(text=text, pictures=tuple(sent.pictures))
        # A page that is loaded anew sends its form again.
        if followed.has_talk and not _is_said(followed, letter, is_correction=is_fix):
            try:
                await self._carry_out(self._talks.add(followed, letter, is_correction=is_fix))
            except NotFound:
                return await self._ask(request, is_unknown=True)
            followed = await self._talks.follow(typed) or followed
        language = self._pages.language(request)
        number = number_to_call(self._answers, self._book, text, language)
        desk = Desk(done="follow_reply_sent", danger_number=number)
        return await self._dialogue(request, typed, followed, desk)

    async def _withdraw(
        self, request: web.Request, typed: str, followed: Followed
    ) -> web.Response:
        try:
            await self._carry_out(self._talks.withdraw(followed))
        except RuleBroken:
            desk = Desk(faults={"withdraw": "talk_held"})
            return await self._dialogue(request, typed, followed, desk, status=409)
        return await self._door.page(request, "follow_gone.html")

    async def _exchange(
        self, request: web.Request, followed: Followed, sent: Sent
    ) -> web.Response:
        typed, fresh = sent.fields["code"], sent.fields.get("fresh", "")
        try:
            await self._carry_out(await self._talks.exchange(followed, fresh))
        except (LocatorTaken, RuleBroken):
            if not followed.has_talk:
                return await self._dialogue(request, typed, followed, Desk())
            return await self._show_fresh(request, typed, await self._talks.draw())
        now = await self._talks.follow(fresh) or followed
        return await self._dialogue(request, fresh, now, Desk(done="exchanged"))

    async def _carry_out(self, effect: Effect) -> None:
        await self._door.carry_out(effect)

    # --- what is wrong -----------------------------------------------------------------------

    def _is_ready(self, fields: Mapping[str, str]) -> bool:
        """Tell whether pictures that follow are worth cleaning."""
        is_short = len(fields.get("text", "")) <= LONGEST_TEXT
        has_code = 0 < len(fields.get("code", "")) <= _LONGEST_CODE
        return is_short and has_code and not self._unconfirmed(fields)

    def _unconfirmed(self, fields: Mapping[str, str]) -> list[Hint]:
        hints = self._book.revealing.find(fields.get("text", ""))
        return unconfirmed(hints, fields.get("sure", ""))

    def _faults(self, sent: Sent) -> dict[str, str]:
        text = sent.fields.get("text", "")
        if sent.refused:
            return {PICTURES: sent.refused}
        if len(text) > LONGEST_TEXT:
            return {"text": "error_field_too_long"}
        has_pictures = bool(sent.pictures) or sent.had_files
        return {} if text or has_pictures else {"text": "error_field_missing"}

    # --- pages -------------------------------------------------------------------------------

    async def _ask(
        self,
        request: web.Request,
        *,
        status: int = 200,
        fault: str = "",
        is_unknown: bool = False,
        wait_minutes: int = 0,
    ) -> web.Response:
        return await self._door.page(
            request,
            "follow.html",
            status=status,
            fault=fault,
            is_unknown=is_unknown,
            wait_minutes=wait_minutes,
        )

    async def _dialogue(
        self,
        request: web.Request,
        code: str,
        followed: Followed,
        desk: Desk,
        *,
        status: int = 200,
    ) -> web.Response:
        language = self._pages.language(request)
        return await self._door.page(
            request,
            "follow_dialogue.html",
            status=status,
            code=code,
            followed=followed,
            state_words=self._words(request, followed),
            said=[_shown(one) for one in followed.said],
            desk=desk,
            picture_fault=self._forms.fault(desk.faults.get(PICTURES, ""), language),
            longest=LONGEST_TEXT,
            most_pictures=MOST_PICTURES,
            acts=Act,
        )

    async def _show_fresh(self, request: web.Request, code: str, fresh: str) -> web.Response:
        title = self._pages.say("tip_receipt", self._pages.language(request))
        return await self._door.page(
            request,
            "follow_exchange.html",
            code=code,
            fresh=fresh,
            qr=qr(fresh, title=title),
            acts=Act,
        )

    def _words(self, request: web.Request, followed: Followed) -> str:
        language = self._pages.language(request)
        key = f"state_{followed.state}"
        if followed.state is TipState.PASSED_ON:
            named = f"passed_to_{followed.passed_to}" if followed.passed_to else "passed_on_to"
            to = self._pages.tips(named, language)
            return self._pages.tips(key, language, to=to)
        return self._pages.tips(key, language)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of following."""
        return [web.get("/theo-doi", self.show), web.post("/theo-doi", self.act)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A message as the page shows it; officers' pictures as addresses that hold them."""

    said: Said
    pictures: tuple[str, ...] = field(default=(), repr=False)


def _shown(said: Said) -> _Shown:
    """Return the message with officers' pictures; the sender's own are only counted."""
    if not said.by_officers:
        return _Shown(said=said)
    encoded = (base64.b64encode(one).decode() for one in said.pictures)
    return _Shown(said=said, pictures=tuple(f"data:image/jpeg;base64,{one}" for one in encoded))


def _is_said(followed: Followed, letter: Letter, *, is_correction: bool) -> bool:
    own = [one for one in followed.said if not one.by_officers]
    if not own:
        return False
    last = own[-1]
    return (last.text, len(last.pictures), last.is_correction) == (
        letter.text,
        len(letter.pictures),
        is_correction,
    )
