"""Residents who joined: one chat on one channel each, and what they agreed to."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.core.ids import ChannelId, HouseholdId, PersonId, UnitId
from bot.core.languages import Language
from bot.core.messages import Address


class PersonState(StrEnum):
    """Whether somebody may be written to."""

    JOINED = "joined"
    LEFT = "left"  # left by own will; nothing is sent
    UNREACHABLE = "unreachable"  # blocked the bot or left the platform; joins again by writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One resident on one channel. No name is kept: none is needed.

    `consent` names the text that was agreed to (Nghị định 356/2025: provable who, when, which).
    """

    id: PersonId
    channel_id: ChannelId
    chat: str = field(repr=False)
    unit_id: UnitId
    household_id: HouseholdId | None = None
    state: PersonState = PersonState.JOINED
    language: Language = Language.VI
    consent: str
    joined_at: datetime
    left_at: datetime | None = None
    pledged_at: datetime | None = None
    # The six hours in which they last wrote (`bot.core.windows`); None: not since they joined.
    wrote_at: datetime | None = None

    @property
    def address(self) -> Address:
        """Return where messages to this person go."""
        return Address(channel_id=self.channel_id, chat=self.chat)

    @property
    def is_reachable(self) -> bool:
        """Tell whether announcements go to this person."""
        return self.state is PersonState.JOINED

    def left(self, *, at: datetime) -> "Person":
        """Return the person as somebody who left."""
        return replace(self, state=PersonState.LEFT, left_at=at)

    def unreachable(self, *, at: datetime) -> "Person":
        """Return the person as somebody the platform no longer reaches."""
        return replace(self, state=PersonState.UNREACHABLE, left_at=at)
