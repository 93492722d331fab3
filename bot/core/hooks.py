"""Hooks: addresses of other software that are told what happened, and each call to them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.core.ids import HookCallId, HookId, UnitId


class HookEvent(StrEnum):
    """What a hook may be told."""

    ANNOUNCEMENT_FINISHED = "announcement.finished"
    TIP_RECEIVED = "tip.received"
    HOOK_TEST = "hook.test"  # somebody tries whether the address answers


# What may be asked for; the test is sent to whoever asks for anything.
OFFERED: Final = (HookEvent.ANNOUNCEMENT_FINISHED, HookEvent.TIP_RECEIVED)


class HookState(StrEnum):
    """Whether a hook is told anything."""

    ACTIVE = "active"
    OFF = "off"  # the other side said that it wants no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One address. It hears of `unit_id` and everything under it.

    `sealed` is the secret that its calls are signed with. `trouble` is how the last call failed,
    empty after one that went well.
    """

    id: HookId
    unit_id: UnitId
    url: str = field(repr=False)
    sealed: bytes = field(repr=False)
    events: frozenset[HookEvent]
    state: HookState = HookState.ACTIVE
    trouble: str = ""
    added_at: datetime


class CallState(StrEnum):
    """Where a call stands."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookCall:
    """One thing to tell one hook. Its body is wiped once it is done or given up.

    Its id is a keyed pseudonym of the hook and what happened: what was told already is told no
    second time, and neither the id nor the order of rows tells when a tip came.
    """

    id: HookCallId
    hook_id: HookId
    event: HookEvent
    body: bytes = field(repr=False)
    attempts: int = 0
    not_before: datetime
    state: CallState = CallState.WAITING
    done_at: datetime | None = None
