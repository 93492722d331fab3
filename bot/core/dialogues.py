"""A saved step of a conversation, so that a dialogue survives a restart and expires."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.core.ids import ConversationKey

# A draft of a tip is kept at most this long.
STEP_LIFE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a conversation stands: which dialogue, which question, what was gathered.

    `offered` are the labels and words of the choices under the last message, in order, so
    that "1" and a label typed by hand can be read.
    """

    dialogue: str = ""
    question: str = ""
    gathered: Mapping[str, str] = field(default_factory=dict, repr=False)
    offered: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedStep:
    """A step as the database holds it."""

    conversation: ConversationKey
    sealed: bytes = field(repr=False)
    expires_at: datetime
