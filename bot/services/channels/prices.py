"""What a paid message costs on an account, in đồng, as officers enter it: platforms do not tell.

It is a number for plans and changes nothing of how the account sends, so it is set by itself
and opens no channel anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.core.channels import PRICE, AccountState
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ChannelId
from bot.core.storage import Storage
from bot.services.audit import Audit

PRICE_MOST: Final = 1_000_000


def unpriced(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings by which an account works."""
    return {key: value for key, value in settings.items() if key != PRICE}


class Prices:
    """Keeps the prices."""

    def __init__(self, *, storage: Storage, audit: Audit) -> None:
        self._storage = storage
        self._audit = audit

    async def enter(self, channel_id: ChannelId, dong: int | None, *, by: str) -> None:
        """Keep the price; None takes it away. Raise `NotFound`, `RuleBroken`."""
        if dong is not None and not 0 <= dong <= PRICE_MOST:
            raise RuleBroken("price_wrong", most=PRICE_MOST)
        async with self._storage.begin() as work:
            account = await work.channels.get(channel_id)
            if account.state is AccountState.REMOVED:
                raise NotFound(f"channel {channel_id}")
            entered = {} if dong is None else {PRICE: str(dong)}
            settings = {**unpriced(account.settings), **entered}
            await work.channels.save(replace(account, settings=settings))
            told = "" if dong is None else str(dong)
            await self._audit.note(
                work, "channel.price", by=by, subject=channel_id, facts={"dong": told}
            )
            await work.commit()
