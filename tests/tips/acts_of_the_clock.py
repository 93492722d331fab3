"""What the program does to tips by itself, and what only counts them, to be cut off anywhere."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.app.backups import BackupFolder
from bot.app.tipping import made_tip_forgetting, made_tip_reminders
from bot.core.tips import TipState
from bot.services.tips.reading.statistics import Half
from bot.services.tips.shuffling import TipShuffling
from tests.tips.acts import REASON, Act
from tests.tips.stage import REPORT, Stage, all_to_send

# Two days before the twentieth; who has the tip in hand is reminded.
_ALMOST_LATE = timedelta(days=18)


async def _sent_and_closed_long_ago(stage: Stage) -> None:
    await stage.sent()
    await stage.program.reading.desk.move(stage.tip_id, TipState.SPAM, stage.reader, reason=REASON)
    yesterday = stage.program.clock.now().date() - timedelta(days=1)
    async with stage.program.storage.begin() as work:
        await work.tip_ends.set_day(stage.tip_id, yesterday)
        await work.commit()


async def _forgotten(stage: Stage) -> None:
    backups = BackupFolder(stage.program.config, clock=stage.program.clock)
    await made_tip_forgetting(stage.program, backups).forget_due()


async def _sent_long_ago(stage: Stage) -> None:
    await stage.sent()
    await stage.program.reading.claims.claim(stage.tip_id, stage.reader)
    tip = await stage.tip()
    at = stage.program.clock.now().replace(minute=0, second=0, microsecond=0) - _ALMOST_LATE
    async with stage.program.storage.begin() as work:
        await work.tips.save(
            replace(tip, received_at=at, visible_at=at, moved_at=at, first_seen_at=at)
        )
        await work.commit()


async def _reminded(stage: Stage) -> None:
    await made_tip_reminders(stage.program).look()


async def _urgent(stage: Stage) -> None:
    # What earlier runs sent is told of by now, and gone.
    await _told(stage)
    async with stage.program.storage.begin() as work:
        await all_to_send(work, stage.program.clock.now())
        await work.commit()
    await stage.sent(replace(REPORT, is_urgent=True))


async def _told(stage: Stage) -> None:
    await made_tip_reminders(stage.program).tell_new()


async def _sent(stage: Stage) -> None:
    await stage.sent()


async def _counted(stage: Stage) -> None:
    half = Half(year=stage.program.clock.now().year, number=1)
    await stage.program.reading.statistics.table(stage.reader.officer, half)


async def _shuffled(stage: Stage) -> None:
    program = stage.program
    await TipShuffling(storage=program.storage, clock=program.clock).shuffle()


CLOCK: Sequence[Act] = (
    Act(
        id="forget",
        prepare=_sent_and_closed_long_ago,
        does=_forgotten,
        is_taken_up=True,
        # Keys go first: what is left after the first commit opens for nobody.
        between=lambda look: look["opens for somebody"] == [False],
    ),
    Act(id="remind", prepare=_sent_long_ago, does=_reminded, is_taken_up=True),
    Act(id="tell", prepare=_urgent, does=_told, is_taken_up=True),
    Act(id="shuffle", prepare=_sent, does=_shuffled, is_taken_up=True),
    Act(id="count", prepare=_sent, does=_counted),
)
