"""Looking ahead for officers: connections that grow old, groups that lapse, what a check finds.

What is wrong at this moment is told at once, by whoever finds it (see `bot.services.notices`).
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.channels import AccountState, ChannelAccount, ChannelKind, Finding
from bot.core.errors import NotFound
from bot.core.groups import Group, GroupState
from bot.core.notices import NoticeKey
from bot.core.sealing import SealBroken
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.services.channels.channels import Channels
from bot.services.channels.credentials import OLD_AFTER
from bot.services.groups.groups import LAPSING
from bot.services.notices import Notices

# Until somebody acts, officers hear of it once a week.
AGAIN_AFTER: Final = timedelta(days=7)
_CHECK_LIMIT_S: Final = 30.0


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

    async def check_channels(self) -> int:
        """Let every platform say what is not well; return in how many chats something was told.

        What stops a channel is told when it stops. Here comes what nobody would notice: a webhook
        somebody took away, a package about to run out, a right that was withdrawn.
        """
        told = 0
        for account in await self._channels.accounts():
            if account.kind is ChannelKind.WEB or account.state is not AccountState.ACTIVE:
                continue
            for finding in await self._findings(account):
                told += await self._unwell(account, finding)
        return told

    async def _findings(self, account: ChannelAccount) -> Sequence[Finding]:
        try:
            async with asyncio.timeout(_CHECK_LIMIT_S):
                found = await self._channels.check(account.id)
        except (TimeoutError, NotFound, SealBroken):
            # The next look comes tomorrow; one that stays silent cannot send and is told as that.
            return []
        return [finding for finding in found if not finding.is_well]

    async def _unwell(self, account: ChannelAccount, finding: Finding) -> int:
        async with self._storage.begin() as work:
            unit = await work.units.get(account.unit_id)
            told = await self._notices.tell(
                work,
                NoticeKey.CHANNEL_UNWELL,
                unit_id=unit.id,
                subject=f"{account.id}:{finding.what}",
                about={
                    "channel": account.name,
                    "unit": unit.name,
                    "what": f"{finding.what} {finding.fix}".strip(),
                },
                every=AGAIN_AFTER,
            )
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
