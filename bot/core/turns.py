"""One turn of a conversation: what a handler is given, and what it gives back.

A handler thinks without holding the database. What it wants changed it returns as effects,
which are carried out in one transaction together with its replies and the mark "handled".
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.channels import ChannelKind
from bot.core.dialogues import Step
from bot.core.handovers import Handover
from bot.core.ids import ConversationKey
from bot.core.languages import Language
from bot.core.messages import Incoming, Outgoing
from bot.core.people import Person
from bot.core.storage import Work
from bot.core.units import Unit

# A change to be made in the transaction of the turn. It may run again if the commit fails, so
# it changes nothing outside the `Work`; and it waits for nothing else (see `Storage.change`).
Effect = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What somebody said, and what is known of the conversation."""

    incoming: Incoming
    conversation: ConversationKey
    channel_kind: ChannelKind
    language: Language
    # The neighbourhood of somebody who joined, else the commune.
    unit: Unit
    # What only the unit knows (duty desk, address …), by the places of the content files.
    contacts: Mapping[str, str] = field(default_factory=dict)
    person: Person | None = None
    step: Step = Step()
    # A question of ours waited longer than a step lives.
    has_expired: bool = False
    # A human answers in this conversation at present, so that questions are left to them.
    has_human: bool = False
    # Was told before that a program answers here.
    is_introduced: bool = False
    # Officers were asked to answer here and are not done; then `has_human` is told, too.
    handover: Handover | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """What to say and change, and where the conversation stands afterwards."""

    replies: tuple[Outgoing, ...] = ()
    effects: tuple[Effect, ...] = ()
    step: Step = Step()
    # Part of a tip: that somebody wrote at this hour is noted nowhere.
    leaves_no_mark: bool = False


Handler = Callable[[Turn], Awaitable[Handled]]

# What happens without anybody saying something (an echo, a change of a group). It is handled in
# the transaction of its arrival and may run again; what it returns is said in the same chat.
EventHandler = Callable[[Work, Incoming, ConversationKey], Awaitable[tuple[Outgoing, ...]]]

# Somebody who joined has written, at that moment.
Wrote = Callable[[Work, Person, datetime], Awaitable[object]]
