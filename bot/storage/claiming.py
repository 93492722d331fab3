"""Which rows of the outbox may go next: the statements behind a claim.

Replies and copies of announcements are looked up apart, each by an index that holds only waiting
rows, so that a claim costs the same beside a million finished rows or a paused announcement.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Update,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import DeliveryState, Lane
from bot.core.groups import GroupState
from bot.core.ids import AnnouncementId, ChannelId
from bot.core.people import PersonState
from bot.storage import tables

rows: Final = tables.deliveries
_older = rows.alias("older")
_announcements = tables.announcements
_people = tables.people
_groups = tables.groups

# From when what waits for nothing may be claimed. Not the moment at which it was put in: should
# the machine's clock be set back, that would lie ahead.
AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)

# A partial index serves only a condition the planner can read, not one bound later.
WAITING: Final[ColumnElement[Any]] = literal_column("'waiting'")
SENDING: Final[ColumnElement[Any]] = literal_column("'sending'")

# The plus keeps the planner from reading by this column what is wanted in the order of ids.
_free_at: Final = literal_column("+deliveries.free_at", rows.c.free_at.type)

CLAIMED: Final = tuple(
    rows.c[name]
    for name in (
        "id",
        "channel_id",
        "lane",
        "attempts",
        "conversation",
        "sealed",
        "announcement_id",
        "person_id",
        "group_id",
        "replaces",
    )
)

_is_head: Final = ~(
    select(_older.c.id)
    .where(
        _older.c.conversation == rows.c.conversation,
        _older.c.channel_id == rows.c.channel_id,
        _older.c.id < rows.c.id,
    )
    .exists()
)

# Of a copy: its announcement is being sent. Of a reply: always.
is_wanted: Final[ColumnElement[bool]] = or_(
    rows.c.announcement_id.is_(None),
    select(_announcements.c.id)
    .where(
        _announcements.c.id == rows.c.announcement_id,
        _announcements.c.state == AnnouncementState.SENDING,
    )
    .exists(),
)

# Of a copy: its person is still there and wants it, its group is still linked. Of a reply: always.
has_somebody: Final[ColumnElement[bool]] = or_(
    rows.c.announcement_id.is_(None),
    select(_people.c.id)
    .where(_people.c.id == rows.c.person_id, _people.c.state == PersonState.JOINED)
    .exists(),
    select(_groups.c.id)
    .where(_groups.c.id == rows.c.group_id, _groups.c.state == GroupState.LINKED)
    .exists(),
)

# Built once: building it takes longer than running it.
MARKING: Final = (
    update(rows)
    .where(
        rows.c.id.in_(bindparam("ids", expanding=True)),
        rows.c.owner == bindparam("of_owner"),
        rows.c.state == WAITING,
        rows.c.free_at > bindparam("at", type_=rows.c.free_at.type),
        is_wanted,
        has_somebody,
    )
    .values(
        state=DeliveryState.SENDING,
        attempt_id=bindparam("attempt"),
        free_at=bindparam("until", type_=rows.c.free_at.type),
    )
)


def announcements_waiting(channel_id: ChannelId) -> Select[tuple[str]]:
    """Return which announcements being sent still have copies for this channel."""
    waiting_copy = (
        select(rows.c.id)
        .where(
            rows.c.announcement_id == _announcements.c.id,
            rows.c.channel_id == channel_id,
            rows.c.state == WAITING,
        )
        .exists()
    )
    return select(_announcements.c.id).where(
        _announcements.c.state == AnnouncementState.SENDING, waiting_copy
    )


def _replies(channel_id: ChannelId) -> ColumnElement[bool]:
    return and_(
        rows.c.channel_id == channel_id,
        rows.c.state == WAITING,
        rows.c.announcement_id.is_(None),
        _is_head,
    )


def due_first(
    channel_id: ChannelId,
    lanes: Collection[Lane],
    announcements: Sequence[AnnouncementId],
    *,
    now: datetime,
    limit: int,
) -> Select[tuple[int]]:
    """Return the ids of the rows to go next: highest lane first, then oldest."""
    conditions = [_replies(channel_id)] + [
        and_(
            rows.c.announcement_id == announcement_id,
            rows.c.channel_id == channel_id,
            rows.c.state == WAITING,
        )
        for announcement_id in announcements
    ]
    sources = [
        select(
            select(rows.c.id, rows.c.lane)
            .where(condition, rows.c.lane.in_(list(lanes)), _free_at <= now)
            .order_by(*((rows.c.lane, rows.c.id) if index == 0 else (rows.c.id,)))
            .limit(limit)
            .with_for_update(skip_locked=True)
            .subquery()
        )
        for index, condition in enumerate(conditions)
    ]
    found = union_all(*sources).subquery()
    return select(found.c.id).order_by(found.c.lane, found.c.id).limit(limit)


def lease(ids: Select[tuple[int]], *, owner: str, until: datetime) -> Update:
    """Return the one statement that finds and leases."""
    # Named apart, the search runs once; PostgreSQL might otherwise repeat it and lease too many.
    chosen = ids.cte("chosen")
    return (
        update(rows).where(rows.c.id.in_(select(chosen.c.id))).values(owner=owner, free_at=until)
    )


def open_rows() -> Select[tuple[str, DeliveryState, int]]:
    """Return how many rows are still to be decided, by channel and state."""
    one, of_one = rows.c.channel_id, rows.c.announcement_id
    # Each kind is counted in the order of its own index, most of them without a look at the rows.
    kinds = (
        (DeliveryState.WAITING, rows.c.state == WAITING, of_one.is_(None), (one,)),
        (DeliveryState.WAITING, rows.c.state == WAITING, of_one.is_not(None), (of_one, one)),
        (DeliveryState.SENDING, rows.c.state == SENDING, true(), (one,)),
    )
    found = union_all(
        *(
            select(
                rows.c.channel_id,
                literal(state, rows.c.state.type).label("state"),
                func.count().label("many"),
            )
            .where(is_state, is_kind)
            .group_by(*group)
            for state, is_state, is_kind, group in kinds
        )
    ).subquery()
    return select(
        found.c.channel_id, found.c.state, cast(func.sum(found.c.many), BigInteger).label("many")
    ).group_by(found.c.channel_id, found.c.state)


def earliest(channel_id: ChannelId) -> Select[tuple[datetime | None]]:
    """Return the statement for the moments from which a reply and a copy may be claimed."""
    reply = select(func.min(rows.c.free_at)).where(_replies(channel_id))
    copy_of_one = (
        select(func.min(rows.c.free_at))
        .where(
            rows.c.announcement_id == _announcements.c.id,
            rows.c.channel_id == channel_id,
            rows.c.state == WAITING,
        )
        .scalar_subquery()
    )
    copy = select(func.min(copy_of_one)).where(_announcements.c.state == AnnouncementState.SENDING)
    both = union_all(reply, copy).subquery()
    return select(func.min(both.c[0]))
