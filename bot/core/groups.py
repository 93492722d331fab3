"""Groups on a platform: one chat that many read, linked to a unit by an officer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from bot.core.errors import UnlawfulMove
from bot.core.ids import ChannelId, GroupId, UnitId
from bot.core.messages import Address


class GroupState(StrEnum):
    """Whether a group hears announcements."""

    SEEN = "seen"  # the bot is in it and nobody has linked it yet
    LINKED = "linked"
    LAPSED = "lapsed"  # the platform lets nobody write there until its fee is paid
    GONE = "gone"  # the bot was put out, or the group is no more


GROUP_MOVES: Final[Mapping[GroupState, frozenset[GroupState]]] = {
    GroupState.SEEN: frozenset({GroupState.LINKED, GroupState.LAPSED, GroupState.GONE}),
    GroupState.LINKED: frozenset({GroupState.SEEN, GroupState.LAPSED, GroupState.GONE}),
    GroupState.LAPSED: frozenset({GroupState.SEEN, GroupState.LINKED, GroupState.GONE}),
    GroupState.GONE: frozenset({GroupState.SEEN}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group. `chat` is the platform's id of it; no member of it is kept.

    `lapses_on` is the last day a paid group is paid for. `most_members` is 0 where nobody says.
    """

    id: GroupId
    channel_id: ChannelId
    chat: str = field(repr=False)
    name: str
    unit_id: UnitId | None = None
    state: GroupState = GroupState.SEEN
    invite_url: str = ""
    members: int = 0
    most_members: int = 0
    can_delete: bool = False
    lapses_on: date | None = None
    seen_at: datetime
    linked_at: datetime | None = None

    @property
    def address(self) -> Address:
        """Return where messages to the group go."""
        return Address(channel_id=self.channel_id, chat=self.chat, is_group=True)

    def moved(self, to: GroupState) -> "Group":
        """Return the group in state `to`. Raise `UnlawfulMove`."""
        if to not in GROUP_MOVES[self.state]:
            raise UnlawfulMove("group", self.state, to)
        return replace(self, state=to)

    def linked(self, unit_id: UnitId, *, at: datetime) -> "Group":
        """Return the group as one of `unit_id`; linking again moves it. Raise `UnlawfulMove`."""
        group = self if self.state is GroupState.LINKED else self.moved(GroupState.LINKED)
        return replace(group, unit_id=unit_id, linked_at=at)
