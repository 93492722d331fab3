"""What one bot can do about its groups: look and leave. People make groups and let the bot in.

Fits `bot.core.channels.GroupDesk`.
"""

from collections.abc import Sequence

from telegram import ChatFullInfo, ChatMember, ChatMemberAdministrator, ChatMemberOwner

from bot.channels.telegram.calls import Calls
from bot.core.channels import FoundGroup, GroupAsset
from bot.core.groups import Group
from bot.core.sending import MessageRefused


class TelegramGroups:
    """The groups of one bot."""

    can_make = False

    def __init__(self, calls: Calls, *, bot_id: int | None) -> None:
        self._calls = calls
        self._bot_id = bot_id or 0

    async def listed(self) -> Sequence[FoundGroup]:
        """Return nothing: a bot hears of its groups only as things happen there."""
        return ()

    async def look(self, group: Group) -> FoundGroup:
        """Return what Telegram says of `group`; make a link into it if the bot may."""
        bot, chat = self._calls.bot, group.chat
        info = await self._calls.done(bot.get_chat(chat), is_group=True)
        count = bot.get_chat_member_count(chat)
        members = await self._calls.done(count, is_group=True)
        place = await self._calls.done(bot.get_chat_member(chat, self._bot_id), is_group=True)
        return FoundGroup(
            chat=str(info.id),
            name=info.title or "",
            members=members,
            invite_url=await self._link(info, place, group),
            can_delete=_can_delete(place),
        )

    async def _link(self, info: ChatFullInfo, place: ChatMember, group: Group) -> str:
        if info.username:
            return f"https://t.me/{info.username}"
        known = info.invite_link or group.invite_url
        if known or not _can_invite(place):
            return known
        # A new link ends the bot's earlier one, so it is made only where none is known.
        return await self._calls.done(
            self._calls.bot.export_chat_invite_link(group.chat), is_group=True
        )

    async def assets(self) -> Sequence[GroupAsset]:
        """Return nothing: groups cost nothing here."""
        return ()

    async def make(self, name: str, *, asset: str, members: Sequence[str]) -> FoundGroup:
        """Raise `MessageRefused`: a bot cannot make groups."""
        del name, asset, members
        raise MessageRefused("a bot cannot make a group")

    async def invite(self, group: Group, members: Sequence[str]) -> None:
        """Raise `MessageRefused`: people come by the link."""
        del group, members
        raise MessageRefused("a bot cannot invite people")

    async def leave(self, group: Group) -> None:
        """Leave the group."""
        await self._calls.done(self._calls.bot.leave_chat(group.chat), is_group=True)


def _can_delete(place: ChatMember) -> bool:
    return isinstance(place, ChatMemberOwner) or (
        isinstance(place, ChatMemberAdministrator) and bool(place.can_delete_messages)
    )


def _can_invite(place: ChatMember) -> bool:
    return isinstance(place, ChatMemberOwner) or (
        isinstance(place, ChatMemberAdministrator) and bool(place.can_invite_users)
    )
