"""The outbox: every reply and every copy, from waiting to its outcome.

Which rows a claim takes is in `bot.storage.claiming`, how an audience becomes rows in
`bot.storage.freezing`. Pace and lanes are for `bot.delivery`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, and_, delete, or_, select, update
from sqlalchemy import insert as plain_insert

from bot.core.announcements import AnnouncementState
from bot.core.audience import Selection
from bot.core.deliveries import (
    MOST_BLIND_ATTEMPTS,
    NEXT_CHANCE,
    Delivery,
    DeliveryState,
    Lane,
    Outcome,
    Reply,
    Tally,
)
from bot.core.ids import AnnouncementId, ChannelId, DeliveryId, PersonId
from bot.core.sending import Reason
from bot.storage import claiming, tables
from bot.storage.audiences import groups_of, is_served, people_of
from bot.storage.claiming import AT_ONCE, SENDING, WAITING, rows
from bot.storage.falling_back import anew, fall_back
from bot.storage.freezing import amended, freezing, freezing_amendment, freezing_groups
from bot.storage.recipients import delivery_of, recipients_of
from bot.storage.recording import RECORDING_EACH, RECORDING_TOGETHER, parameters_of, together
from bot.storage.statements import Statements, insert
from bot.storage.tallying import tally_of

_announcements = tables.announcements
_people = tables.people
# Built once: building it takes longer than running it.
_ADDING: Final = plain_insert(rows)
_GIVEN_BACK: Final = {"owner": None, "free_at": AT_ONCE}

_is_copy = rows.c.announcement_id.is_not(None)
_is_cancelled = (
    select(_announcements.c.id)
    .where(
        _announcements.c.id == rows.c.announcement_id,
        _announcements.c.state == AnnouncementState.CANCELLED,
    )
    .exists()
)


class SqlDeliveries:
    """The outbox."""

    def __init__(self, db: Statements) -> None:
        self._db = db

    async def add_replies(self, replies: Sequence[Reply], *, at: datetime) -> None:
        """Put answers in, in order."""
        if not replies:
            return
        await self._db.count(_ADDING, [_row_of(reply, at) for reply in replies])

    async def add_reply(self, reply: Reply, *, at: datetime) -> DeliveryId:
        """Put one answer in; return its number."""
        adding = plain_insert(rows).values(_row_of(reply, at)).returning(rows.c.id)
        return DeliveryId((await self._db.rows(adding))[0].id)

    async def freeze(
        self,
        announcement_id: AnnouncementId,
        selection: Selection,
        *,
        lane: Lane,
        at: datetime,
        after: str = "",
        most: int,
        stopped: Reason | None = None,
    ) -> str | None:
        """Make rows for the next `most` people after `after`, and first for the groups."""
        ways: dict[str, Any] = {"lane": lane, "at": at, "stopped": stopped}
        fresh = insert(self._db, rows)
        if not after:
            groups = groups_of(selection)
            await self._db.count(freezing_groups(fresh, announcement_id, groups=groups, **ways))
        people = people_of(selection).where(_people.c.id > after)
        last: str | None = await self._last_of(people, _people.c.id, most)
        if last is not None:
            people = people.where(_people.c.id <= last)
        await self._db.count(freezing(fresh, announcement_id, people=people, **ways))
        return last

    async def freeze_amendment(
        self,
        announcement_id: AnnouncementId,
        *,
        amends: AnnouncementId,
        lane: Lane,
        at: datetime,
        is_for_owed: bool = False,
        after: int = 0,
        most: int,
        stopped: Reason | None = None,
    ) -> int | None:
        """Make rows for those of the next `most` rows of `amends` after `after`."""
        of = amended(amends, is_for_owed=is_for_owed).where(rows.c.id > after)
        last: int | None = await self._last_of(of, rows.c.id, most)
        if last is not None:
            of = of.where(rows.c.id <= last)
        statement = freezing_amendment(
            insert(self._db, rows), announcement_id, of=of, lane=lane, at=at, stopped=stopped
        )
        await self._db.count(statement)
        return last

    async def _last_of(self, found: Select[Any], key: Column[Any], most: int) -> Any:  # noqa: ANN401 - whatever the key is
        """Return the key of the last of the first `most`, None where there are fewer."""
        keys = found.with_only_columns(key).order_by(key).limit(1).offset(most - 1)
        last = await self._db.rows(keys)
        return last[0][0] if last else None

    async def take_chance(self, person_id: PersonId, *, since: datetime, at: datetime) -> int:
        """Let copies wait again that were skipped for want of a window, a quota or a turn."""
        later = _announcements.alias("later")
        is_amended = (
            select(later.c.id)
            .where(
                later.c.amends == _announcements.c.id,
                or_(
                    later.c.started_at.is_not(None),
                    later.c.state != AnnouncementState.CANCELLED,
                ),
            )
            .exists()
        )
        is_current = (
            select(_announcements.c.id)
            .where(
                _announcements.c.id == rows.c.announcement_id,
                _announcements.c.state == AnnouncementState.SENDING,
                _announcements.c.started_at > since,
                ~is_amended,
            )
            .exists()
        )
        return await self._db.count(
            update(rows)
            .where(
                rows.c.person_id == person_id,
                rows.c.state == DeliveryState.SKIPPED,
                rows.c.reason.in_(NEXT_CHANCE),
                is_current,
                ~_is_served_meanwhile(),
            )
            .values(**anew(at))
        )

    async def claim(
        self,
        channel_id: ChannelId,
        lanes: Collection[Lane],
        limit: int,
        *,
        owner: str,
        now: datetime,
        lease_until: datetime,
    ) -> list[Delivery]:
        """Lease due rows, highest lane first, then oldest; of a conversation only the oldest.

        Copies whose person left meanwhile are skipped on the way and not given out.
        """
        waiting = await self._db.rows(claiming.announcements_waiting(channel_id))
        announcements = sorted(row.id for row in waiting)
        found: list[Delivery] = []
        while len(found) < limit:
            ids = claiming.due_first(
                channel_id, lanes, announcements, now=now, limit=limit - len(found)
            )
            leased = await self._db.rows(
                claiming.lease(ids, owner=owner, until=lease_until).returning(*claiming.CLAIMED)
            )
            if not leased:
                break
            found += await self._with_recipients([row._asdict() for row in leased], now)
        return sorted(found, key=lambda delivery: (delivery.lane, delivery.id))

    async def _with_recipients(
        self, leased: Sequence[dict[str, Any]], now: datetime
    ) -> list[Delivery]:
        recipients = await recipients_of(self._db, leased)
        found = [(row, recipients.get(row["id"])) for row in leased]
        gone = [
            row["id"]
            for row, recipient in found
            if row["announcement_id"] is not None and recipient is None
        ]
        if gone:
            await self._skip(rows.c.id.in_(gone), reason=Reason.LEFT, at=now)
            await fall_back(self._db, gone, at=now)
        return [delivery_of(row, one) for row, one in found if row["id"] not in gone]

    async def _skip(self, condition: ColumnElement[bool], *, reason: Reason, at: datetime) -> int:
        return await self._db.count(
            update(rows)
            .where(condition, rows.c.state == WAITING)
            .values(state=DeliveryState.SKIPPED, reason=reason, owner=None, done_at=at)
        )

    async def mark_sending(
        self,
        ids: Sequence[DeliveryId],
        *,
        owner: str,
        attempt_id: str,
        now: datetime,
        until: datetime,
    ) -> set[DeliveryId]:
        """Turn leased rows into `sending`; return those that still were ours to turn.

        Rows whose announcement was paused meanwhile are given back, copies whose person left are
        skipped.
        """
        marked = set(ids)
        turned = await self._db.count(
            claiming.MARKING,
            {
                "ids": list(ids),
                "of_owner": owner,
                "at": now,
                "attempt": attempt_id,
                "until": until,
            },
        )
        if turned != len(marked):
            # Asked for only where some are missing: it costs more than the marking itself.
            just_now = and_(rows.c.attempt_id == attempt_id, rows.c.free_at == until)
            found = await self._db.rows(
                select(rows.c.id).where(rows.c.id.in_(ids), rows.c.state == SENDING, just_now)
            )
            marked = {row.id for row in found}
            ours = and_(rows.c.id.in_(ids), rows.c.owner == owner, rows.c.state == WAITING)
            await self._skip(and_(ours, ~claiming.has_somebody), reason=Reason.LEFT, at=now)
            await self._db.count(
                update(rows).where(ours, ~claiming.is_wanted).values(**_GIVEN_BACK)
            )
            await fall_back(self._db, sorted(set(ids) - marked), at=now)
        return marked

    async def record(self, outcomes: Sequence[Outcome], *, at: datetime) -> None:
        """Write down how attempts ended."""
        if not outcomes:
            return
        await self._write_down(outcomes, at)
        await fall_back(self._db, _lost(outcomes), at=at)
        again = [
            outcome.delivery_id for outcome in outcomes if outcome.state is DeliveryState.WAITING
        ]
        if again:
            # Nobody will ever claim a copy of a cancelled announcement.
            await self._skip(
                and_(rows.c.id.in_(again), _is_cancelled), reason=Reason.CANCELLED, at=at
            )

    async def _write_down(self, outcomes: Sequence[Outcome], at: datetime) -> None:
        if not self._db.is_postgres and len({one.delivery_id for one in outcomes}) == len(
            outcomes
        ):
            await self._db.count(RECORDING_TOGETHER, together(outcomes, at))
            return
        # In one order for everybody, so that two processes cannot wait for each other's rows.
        in_order = sorted(outcomes, key=lambda outcome: outcome.delivery_id)
        await self._db.count(RECORDING_EACH, [parameters_of(outcome, at) for outcome in in_order])

    async def release(self, ids: Sequence[DeliveryId], *, owner: str) -> None:
        """Give back leases that were not used."""
        ours = and_(rows.c.id.in_(ids), rows.c.owner == owner, rows.c.state == WAITING)
        await self._db.count(update(rows).where(ours).values(**_GIVEN_BACK))

    async def free(self, owner: str, *, now: datetime) -> int:
        """Settle, as `expire` does, what an owner that is known to be gone had in hand."""
        leased = await self._db.count(
            update(rows)
            .where(rows.c.owner == owner, rows.c.state == WAITING)
            .values(**_GIVEN_BACK)
        )
        return leased + await self._settle(rows.c.owner == owner, now)

    async def expire(self, *, now: datetime) -> int:
        """Settle `sending` rows whose hour passed; return how many."""
        return await self._settle(rows.c.free_at <= now, now)

    async def _settle(self, condition: ColumnElement[bool], now: datetime) -> int:
        late = and_(rows.c.state == SENDING, condition)
        is_repeatable = and_(
            or_(~_is_copy, rows.c.lane == int(Lane.URGENT)),
            ~_is_cancelled,
            rows.c.attempts + 1 < MOST_BLIND_ATTEMPTS,
        )
        counted = {"reason": Reason.NO_ANSWER, "owner": None, "attempts": rows.c.attempts + 1}
        again = await self._db.count(
            update(rows)
            .where(late, is_repeatable)
            .values(state=DeliveryState.WAITING, not_before=now, free_at=AT_ONCE, **counted)
        )
        unknown = await self._db.count(
            update(rows).where(late).values(state=DeliveryState.UNKNOWN, done_at=now, **counted)
        )
        return again + unknown

    async def skip_cancelled(self, *, at: datetime, most: int) -> int:
        """Skip at most so many copies that wait for an announcement that was cancelled."""
        waiting = select(rows.c.id).where(rows.c.state == WAITING, _is_copy, _is_cancelled)
        return await self._skip(rows.c.id.in_(waiting.limit(most)), reason=Reason.CANCELLED, at=at)

    async def resend_unknown(self, announcement_id: AnnouncementId, *, at: datetime) -> int:
        """Let copies nobody knows about be sent again; return how many."""
        return await self._db.count(
            update(rows)
            .where(
                rows.c.announcement_id == announcement_id,
                rows.c.state == DeliveryState.UNKNOWN,
                or_(rows.c.person_id.is_not(None), rows.c.group_id.is_not(None)),
            )
            .values(**anew(at))
        )

    async def tally(self, announcement_id: AnnouncementId) -> Tally:
        """Return what became of the recipients."""
        return await tally_of(self._db, announcement_id)

    async def next_due(self, channel_id: ChannelId) -> datetime | None:
        """Return when the earliest waiting row may be claimed, or None if there is none."""
        moment: datetime | None = (await self._db.rows(claiming.earliest(channel_id)))[0][0]
        return moment

    async def backlog(self) -> Mapping[tuple[ChannelId, DeliveryState], int]:
        """Return how many rows are still to be decided, by channel and state."""
        found = await self._db.rows(claiming.open_rows())
        return {(row.channel_id, row.state): row.many for row in found}

    async def forget_replies_before(self, at: datetime) -> int:
        """Delete replies done before; return how many."""
        return await self._db.count(
            delete(rows).where(rows.c.announcement_id.is_(None), rows.c.done_at < at)
        )


def _is_served_meanwhile() -> ColumnElement[bool]:
    """Tell of a copy whether somebody of its household has one by now that serves it."""
    own = _people.alias("own")
    house = select(own.c.household_id).where(own.c.id == rows.c.person_id).correlate(rows)
    return is_served(house.scalar_subquery(), rows.c.announcement_id)


def _lost(outcomes: Sequence[Outcome]) -> list[DeliveryId]:
    ended = {DeliveryState.FAILED, DeliveryState.SKIPPED}
    return [outcome.delivery_id for outcome in outcomes if outcome.state in ended]


def _row_of(reply: Reply, at: datetime) -> dict[str, Any]:
    return {
        "channel_id": reply.channel_id,
        "lane": int(reply.lane),
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "not_before": at,
        "free_at": AT_ONCE,
        "conversation": reply.conversation,
        "sealed": reply.sealed,
    }
