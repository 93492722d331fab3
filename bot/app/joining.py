"""The ways into a neighbourhood's group, for the join page: one for each account it has."""

from collections.abc import Awaitable, Callable, Sequence

from bot.core.channels import ChannelAccount, ChannelKind
from bot.core.units import Unit
from bot.services.channels import Channels
from bot.web.doors import JoinLink


def join_links(channels: Channels) -> Callable[[Unit, str], Awaitable[Sequence[JoinLink]]]:
    """Return what gives the links of a unit for a join code."""

    async def links(_unit: Unit, code: str) -> Sequence[JoinLink]:
        found = [_link(account, code) for account in await channels.accounts()]
        return [link for link in found if link is not None]

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
