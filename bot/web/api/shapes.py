"""What goes over the wire, exactly. `openapi.yaml` says the same; a test compares the two."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from bot.core.announcements import Amendment, Announcement
from bot.core.channels import ChannelKind
from bot.services.announcements.announcing import (
    ADDRESS_LONGEST,
    LABEL_LONGEST,
    LINKS_AT_MOST,
    TITLE_LONGEST,
    Shown,
)
from bot.services.announcements.outcomes import Count, Outcomes, outcomes_of
from bot.services.announcements.reach import Reach
from bot.services.announcements.texts import TEXT_LONGEST

LIST_MOST: Final = 100
_DAY_MINUTES: Final = 24 * 60

_UNITS_MOST: Final = 500

Moment = Annotated[datetime, Meta(tz=True)]
Code = Annotated[str, Meta(min_length=1, max_length=60)]
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_LONGEST)]
Text = Annotated[str, Meta(min_length=1, max_length=TEXT_LONGEST)]


# --- what is asked ------------------------------------------------------------------------------


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page that goes with an announcement."""

    label: Annotated[str, Meta(min_length=1, max_length=LABEL_LONGEST)]
    url: Annotated[str, Meta(min_length=1, max_length=ADDRESS_LONGEST)]


class NewAnnouncement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft to be written."""

    unit: Code
    title: Title
    text: Text
    is_urgent: bool = False
    is_public: bool = True
    more_units: Annotated[list[Code], Meta(max_length=_UNITS_MOST)] = []
    without_units: Annotated[list[Code], Meta(max_length=_UNITS_MOST)] = []
    topics: Annotated[list[str], Meta(max_length=50)] = []
    missed: str | None = None
    channels: Annotated[list[str], Meta(max_length=50)] = []
    links: Annotated[list[Link], Meta(max_length=LINKS_AT_MOST)] = []
    due_at: Moment | None = None
    grace_minutes: Annotated[int, Meta(ge=1, le=_DAY_MINUTES)] = 30


class NewCorrection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to stand instead of what was sent."""

    title: Title
    text: Text


class Approval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the approver saw."""

    mark: Annotated[str, Meta(min_length=1, max_length=128)]


class ListQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the list is wanted."""

    limit: Annotated[int, Meta(ge=1, le=LIST_MOST)] = 50


# --- what is answered ---------------------------------------------------------------------------


class AnnouncementShown(Struct, frozen=True, kw_only=True):
    """An announcement with what became of it."""

    id: str
    unit: str
    title: str
    text: str
    is_urgent: bool
    is_public: bool
    more_units: list[str]
    without_units: list[str]
    topics: list[str]
    missed: str | None
    channels: list[str]
    links: list[Link]
    state: str
    mark: str
    sent_back: str | None
    due_at: Moment | None
    grace_minutes: Count
    written_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    recipients: Count
    outcomes: Outcomes
    reasons: dict[str, Count]
    amends: str | None
    amendment: Amendment | None
    amended_by: str | None


class AnnouncementList(Struct, frozen=True, kw_only=True):
    """The newest announcements."""

    announcements: list[AnnouncementShown]


class ChannelPlan(Struct, frozen=True, kw_only=True):
    """What one channel would carry."""

    channel: str
    kind: ChannelKind | None
    people: Count
    free: Count
    paid: Count
    no_window: Count
    doubled: Count
    groups: Count
    paid_left: Count | None
    blocked: Count
    opted_out: Count
    over_quota: Count
    cost_dong: Count | None
    ends_at: Moment


class Plan(Struct, frozen=True, kw_only=True):
    """Whom an announcement would reach if it were sent now."""

    announcement: str
    mark: str
    people: Count
    groups: Count
    paid: Count
    no_window: Count
    cost_dong: Count | None
    starts_at: Moment
    ends_at: Moment
    channels: list[ChannelPlan]


class Fault(Struct, frozen=True, kw_only=True):
    """Why something was refused; `fields` says it for each field that is wrong."""

    key: str
    message: str
    fields: dict[str, str]


class Problem(Struct, frozen=True, kw_only=True):
    """A refusal, as RFC 9457 has it; `error` is ours."""

    status: int
    title: str
    error: Fault


def shown(one: Shown, mark: str) -> AnnouncementShown:
    """Return an announcement as it goes over the wire."""
    announcement, tally = one.announcement, one.tally
    return AnnouncementShown(
        id=announcement.id,
        unit=one.unit.code,
        title=announcement.title,
        text=announcement.text,
        is_urgent=announcement.is_urgent,
        is_public=announcement.is_public,
        more_units=[unit.code for unit in one.more_units],
        without_units=[unit.code for unit in one.without_units],
        topics=list(announcement.audience.topics),
        missed=announcement.audience.missed,
        channels=list(announcement.channels),
        links=[Link(label=link.label, url=link.url) for link in announcement.links],
        state=one.state,
        mark=mark,
        sent_back=announcement.sent_back.reason if announcement.sent_back else None,
        due_at=announcement.due_at,
        grace_minutes=int(announcement.grace.total_seconds()) // 60,
        written_at=announcement.written_at,
        started_at=announcement.started_at,
        finished_at=tally.finished_at,
        recipients=tally.recipients,
        outcomes=outcomes_of(tally),
        reasons={reason.value: many for reason, many in sorted(tally.reasons.items()) if many},
        amends=announcement.amends,
        amendment=announcement.amendment,
        amended_by=one.amended_by.id if one.amended_by else None,
    )


def plan(
    announcement: Announcement, mark: str, reach: Reach, kinds: dict[str, ChannelKind]
) -> Plan:
    """Return whom it would reach as it goes over the wire."""
    return Plan(
        announcement=announcement.id,
        mark=mark,
        people=reach.people,
        groups=reach.groups,
        paid=reach.paid,
        no_window=reach.closed,
        cost_dong=reach.cost,
        starts_at=reach.starts_at,
        ends_at=reach.ends_at,
        channels=[
            ChannelPlan(
                channel=one.channel_id,
                kind=kinds.get(one.channel_id),
                people=one.people,
                free=one.free,
                paid=one.paid,
                no_window=one.closed,
                doubled=one.doubled,
                groups=one.groups,
                paid_left=one.paid_left,
                blocked=one.blocked,
                opted_out=one.opted_out,
                over_quota=one.over_quota,
                cost_dong=one.cost,
                ends_at=one.ends_at,
            )
            for one in reach.channels
        ],
    )
