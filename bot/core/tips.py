"""Tips: anonymous reports, sealed, moderated. Nothing here could name their sender."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from bot.core.errors import RuleBroken, UnlawfulMove
from bot.core.ids import KeyHolderId, OfficerId, TipId, UnitId


class TipCategory(StrEnum):
    """What a tip may be about. What people think or believe is not on the list and never will."""

    CRIME = "crime"
    FIRE = "fire"
    TRAFFIC = "traffic"
    DRUGS = "drugs"
    SCAM = "scam"
    VIOLENCE = "violence"
    CHILDREN = "children"
    TRAFFICKING = "trafficking"
    WEAPONS = "weapons"
    DISORDER = "disorder"
    MEDIATION = "mediation"


class TipState(StrEnum):
    """Where a tip stands."""

    NEW = "new"
    IN_VERIFICATION = "in_verification"
    NEEDS_MORE = "needs_more"
    PASSED_ON = "passed_on"
    RESOLVED = "resolved"
    UNFOUNDED = "unfounded"
    DOUBLED = "doubled"
    SPAM = "spam"
    FALSE = "false"


CLOSED_STATES: Final = frozenset(
    {
        TipState.RESOLVED,
        TipState.UNFOUNDED,
        TipState.DOUBLED,
        TipState.SPAM,
        TipState.FALSE,
    }
)
_OPEN_MOVES: Final = frozenset(
    {TipState.IN_VERIFICATION, TipState.NEEDS_MORE, TipState.PASSED_ON, *CLOSED_STATES}
)
TIP_MOVES: Final[Mapping[TipState, frozenset[TipState]]] = {
    # What nobody has checked cannot be called resolved, unfounded or false.
    TipState.NEW: frozenset(
        {
            TipState.IN_VERIFICATION,
            TipState.NEEDS_MORE,
            TipState.PASSED_ON,
            TipState.DOUBLED,
            TipState.SPAM,
        }
    ),
    TipState.IN_VERIFICATION: _OPEN_MOVES - {TipState.IN_VERIFICATION},
    TipState.NEEDS_MORE: _OPEN_MOVES - {TipState.NEEDS_MORE},
    TipState.PASSED_ON: frozenset(
        {TipState.IN_VERIFICATION, TipState.RESOLVED, TipState.UNFOUNDED, TipState.FALSE}
    ),
    # A closed tip may be taken up again while it is kept: people do come back with more.
    TipState.RESOLVED: frozenset({TipState.IN_VERIFICATION}),
    TipState.UNFOUNDED: frozenset({TipState.IN_VERIFICATION}),
    TipState.DOUBLED: frozenset({TipState.IN_VERIFICATION}),
    TipState.SPAM: frozenset({TipState.IN_VERIFICATION}),
    TipState.FALSE: frozenset({TipState.IN_VERIFICATION}),
}


class PassedTo(StrEnum):
    """Whom a tip is passed on to; the sender reads its words. Closed: names of people stay out."""

    INVESTIGATORS = "investigators"
    PROVINCE_POLICE = "province_police"
    FIRE_POLICE = "fire_police"
    TRAFFIC_POLICE = "traffic_police"
    OTHER_COMMUNE = "other_commune"
    COMMITTEE = "committee"
    BORDER_GUARD = "border_guard"
    PROCURACY = "procuracy"
    CHILD_PROTECTION = "child_protection"
    MEDIATION = "mediation"


class RecordKind(StrEnum):
    """What one sealed record of a tip holds."""

    REPORT = "report"  # the tip itself: category, what, where, when
    REASON = "reason"  # why an officer moved it
    NOTE = "note"
    PICTURE = "picture"  # a cleaned JPEG
    TALK = "talk"  # the private key of the dialogue
    ROUTE = "route"  # where an answer in the sender's chat may be left
    REDACTED = "redacted"  # the report as it may be passed on
    # The dialogue, sealed with the key of the dialogue and not with the tip's: who holds the
    # receipt reads these and nothing else.
    MESSAGE_OUT = "message_out"
    MESSAGE_IN = "message_in"
    PICTURE_OUT = "picture_out"
    PICTURE_IN = "picture_in"


TALK_KINDS: Final = frozenset(
    {
        RecordKind.MESSAGE_OUT,
        RecordKind.MESSAGE_IN,
        RecordKind.PICTURE_OUT,
        RecordKind.PICTURE_IN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """What the database knows of a tip without any key.

    `received_at` is coarse: the hour, or the quarter of an hour for an urgent one.
    `visible_at` is when the queue begins to show it. `sealed_for` is the unit it was written to;
    its records stay bound to that when it is passed to another. `forget_on` is set when it closes.
    """

    id: TipId
    unit_id: UnitId
    reference: str
    category: TipCategory
    is_urgent: bool = False
    state: TipState = TipState.NEW
    received_at: datetime
    visible_at: datetime
    moved_at: datetime
    closed_at: datetime | None = None
    claimed_by: OfficerId | None = None
    sealed_for: UnitId
    # Grows with every change, so that two officers do not overwrite each other unseen.
    version: int = 0
    first_seen_at: datetime | None = None
    # Something of the sender's that no officer has opened yet.
    has_news: bool = False
    # The sender wants an answer in the chat; where, is known only to who opens the tip.
    has_route: bool = False
    merged_into: TipId | None = None
    passed_to: str = ""
    # Kept beyond its time, for a reason that is sealed with it.
    is_held: bool = False
    forget_on: date | None = None
    # How often its lateness was told upwards.
    escalated: int = 0
    # Typed in by an officer: the receipt passed through other hands and is changed at first use.
    is_handed: bool = False
    # About an officer: only the inspectorate it is filed under ever learns that it exists.
    is_about_officer: bool = False
    # The dialogue's public key, and its private key as only the receipt opens it.
    talk_public: bytes | None = field(default=None, repr=False)
    talk_locked: bytes | None = field(default=None, repr=False)
    # The receipt: its public third, and the slow hash of the secret rest with its salt.
    locator: str = field(repr=False)
    receipt_salt: bytes = field(repr=False)
    receipt_hash: bytes = field(repr=False)

    def moved(
        self, to: TipState, *, reason: str, at: datetime, by: OfficerId, passed_to: str = ""
    ) -> "Tip":
        """Return the tip in state `to`, claimed by who moved it unless somebody has it already.

        Raise `UnlawfulMove`, or `RuleBroken` without the reason that closing needs (it is sealed
        by the caller, not kept here) or without whom it is passed on to. `at` is rounded by the
        caller as the sentence the sender sees needs no minute.
        """
        if to not in TIP_MOVES[self.state]:
            raise UnlawfulMove("tip", self.state, to)
        if to in CLOSED_STATES and not reason.strip():
            raise RuleBroken("tip_reason_missing")
        if to is TipState.PASSED_ON and passed_to not in set(PassedTo):
            raise RuleBroken("tip_passed_to_missing")
        return replace(
            self,
            state=to,
            moved_at=at,
            closed_at=at if to in CLOSED_STATES else None,
            claimed_by=self.claimed_by or by,
            passed_to=passed_to if to is TipState.PASSED_ON else self.passed_to,
            # Lateness that was told is told anew once a tip is taken up again.
            escalated=0 if self.state in CLOSED_STATES else self.escalated,
            merged_into=self.merged_into if to is TipState.DOUBLED else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TipRecord:
    """One sealed piece of a tip. `sequence` counts from 0 within the tip."""

    tip_id: TipId
    sequence: int
    kind: RecordKind
    sealed: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A tip's key, sealed to one holder's public key."""

    tip_id: TipId
    holder_id: KeyHolderId
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a resident tells, in the clear: only ever in memory."""

    category: TipCategory
    what: str = field(repr=False)
    where: str = field(default="", repr=False)
    when: str = field(default="", repr=False)
    is_urgent: bool = False
