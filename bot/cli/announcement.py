"""binhyen announcement: sent by somebody at the machine, watched, stopped."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply
from bot.core.deliveries import DeliveryState
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId, ChannelId

if TYPE_CHECKING:
    from bot.app.program import Program
    from bot.services.announcements import Announcements
    from bot.services.announcing import Shown


class _Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; without an offset it is meant in the unit's time zone."""

    name = "iso"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment like 2026-11-22T18:30", param, ctx)


@click.group("announcement", cls=Noun)
def announcement() -> None:
    """Send an announcement, watch it, stop it."""


@announcement.command("send")
@click.option("--unit", "code", required=True, help="Everybody who joined it or a unit under it.")
@click.option("--title", required=True)
@click.option(
    "--text-file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="The text, UTF-8; - is standard input.",
)
@click.option("--at", type=_Moment(), help="When, in ISO 8601; at once if left out.")
@click.option("--urgent", is_flag=True, help="Goes before everything else.")
@click.option("--channel", "channels", multiple=True, help="The id of a channel; else all.")
def send(
    *,
    code: str,
    title: str,
    text_file: Path,
    at: datetime | None,
    urgent: bool,
    channels: tuple[str, ...],
) -> Reply:
    """Send an announcement; audited as sent by somebody at the machine."""
    text = _text(text_file)

    async def done(program: "Program") -> Reply:
        from bot.services.announcing import Wording  # noqa: PLC0415 - so --help stays quick

        unit = await program.units.by_code(code)
        known = {account.id for account in await program.channels.accounts()}
        for channel in channels:
            if channel not in known:
                raise RuleBroken("channel_unknown", channel=channel)
        written = await program.announcements.write(
            Wording(
                unit_id=unit.id,
                title=title,
                text=text,
                is_urgent=urgent,
                channels=tuple(ChannelId(one) for one in channels),
                due_at=_in_utc(at, program.config.timezone) if at else None,
            ),
            by=None,
        )
        await program.announcements.release(written.id, by=None)
        shown = await program.announcements.show(written.id, to=None)
        return Reply(
            document={
                "id": written.id,
                "state": shown.state,
                "recipients": shown.tally.recipients,
                "due_at": shown.announcement.due_at,
            },
            lines=[
                f"{written.id}: {shown.state}",
                f"Watch it: binhyen announcement show {written.id}",
            ],
        )

    return with_program(done)


def _text(path: Path) -> str:
    try:
        with click.open_file(str(path), "rb") as file:
            content: bytes = file.read()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{path}: the text is not UTF-8; save it as UTF-8") from error


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC)
    except OverflowError as error:
        raise RuleBroken("due_wrong") from error


@announcement.command("show")
@click.argument("id_", metavar="ID")
def show(id_: str) -> Reply:
    """Show what became of an announcement."""

    async def done(program: "Program") -> Reply:
        return _shown(await program.announcements.show(AnnouncementId(id_), to=None))

    return with_program(done)


def _moving(
    name: str, text: str, act: Callable[["Announcements", AnnouncementId], Awaitable[None]]
) -> None:
    @announcement.command(name, help=text)
    @click.argument("id_", metavar="ID")
    def move(id_: str) -> Reply:
        async def done(program: "Program") -> Reply:
            await act(program.announcements, AnnouncementId(id_))
            return _shown(await program.announcements.show(AnnouncementId(id_), to=None))

        return with_program(done)


_moving("pause", "Hold what has not begun.", lambda all_, id_: all_.pause(id_, by=None))
_moving("resume", "Go on after a pause.", lambda all_, id_: all_.resume(id_, by=None))
_moving("cancel", "Stop for good.", lambda all_, id_: all_.cancel(id_, by=None))


def _shown(shown: "Shown") -> Reply:
    tally = shown.tally
    outcomes = {state.value: tally.outcomes.get(state, 0) for state in DeliveryState}
    reasons = {reason.value: count for reason, count in sorted(tally.reasons.items()) if count}
    document = {
        "id": shown.announcement.id,
        "state": shown.state,
        "recipients": tally.recipients,
        "outcomes": outcomes,
        "reasons": reasons,
        "started_at": shown.announcement.started_at,
        "finished_at": tally.finished_at,
    }
    sent = outcomes[DeliveryState.SENT.value]
    lines = [
        f"{shown.announcement.title} ({shown.state}): {sent} of {tally.recipients} sent",
        *(f"  {name}: {count}" for name, count in outcomes.items() if count),
        *(f"    because {name}: {count}" for name, count in reasons.items()),
    ]
    return Reply(document=document, lines=lines)
