"""An answer inside the program: from an arrival on the disk to its reply in the outbox."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.table import Row, row
from bot.app.answering import made_router
from bot.app.program import Program, open_program
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind
from bot.services.channels.channels import WEB
from bot.services.conversations.conversations import Conversations

QUESTIONS = (
    "bao chay goi so nao",
    "cho em hỏi đăng ký tạm trú ở đâu ạ",
    "co nguoi goi dien noi la cong an doi chuyen tien",
    "mất xe máy tối qua thì báo ai",
    "hàng xóm hát karaoke ồn quá làm sao",
    "nay nắng hay mưa",
    "tôi muốn tố giác một người nhưng sợ bị trả thù",
    "dk vneid muc 2 o dau vay",
)
ROUNDS = 60


class Quiet:
    """A meter nobody reads."""

    def count(self, name: str, by: int = 1, **labels: str) -> None: ...

    def took(self, name: str, seconds: float, **labels: str) -> None: ...


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about answers."""
    with tempfile.TemporaryDirectory() as folder:
        thinking, whole = asyncio.run(_times(Path(folder), rounds=2 if is_quick else ROUNDS))
    return [
        row(
            "answer",
            _p99_ms(thinking),
            detail=f"median {statistics.median(thinking) * 1000:.1f} ms",
        ),
        row(
            "arrival_to_reply",
            _p99_ms(whole),
            detail=f"median {statistics.median(whole) * 1000:.1f} ms",
        ),
    ]


def _p99_ms(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)] * 1000


async def _times(folder: Path, *, rounds: int) -> tuple[list[float], list[float]]:
    config = load_config({"BINHYEN_DATA_DIR": str(folder / "data")}, is_demo=True)
    thinking, whole = [], []
    async with open_program(config, clock=RealClock(), chance=RealChance()) as program:
        await program.prepare()
        await program.channels.refresh()
        conversations = made_conversations(program)
        for number in range(rounds * len(QUESTIONS)):
            text = QUESTIONS[number % len(QUESTIONS)]
            began = time.perf_counter()
            program.answers.answer(text, unit={}, language=Language.VI)
            thinking.append(time.perf_counter() - began)
            incoming = Incoming(
                channel_id=WEB,
                event_id=str(number),
                kind=IncomingKind.TEXT,
                chat=f"chat{number}",
                sender=f"chat{number}",
                text=text,
            )
            await program.storage.accept([program.envelopes.arrival(incoming)])
            began = time.perf_counter()
            await conversations.step()
            whole.append(time.perf_counter() - began)
    # The first question makes the answers; that is paid once at start.
    return thinking[1:], whole[1:]


def made_conversations(
    program: Program, *, replied: Callable[[ChannelId], None] = lambda _: None
) -> Conversations:
    """Return what works off the inbox of a program; `replied` is told of every answer."""
    router = made_router(program, lambda _text: None)
    return Conversations(
        storage=program.storage,
        envelopes=program.envelopes,
        handler=router.handle,
        events={},
        wrote=program.people.wrote,
        handovers=program.handovers.asking,
        apology=router.apology,
        channel_facts=program.channels.facts,
        answer_tap=program.channels.answer_tap,
        replied=replied,
        is_crowded=lambda: False,
        clock=program.clock,
        meter=Quiet(),
        owner="benchmark",
    )
