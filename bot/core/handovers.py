"""A conversation handed over to people: somebody asked for an officer instead of the bot.

    waiting ──take──> taken ──> done      the officer is finished; the bot answers again
       │                └────┬> lapsed    nobody did anything in time; the resident was told
       ├──> done             └> left      the resident went back to the bot
       ├──> lapsed
       └──> left

Only what is said from the moment of asking stands here, never what was written in a tip, and
nobody's name: an officer reads words and answers them. Where an answer goes is kept apart
(`way`), sealed, and read only by the side that talks with residents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.core.deliveries import DeliveryState
from bot.core.errors import RuleBroken, UnlawfulMove
from bot.core.ids import ChannelId, DeliveryId, HandoverId, OfficerId, UnitId
from bot.core.sending import Reason

# What somebody wrote, and the key it is sealed with, are gone so long after it was written.
WORDS_KEPT: Final = timedelta(days=14)
# Nobody looked, or nobody answered what was written last. Zalo lets us write for seven days after
# somebody's last word, so that it can still be said to them.
LAPSES_AFTER: Final = timedelta(days=5)
# The officer had the last word and forgot to say that it was all.
ENDS_AFTER: Final = timedelta(days=1)
# An answer fits one message of every platform, so that it has one outcome.
LONGEST_ANSWER: Final = 1_500
# So many words of a resident wait for one answer; more would bury an officer.
MOST_UNANSWERED: Final = 50
_QUARTER: Final = timedelta(minutes=15)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class HandoverState(StrEnum):
    """What has become of it."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"
    LAPSED = "lapsed"
    LEFT = "left"


HANDOVER_MOVES: Final[Mapping[HandoverState, frozenset[HandoverState]]] = {
    HandoverState.WAITING: frozenset(
        {HandoverState.TAKEN, HandoverState.DONE, HandoverState.LAPSED, HandoverState.LEFT}
    ),
    HandoverState.TAKEN: frozenset({HandoverState.DONE, HandoverState.LAPSED, HandoverState.LEFT}),
    HandoverState.DONE: frozenset(),
    HandoverState.LAPSED: frozenset(),
    HandoverState.LEFT: frozenset(),
}
# The bot is silent in these.
OPEN_STATES: Final = frozenset({HandoverState.WAITING, HandoverState.TAKEN})


class HandoverReason(StrEnum):
    """Why the conversation was handed over."""

    ASKED = "asked"  # the resident asked for a person
    MISSED = "missed"  # the bot did not understand several times in a row
    TOPIC = "topic"  # an answer offered a person, and the resident took it


class Speaker(StrEnum):
    """Whose words."""

    RESIDENT = "resident"
    OFFICER = "officer"
    BOT = "bot"  # what the bot says when it ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One conversation handed over. Its moments are full quarters of an hour.

    `wrote_at` is when the resident wrote last, `last_word_at` and `last_speaker` are of the last
    words of either. `last_number` counts the words; those behind `seen_number` no officer has
    looked at.
    """

    id: HandoverId
    unit_id: UnitId
    channel_id: ChannelId
    reason: HandoverReason
    state: HandoverState = HandoverState.WAITING
    asked_at: datetime
    wrote_at: datetime
    last_word_at: datetime
    last_speaker: Speaker = Speaker.RESIDENT
    last_number: int = 0
    answered_number: int = 0
    seen_number: int = 0
    taken_by: OfficerId | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the bot is silent for it."""
        return self.state in OPEN_STATES

    @property
    def is_full(self) -> bool:
        """Tell whether so much waits for an answer that no more is taken."""
        return self.last_number - self.answered_number >= MOST_UNANSWERED

    @property
    def unread(self) -> int:
        """Return how many words no officer has looked at."""
        return self.last_number - self.seen_number

    def moved(self, to: HandoverState, *, at: datetime) -> "Handover":
        """Return it in another state. Raise `UnlawfulMove`."""
        if to not in HANDOVER_MOVES[self.state]:
            raise UnlawfulMove("handover", self.state, to)
        closed_at = None if to in OPEN_STATES else quarter_of(at)
        return replace(self, state=to, closed_at=closed_at)

    def taken(self, by: OfficerId, *, at: datetime, instead_of: OfficerId | None) -> "Handover":
        """Return it in the hands of an officer, who saw it in those of `instead_of`.

        Raise `RuleBroken` if it has gone to somebody else meanwhile, `UnlawfulMove` if it ended.
        """
        if self.state is not HandoverState.TAKEN:
            return replace(self.moved(HandoverState.TAKEN, at=at), taken_by=by)
        if self.taken_by not in {by, instead_of}:
            raise RuleBroken("handover_taken")
        return replace(self, taken_by=by)

    def said(self, speaker: Speaker, *, at: datetime) -> "Handover":
        """Return it with one more word, whose number is `last_number`."""
        number, moment = self.last_number + 1, quarter_of(at)
        by_resident = speaker is Speaker.RESIDENT
        return replace(
            self,
            last_number=number,
            last_speaker=speaker,
            last_word_at=moment,
            wrote_at=moment if by_resident else self.wrote_at,
            answered_number=self.answered_number if by_resident else number,
            seen_number=self.seen_number if by_resident else number,
        )

    def seen(self, number: int) -> "Handover":
        """Return it looked at up to a word."""
        return replace(self, seen_number=min(max(number, self.seen_number), self.last_number))

    def over_for(self, now: datetime) -> HandoverState | None:
        """Return how it ends by itself now, or None while it does not."""
        if not self.is_open:
            return None
        if self.last_speaker is not Speaker.RESIDENT:
            is_over = now >= self.last_word_at + ENDS_AFTER
            return HandoverState.DONE if is_over else None
        return HandoverState.LAPSED if now >= self.last_word_at + LAPSES_AFTER else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverWord:
    """Something said in it. `sealed` holds the text; `number` is its place, from 1.

    What goes out (of officers and the bot) has a `state` and, once it stands in the outbox, the
    `delivery_id` there.
    """

    handover_id: HandoverId
    number: int
    speaker: Speaker
    officer_id: OfficerId | None = None
    sealed: bytes = field(repr=False)
    at: datetime
    state: DeliveryState | None = None
    delivery_id: DeliveryId | None = None
    reason: Reason | None = None


def quarter_of(at: datetime) -> datetime:
    """Return the beginning of the quarter of an hour that `at` lies in.

    Coarse on purpose, so that it cannot be laid beside the moment something else arrived.
    """
    return at - (at - _EPOCH) % _QUARTER
