"""What Telegram tells about a group the bot is in: by the bot's own place, and by notices.

That the bot came or went is told by its place alone; the notice of it says the same again.
"""

from dataclasses import dataclass, field

from bot.channels.telegram.addressing import Myself
from bot.channels.telegram.shapes import Message, PlaceChange
from bot.core.messages import GroupChange, GroupEvent
from bot.core.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice in a group. `event_id` is set where two notices tell the same."""

    chat: str = field(repr=False)
    change: GroupChange
    event_id: str = ""


def change_told(message: Message, myself: Myself) -> Told | None:
    """Return what a notice tells of its group, None if it is no notice or tells nothing of use."""
    if message.migrate_to_chat_id is not None:
        return _moved(message.chat.id, message.migrate_to_chat_id)
    if message.migrate_from_chat_id is not None:
        return _moved(message.migrate_from_chat_id, message.chat.id)
    if not message.chat.is_group:
        return None
    if message.new_chat_title is not None:
        change = GroupChange(event=GroupEvent.RENAMED, name=clean(message.new_chat_title))
        return Told(chat=str(message.chat.id), change=change)
    came_or_went = [user.id for user in message.new_chat_members]
    if message.left_chat_member is not None:
        came_or_went.append(message.left_chat_member.id)
    if any(user_id != myself.id for user_id in came_or_went):
        return Told(chat=str(message.chat.id), change=GroupChange(event=GroupEvent.MEMBERS))
    return None


def place_change(change: PlaceChange) -> GroupChange | None:
    """Return what the bot's new place means for a group, None if nothing."""
    if not change.chat.is_group:
        return None
    name, can_delete = clean(change.chat.title), change.now.can_delete
    if change.now.is_gone:
        if change.was.is_gone:
            return None
        return GroupChange(event=GroupEvent.REMOVED, name=name)
    if change.was.is_gone:
        return GroupChange(event=GroupEvent.ADDED, name=name, can_delete=can_delete)
    return GroupChange(event=GroupEvent.RIGHTS, name=name, can_delete=can_delete)


def _moved(old: int, new: int) -> Told:
    # Both groups are told, each in its own queue; one number for both makes them one event.
    return Told(
        chat=str(old),
        change=GroupChange(event=GroupEvent.MOVED, moved_to=str(new)),
        event_id=f"moved:{old}:{new}",
    )
