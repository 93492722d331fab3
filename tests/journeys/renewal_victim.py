"""A program that looks at its pair and is killed: forked anew for each number it reads.

`python -m tests.journeys.renewal_victim CHANNEL`, with the settings of an installation.
"""

import asyncio
import os
import sys

import aiohttp

from bot.app.renewing import RenewalApart
from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.calls import ZaloCalls
from bot.channels.zalo.renewal import RenewalHere
from bot.channels.zalo.tokens import TokenKeeper
from bot.clock import RealChance, RealClock
from bot.config import load_config, read_environment
from bot.core.ids import ChannelId
from bot.services.channels.credentials import StoredCredentials
from bot.services.envelopes import Envelopes
from bot.storage.store import open_store
from bot.vault.vault import open_vault
from tests.channels.stand_ins import say_key


async def look(channel_id: ChannelId) -> None:
    """Do what `serve` does for an account whose pair is due."""
    config, clock, chance = load_config(read_environment()), RealClock(), RealChance()
    vault = open_vault(config.data_dir / "keys", clock=clock)
    envelopes = Envelopes(
        passing=vault.passing, lasting=vault.lasting, pseudonyms=vault.lasting, clock=clock
    )
    async with open_store(config.database_url) as storage, aiohttp.ClientSession() as session:
        store = StoredCredentials(
            channel_id,
            storage=storage,
            envelopes=envelopes,
            clock=clock,
            chance=chance,
            owner=f"victim-{os.getpid()}",
            report=_said,
        )
        async with storage.read() as work:
            settings = (await work.channels.get(channel_id)).settings
        held = (await store.load()).values
        account = ZaloAccount(
            id=channel_id,
            app_id=settings["app_id"],
            oa_id=settings["oa_id"],
            app_secret=held["app_secret"],
            oa_secret=held["oa_secret"],
            oauth_url=settings["oauth_url"],
        )
        here = RenewalHere(account, store=store, calls=ZaloCalls(session), clock=clock)
        apart = RenewalApart(channel_id, store=store, clock=clock, here=here)
        keeper = TokenKeeper(account, store=store, renews=apart, clock=clock, say=say_key)
        await keeper.look()


async def _said(channel_id: ChannelId, trouble: str) -> None:
    raise AssertionError(f"{channel_id}: {trouble}")


def main() -> None:
    """Fork for each line; say the number of the process that looks."""
    channel_id = ChannelId(sys.argv[1])
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(look(channel_id))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("ended\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
