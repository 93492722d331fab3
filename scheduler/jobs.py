"""The table of jobs: what happens because of the time, and how often.

Each job asks the database what is due; nothing is remembered here. A job that must happen once
in a period, however many processes run, claims its period first.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from bot.core.handovers import WORDS_KEPT
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.failing import FailureWatch
from bot.services.answers.not_understood import first_kept
from bot.services.audit_heads import AuditHeads
from bot.services.groups.desks import GroupDesks
from bot.services.handovers.bringing import HandoverBringing
from bot.services.hooks.telling import CALLS_KEPT, Telling
from bot.services.mailing import Mailing
from bot.services.officers.reminders import Reminders
from bot.services.officers.sign_ins import SignIns
from bot.services.one_time_codes import CODE_LIFE
from bot.services.tips.forgetting import TipForgetting
from bot.services.tips.receiving.routes import ReplyRoutes
from bot.services.tips.reminding import TipReminders
from bot.services.tips.shuffling import TipShuffling

log = logging.getLogger(__name__)

# Platforms repeat a webhook for hours (Telegram up to a day), so what was handled is remembered
# by its event id for a week.
HANDLED_KEPT: Final = timedelta(days=7)
REPLIES_KEPT: Final = timedelta(days=1)
LETTERS_KEPT: Final = timedelta(days=30)
CLAIMS_KEPT: Final = timedelta(days=60)
# A picture or file that was handed in and then goes with no announcement.
UNUSED_KEPT: Final = timedelta(days=2)
# A change of an answer that nobody saved.
DRAFTS_KEPT: Final = timedelta(days=1)
# Keys of what passes through the database live for the day they seal and two more: an answer
# may have to wait that long for a platform that is down.
PASSING_KEYS_KEPT: Final = timedelta(days=2)
# Words are forgotten by the hour, keys by whole days.
HANDOVER_KEYS_KEPT: Final = WORDS_KEPT + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of the table. `once` jobs run in one process only, at each full period."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]
    once: bool = False


class DatedKeys(Protocol):
    """Keys that are destroyed on schedule."""

    def destroy_before(self, day: date) -> object:
        """Destroy the keys of all days, or weeks, that ended before `day`."""
        ...


class OldGrants(Protocol):
    """Accounts that somebody began to connect."""

    async def forget_old(self) -> None:
        """Forget those that nobody finished."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """What is told to others than residents: other software, and officers by e-mail."""

    telling: Telling
    mailing: Mailing


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """What brings officers' words into chats: about tips, and where a person was asked for."""

    routes: ReplyRoutes
    handovers: HandoverBringing


