"""Who belongs to a group on the stand-in Telegram, and what administrators may do there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Body = dict[str, object]

# The names of the Bot API; a supergroup has two more than a basic group, a channel three others.
GROUP_RIGHTS: Final = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
    *("can_post_stories", "can_edit_stories", "can_delete_stories", "can_pin_messages"),
    "can_manage_topics",
)
CHANNEL_RIGHTS: Final = ("can_post_messages", "can_edit_messages")
PLAIN_ADMIN_RIGHTS: Final = frozenset({"can_manage_chat", "can_delete_messages"})


class MemberStatus(StrEnum):
    """The Bot API's words for a place in a chat."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(slots=True, kw_only=True)
class Member:
    """One person's or the bot's place in a group; `user` is the Bot API's User object."""

    user: Body
    status: MemberStatus = MemberStatus.MEMBER
    rights: frozenset[str] = field(default_factory=frozenset)
    is_anonymous: bool = False

    @property
    def is_here(self) -> bool:
        """Tell whether they are in the chat."""
        return self.status not in {MemberStatus.LEFT, MemberStatus.KICKED}

    @property
    def is_admin(self) -> bool:
        """Tell whether they lead the chat."""
        return self.status in {MemberStatus.CREATOR, MemberStatus.ADMINISTRATOR}

    def may(self, right: str) -> bool:
        """Tell whether they have one administrator's right."""
        return self.status is MemberStatus.CREATOR or (self.is_admin and right in self.rights)

    def become(self, status: MemberStatus, rights: Iterable[str] = ()) -> None:
        """Take another place; `rights` count for administrators only."""
        self.status = status
        self.rights = frozenset(rights) if status is MemberStatus.ADMINISTRATOR else frozenset()

    def as_object(self) -> Body:
        """Return the Bot API's ChatMember object."""
        shown: Body = {"user": self.user, "status": self.status.value}
        match self.status:
            case MemberStatus.ADMINISTRATOR:
                rights: Body = {right: right in self.rights for right in GROUP_RIGHTS}
                channel: Body = {right: True for right in CHANNEL_RIGHTS if right in self.rights}
                shown |= {"can_be_edited": False, "is_anonymous": self.is_anonymous}
                shown |= rights | channel
            case MemberStatus.CREATOR:
                shown["is_anonymous"] = self.is_anonymous
            case MemberStatus.KICKED:
                shown["until_date"] = 0
            case MemberStatus.MEMBER | MemberStatus.LEFT:
                pass
        return shown
