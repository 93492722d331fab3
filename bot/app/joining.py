"""The ways to us: into a unit, into a private chat, into a group; one for each account."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.core.channels import ChannelAccount, ChannelKind
from bot.core.ids import ChannelId
from bot.core.units import Unit, path_up
from bot.services.channels.channels import Channels
from bot.services.groups.groups import Groups
from bot.services.units.units import Units
from bot.web.doors import JoinLink


def join_links(
    channels: Channels, groups: Groups, units: Units
) -> Callable[[Unit, str], Awaitable[Sequence[JoinLink]]]:
    """Return what gives the links of a unit for a join code, its open groups last.

    An account serves its unit and those below it; a neighbourhood's own is nothing for others.
    """

    async def links(unit: Unit, code: str) -> Sequence[JoinLink]:
        accounts = await channels.accounts()
        known = {one.id: one for one in await units.all()}
        line = {one.id for one in path_up(unit.id, known)}
        found = [_link(account, code) for account in accounts if account.unit_id in line]
        kinds = {account.id: account.kind for account in accounts}
        rooms = [
            JoinLink(kind=kinds[group.channel_id], url=group.invite_url, is_group=True)
            for group in await groups.open_of(unit.id)
            if group.invite_url.startswith("https://") and group.channel_id in kinds
        ]
        return [*(link for link in found if link is not None), *rooms]

    return links


def _link(account: ChannelAccount, code: str) -> JoinLink | None:
    match account.kind:
        case ChannelKind.TELEGRAM if name := account.settings.get("username"):
            return JoinLink(kind=account.kind, url=f"https://t.me/{name}?start=join_{code}")
        case ChannelKind.ZALO:
            # No link of Zalo carries anything into the chat, so the code is typed.
            url = f"https://zalo.me/{account.settings['oa_id']}"
            return JoinLink(kind=account.kind, url=url, typed=f"THAMGIA {code}")
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    """Links into private chats and groups. Fits `bot.services.groups.ways.Ways`."""

    channels: Channels
    public_url: str

    @property
    def tip_form(self) -> str:
        """Return the page that takes a tip without an account."""
        return f"{self.public_url}/to-giac"

    @property
    def follow_page(self) -> str:
        """Return the page that tells by its receipt where a tip stands."""
        return f"{self.public_url}/theo-doi"

    async def into_chat(self, channel_id: ChannelId, word: str) -> str:
        """Return what opens the private chat; the chat page where the platform has no link."""
        account = await self._account(channel_id)
        match account.kind if account else ChannelKind.WEB:
            case ChannelKind.TELEGRAM if name := _setting(account, "username"):
                return f"https://t.me/{name}?start={word}" if word else f"https://t.me/{name}"
            case ChannelKind.ZALO if oa_id := _setting(account, "oa_id"):
                return f"https://zalo.me/{oa_id}"
            case _:
                return f"{self.public_url}/tro-chuyen"

    async def into_unit(self, channel_id: ChannelId, join_code: str) -> str:
        """Return what leads to joining: on Telegram at once, else by the unit's page."""
        account = await self._account(channel_id)
        if account and account.kind is ChannelKind.TELEGRAM and _setting(account, "username"):
            return await self.into_chat(channel_id, f"join_{join_code}")
        return f"{self.public_url}/tham-gia/{join_code}"

    async def into_group(self, channel_id: ChannelId, code: str) -> str:
        """Return what lets a Telegram bot into a group and says the code there, else ""."""
        account = await self._account(channel_id)
        name = _setting(account, "username")
        if account is None or account.kind is not ChannelKind.TELEGRAM or not name:
            return ""
        return f"https://t.me/{name}?startgroup=lienket_{code}"

    async def _account(self, channel_id: ChannelId) -> ChannelAccount | None:
        accounts = await self.channels.accounts()
        return next((one for one in accounts if one.id == channel_id), None)


def _setting(account: ChannelAccount | None, name: str) -> str:
    return account.settings.get(name, "") if account else ""
