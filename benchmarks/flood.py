"""A thousand accounts that tell without end, and honest ones among them, in the program's chat.

Real services, database and dialogues; nothing is sent. Every account waits for its answer before
it writes again, as people do. Honest ones solve the task that a flood sets.
"""

import asyncio
import re
import tempfile
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from benchmarks.children import child, free_port, wait_until_ready
from benchmarks.loops import run
from benchmarks.questions import Quiet
from benchmarks.table import Row, row
from benchmarks.tips import add_moderator
from benchmarks.webhooks import binhyen
from bot.app.answering import made_router
from bot.app.program import Program, open_program
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.ids import ChannelId
from bot.core.messages import Incoming, IncomingKind
from bot.core.turns import Handled, Turn
from bot.services.channels.channels import WEB
from bot.services.conversations.conversations import Conversations
from bot.services.conversations.reception import Reception

FLOODERS: Final = 1_000
HONEST: Final = 40
_APART_S: Final = 0.25
# What one says from the first word to the button "send"; the choices are those of the buttons.
_WORDS: Final = (
    "/togiac",
    "~tip_start",
    "~tip_drugs",
    "Có người bán ma túy ở đầu ngõ, tối nào cũng có xe lạ.",
    "/boqua",
    "/boqua",
    "/boqua",
    "/boqua",
    "~tip_send",
)
_RECEIPT: Final = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){5}")


class _Chats:
    """Accounts in conversation with the program."""

    def __init__(self, program: Program) -> None:
        self._router = made_router(program, lambda _text: None)
        self._waiting: dict[str, asyncio.Future[Handled]] = {}
        # Which answer the task at hand is about to store.
        self._at_hand: ContextVar[tuple[str, Handled]] = ContextVar("at_hand")
        self.said = 0
        self.conversations = Conversations(
            storage=program.storage,
            envelopes=program.envelopes,
            handler=self._handled,
            events={},
            wrote=program.people.wrote,
            handovers=program.handovers.asking,
            apology=self._router.apology,
            channel_facts=program.channels.facts,
            answer_tap=program.channels.answer_tap,
            replied=self._stored,
            is_crowded=lambda: False,
            clock=program.clock,
            meter=Quiet(),
            owner="benchmark",
        )
        self._reception = Reception(
            storage=program.storage,
            envelopes=program.envelopes,
            channels=program.channels.all,
            look_again=program.channels.refresh,
            is_shut=program.channels.is_shut,
            bell=program.inbox_bell,
            clock=program.clock,
            meter=Quiet(),
        )

    async def _handled(self, turn: Turn) -> Handled:
        handled = await self._router.handle(turn)
        self._at_hand.set((turn.incoming.chat, handled))
        return handled

    def _stored(self, _: ChannelId) -> None:
        chat, handled = self._at_hand.get()
        answer = self._waiting.pop(chat)
        # Whoever flooded is gone when the last honest one was answered.
        if not answer.done():
            answer.set_result(handled)

    async def say(self, chat: str, text: str) -> Handled:
        """Return what is answered to `text` once the answer is stored."""
        answer: asyncio.Future[Handled] = asyncio.get_running_loop().create_future()
        self._waiting[chat] = answer
        self.said += 1
        incoming = Incoming(
            channel_id=WEB,
            event_id=f"{chat}-{self.said}",
            kind=IncomingKind.TEXT,
            chat=chat,
            sender=chat,
            text=text,
        )
        await self._reception.receive([incoming])
        return await answer

    async def tell(self, chat: str) -> tuple[float, bool]:
        """Tell something; return the seconds from the last word to the receipt, and if it came."""
        for word in _WORDS[:-1]:
            await self.say(chat, word)
        began = time.perf_counter()
        handled = await self.say(chat, _WORDS[-1])
        numbers = {
            choice.label.strip(): choice.word
            for reply in handled.replies
            for choice in reply.choices
            if choice.label.strip().isdecimal()
        }
        if numbers:
            began = time.perf_counter()
            handled = await self.say(chat, numbers[max(numbers, key=int)])
        is_told = any(_RECEIPT.search(reply.text) for reply in handled.replies)
        return time.perf_counter() - began, is_told

    async def flood(self, chat: str) -> None:
        """Tell without end, and solve nothing."""
        while True:
            for word in _WORDS:
                await self.say(chat, word)


def measure(*, is_quick: bool) -> list[Row]:
    """Return the row about a flood in chats."""
    flooders, honest = (20, 3) if is_quick else (FLOODERS, HONEST)
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", free_port()
        start, env = binhyen(data, "serve", "--demo", port=port)
        with child(*start, env=env):
            wait_until_ready(f"http://127.0.0.1:{port}/health/ready")
            add_moderator(data)
        told, per_s = run(_told_in_a_flood(data, flooders, honest))
    times = sorted(took_s for took_s, _ in told)
    blocked = sum(not is_told for _, is_told in told)
    return [
        row(
            "chat_flood",
            times[min(len(times) - 1, int(len(times) * 0.95))],
            detail=f"median {times[len(times) // 2]:.2f} s, {blocked} of {len(times)} not"
            f" acknowledged; {per_s:.0f} messages/s handled",
        )
    ]


async def _told_in_a_flood(
    folder: Path, flooders: int, honest: int
) -> tuple[list[tuple[float, bool]], float]:
    config = load_config({"BINHYEN_DATA_DIR": str(folder)}, is_demo=True)
    async with open_program(config, clock=RealClock(), chance=RealChance()) as program:
        await program.prepare()
        await program.channels.refresh()
        chats = _Chats(program)
        began = time.perf_counter()

        async def honestly(number: int) -> tuple[float, bool]:
            await asyncio.sleep(1.0 + number * _APART_S)
            return await chats.tell(f"honest{number}")

        async with asyncio.TaskGroup() as group:
            group.create_task(chats.conversations.run(program.inbox_bell, beat=lambda: None))
            flood = [group.create_task(chats.flood(f"flood{one}")) for one in range(flooders)]
            telling = [group.create_task(honestly(number)) for number in range(honest)]
            told = [await one for one in telling]
            per_s = chats.said / (time.perf_counter() - began)
            for one in flood:
                one.cancel()
            chats.conversations.stop()
            program.inbox_bell.ring()
        return told, per_s
