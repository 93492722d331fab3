"""What the outbox must do, as a few lines over a list: what property tests compare with."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import MOST_BLIND_ATTEMPTS, DeliveryState, Lane
from bot.core.ids import AnnouncementId, DeliveryId
from tests.storage.nouns import NOON

NOT_SEEN: Final = DeliveryId(0)


@dataclass
class Row:
    """One copy of the announcement `name` for `who`; its id is known once it was claimed."""

    name: AnnouncementId
    who: str
    lane: Lane
    state: DeliveryState = DeliveryState.WAITING
    owner: str = ""
    free_at: datetime = NOON
    not_before: datetime = NOON
    attempt: str = ""
    attempts: int = 0
    is_cut_off: bool = False
    id: DeliveryId = NOT_SEEN

    @property
    def is_open(self) -> bool:
        return self.state in {DeliveryState.WAITING, DeliveryState.SENDING}


@dataclass
class OutboxModel:
    """Rows in the order they were made, who is there, and where each announcement stands."""

    now: datetime = NOON
    rows: list[Row] = field(default_factory=list)
    states: dict[AnnouncementId, AnnouncementState] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)

    def of(self, name: AnnouncementId, *states: DeliveryState) -> list[Row]:
        """Return the rows of an announcement, in some states or in any."""
        return [
            row for row in self.rows if row.name == name and (not states or row.state in states)
        ]

    def outcomes(self, name: AnnouncementId) -> Counter[DeliveryState]:
        return Counter(row.state for row in self.of(name))

    def freeze(self, name: AnnouncementId, lane: Lane, who: Iterable[str]) -> None:
        """Make a row for each who has none."""
        has = {row.who for row in self.of(name)}
        for one in who:
            if one not in has:
                self.rows.append(Row(name, one, lane, free_at=self.now, not_before=self.now))

    def claim(self, owner: str, limit: int, *, until: datetime) -> list[Row]:
        """Lease what goes next; those who left are skipped on the way."""
        found: list[Row] = []
        for row in sorted(self._due(), key=lambda row: row.lane):
            if len(found) == limit:
                break
            row.owner, row.free_at = owner, until
            if row.who in self.joined:
                found.append(row)
            else:
                row.state = DeliveryState.SKIPPED
        return found

    def _due(self) -> list[Row]:
        return [
            row
            for row in self.rows
            if row.state is DeliveryState.WAITING
            and row.free_at <= self.now
            and self.states[row.name] is AnnouncementState.SENDING
        ]

    def held_by(self, owner: str) -> list[Row]:
        return [
            row for row in self.rows if row.owner == owner and row.state is DeliveryState.WAITING
        ]

    def mark(self, owner: str, attempt: str, *, until: datetime) -> set[DeliveryId]:
        """Turn everything an owner holds into `sending`, as far as it still may go."""
        marked = set()
        for row in self.held_by(owner):
            if row.who not in self.joined:
                row.state = DeliveryState.SKIPPED
            elif self.states[row.name] is not AnnouncementState.SENDING:
                row.owner, row.free_at = "", row.not_before
            elif row.free_at > self.now:
                row.state, row.attempt, row.free_at = DeliveryState.SENDING, attempt, until
                marked.add(row.id)
        return marked

    def record(self, row: Row, end: DeliveryState, *, is_late: bool, again_at: datetime) -> None:
        """Write down how an attempt ended; a late one is of an attempt the row has forgotten."""
        was_given_up = row.state is DeliveryState.UNKNOWN and not is_late
        is_own = was_given_up or (row.state is DeliveryState.SENDING and not is_late)
        is_proof = end is DeliveryState.SENT and (
            row.is_open or row.state is DeliveryState.UNKNOWN
        )
        if is_own or is_proof:
            row.state, row.owner = end, ""
            row.attempts += 0 if was_given_up else 1
            if end is DeliveryState.WAITING:
                row.free_at = row.not_before = again_at
        is_cancelled = self.states[row.name] is AnnouncementState.CANCELLED
        if is_cancelled and row.state is DeliveryState.WAITING and end is DeliveryState.WAITING:
            self._cut_off(row)

    def expire(self) -> int:
        """Settle what has been `sending` for too long; return how much."""
        late = [
            row
            for row in self.rows
            if row.state is DeliveryState.SENDING and row.free_at <= self.now
        ]
        for row in late:
            row.owner, row.attempts = "", row.attempts + 1
            is_again = (
                row.lane is Lane.URGENT
                and row.attempts < MOST_BLIND_ATTEMPTS
                and self.states[row.name] is not AnnouncementState.CANCELLED
            )
            row.state = DeliveryState.WAITING if is_again else DeliveryState.UNKNOWN
            if is_again:
                row.free_at = row.not_before = self.now
        return len(late)

    def cancel(self, name: AnnouncementId) -> int:
        """Stop an announcement for good; return how many copies that skips."""
        self.states[name] = AnnouncementState.CANCELLED
        waiting = self.of(name, DeliveryState.WAITING)
        for row in waiting:
            self._cut_off(row)
        return len(waiting)

    def _cut_off(self, row: Row) -> None:
        row.state, row.owner, row.is_cut_off = DeliveryState.SKIPPED, "", True

    def resend_unknown(self, name: AnnouncementId) -> int:
        """Let what is unknown wait as if it had never been tried; return how much."""
        unknown = self.of(name, DeliveryState.UNKNOWN)
        for row in unknown:
            row.state, row.attempts = DeliveryState.WAITING, 0
            row.free_at = row.not_before = self.now
        return len(unknown)
