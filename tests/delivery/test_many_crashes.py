"""One long run in real time, killed over and over at moments nobody chose: the promise holds.

What the walk along every point cannot try: a kill in the middle of a commit or of a request, and
many of them one after another. `BINHYEN_KILLS=500 BINHYEN_SEED=...` tries more, or the same again.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.channels.telegram.adapter import PACE
from bot.clock import RealChance
from bot.core.deliveries import DeliveryState
from content.book import Book
from tests.delivery.crashes import Bench, open_bench
from tests.delivery.victim import ORDINARY, URGENT, title_of
from tests.fakes import SteadyChance

KILLS = int(os.environ.get("BINHYEN_KILLS", "50"))  # noqa: TID251  # only how long to try
SEED = os.environ.get("BINHYEN_SEED", "")  # noqa: TID251  # only what to try
# Three or four are reached between two kills.
PEOPLE, GROUPS = 60 + 2 * KILLS, 20
PIECE = 50
RUN = "run00000"
# The longest time from a request to the kill: about what a send and its record take.
LONGEST_MS = 12


async def killed(bench: Bench, chance: SteadyChance, *kinds: str) -> bool:
    """Let a process live until some time after a few requests, or after its birth; tell whether
    it was still there to be killed.
    """
    loop = asyncio.get_running_loop()
    # What nobody let go yet is not promised, so nobody is killed before that.
    left = chance.below(8) + bool(kinds)
    delay_s = chance.below(LONGEST_MS * 1_000) / 1_000_000
    strikes: list[asyncio.TimerHandle] = []

    def at_birth() -> None:
        if left == 0:
            strikes.append(loop.call_later(20 * delay_s, bench.stub.kill))

    def at_request() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            strikes.append(loop.call_later(delay_s, bench.stub.kill))

    bench.stub.at_birth, bench.stub.at_request = at_birth, at_request
    life = bench.life(run=RUN, kinds=kinds, announces_first=bool(kinds), piece=PIECE)
    lived = await bench.lives(life)
    bench.stub.at_birth = bench.stub.at_request = lambda: None
    for strike in strikes:
        strike.cancel()
    return lived.was_killed


@pytest.mark.timeout(120 + 6 * KILLS)
async def test_kills_at_random_break_no_promise(
    tmp_path: Path, database_url: str, book: Book
) -> None:
    seed = SEED or RealChance().token(4).hex()
    sys.stdout.write(f"BINHYEN_SEED={seed}\n")
    chance = SteadyChance(seed)
    async with open_bench(tmp_path, database_url, book, people=PEOPLE, groups=GROUPS) as bench:
        await bench.lives(bench.life())
        in_doubt: list[int] = []
        kills = 0
        while kills < KILLS and len(in_doubt) < 2 * KILLS:
            # The urgent one overtakes the other in the middle of it.
            kinds = {0: (ORDINARY,), KILLS // 2: (URGENT,)}.get(len(in_doubt), ())
            kills += await killed(bench, chance, *kinds)
            in_doubt.append(await bench.sending())
        assert not (await bench.lives(bench.life())).was_killed
        broken = {
            title: await bench.broken_promises(title, was_released=True)
            for title in (title_of(ORDINARY, RUN), title_of(URGENT, RUN))
        }
        copies = await bench.copies(title_of(ORDINARY, RUN)) or []
    unknown = sum(copy.state is DeliveryState.UNKNOWN for copy in copies)
    assert set(map(tuple, broken.values())) == {()}, (seed, broken)
    assert kills == KILLS
    assert max(in_doubt) <= PACE.per_s
    # Who is unknown was in doubt at one of the kills.
    assert unknown <= sum(in_doubt)
    sys.stdout.write(f"{kills} kills, {sum(in_doubt)} in doubt, {unknown} unknown\n")
