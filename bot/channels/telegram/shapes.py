"""The parts of Telegram's updates that are read, and nothing else.

Unknown fields and kinds of update come and go with every version of the Bot API. What a message
shows besides words is kept raw here and read one by one in `showing`, so that a new shape of a
sticker never makes the words beside it unreadable.
"""

from typing import Annotated, Final

import msgspec

# Ids have at most 52 significant bits (Bot API, type Chat).
Id = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=2**33)]

_GROUPS: Final = frozenset({"group", "supergroup"})


class Chat(msgspec.Struct):
    """Where something happened."""

    id: Id
    type: str = "private"
    title: str = ""

    @property
    def is_private(self) -> bool:
        """Tell whether one person alone reads there."""
        return self.type == "private"

    @property
    def is_group(self) -> bool:
        """Tell whether many read and write there; a channel is neither."""
        return self.type in _GROUPS

    @property
    def is_channel(self) -> bool:
        """Tell whether it is neither; new kinds of chats are not for us either."""
        return not self.is_private and not self.is_group


class User(msgspec.Struct):
    """Who did it."""

    id: Id
    language_code: str | None = None


class Quoted(msgspec.Struct):
    """The message another one answers to. In a forum every message answers to its topic."""

    author: User | None = msgspec.field(name="from", default=None)
    forum_topic_created: msgspec.Raw = msgspec.Raw()


class Message(msgspec.Struct):
    """A message, of people or of the platform itself."""

    message_id: Id
    chat: Chat
    date: Moment = 0
    edit_date: Moment = 0
    author: User | None = msgspec.field(name="from", default=None)
    # Set where somebody writes in the name of the group or of a channel.
    sender_chat: Chat | None = None
    is_automatic_forward: bool = False
    forward_origin: msgspec.Raw = msgspec.Raw()
    text: str | None = None
    caption: str | None = None
    reply_to_message: Quoted | None = None
    media_group_id: str = ""
    # What happens to groups.
    migrate_to_chat_id: Id | None = None
    migrate_from_chat_id: Id | None = None
    new_chat_title: str | None = None
    new_chat_members: list[User] = []
    left_chat_member: User | None = None
    # What is shown besides words.
    photo: msgspec.Raw = msgspec.Raw()
    sticker: msgspec.Raw = msgspec.Raw()
    voice: msgspec.Raw = msgspec.Raw()
    audio: msgspec.Raw = msgspec.Raw()
    video: msgspec.Raw = msgspec.Raw()
    video_note: msgspec.Raw = msgspec.Raw()
    animation: msgspec.Raw = msgspec.Raw()
    document: msgspec.Raw = msgspec.Raw()
    location: msgspec.Raw = msgspec.Raw()
    venue: msgspec.Raw = msgspec.Raw()
    contact: msgspec.Raw = msgspec.Raw()
    poll: msgspec.Raw = msgspec.Raw()
    dice: msgspec.Raw = msgspec.Raw()
    game: msgspec.Raw = msgspec.Raw()
    story: msgspec.Raw = msgspec.Raw()
    checklist: msgspec.Raw = msgspec.Raw()
    paid_media: msgspec.Raw = msgspec.Raw()


class CallbackQuery(msgspec.Struct):
    """A tap on a button. The message is missing only where it was sent in somebody's name."""

    id: str
    author: User = msgspec.field(name="from")
    message: Message | None = None
    data: str | None = None


class Place(msgspec.Struct):
    """What the bot is in a chat; its rights stand there if it is an administrator."""

    status: str = ""
    is_member: bool = True
    can_delete_messages: bool = False

    @property
    def is_gone(self) -> bool:
        """Tell whether the bot is not in the chat."""
        return self.status in {"kicked", "left"} or not self.is_member

    @property
    def can_delete(self) -> bool:
        """Tell whether the bot may delete what others wrote."""
        return self.status == "creator" or self.can_delete_messages


class PlaceChange(msgspec.Struct):
    """The bot was blocked, let in, given rights, thrown out."""

    chat: Chat
    author: User = msgspec.field(name="from")
    was: Place = msgspec.field(name="old_chat_member")
    now: Place = msgspec.field(name="new_chat_member")
    date: Moment = 0


class Update(msgspec.Struct):
    """One update; exactly one of the contents is there."""

    update_id: Id
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: PlaceChange | None = None


class Numbered(msgspec.Struct):
    """What can be read of any update."""

    update_id: Id


class Batch(msgspec.Struct):
    """An answer to getUpdates."""

    result: list[msgspec.Raw]
