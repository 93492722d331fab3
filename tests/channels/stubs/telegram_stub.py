"""A strict stand-in for Telegram's Bot API server, for tests, benchmarks and trials by hand.

Written from what is known of the platform alone; knows nothing of the program it is talked to by.
`python -m tests.channels.stubs.telegram_stub --port 9001 --token 123:ABC` runs it by itself.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Self, Unpack

from aiohttp import web

from tests.channels.stubs.call_log import CallLog
from tests.channels.stubs.control_door import (
    PREFIX,
    ControlDoor,
    FaultDetails,
    serve_until_told_to_stop,
)
from tests.channels.stubs.fault_script import Attempt, Fault, FaultKind, FaultScript
from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.sent_log import Sent, SentLog
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_chat_calls import TelegramChatCalls
from tests.channels.stubs.telegram_crowd import TelegramCrowd
from tests.channels.stubs.telegram_delete_calls import TelegramDeletions
from tests.channels.stubs.telegram_desk import TelegramDesk, TelegramTaps
from tests.channels.stubs.telegram_edit_calls import TelegramEdits
from tests.channels.stubs.telegram_file_calls import TelegramFileCalls
from tests.channels.stubs.telegram_flood import NO_LIMITS, Banned, FloodGate, FloodLimits
from tests.channels.stubs.telegram_groups import TelegramGroups
from tests.channels.stubs.telegram_orders import telegram_orders
from tests.channels.stubs.telegram_profile_calls import TelegramProfile, TelegramProfileCalls
from tests.channels.stubs.telegram_request import (
    Params,
    TelegramRefusal,
    raw_of,
    read_params,
    refused_page,
)
from tests.channels.stubs.telegram_send_calls import TelegramSends
from tests.channels.stubs.telegram_setup_calls import TelegramSetup

DEFAULT_TOKEN = "123456:stub-token"
FILES = "/file/bot"
# A scripted 429 of one of these bans all sending; one of another method bans that method alone.
SENDING: Final = frozenset(
    [
        *("sendMessage", "sendPhoto", "sendDocument", "sendVoice", "sendLocation"),
        *("sendMediaGroup", "sendChatAction", "copyMessage", "copyMessages"),
        *("editMessageText", "editMessageCaption", "editMessageReplyMarkup"),
    ]
)


class TelegramStub(TelegramCrowd):
    """One bot on one server. Use as `async with TelegramStub() as stub`."""

    def __init__(
        self,
        *,
        token: str = DEFAULT_TOKEN,
        port: int = 0,
        clock: StubClock | None = None,
        limits: FloodLimits | None = None,
        open_house: bool = False,
    ) -> None:
        super().__init__(
            bot_id=int(token.partition(":")[0]),
            clock=clock or StubClock(),
            open_house=open_house,
        )
        self.token = token
        self.sent = SentLog()
        self.edited = SentLog()
        self.deleted: list[tuple[str, str]] = []
        self.calls = CallLog()
        self.actions: list[tuple[str, str]] = []
        self.profile = TelegramProfile()
        self.groups = TelegramGroups(self)
        self.faults = FaultScript(clock=self.clock)
        self.flood = FloodGate(
            clock=self.clock, book=self.broken_rules, limits=limits or FloodLimits()
        )
        desk = TelegramDesk(
            bot=self.bot,
            chats=self.chats,
            flood=self.flood,
            clock=self.clock,
            sent=self.sent,
            edited=self.edited,
            deleted=self.deleted,
        )
        taps = TelegramTaps(desk=desk, callbacks=self.callbacks, actions=self.actions)
        setup = TelegramSetup(
            bot=self.bot,
            queue=self.queue,
            webhook=self.webhook,
            has_privacy=lambda: self.privacy_mode,
        )
        chats = TelegramChatCalls(bot=self.bot, chats=self.chats)
        profile = TelegramProfileCalls(profile=self.profile)
        self._methods = {
            name.lower(): (name, method)
            for group in (
                *(
                    TelegramSends(desk=desk),
                    TelegramEdits(desk=desk),
                    TelegramDeletions(desk=desk),
                ),
                *(TelegramFileCalls(desk=desk, files=self.files), taps, setup, chats, profile),
            )
            for name, method in group.methods().items()
        }
        self._door = ControlDoor(self, telegram_orders(self))
        self._server = LoopbackServer(self._handle, port=port)
        self._group = asyncio.TaskGroup()

    @property
    def url(self) -> str:
        """Return the bare base to give to the adapter as `api_url`."""
        return self._server.url

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self.webhook.open(self._group)
        await self._server.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        self.queue.stop_polls()
        self.faults.release()
        await self._server.stop()
        await self.webhook.close()
        await self._group.__aexit__(None, None, None)

    async def go_down(self) -> None:
        """Vanish: connections are refused until `come_back`."""
        self.faults.release()
        await self._server.stop()

    async def come_back(self) -> None:
        """Listen again on the same port."""
        await self._server.start()

    # What a test asks for.

    def migrate(self, group_id: int, *, to: int) -> None:
        """Upgrade a group; see `groups.migrate`."""
        self.groups.migrate(group_id, to=to)

    def fail_next(self, kind: FaultKind, **details: Unpack[FaultDetails]) -> None:
        """Script one trouble; REFUSED with code 429 and retry_after_s also starts a ban.

        The ban is of the chat `to`; without it of all sending, or of the `method` if that does
        not send (getMe, getUpdates, deleteMessage ...).
        """
        self.faults.add(Fault(kind=kind, **details))

    async def wait_for_sent(
        self, count: int, timeout_s: float = 5.0, *, to: int | None = None
    ) -> list[Sent]:
        """Return the sends (to one chat) as soon as there are `count`."""
        return await self.sent.wait_for(
            count, timeout_s=timeout_s, to=None if to is None else str(to)
        )

    # How calls are answered.

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            return await self._door.answer(request)
        if request.path.startswith(FILES):
            return await self._with_faults(request, "file", lambda: self._file(request))
        token, _, name = request.path.removeprefix("/bot").partition("/")
        method = self._methods.get(name.lower())
        if not request.path.startswith("/bot") or token != self.token:
            return refused_page(TelegramRefusal(401, "Unauthorized"))
        if method is None:
            self.broken_rules.note(name[:40], "a known method")
            return refused_page(TelegramRefusal(404, "Not Found"))
        return await self._with_faults(
            request, method[0], lambda: self._answer(method[0], request)
        )

    async def _with_faults(
        self,
        request: web.Request,
        name: str,
        answer: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        self.calls.note(name)
        raw = b"" if self.faults.is_empty else await raw_of(request)
        fault = self.faults.take(name, raw)
        if fault is None:
            return await answer()
        attempt = Attempt(request=request, answer=answer, refuse=self._scripted_refusal)
        return await self.faults.play(fault, attempt)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        token, _, path = request.path.removeprefix(FILES).partition("/")
        if token != self.token:
            return refused_page(TelegramRefusal(401, "Unauthorized"))
        try:
            return self.files.page(path)
        except TelegramRefusal as refusal:
            return refused_page(refusal)

    async def _answer(self, name: str, request: web.Request) -> web.StreamResponse:
        try:
            self.flood.admit_call(name)
            result = await self._run(name, await read_params(request))
        except TelegramRefusal as refusal:
            if refusal.rule is not None:
                self.broken_rules.note(name, refusal.rule, str(refusal.code))
            return refused_page(refusal)
        return web.json_response({"ok": True, "result": result})

    async def _run(self, name: str, params: Params) -> object:
        return await self._methods[name.lower()][1](params)

    async def _obey(self, body: dict[str, object]) -> None:
        """Carry out a method call that came as the webhook's answer."""
        name = str(body["method"])
        self.calls.note(name)
        try:
            await self._run(name, Params(values=body))
        except KeyError:
            self.broken_rules.note(name[:40], "a known method in the webhook's answer")
        except TelegramRefusal as refusal:
            if refusal.rule is not None:
                self.broken_rules.note(name, refusal.rule, str(refusal.code))

    def _scripted_refusal(self, fault: Fault) -> web.StreamResponse:
        if fault.code == 429 and fault.retry_after_s:
            whom: Banned = int(fault.to) if fault.to else None
            if whom is None and fault.method not in {None, *SENDING}:
                whom = fault.method
            self.flood.ban(whom, seconds=fault.retry_after_s)
            return refused_page(self.flood.refusal(whom))
        moved = {"migrate_to_chat_id": fault.migrate_to} if fault.migrate_to else None
        return refused_page(
            TelegramRefusal(
                fault.code or 400, fault.text or "Bad Request: scripted", parameters=moved
            )
        )


async def _serve(arguments: argparse.Namespace) -> None:
    stub = TelegramStub(
        token=arguments.token,
        port=arguments.port,
        limits=NO_LIMITS if arguments.no_limits else None,
        open_house=arguments.open_house,
    )
    async with stub:
        await serve_until_told_to_stop(stub.url)


def main() -> None:
    """Run the stub until it is told to stop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=DEFAULT_TOKEN)
    parser.add_argument("--no-limits", action="store_true", help="no 429 for speed")
    parser.add_argument("--open-house", action="store_true", help="every chat id is known")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
