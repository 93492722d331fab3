"""How soon something happens while an announcement to 10,000 is on its way.

A pause must hold it at once, and a question must not wait behind it: both at Telegram's pace, and
with the pace off, when sending leaves no rest to anybody. Real services, database and adapter.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.children import child, free_port, wait_until_listening
from benchmarks.loops import run
from benchmarks.questions import QUESTIONS, made_conversations
from benchmarks.quick_platform import TOKEN
from benchmarks.table import Row, row
from benchmarks.town import FIRST_CHAT, NO_PACE, Town, Watched, open_town
from bot.core.channels import Pace
from bot.core.ids import AnnouncementId
from bot.core.messages import Incoming, IncomingKind
from bot.delivery.post import Post
from bot.services.conversations.conversations import Conversations
from bot.services.conversations.reception import Reception

# So long nothing leaves any more: the last message was the last.
_SILENCE_S = 0.5
_STAGGER_S = 0.007
_ASK_EVERY_S = 0.08
_ASKERS = FIRST_CHAT + 50_000_000
_T = TypeVar("_T")


class _Scene:
    """An announcement under way, and everything that runs meanwhile."""

    def __init__(
        self,
        *,
        town: Town,
        announcement_id: AnnouncementId,
        watched: Watched,
        post: Post,
        copies: int,
    ) -> None:
        self.town = town
        self.announcement_id = announcement_id
        self.watched = watched
        self.post = post
        self.copies = copies

    @property
    def is_under_way(self) -> bool:
        return self.watched.sends < self.copies

    async def some(self, more: int) -> None:
        """Wait until so many more messages were sent."""
        wanted = min(self.watched.sends + more, self.copies)
        while self.watched.sends < wanted:  # noqa: ASYNC110 - a look
            await asyncio.sleep(0.005)


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about pauses and replies."""
    people, pauses, asked_s = (2_000, 1, 1.0) if is_quick else (10_000, 5, 20.0)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with child(sys.executable, "-m", "benchmarks.quick_platform", str(port)):
        wait_until_listening(port)
        rows = []
        for key, pace, more in (("", None, 10), ("_unpaced", NO_PACE, 200)):
            with tempfile.TemporaryDirectory() as folder:
                found = run(
                    _pauses_and_replies(
                        Path(folder), url, people, pace, pauses=pauses, more=more, asked_s=asked_s
                    )
                )
            rows += _rows(key, *found)
    return sorted(rows, key=lambda one: one.measure.key.startswith("reply"))


def _rows(key: str, pauses_s: list[float], replies_s: list[float]) -> list[Row]:
    ordered = sorted(replies_s)
    p99_s = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return [
        row(f"pause{key}", max(pauses_s), detail=f"longest of {len(pauses_s)}"),
        row(
            f"reply{key}",
            p99_s * 1000,
            detail=f"median {ordered[len(ordered) // 2] * 1000:.0f} ms of {len(ordered)}",
        ),
    ]


async def _pauses_and_replies(
    folder: Path,
    url: str,
    people: int,
    pace: Pace | None,
    *,
    pauses: int,
    more: int,
    asked_s: float,
) -> tuple[list[float], list[float]]:
    async with open_town(folder, api_url=url) as town:
        copies = town.populate(people)
        frozen = await town.frozen(people)

        async def paused(scene: _Scene) -> list[float]:
            return [await _pause(scene, more, number) for number in range(pauses)]

        async def asked(scene: _Scene) -> list[float]:
            return await _replies(scene, asked_s)

        held = await _meanwhile(town, frozen.announcement_id, paused, pace=pace, copies=copies)
        # What the pauses have left over is sent while questions come in.
        replies = await _meanwhile(town, frozen.announcement_id, asked, pace=pace, copies=copies)
        return held, replies


async def _meanwhile(
    town: Town,
    announcement_id: AnnouncementId,
    work: Callable[[_Scene], Awaitable[_T]],
    *,
    pace: Pace | None,
    copies: int,
) -> _T:
    """Do `work` while the announcement is being sent."""
    watched, channel = town.watched(pace=pace)
    post = town.post()
    left = (await town.tally(announcement_id)).open
    scene = _Scene(
        town=town,
        announcement_id=announcement_id,
        watched=watched,
        post=post,
        copies=min(left, copies),
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(post.run_channel(channel))
        try:
            return await work(scene)
        finally:
            post.stop()


async def _pause(scene: _Scene, more: int, number: int) -> float:
    """Return how long after the word the last message ended, and let it go on."""
    await scene.some(more)
    # Every time at another moment of a wave.
    await asyncio.sleep(number * _STAGGER_S)
    announcements, watched = scene.town.program.announcements, scene.watched
    began = time.perf_counter()
    await announcements.pause(scene.announcement_id, by=None)
    while time.perf_counter() - max(began, watched.last_at) < _SILENCE_S:  # noqa: ASYNC110 - a look
        await asyncio.sleep(0.01)
    await announcements.resume(scene.announcement_id, by=None)
    scene.post.ring()
    return max(0.0, watched.ended_at - began)


async def _replies(scene: _Scene, asked_s: float) -> list[float]:
    """Return how long each question waited for the request that carries its answer."""
    town, watched = scene.town, scene.watched
    conversations = made_conversations(town.program, replied=scene.post.ring)
    reception = _reception(town)
    asked: dict[str, float] = {}
    async with asyncio.TaskGroup() as group:
        group.create_task(conversations.run(town.program.inbox_bell, beat=lambda: None))
        await scene.some(1)
        began = time.perf_counter()
        while scene.is_under_way and time.perf_counter() - began < asked_s:
            chat = str(_ASKERS + len(asked))
            watched.watched[chat] = 0.0
            asked[chat] = time.perf_counter()
            await reception.receive([_question(town, chat, len(asked))])
            await asyncio.sleep(_ASK_EVERY_S)
        await _until_answered(watched)
        _stop(conversations, town)
    # What comes first is slower: statements are compiled, the index of answers is built.
    first = min(5, len(asked) // 2)
    return [watched.watched[chat] - at for chat, at in list(asked.items())[first:]]


async def _until_answered(watched: Watched) -> None:
    async with asyncio.timeout(60):
        while not all(watched.watched.values()):  # noqa: ASYNC110 - a look
            await asyncio.sleep(0.01)


def _stop(conversations: Conversations, town: Town) -> None:
    conversations.stop()
    town.program.inbox_bell.ring()


def _question(town: Town, chat: str, number: int) -> Incoming:
    return Incoming(
        channel_id=town.channel.id,
        event_id=f"{TOKEN}{chat}",
        kind=IncomingKind.TEXT,
        chat=chat,
        sender=chat,
        text=QUESTIONS[number % len(QUESTIONS)],
    )


def _reception(town: Town) -> Reception:
    program = town.program
    return Reception(
        storage=program.storage,
        envelopes=program.envelopes,
        channels=program.channels.all,
        look_again=program.channels.refresh,
        is_shut=program.channels.is_shut,
        bell=program.inbox_bell,
        clock=program.clock,
        meter=town.meter,
    )