class Forgetting:
    """Forgets what must be forgotten."""

    def __init__(
        self,
        *,
        storage: Storage,
        keys: DatedKeys,
        handover_keys: DatedKeys,
        weeks: DatedKeys,
        weeks_kept: timedelta,
        question_days: int,
        grants: OldGrants,
        shuffling: TipShuffling,
        clock: Clock,
    ) -> None:
        """`weeks_kept` after their week the keys of reply routes are destroyed.

        `question_days` questions without an answer are kept.
        """
        self._storage = storage
        self._keys = keys
        self._handover_keys = handover_keys
        self._weeks = weeks
        self._weeks_kept = weeks_kept
        self._question_days = question_days
        self._grants = grants
        self._shuffling = shuffling
        self._clock = clock

    async def rows(self) -> None:
        """Remove what is done, expired or too old."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            await work.dialogues.forget_before(now)
            await work.inbox.forget_handled_before(now - HANDLED_KEPT)
            await work.deliveries.forget_replies_before(now - REPLIES_KEPT)
            await work.mailboxes.forget_before(now - LETTERS_KEPT)
            await work.claims.forget_before(now - CLAIMS_KEPT)
            await work.slips.forget_before(now)
            await work.routes.forget_before(now.date())
            await work.unknown_questions.forget_before(first_kept(now.date(), self._question_days))
            await work.drafts.forget_before(now - DRAFTS_KEPT)
            await work.hook_calls.forget_before(now - CALLS_KEPT)
            await work.mails.forget_unconfirmed_before(now - CODE_LIFE)
            await work.attachments.forget_uploads_before(now)
            await work.attachments.forget_unused_before(now - UNUSED_KEPT)
            await work.commit()
        await self._grants.forget_old()

    async def order(self) -> None:
        """Let nothing tell what of tips was written together."""
        await self._shuffling.shuffle()

    async def keys(self) -> None:
        """Destroy the keys of days and weeks that are over. In every process: each has copies."""
        now = self._clock.now()
        self._keys.destroy_before((now - PASSING_KEYS_KEPT).date())
        self._handover_keys.destroy_before((now - HANDOVER_KEYS_KEPT).date())
        self._weeks.destroy_before((now - self._weeks_kept).date())


def table(
    *,
    storage: Storage,
    announcements: Announcements,
    failure_watch: FailureWatch,
    sign_ins: SignIns,
    reminders: Reminders,
    tip_reminders: TipReminders,
    group_desks: GroupDesks,
    outward: Outward,
    bringing: Bringing,
    audit_heads: AuditHeads,
    backup: Callable[[], Awaitable[None]],
    forgetting: Forgetting,
    tip_forgetting: TipForgetting,
    clock: Clock,
) -> Sequence[Job]:
    """Return every job, in the order the README lists them."""

    async def settle_deliveries() -> None:
        async with storage.begin() as work:
            settled = await work.deliveries.expire(now=clock.now())
            await work.commit()
        if settled:
            log.warning("delivery.settled", extra={"rows": settled})

    return (
        Job(
            name="start_announcements",
            every=timedelta(seconds=1),
            run=announcements.start_due,
        ),
        Job(name="watch_failures", every=timedelta(seconds=5), run=failure_watch.look),
        Job(name="settle_deliveries", every=timedelta(seconds=10), run=settle_deliveries),
        Job(name="bring_answers", every=timedelta(seconds=2), run=bringing.routes.deliver),
        Job(name="bring_handovers", every=timedelta(seconds=2), run=bringing.handovers.bring),
        Job(
            name="end_handovers", every=timedelta(hours=1), run=bringing.handovers.sweep, once=True
        ),
        Job(name="tell_of_tips", every=timedelta(minutes=1), run=tip_reminders.tell_new),
        Job(name="remind_tips", every=timedelta(hours=1), run=tip_reminders.look, once=True),
        Job(name="send_mails", every=timedelta(seconds=10), run=outward.mailing.send_due),
        Job(name="tell_hooks", every=timedelta(seconds=10), run=outward.telling.tell),
        Job(name="sync_groups", every=timedelta(days=1), run=group_desks.watch, once=True),
        Job(name="look_at_groups", every=timedelta(minutes=1), run=group_desks.look_at_new),
        Job(name="remind_officers", every=timedelta(days=1), run=reminders.look, once=True),
        Job(
            name="check_channels", every=timedelta(days=1), run=reminders.check_channels, once=True
        ),
        Job(name="post_audit_head", every=timedelta(hours=1), run=audit_heads.look, once=True),
        Job(name="backup", every=timedelta(days=1), run=backup, once=True),
        Job(name="shuffle_tips", every=timedelta(hours=1), run=forgetting.order, once=True),
        Job(name="forget_rows", every=timedelta(hours=1), run=forgetting.rows, once=True),
        Job(name="forget_tips", every=timedelta(days=1), run=tip_forgetting.forget_due, once=True),
        Job(name="prove_forgetting", every=timedelta(days=7), run=tip_forgetting.prove, once=True),
        Job(name="forget_sessions", every=timedelta(hours=1), run=sign_ins.forget_old),
        Job(name="destroy_keys", every=timedelta(hours=1), run=forgetting.keys),
    )


def claimed(job: Job, *, storage: Storage, clock: Clock) -> Callable[[], Awaitable[None]]:
    """Return the job with its claim, its edge and its log line."""

    async def run() -> None:
        try:
            if job.once and not await _claim(job, storage, clock.now()):
                return
            await job.run()
        except Exception:  # one of the three edges: one job
            log.exception("job.failed", extra={"job": job.name})

    return run


async def _claim(job: Job, storage: Storage, now: datetime) -> bool:
    period_s = int(job.every.total_seconds())
    begun = now.timestamp() // period_s * period_s
    moment = datetime.fromtimestamp(begun, now.tzinfo)
    async with storage.begin() as work:
        is_first = await work.claims.once(f"job:{job.name}", moment)
        await work.commit()
    return is_first
