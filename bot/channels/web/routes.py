"""The pages of the chat: what is said comes in, letters go out as server-sent events.

Works without scripts as well: a form, the list of letters, a link to look again. That a
request comes from a page of ours is checked by the gate of the server.
"""

import json
from typing import Final, Protocol

from aiohttp import web

from bot.channels.web.doorbells import Doorbells, TooManyListeners
from bot.channels.web.keys import PATH, chat_of, give, new_token, take, token_of
from bot.channels.web.mailroom import Mailroom, OpenLetter
from bot.channels.web.said import LONGEST, read_fields, read_said
from bot.core.ids import ChannelId, ConversationKey, read_code
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.announcements.attachments import headers_of
from bot.services.bells import Bell
from bot.services.conversations.reception import Reception
from bot.services.envelopes import Envelopes
from bot.services.people.people import People
from bot.services.soft_limit import SoftLimit

LISTEN_PATH: Final = f"{PATH}/nghe"
_SAY_PATH: Final = f"{PATH}/gui"
_SEEN_PATH: Final = f"{PATH}/da-xem"
_ENCLOSED_PATH: Final = f"{PATH}/kem"
_DELETE_PATH: Final = f"{PATH}/xoa"
# Twenty taps in a row are a person in a hurry; more than one a second for long is not.
_BURST: Final = 20
_EVERY_S: Final = 1.0
_LOOK_S: Final = 5.0
_HEARTBEAT_S: Final = 20.0
_RECONNECT_MS: Final = 3000
_LONGEST_CODE: Final = 32
_LARGEST_NUMBER: Final = 2**53


class PageMaker(Protocol):
    """Makes pages in the frame of the site."""

    def language(self, request: web.Request) -> Language:
        """Return the reader's language."""
        ...

    async def render(
        self, request: web.Request, template: str, /, *, status: int = 200, **values: object
    ) -> web.Response:
        """Return a page."""
        ...


