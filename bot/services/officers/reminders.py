"""Looking ahead for officers: connections that grow old, groups that lapse.

What is wrong at this moment is told at once, by whoever finds it (see `bot.services.notices`).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.channels import ChannelAccount
from bot.core.groups import Group, GroupState
from bot.core.notices import NoticeKey
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.services.channels.channels import Channels
from bot.services.channels.credentials import OLD_AFTER
from bot.services.groups.groups import LAPSING
from bot.services.notices import Notices

# Until somebody acts, officers hear of it once a week.
AGAIN_AFTER: Final = timedelta(days=7)


class Reminders:
    """Tells officers in time what they will have to do."""

    def __init__(
        self,
        *,
        storage: Storage,
        channels: Channels,
        notices: Notices,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._storage = storage
        self._channels = channels
        self._notices = notices
        self._clock = clock
        self._zone = zone

    async def look(self) -> int:
        """Look at every account and its groups; return in how many chats something was told."""
        ages = await self._channels.renewals.ages()
        accounts = await self._channels.accounts()
        async with self._storage.begin() as work:
            told = 0
            for account in accounts:
                if ages.get(account.id, timedelta(0)) >= OLD_AFTER:
                    told += await self._old(work, account, ages[account.id])
                told += await self._lapsing(work, await work.groups.of_channel(account.id))
            await work.commit()
        return told

    async def _old(self, work: Work, account: ChannelAccount, age: timedelta) -> int:
        unit = await work.units.get(account.unit_id)
        return await self._notices.tell(
            work,
            NoticeKey.CREDENTIALS_OLD,
            unit_id=unit.id,
            subject=account.id,
            about={"channel": account.name, "unit": unit.name, "days": age.days},
            every=AGAIN_AFTER,
        )

    async def _lapsing(self, work: Work, groups: Sequence[Group]) -> int:
        today = self._clock.now().astimezone(self._zone).date()
        told = 0
        for group in groups:
            if group.unit_id is None:
                continue
            unit = await work.units.get(group.unit_id)
            about: dict[str, str | int] = {"group": group.name, "unit": unit.name}
            if group.state is GroupState.LAPSED:
                key = NoticeKey.GROUP_LAPSED
            elif (
                group.state is GroupState.LINKED
                and group.lapses_on is not None
                and group.lapses_on <= today + LAPSING
            ):
                key = NoticeKey.GROUP_LAPSES_SOON
                about["day"] = f"{group.lapses_on:%d/%m/%Y}"
            else:
                continue
            told += await self._notices.tell(
                work, key, unit_id=unit.id, subject=group.id, about=about, every=AGAIN_AFTER
            )
        return told
