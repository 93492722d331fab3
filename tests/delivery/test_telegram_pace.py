"""A quarter of a minute of an announcement over Telegram; `benchmarks.pace` measures five."""

from bot.channels.telegram.adapter import PACE
from tests.delivery.rig import Rig
from tests.delivery.sustained import sustained

SECONDS = 15
# What Telegram takes from one bot, in any second.
LIMIT = 30


async def test_an_announcement_uses_the_pace_and_never_more(rig: Rig) -> None:
    seen = await sustained(rig, seconds=SECONDS)

    assert seen.broken_rules == []
    assert seen.recipients == seen.calls == len(seen.moments_s) == PACE.per_s * SECONDS + 1
    assert seen.share_of_pace >= 0.97
    assert seen.busiest_second <= LIMIT
