"""What happens because of the time: once where it must be once, and never stopped by an error."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.backups import Backup, OpenedBackup
from bot.core.deliveries import Lane
from bot.core.ids import ChannelId
from bot.services.audit_heads import AuditHeads
from bot.services.channels.grants import GrantShelf
from bot.services.hooks.telling import Telling
from bot.services.tips.forgetting import TipForgetting
from bot.services.tips.reminding import TipReminders
from bot.services.tips.shuffling import TipShuffling
from scheduler.jobs import Bringing, Forgetting, Job, Outward, claimed, table
from scheduler.runner import Runner
from tests.builders.town import Town
from tests.fakes import FakePoster
from tests.tip_builder import ROUTE_DAYS

HOUR = timedelta(hours=1)


async def nothing() -> None:
    """Leave the making of backups to their own tests."""


class NoBackups:
    def all(self) -> list[Backup]:
        return []

    def opened(self, path: Path) -> AbstractAsyncContextManager[OpenedBackup]:
        raise AssertionError(f"there is no {path}")


def jobs_of(town: Town) -> Sequence[Job]:
    forgetting = Forgetting(
        question_days=30,
        storage=town.storage,
        keys=town.vault.passing,
        handover_keys=town.vault.handovers,
        weeks=town.vault.weeks,
        weeks_kept=timedelta(days=ROUTE_DAYS),
        grants=GrantShelf(
            storage=town.storage, envelopes=town.envelopes, clock=town.clock, chance=town.chance
        ),
        shuffling=TipShuffling(storage=town.storage, clock=town.clock),
        clock=town.clock,
    )
    return table(
        storage=town.storage,
        announcements=town.announcements,
        failure_watch=town.failure_watch,
        sign_ins=town.sign_ins,
        reminders=town.reminders,
        tip_reminders=TipReminders(
            storage=town.storage, notices=town.notices, audit=town.audit, clock=town.clock
        ),
        group_desks=town.group_desks,
        outward=Outward(
            telling=Telling(
                storage=town.storage,
                envelopes=town.envelopes,
                poster=FakePoster(),
                clock=town.clock,
            ),
            mailing=town.mailing,
        ),
        bringing=Bringing(routes=town.receiving.routes, handovers=town.handovers.bringing),
        audit_heads=AuditHeads(
            storage=town.storage,
            notices=town.notices,
            place=None,
            clock=town.clock,
            zone=ZoneInfo("Asia/Ho_Chi_Minh"),
        ),
        backup=nothing,
        forgetting=forgetting,
        tip_forgetting=TipForgetting(
            storage=town.storage,
            backups=NoBackups(),
            audit=town.audit,
            notices=town.notices,
            clock=town.clock,
            chance=town.chance,
        ),
        clock=town.clock,
    )


def job_of(town: Town, name: str) -> Job:
    (found,) = [job for job in jobs_of(town) if job.name == name]
    return found


async def test_every_job_runs_on_an_empty_town(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    for job in jobs_of(town):
        await claimed(job, storage=town.storage, clock=town.clock)()
    assert "job.failed" not in caplog.text


async def test_a_job_that_must_run_once_runs_once_in_each_period(town: Town) -> None:
    runs: list[str] = []

    async def run() -> None:
        runs.append(town.clock.now().isoformat())

    job = Job(name="x", every=HOUR, run=run, once=True)
    processes = [claimed(job, storage=town.storage, clock=town.clock) for _ in range(3)]
    for _ in range(2):
        for process in processes:
            await process()
        town.clock.advance(HOUR)
    assert len(runs) == 2


async def test_a_job_that_fails_is_logged_by_name_and_lets_nothing_out(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        raise RuntimeError("invented")

    job = Job(name="x", every=HOUR, run=run)
    await claimed(job, storage=town.storage, clock=town.clock)()
    assert [record.getMessage() for record in caplog.records] == ["job.failed"]


async def test_announcements_start_by_the_clock(town: Town) -> None:
    await town.member("web", "a")
    announcement = await town.announced(due_at=town.clock.now() + HOUR)
    town.clock.advance(HOUR)
    await job_of(town, "start_announcements").run()
    assert await town.tally(announcement.id) == {"waiting": 1}


async def test_what_was_being_sent_too_long_is_settled(town: Town) -> None:
    await town.member("web", "a")
    announcement = await town.announced()
    async with town.storage.begin() as work:
        now = town.clock.now()
        (row,) = await work.deliveries.claim(
            ChannelId("web"), [Lane.ORDINARY], 5, owner="x", now=now, lease_until=now + HOUR
        )
        await work.deliveries.mark_sending(
            [row.id], owner="x", attempt_id="a", now=now, until=now + timedelta(seconds=45)
        )
        await work.commit()
    await job_of(town, "settle_deliveries").run()
    assert await town.tally(announcement.id) == {"sending": 1}
    town.clock.advance(46)
    await job_of(town, "settle_deliveries").run()
    assert await town.tally(announcement.id) == {"unknown": 1}


async def test_keys_of_days_long_over_are_destroyed_and_the_newer_kept(town: Town) -> None:
    for _ in range(4):
        town.vault.passing.seal("inbox", b"x")
        town.clock.advance(timedelta(days=1))
    await job_of(town, "destroy_keys").run()
    assert town.vault.passing.days() == [date(2026, 11, 24), date(2026, 11, 25)]


async def test_what_was_handled_is_forgotten_after_a_week(town: Town) -> None:
    talk = town.talk()
    said = talk.incoming("xin chào")
    await town.reception().receive([said])
    await town.conversations().step()
    town.clock.advance(timedelta(days=6))
    await job_of(town, "forget_rows").run()
    await town.reception().receive([said])
    assert town.meter.total("incoming_repeated") == 1
    town.clock.advance(timedelta(days=2))
    await job_of(town, "forget_rows").run()
    async with town.storage.begin() as work:
        assert await work.inbox.forget_handled_before(town.clock.now()) == 0


async def test_the_runner_starts_and_stops(town: Town) -> None:
    runner = Runner(jobs_of(town), storage=town.storage, clock=town.clock)
    states = [runner.is_running]
    for act in (runner.start, runner.stop, runner.stop):
        act()
        states.append(runner.is_running)
    # The clock of APScheduler stops with the next turn of the loop.
    assert states[:2] == [False, True]
