"""How much of its pace a channel really uses, over five minutes of the platform's time.

The real sender, adapter and database against the strict stand-in, whose clock stands still while
a request is on its way: the measure is of what we let go when, not of this machine's speed.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.table import Row, row
from bot.core.channels import Pace
from bot.services.envelopes import Envelopes
from tests.delivery.rig import Rig, channel_at, settled
from tests.delivery.sustained import Sustained, sustained
from tests.fakes import FakeClock
from tests.storage.rig import open_sqlite
from tests.vault_builder import open_vault

SECONDS = 300


def measure(*, is_quick: bool) -> list[Row]:
    """Return the rows about Telegram."""
    seen = asyncio.run(_seen(5 if is_quick else SECONDS))
    return [
        row("pace_used", seen.share_of_pace, detail=f"{len(seen.moments_s)} messages"),
        row("busiest_second", seen.busiest_second),
        row("slowed_down", len(seen.broken_rules)),
    ]


async def _seen(seconds: int) -> Sustained:
    clock = FakeClock(is_automatic=True)
    with TemporaryDirectory() as folder, open_vault(Path(folder), clock=clock) as vault:
        envelopes = Envelopes(
            passing=vault.passing, lasting=vault.lasting, pseudonyms=vault.lasting, clock=clock
        )
        async with open_sqlite(Path(folder)) as storage:
            channel = channel_at(Pace(per_s=1.0), clock)
            await settled(storage, channel)
            rig = Rig(
                storage=storage,
                envelopes=envelopes,
                clock=clock,
                channel=channel,
                file=Path(folder) / "binhyen.db",
            )
            return await sustained(rig, seconds=seconds)
