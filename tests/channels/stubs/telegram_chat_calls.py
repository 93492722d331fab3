"""The Bot API methods that ask about a chat and its people, leave it, or invite into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.channels.stubs.telegram_chats import TelegramChat, TelegramChats
from tests.channels.stubs.telegram_desk import Method
from tests.channels.stubs.telegram_members import Body, MemberStatus
from tests.channels.stubs.telegram_request import Params, TelegramRefusal

LINK_NAME_MAX: Final = 32
MEMBER_LIMIT_MAX: Final = 99_999

_GIFTS: Final = (
    *("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"),
    "gifts_from_channels",
)
_PERMISSIONS: Final = (
    *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos"),
    *("can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls"),
    *("can_send_other_messages", "can_add_web_page_previews", "can_change_info"),
    *("can_invite_users", "can_pin_messages"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramChatCalls:
    """Looks into `chats`; `invite_links` keeps every link made, the main one of a chat first."""

    bot: Body
    chats: TelegramChats
    invite_links: dict[int, list[Body]] = field(default_factory=dict)

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {
            "getChat": self._chat,
            "getChatMember": self._member,
            "getChatMemberCount": self._count,
            "getChatAdministrators": self._admins,
            "leaveChat": self._leave,
            "exportChatInviteLink": self._export_link,
            "createChatInviteLink": self._create_link,
            "revokeChatInviteLink": self._revoke_link,
        }

    async def _chat(self, params: Params) -> object:
        chat = self.chats.reach(params.integer("chat_id"), only_reads=True)
        shown = chat.as_object() | {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(_GIFTS, True),
        }
        if not chat.is_private:
            shown["permissions"] = dict.fromkeys(_PERMISSIONS, True)
            links = self.invite_links.get(chat.id)
            if links and chat.bot_may("can_invite_users"):
                shown["invite_link"] = links[0]["invite_link"]
        return shown

    async def _member(self, params: Params) -> object:
        chat = self.chats.reach(params.integer("chat_id"))
        user_id = params.integer("user_id")
        if user_id is None:
            raise TelegramRefusal(
                400, "Bad Request: invalid user_id specified", rule="user_id is always there"
            )
        if user_id == self.bot["id"]:
            return chat.bot.as_object()
        if chat.is_private and user_id == chat.id:
            return {"user": chat.as_user(), "status": "member"}
        member = chat.members.get(user_id)
        if member is None:
            raise TelegramRefusal(400, "Bad Request: member not found")
        return member.as_object()

    async def _count(self, params: Params) -> object:
        chat = self.chats.reach(params.integer("chat_id"))
        return 2 if chat.is_private else len(chat.people())

    async def _admins(self, params: Params) -> object:
        chat = self.chats.reach(params.integer("chat_id"))
        if chat.is_private:
            raise TelegramRefusal(
                400,
                "Bad Request: there are no administrators in the private chat",
                rule="administrators of groups only",
            )
        return [member.as_object() for member in chat.people() if member.is_admin]

    async def _leave(self, params: Params) -> object:
        chat = self.chats.reach(params.integer("chat_id"))
        if chat.is_private:
            raise TelegramRefusal(
                400,
                "Bad Request: chat member status can't be changed in private chats",
                rule="a bot leaves groups only",
            )
        chat.bot.become(MemberStatus.LEFT)
        return True

    async def _export_link(self, params: Params) -> object:
        chat = self._may_invite(params)
        links = self.invite_links.setdefault(chat.id, [])
        fresh = self._link(chat, {"is_primary": True})
        links[:] = [link for link in links if not link["is_primary"]]
        links.insert(0, fresh)
        return fresh["invite_link"]

    async def _create_link(self, params: Params) -> object:
        name = params.text("name") or ""
        if len(name) > LINK_NAME_MAX:
            raise _refused("invite link name is too long", rule=f"a name of {LINK_NAME_MAX}")
        limit = params.integer("member_limit")
        if limit is not None and not 1 <= limit <= MEMBER_LIMIT_MAX:
            raise _refused("USAGE_LIMIT_INVALID", rule=f"member_limit of 1 to {MEMBER_LIMIT_MAX}")
        asks = params.flag("creates_join_request")
        if asks and limit is not None:
            raise _refused(
                "member limit can't be specified for links requiring administrator approval",
                rule="member_limit or creates_join_request",
            )
        chat = self._may_invite(params)
        details: Body = {"is_primary": False, "creates_join_request": asks}
        details |= {"name": name} if name else {}
        details |= {"member_limit": limit} if limit is not None else {}
        if (until := params.integer("expire_date")) is not None:
            details["expire_date"] = until
        link = self._link(chat, details)
        self.invite_links.setdefault(chat.id, []).append(link)
        return link

    async def _revoke_link(self, params: Params) -> object:
        chat = self._may_invite(params)
        wanted = params.text("invite_link")
        for link in self.invite_links.get(chat.id, []):
            if link["invite_link"] == wanted:
                link["is_revoked"] = True
                return link
        raise TelegramRefusal(400, "Bad Request: INVITE_HASH_EXPIRED")

    def _may_invite(self, params: Params) -> TelegramChat:
        chat = self.chats.reach(params.integer("chat_id"))
        if chat.is_private:
            raise _refused("can't invite members to a private chat", rule="links into groups only")
        if not chat.bot_may("can_invite_users"):
            raise TelegramRefusal(400, "Bad Request: not enough rights to manage chat invite link")
        return chat

    def _link(self, chat: TelegramChat, details: Body) -> Body:
        made = sum(len(links) for links in self.invite_links.values())
        return {
            "invite_link": f"https://t.me/+stub{abs(chat.id)}x{made}",
            "creator": self.bot,
            "creates_join_request": False,
            "is_revoked": False,
            **details,
        }


def _refused(reason: str, *, rule: str) -> TelegramRefusal:
    return TelegramRefusal(400, f"Bad Request: {reason}", rule=rule)
