"""A program that starts, is looked at, does one thing to a tip, and is killed where it was told.

One life does two things, because a start costs most: it judges how the life before it ended, as
it looks after a restart, and then does the next act, which kills it.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from bot.clock import RealClock
from bot.storage.engine import postgres_engine, read_url
from content.book import Book
from tests.delivery.forks import say, serve_lives
from tests.delivery.points import Points
from tests.delivery.victim import Life, opened
from tests.tips.acts import Act
from tests.tips.all_acts import BY_ID
from tests.tips.looks import Run, judged, prepared
from tests.tips.stage import Stage, founded, staged


@dataclass(frozen=True, slots=True, kw_only=True)
class TipLife:
    """What one process does.

    `before` is the run of the life before it, to be judged; `act` the one to be done then, after
    which it is killed: `dies_at` counts points from the act on, not from the start. Without an
    act it is there to get everything ready.
    """

    life: Life
    before: Run | None = None
    act: str = ""
    dies_at: int | None = None


async def live(tip_life: TipLife, book: Book) -> None:
    """Start as the program does; judge what was done before; do the one thing."""
    points = Points(lambda line: say(line) if stage is not None and stage.is_acting else None)
    stage: Stage | None = None
    async with opened(tip_life.life, book, RealClock(), points, makes_macs=True) as program:
        if not tip_life.act and tip_life.before is None:
            await founded(program, Path(tip_life.life.folder))
        stage = await staged(program, {})
        if tip_life.before is not None:
            ended = await judged(stage, BY_ID[tip_life.before.act], tip_life.before)
            _tell("judged", ended)
        if tip_life.act:
            await _act(stage, points, BY_ID[tip_life.act], tip_life.dies_at)


async def _act(stage: Stage, points: Points, act: Act, dies_at: int | None) -> None:
    stage.facts = {"chat": f"chat-{stage.program.chance.token(6).hex()}"}
    _tell("prepared", await prepared(stage, act))
    stage.say = say
    stage.is_acting = True
    points.die_at(dies_at)
    await act.does(stage)
    points.die_at(None)
    stage.is_acting = False


def _tell(word: str, about: object) -> None:
    say(f"{word} {msgspec.json.encode(about).decode()}")


if __name__ == "__main__":
    # Every fork is to know the driver already.
    postgres_engine(read_url("postgresql://nobody@127.0.0.1/nothing"))
    serve_lives(TipLife, live)
