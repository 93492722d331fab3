"""The limit that costs seconds and locks nobody out."""

from datetime import timedelta

from bot.clock import RealChance
from bot.services.soft_limit import SoftLimit
from tests.vault.still_clock import StillClock


def a_limit(clock: StillClock) -> SoftLimit:
    return SoftLimit(burst=3, every_s=2, clock=clock, chance=RealChance())


def test_a_burst_passes_and_the_next_one_waits_a_moment() -> None:
    limit = a_limit(StillClock())
    assert [limit.wait_s("a") for _ in range(5)] == [0, 0, 0, 2, 2]


def test_waiting_as_told_is_enough() -> None:
    clock = StillClock()
    limit = a_limit(clock)
    for _ in range(3):
        limit.wait_s("a")
    clock.advance(timedelta(seconds=limit.wait_s("a")))
    assert [limit.wait_s("a"), limit.wait_s("a")] == [0, 2]


def test_asking_while_waiting_does_not_make_it_longer() -> None:
    limit = a_limit(StillClock())
    assert [limit.wait_s("a") for _ in range(50)][-1] == 2


def test_one_guest_does_not_slow_another() -> None:
    limit = a_limit(StillClock())
    for _ in range(9):
        limit.wait_s("a")
    assert limit.wait_s("b") == 0


def test_a_flood_of_guests_does_not_fill_the_memory() -> None:
    limit = SoftLimit(burst=1, every_s=60, clock=StillClock(), chance=RealChance())
    limit.wait_s("first")
    for number in range(10_000):
        limit.wait_s(str(number))
    assert limit.wait_s("first") == 0
