"""A program that does one thing to a tip, and is killed at the point it was told to die at."""

from dataclasses import dataclass, field

from bot.clock import RealClock
from content.book import Book
from tests.delivery.forks import say, serve_lives
from tests.delivery.points import Points
from tests.delivery.victim import Life, opened
from tests.tips.acts import BY_ID, staged


@dataclass(frozen=True, slots=True, kw_only=True)
class TipLife:
    """What one process does. `dies_at` counts points from the act on, not from the start."""

    life: Life
    act: str
    facts: dict[str, str] = field(default_factory=dict)
    dies_at: int | None = None


async def live(tip_life: TipLife, book: Book) -> None:
    """Start as the program does, then do the one thing."""
    points = Points(say)
    async with opened(tip_life.life, book, RealClock(), points, makes_macs=True) as program:
        stage = await staged(program, tip_life.facts)
        stage.say = say
        say("taken up")
        points.die_at(tip_life.dies_at)
        await BY_ID[tip_life.act].does(stage)
        points.die_at(None)


if __name__ == "__main__":
    serve_lives(TipLife, live)
