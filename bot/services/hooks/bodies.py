"""What hooks are told, exactly. `bot/web/openapi.yaml` says the same; a test compares the two.

Of a tip nothing is told but its unit, whether it is urgent, and the hour.
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from bot.services.announcements.outcomes import Count, Outcomes

Moment = Annotated[datetime, Meta(tz=True)]


class FinishedData(Struct, frozen=True, kw_only=True):
    """An announcement of which nothing is left to be sent."""

    id: str
    unit: str
    more_units: list[str]
    recipients: Count
    outcomes: Outcomes


class AnnouncementFinished(
    Struct, frozen=True, kw_only=True, tag_field="type", tag="announcement.finished"
):
    """An announcement was sent."""

    timestamp: Moment
    data: FinishedData


class TipData(Struct, frozen=True, kw_only=True):
    """A tip that waits in the queue."""

    unit: str
    is_urgent: bool
    hour: Moment


class TipReceived(Struct, frozen=True, kw_only=True, tag_field="type", tag="tip.received"):
    """Somebody should look into the queue. `timestamp` is the hour too."""

    timestamp: Moment
    data: TipData


class TestData(Struct, frozen=True, kw_only=True):
    """Which hook is being tried."""

    hook: str


class HookTest(Struct, frozen=True, kw_only=True, tag_field="type", tag="hook.test"):
    """Somebody tries whether the address answers."""

    timestamp: Moment
    data: TestData
