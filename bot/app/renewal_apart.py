"""The process that renews one pair: `python -m bot.app.renewal_apart CHANNEL VERSION`.

Started by `bot.app.renewing`. Opens only what it needs, heeds no polite signal until the new
pair is on the disk, and says how it ended in one line of JSON.
"""

import asyncio
import signal
import sys
from typing import Final

import aiohttp
import msgspec

from bot.app.renewing import End, Ended
from bot.channels.zalo.account import OAUTH_URL, ZaloAccount
from bot.channels.zalo.calls import ZaloCalls
from bot.channels.zalo.renewal import RenewalHere, RenewalRefused
from bot.clock import RealChance, RealClock
from bot.config import load_config, read_environment
from bot.core.channels import Credentials
from bot.core.errors import BinhYenError, StorageTrouble
from bot.core.ids import ChannelId
from bot.core.storage import Storage
from bot.services.channels.credentials import StoredCredentials
from bot.services.envelopes import Envelopes
from bot.storage.store import open_store
from bot.vault.vault import Vault, open_vault

_STORE_AGAIN_AFTER_S: Final = 2.0
# As long as somebody might need to free a full disk or start a database.
_STORE_TRIES: Final = 900
_DEAF_TO: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE)


async def renew_apart(channel_id: ChannelId, version: int) -> Ended:
    """Renew the pair of a channel, unless it is no longer `version`."""
    config = load_config(read_environment())
    clock = RealClock()
    vault = open_vault(config.data_dir / "keys", clock=clock)
    try:
        async with open_store(config.database_url, audit_key=vault.audit) as storage:
            return await _renewed(channel_id, version, storage=storage, vault=vault)
    except RenewalRefused as refused:
        return Ended(end=End.REFUSED, text=refused.code)
    except StorageTrouble:
        return Ended(end=End.NO_STORAGE)
    except BinhYenError as error:
        return Ended(end=End.TROUBLE, text=str(error))
    finally:
        vault.close()


async def _renewed(
    channel_id: ChannelId, version: int, *, storage: Storage, vault: Vault
) -> Ended:
    clock, chance = RealClock(), RealChance()
    envelopes = Envelopes(
        passing=vault.passing, lasting=vault.lasting, pseudonyms=vault.lasting, clock=clock
    )
    store = StoredCredentials(
        channel_id,
        storage=storage,
        envelopes=envelopes,
        clock=clock,
        chance=chance,
        owner="renewal",
        report=_unheard,
    )
    seen = await store.load()
    if seen.version != version:
        return Ended(end=End.RENEWED)
    async with storage.read() as work:
        settings = (await work.channels.get(channel_id)).settings
    account = ZaloAccount(
        id=channel_id,
        app_id=settings["app_id"],
        oa_id=settings["oa_id"],
        app_secret=seen.values["app_secret"],
        oa_secret=seen.values["oa_secret"],
        oauth_url=settings.get("oauth_url") or OAUTH_URL,
    )
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        renewal = RenewalHere(account, store=store, calls=ZaloCalls(session), clock=clock)
        await _insisting(renewal, seen, clock)
    return Ended(end=End.RENEWED)


async def _insisting(renewal: RenewalHere, seen: Credentials, clock: RealClock) -> None:
    """Renew; once the new pair is here, do not give up storing it."""
    for _ in range(_STORE_TRIES):
        try:
            await renewal(seen)
        except StorageTrouble:
            if not renewal.has_unsaved:
                raise
            await clock.sleep(_STORE_AGAIN_AFTER_S)
        else:
            return
    raise StorageTrouble("the new pair could not be stored")


async def _unheard(_channel_id: ChannelId, _trouble: str) -> None:
    """Leave it to the program to tell officers."""


def main() -> None:
    """Renew, and say how it ended."""
    for number in _DEAF_TO:
        signal.signal(number, signal.SIG_IGN)
    channel_id, version = sys.argv[1:]
    ended = asyncio.run(renew_apart(ChannelId(channel_id), int(version)))
    try:
        sys.stdout.buffer.write(msgspec.json.encode(ended))
        sys.stdout.buffer.flush()
    except OSError:
        # Nobody listens any more; the pair is where the next program looks for it.
        sys.exit(1)


if __name__ == "__main__":
    main()