class Chat:
    """The routes below /tro-chuyen."""

    def __init__(
        self,
        channel_id: ChannelId,
        *,
        reception: Reception,
        storage: Storage,
        envelopes: Envelopes,
        people: People,
        doorbells: Doorbells,
        pages: PageMaker,
        clock: Clock,
        chance: Chance,
        public_url: str,
    ) -> None:
        self._channel_id = channel_id
        self._reception = reception
        self._storage = storage
        self._envelopes = envelopes
        self._people = people
        self._doorbells = doorbells
        self._pages = pages
        self._clock = clock
        self._chance = chance
        self._is_https = public_url.startswith("https:")
        self._mailroom = Mailroom(storage=storage, envelopes=envelopes, public_url=public_url)
        self._limit = SoftLimit(burst=_BURST, every_s=_EVERY_S, clock=clock, chance=chance)

    # --- the page --------------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """Show the chat as far as this browser may see it.

        Sets no cookie: a link from another site comes without the one we gave, and a new one
        would take the old chat away.
        """
        token = token_of(request)
        letters = await self._mailroom.newest(self._mailbox(token)) if token else []
        code = read_code(request.query.get("ma", "")[:_LONGEST_CODE])
        response = await self._pages.render(
            request,
            "chat.html",
            letters=letters,
            last=letters[-1].number if letters else 0,
            has_secret=any(letter.is_secret for letter in letters),
            start=f"join_{code}" if code.isalnum() and code.isascii() else "",
            event_id=self._event_id(),
            longest=LONGEST,
        )
        return _unkept(response)

    async def ask_delete(self, request: web.Request) -> web.Response:
        """Say what deleting the chat does, before it is done."""
        return _unkept(await self._pages.render(request, "chat_delete.html", is_done=False))

    # --- what comes in ---------------------------------------------------------------------

    async def say(self, request: web.Request) -> web.Response:
        """Take what was said; answer once it is on the disk: 202 to scripts, 303 to forms."""
        token = token_of(request) or new_token(self._chance)
        said = read_said(await read_fields(request))
        if wait_s := self._limit.wait_s(token):
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(wait_s)})
        incoming = said.incoming(self._channel_id, chat_of(token), at=self._clock.now())
        await self._reception.receive([incoming])
        response = _done(request, {"cut": said.was_cut}, status=202)
        give(response, token, is_https=self._is_https)
        return response

    async def seen(self, request: web.Request) -> web.Response:
        """Wipe the secret letters up to the number that the page has shown."""
        number = _number((await read_fields(request)).get("n", ""))
        if token := token_of(request):
            async with self._storage.begin() as work:
                await work.mailboxes.wipe_secrets(self._mailbox(token), number)
                await work.commit()
        return _done(request, {}, status=202)

    async def delete(self, request: web.Request) -> web.Response:
        """Forget the chat: its letters, its open question, its membership, its cookie.

        Without the cookie nobody can open the mailbox any more, so staying a member would
        only count somebody as reached who is not.
        """
        if token := token_of(request):
            mailbox = self._mailbox(token)
            address = Address(channel_id=self._channel_id, chat=chat_of(token))
            async with self._storage.begin() as work:
                await work.mailboxes.remove(mailbox)
                await work.dialogues.remove(mailbox)
                await self._people.leave(work, address)
                await work.commit()
        response = _unkept(await self._pages.render(request, "chat_delete.html", is_done=True))
        take(response, is_https=self._is_https)
        return response

    # --- what goes out ---------------------------------------------------------------------

    async def enclosed(self, request: web.Request) -> web.Response:
        """Answer with the picture or file of a letter that this browser has."""
        wanted, token = request.match_info["attachment"], token_of(request)
        letters = await self._mailroom.newest(self._mailbox(token)) if token else []
        found = (one.attachment for one in letters if one.attachment is not None)
        attachment = next((one for one in found if one.id == wanted), None)
        if attachment is None:
            raise web.HTTPNotFound
        async with self._storage.read() as work:
            body = await work.attachments.body(attachment.id)
        headers = {**headers_of(attachment), "Cache-Control": "private, max-age=86400"}
        return web.Response(body=body, headers=headers)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Send the letters after Last-Event-ID (or ?sau=), then each new one as it comes."""
        token = token_of(request)
        if token is None:
            # 204 tells the browser's EventSource not to come back by itself.
            return web.Response(status=204)
        last = _number(request.headers.get("Last-Event-ID") or request.query.get("sau", "0"))
        mailbox = self._mailbox(token)
        try:
            with self._doorbells.listening(mailbox) as bell:
                return await self._stream(request, mailbox, last, bell)
        except TooManyListeners:
            raise web.HTTPTooManyRequests(headers={"Retry-After": "60"}) from None

    async def _stream(
        self, request: web.Request, mailbox: ConversationKey, last: int, bell: Bell
    ) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                # nginx would hold the letters back until its buffer is full.
                "X-Accel-Buffering": "no",
                "X-Content-Type-Options": "nosniff",
            }
        )
        try:
            await response.prepare(request)
            await response.write(f"retry: {_RECONNECT_MS}\n\n".encode())
            last = await self._send_after(response, mailbox, last)
            await response.write(b"event: ready\ndata: {}\n\n")
            silent_since = self._clock.monotonic()
            while not self._doorbells.is_closed:
                await bell.wait(_LOOK_S)
                before, last = last, await self._send_after(response, mailbox, last)
                if last != before:
                    silent_since = self._clock.monotonic()
                elif self._clock.monotonic() - silent_since >= _HEARTBEAT_S:
                    await response.write(b": still here\n\n")
                    silent_since = self._clock.monotonic()
                if request.transport is None or request.transport.is_closing():
                    break
        except ConnectionResetError:
            # The page was closed; the letters wait in the mailbox.
            pass
        return response

    async def _send_after(
        self, response: web.StreamResponse, mailbox: ConversationKey, last: int
    ) -> int:
        while True:
            letters, newest = await self._mailroom.after(mailbox, last)
            if newest == last:
                return last
            await response.write(b"".join(_event(letter) for letter in letters))
            last = newest

    def _mailbox(self, token: str) -> ConversationKey:
        return self._envelopes.conversation(self._channel_id, chat_of(token))

    def _event_id(self) -> str:
        return self._chance.token(12).hex()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the chat."""
        return [
            web.get(PATH, self.show),
            web.post(_SAY_PATH, self.say),
            web.get(LISTEN_PATH, self.listen, allow_head=False),
            web.get(f"{_ENCLOSED_PATH}/{{attachment}}", self.enclosed),
            web.post(_SEEN_PATH, self.seen),
            web.get(_DELETE_PATH, self.ask_delete),
            web.post(_DELETE_PATH, self.delete),
        ]


def _event(letter: OpenLetter) -> bytes:
    # Letters outside ASCII as they are: a third of the bytes of \u escapes for Vietnamese.
    data = json.dumps(letter.spelled(), ensure_ascii=False, separators=(",", ":"))
    return f"id: {letter.number}\nevent: letter\ndata: {data}\n\n".encode()


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < len(str(_LARGEST_NUMBER))
    return int(text) if is_number else 0


def _done(request: web.Request, body: dict[str, object], *, status: int) -> web.Response:
    """Answer a script with JSON, a form by leading back to the page."""
    if request.content_type == "application/json":
        return _unkept(web.json_response(body, status=status))
    lang = request.query.get("lang", "")
    back = f"{PATH}?lang={lang}" if lang in set(Language) else PATH
    return _unkept(web.Response(status=303, headers={"Location": f"{back}#write"}))


def _unkept(response: web.Response) -> web.Response:
    response.headers["Cache-Control"] = "no-store"
    return response
