"""How much of its pace a channel really uses, over five minutes of the platform's time.

The real sender, adapter and database against the strict stand-in, whose clock stands still while
a request is on its way: the measure is of what we let go when, not of this machine's speed.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.table import Row
from bot.core.channels import Pace
from bot.services.envelopes import Envelopes
from tests.delivery.rig import Rig, channel_at, settled
from tests.delivery.sustained import Sustained, sustained
from tests.fakes import FakeClock
from tests.storage.rig import open_sqlite
from tests.vault_builder import open_vault

SECONDS = 300
LIMIT_PER_S = 30


def measure() -> list[Row]:
    """Return the rows about Telegram."""
    seen = asyncio.run(_seen())
    detail = f"{len(seen.moments_s)} messages, {len(seen.broken_rules)} of Telegram's rules broken"
    return [
        Row(
            measure="Pace used over Telegram",
            value=0.0 if seen.broken_rules else seen.share_of_pace,
            goal=0.97,
            unit="ratio",
            at_least=True,
            detail=detail,
        ),
        Row(
            measure="Busiest second over Telegram",
            value=seen.busiest_second,
            goal=LIMIT_PER_S,
            unit="sends",
            at_least=False,
        ),
    ]


async def _seen() -> Sustained:
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
            return await sustained(rig, seconds=SECONDS)
