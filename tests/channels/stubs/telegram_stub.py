"""A strict stand-in for Telegram's Bot API server, for tests, benchmarks and trials by hand.

Written from what is known of the platform alone; knows nothing of the program it is talked to by.
`python -m tests.channels.stubs.telegram_stub --port 9001 --token 123:ABC` runs it by itself.
"""

import argparse
import asyncio
from typing import Self, Unpack

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
from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.sent_log import Sent, SentButton, SentLog
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_chats import (
    ChatState,
    StoredMessage,
    TelegramChat,
    TelegramChats,
)
from tests.channels.stubs.telegram_events import block_of, message_of, tap_of
from tests.channels.stubs.telegram_flood import NO_LIMITS, FloodGate, FloodLimits
from tests.channels.stubs.telegram_message_calls import Callback, TelegramMessages
from tests.channels.stubs.telegram_orders import telegram_orders
from tests.channels.stubs.telegram_request import (
    Params,
    TelegramRefusal,
    read_params,
    refused_page,
)
from tests.channels.stubs.telegram_setup_calls import TelegramSetup
from tests.channels.stubs.telegram_updates import Update, UpdateQueue
from tests.channels.stubs.telegram_webhook import TelegramWebhook

DEFAULT_TOKEN = "123456:stub-token"


class TelegramStub:
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
        self.token = token
        self.clock = clock or StubClock()
        self.broken_rules = RuleBook()
        self.sent = SentLog()
        self.edited = SentLog()
        self.calls = CallLog()
        self.actions: list[tuple[str, str]] = []
        self.profile: dict[str, object] = {}
        self.callbacks: dict[str, Callback] = {}
        self.chats = TelegramChats(open_house=open_house)
        self.faults = FaultScript(clock=self.clock)
        self.queue = UpdateQueue(clock=self.clock)
        self.webhook = TelegramWebhook(clock=self.clock, queue=self.queue, execute=self._obey)
        self.flood = FloodGate(
            clock=self.clock, book=self.broken_rules, limits=limits or FloodLimits()
        )
        self._bot: dict[str, object] = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Bot Thử",
            "username": "thu_nghiem_bot",
        }
        messages = TelegramMessages(
            bot=self._bot,
            chats=self.chats,
            flood=self.flood,
            clock=self.clock,
            sent=self.sent,
            edited=self.edited,
            callbacks=self.callbacks,
            actions=self.actions,
        )
        setup = TelegramSetup(
            bot=self._bot,
            chats=self.chats,
            queue=self.queue,
            webhook=self.webhook,
            profile=self.profile,
        )
        self._methods = {
            name.lower(): (name, method)
            for name, method in {**messages.methods(), **setup.methods()}.items()
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

    # What people on the platform do.

    def person(self, user_id: int, *, name: str = "") -> TelegramChat:
        """Return a person's private chat with the bot, begun if it was not yet."""
        return self.chats.seen(user_id, name=name)

    def set_state(self, chat_id: int, state: ChatState) -> None:
        """Block the bot, deactivate the account, or open the chat again."""
        self.chats.seen(chat_id).state = state

    def migrate(self, group_id: int, *, to: int) -> None:
        """Upgrade a group: its old id only tells the new one from now on."""
        old = self.chats.seen(group_id)
        self.chats.seen(to, name=old.name)
        old.migrated_to = to

    async def user_says(self, user: int, text: str, *, chat: int | None = None) -> Update:
        """Let a person write, in private or in the group `chat`."""
        person = self.chats.seen(user)
        where = person if chat is None else self.chats.seen(chat)
        message_id = where.next_message_id()
        body = message_of(
            person, where, message_id=message_id, date=int(self.clock.now().timestamp()), text=text
        )
        where.messages[message_id] = StoredMessage(
            body=body, born_s=self.clock.seconds(), is_from_bot=False
        )
        return self.push("message", body, lane=f"chat {where.id}")

    async def user_taps(
        self, message: Sent, button: SentButton | str | int, *, user: int | None = None
    ) -> Update | None:
        """Let a person tap a button; a link opens in the browser and the bot hears nothing."""
        pressed = message.button(button)
        if pressed.kind != "callback_data":
            return None
        chat = self.chats.seen(int(message.to))
        person = self.chats.seen(chat.id if user is None else user)
        callback_id = str(4_611_686_018_427_000_000 + len(self.callbacks))
        self.callbacks[callback_id] = Callback(born_s=self.clock.seconds())
        body = chat.messages[int(message.message_id)].body
        content = tap_of(person, body, callback_id=callback_id, data=pressed.payload)
        return self.push("callback_query", content, lane=f"taps of {person.id}")

    async def user_blocks(self, user: int, *, is_over: bool = False) -> Update:
        """Let a person block the bot, or take it back; the bot hears of both."""
        person = self.chats.seen(user)
        person.state = ChatState.OPEN if is_over else ChatState.BLOCKED
        date = int(self.clock.now().timestamp())
        content = block_of(person, self._bot, date=date, is_over=is_over)
        return self.push("my_chat_member", content, lane=f"chat {person.id}")

    def push(self, kind: str, content: dict[str, object], *, lane: str) -> Update:
        """Queue any update, also kinds the bot never heard of."""
        update = self.queue.put(kind, content, lane=lane)
        self.webhook.wake()
        return update

    def push_again(self, update: Update) -> None:
        """Queue an update that was handed over before: a duplicate."""
        self.queue.put_again(update)
        self.webhook.wake()

    # What a test asks for.

    def fail_next(self, kind: FaultKind, **details: Unpack[FaultDetails]) -> None:
        """Script one trouble; REFUSED with code 429 and retry_after_s also starts a ban."""
        self.faults.add(Fault(kind=kind, **details))

    async def wait_for_sent(
        self, count: int, timeout_s: float = 5.0, *, to: int | None = None
    ) -> list[Sent]:
        """Return the sends (to one chat) as soon as there are `count`."""
        return await self.sent.wait_for(
            count, timeout_s=timeout_s, to=None if to is None else str(to)
        )

    @property
    def unanswered_callbacks(self) -> list[str]:
        """Return the taps nobody answered."""
        return [key for key, callback in self.callbacks.items() if not callback.is_answered]

    # How calls are answered.

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            return await self._door.answer(request)
        token, _, name = request.path.removeprefix("/bot").partition("/")
        method = self._methods.get(name.lower())
        if not request.path.startswith("/bot") or token != self.token:
            return refused_page(TelegramRefusal(401, "Unauthorized"))
        if method is None:
            self.broken_rules.note(name[:40], "a known method")
            return refused_page(TelegramRefusal(404, "Not Found"))
        self.calls.note(method[0])
        fault = self.faults.take(method[0], await self.faults.raw_of(request))
        if fault is None:
            return await self._answer(method[0], request)
        attempt = Attempt(
            request=request,
            answer=lambda: self._answer(method[0], request),
            refuse=self._scripted_refusal,
        )
        return await self.faults.play(fault, attempt)

    async def _answer(self, name: str, request: web.Request) -> web.StreamResponse:
        try:
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
        try:
            await self._run(name, Params(values=body))
        except (TelegramRefusal, KeyError) as error:
            self.broken_rules.note(name[:40], "a call in the webhook's answer", str(error)[:80])

    def _scripted_refusal(self, fault: Fault) -> web.StreamResponse:
        if fault.code == 429 and fault.retry_after_s:
            whom = int(fault.to) if fault.to else None
            self.flood.ban(whom, seconds=fault.retry_after_s)
            return refused_page(self.flood.refusal(whom))
        return refused_page(
            TelegramRefusal(fault.code or 400, fault.text or "Bad Request: scripted")
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
