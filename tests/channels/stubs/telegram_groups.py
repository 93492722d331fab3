"""What happens to groups and channels on the stand-in Telegram, above all to the bot in them.

The bot's own place (`my_chat_member`) and the messages of a chat travel in queues of their own,
as on the real server: either may arrive first.
"""

from collections.abc import Iterable
from typing import Final

from tests.channels.stubs.telegram_chats import ChatKind, ChatState, TelegramChat
from tests.channels.stubs.telegram_crowd import TelegramCrowd
from tests.channels.stubs.telegram_events import (
    ANONYMOUS_ADMIN,
    CHANNEL_VOICE,
    TELEGRAM_ITSELF,
    change_of,
    outsider,
    text_of,
)
from tests.channels.stubs.telegram_members import (
    CHANNEL_RIGHTS,
    PLAIN_ADMIN_RIGHTS,
    Body,
    Member,
    MemberStatus,
)
from tests.channels.stubs.telegram_updates import Update

Told = list[Update]
SUPERGROUP_OFFSET: Final = -1_000_000_000_000


class TelegramGroups:
    """Deeds of people in groups; each returns the updates it made, in the order they were made."""

    def __init__(self, crowd: TelegramCrowd) -> None:
        self._crowd = crowd

    def make(
        self,
        chat_id: int,
        *,
        creator: int,
        title: str = "Nhóm Thử",
        kind: ChatKind | None = None,
        members: Iterable[int] = (),
    ) -> TelegramChat:
        """Return a group the bot is not in yet, with its creator and members."""
        chat = self._crowd.chats.seen(chat_id, name=title, kind=kind)
        chat.bot.status = MemberStatus.LEFT
        self._member(chat, creator).status = MemberStatus.CREATOR
        for user in members:
            self._member(chat, user)
        return chat

    def add_bot(
        self,
        chat_id: int,
        *,
        by: int,
        as_admin: Iterable[str] | None = None,
        payload: str = "",
    ) -> Told:
        """Let a person add the bot; with `payload` by a `startgroup` link, which says /start.

        The updates: its new place, the notice in the group, and the /start if there is one.
        """
        chat = self._crowd.chats.seen(chat_id)
        before = self._bot_left(chat)
        if as_admin is None and chat.kind is not ChatKind.CHANNEL:
            chat.bot.become(MemberStatus.MEMBER)
        else:
            rights = PLAIN_ADMIN_RIGHTS | set(CHANNEL_RIGHTS) if as_admin is None else as_admin
            chat.bot.become(MemberStatus.ADMINISTRATOR, rights)
        told = [self._place(chat, by=by, before=before)]
        if chat.kind is ChatKind.CHANNEL:
            return told
        person = self._person(by)
        bot = self._crowd.bot
        told.append(self._notice(chat, person, {"new_chat_members": [bot], **_old_style(bot)}))
        if payload:
            said = text_of(f"/start@{bot['username']} {payload}")
            told.append(self._crowd.post(chat, said, sender=person))
        return told

    async def user_opens_link(self, user: int, url: str, *, chat_id: int) -> Told:
        """Let a person open a `?startgroup=` link and choose a group; `&admin=a+b` asks rights."""
        payload = self._crowd.payload_of(url, name="startgroup")
        asked = url.partition("admin=")[2].partition("&")[0]
        rights = [f"can_{right}" for right in asked.split("+")] if asked else None
        return self.add_bot(chat_id, by=user, payload=payload, as_admin=rights)

    def create_with_bot(self, chat_id: int, *, by: int, title: str = "Nhóm Thử") -> Told:
        """Let a person create a group with the bot in it from the first moment."""
        chat = self.make(chat_id, creator=by, title=title)
        before = self._bot_left(chat)
        chat.bot.become(MemberStatus.MEMBER)
        place = self._place(chat, by=by, before=before)
        made: Body = {"group_chat_created": True}
        if chat.kind is ChatKind.SUPERGROUP:
            made = {"supergroup_chat_created": True}
        return [place, self._notice(chat, self._person(by), made, is_undeletable=True)]

    def promote_bot(
        self, chat_id: int, *, by: int, rights: Iterable[str] = PLAIN_ADMIN_RIGHTS
    ) -> Update:
        """Make the bot an administrator with `rights`, or change those it has."""
        chat = self._crowd.chats.seen(chat_id)
        before = chat.bot.as_object()
        chat.bot.become(MemberStatus.ADMINISTRATOR, rights)
        return self._place(chat, by=by, before=before)

    def demote_bot(self, chat_id: int, *, by: int) -> Update:
        """Make the bot a plain member again."""
        chat = self._crowd.chats.seen(chat_id)
        before = chat.bot.as_object()
        chat.bot.become(MemberStatus.MEMBER)
        return self._place(chat, by=by, before=before)

    def remove_bot(self, chat_id: int, *, by: int) -> Told:
        """Throw the bot out: its place is told, and in groups the notice of it."""
        chat = self._crowd.chats.seen(chat_id)
        before = chat.bot.as_object()
        chat.bot.become(MemberStatus.KICKED)
        told = [self._place(chat, by=by, before=before)]
        if chat.kind is not ChatKind.CHANNEL:
            gone: Body = {"left_chat_member": self._crowd.bot}
            told.append(self._notice(chat, self._person(by), gone))
        return told

    def delete(self, chat_id: int, *, by: int) -> Update:
        """Let the owner delete the whole group."""
        chat = self._crowd.chats.seen(chat_id)
        before = chat.bot.as_object()
        chat.state = ChatState.DELETED
        chat.bot.become(MemberStatus.LEFT)
        return self._place(chat, by=by, before=before)

    def member_joins(self, chat_id: int, user: int, *, by: int | None = None) -> Update:
        """Let a person come in by themselves, or added by somebody; only the notice is told."""
        chat = self._crowd.chats.seen(chat_id)
        member = self._member(chat, user)
        before = outsider(member.user)
        member.become(MemberStatus.MEMBER)
        self._change(chat, member, by=by or user, before=before)
        notice: Body = {"new_chat_members": [member.user], **_old_style(member.user)}
        return self._notice(chat, self._person(by or user), notice)

    def member_leaves(self, chat_id: int, user: int, *, by: int | None = None) -> Update:
        """Let a person go, or be thrown out by somebody."""
        chat = self._crowd.chats.seen(chat_id)
        member = self._member(chat, user)
        before = member.as_object()
        member.become(MemberStatus.KICKED if by else MemberStatus.LEFT)
        self._change(chat, member, by=by or user, before=before)
        return self._notice(chat, self._person(by or user), {"left_chat_member": member.user})

    def make_admin(
        self,
        chat_id: int,
        user: int,
        *,
        by: int,
        rights: Iterable[str] = PLAIN_ADMIN_RIGHTS,
        is_anonymous: bool = False,
    ) -> Update:
        """Let a person lead the group; told as `chat_member`, to those who asked for that kind."""
        chat = self._crowd.chats.seen(chat_id)
        member = self._member(chat, user)
        before = member.as_object()
        member.become(MemberStatus.ADMINISTRATOR, rights)
        member.is_anonymous = is_anonymous
        return self._change(chat, member, by=by, before=before)

    def migrate(self, chat_id: int, *, to: int | None = None) -> Told:
        """Upgrade a group: both chats get a notice, and the old id only tells the new one."""
        old = self._crowd.chats.seen(chat_id)
        new_id = SUPERGROUP_OFFSET + chat_id if to is None else to
        new = self._crowd.chats.seen(new_id, name=old.name, kind=ChatKind.SUPERGROUP)
        new.members = old.members
        new.bot.become(old.bot.status, old.bot.rights)
        leaves = self._notice(
            old, ANONYMOUS_ADMIN, {"sender_chat": old.as_object(), "migrate_to_chat_id": new.id}
        )
        old.migrated_to = new.id
        arrives = self._notice(
            new,
            ANONYMOUS_ADMIN,
            {"sender_chat": new.as_object(), "migrate_from_chat_id": old.id},
            is_undeletable=True,
        )
        return [leaves, arrives]

    def rename(self, chat_id: int, title: str, *, by: int) -> Update:
        """Give a group another name."""
        chat = self._crowd.chats.seen(chat_id)
        chat.name = title
        return self._notice(chat, self._person(by), {"new_chat_title": title})

    def says_anonymously(self, chat_id: int, content: Body | str) -> Update:
        """Let an administrator write in the name of the group itself."""
        return self._in_the_name(chat_id, content, who=ANONYMOUS_ADMIN, sender_chat=chat_id)

    def says_as_channel(self, chat_id: int, content: Body | str, *, channel: int) -> Update:
        """Let somebody write in a group in the name of a channel."""
        return self._in_the_name(chat_id, content, who=CHANNEL_VOICE, sender_chat=channel)

    def forwards_post(self, chat_id: int, content: Body | str, *, channel: int) -> Update:
        """Let a linked channel's post appear in its discussion group by itself."""
        shown = _content(content) | {"is_automatic_forward": True}
        return self._in_the_name(chat_id, shown, who=TELEGRAM_ITSELF, sender_chat=channel)

    def posts(self, channel: int, content: Body | str) -> Update:
        """Publish in a channel: nobody is named but the channel."""
        chat = self._crowd.chats.seen(channel, kind=ChatKind.CHANNEL)
        shown = {"sender_chat": chat.as_object()} | _content(content)
        return self._crowd.post(chat, shown, sender=None, kind="channel_post")

    def _in_the_name(
        self, chat_id: int, content: Body | str, *, who: Body, sender_chat: int
    ) -> Update:
        kind = None if sender_chat == chat_id else ChatKind.CHANNEL
        named = self._crowd.chats.seen(sender_chat, kind=kind).as_object()
        chat = self._crowd.chats.seen(chat_id)
        return self._crowd.post(chat, {"sender_chat": named} | _content(content), sender=who)

    def _person(self, user: int) -> Body:
        return self._crowd.chats.seen(user, started=False).as_user()

    def _member(self, chat: TelegramChat, user: int) -> Member:
        return chat.members.setdefault(user, Member(user=self._person(user)))

    def _bot_left(self, chat: TelegramChat) -> Body:
        return outsider(self._crowd.bot, status=_as_told(chat, chat.bot.status))

    def _place(self, chat: TelegramChat, *, by: int, before: Body) -> Update:
        """Tell the bot of its own new place."""
        shown = chat.bot.as_object()
        if chat.bot.status is MemberStatus.KICKED:
            shown = outsider(self._crowd.bot, status=_as_told(chat, MemberStatus.KICKED))
        content = change_of(
            chat,
            by=self._person(by),
            date=self._crowd.today_s(),
            before=before,
            after=shown,
        )
        return self._crowd.push("my_chat_member", content, lane=f"place in {chat.id}")

    def _change(self, chat: TelegramChat, member: Member, *, by: int, before: Body) -> Update:
        content = change_of(
            chat,
            by=self._person(by),
            date=self._crowd.today_s(),
            before=before,
            after=member.as_object(),
        )
        lane = f"place of {member.user['id']}"
        return self._crowd.push("chat_member", content, lane=lane, is_seen=chat.bot.is_admin)

    def _notice(
        self, chat: TelegramChat, sender: Body, content: Body, *, is_undeletable: bool = False
    ) -> Update:
        return self._crowd.post(chat, content, sender=sender, is_undeletable=is_undeletable)


def _content(content: Body | str) -> Body:
    return text_of(content) if isinstance(content, str) else dict(content)


def _old_style(user: Body) -> Body:
    """Return the two fields older bots still read."""
    return {"new_chat_participant": user, "new_chat_member": user}


def _as_told(chat: TelegramChat, status: MemberStatus) -> MemberStatus:
    """Return a place as updates word it: who is thrown out of a basic group has left it."""
    if chat.kind is ChatKind.GROUP and status is MemberStatus.KICKED:
        return MemberStatus.LEFT
    return status if status in {MemberStatus.LEFT, MemberStatus.KICKED} else MemberStatus.LEFT
