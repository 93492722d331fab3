"""binhyen announcement: sent by somebody at the machine, watched, stopped, corrected."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from bot.cli.audience import LINKS, MISSED, MORE_UNITS, TOPICS, WITHOUT_UNITS, audience_of
from bot.cli.following import followed, pace_of
from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply
from bot.cli.results import results
from bot.core.announcements import DEFAULT_GRACE, AnnouncementState, Link
from bot.core.deliveries import DeliveryState
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId, AttachmentId, ChannelId

if TYPE_CHECKING:
    from bot.app.program import Program
    from bot.services.announcements.announcements import Announcements
    from bot.services.announcements.announcing import Shown
    from bot.services.announcements.reach import Reach
    from bot.services.announcements.watching import Progress


_MINUTE: Final = timedelta(minutes=1)
_PLANNED: Final = frozenset({AnnouncementState.DRAFT, AnnouncementState.PROPOSED})


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
    """Send an announcement, watch it, stop it, correct it, take it back."""


_TEXT_FILE = click.option(
    "--text-file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="The text, UTF-8; - is standard input.",
)
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_PICTURE = click.option("--picture", type=_EXISTING, help="A JPG or PNG that goes with it.")
_FILE = click.option(
    "--file", "file", type=_EXISTING, help="A PDF, DOC, DOCX or CSV that goes with it."
)


@announcement.command("send")
@click.option("--unit", "code", required=True, help="Everybody who joined it or a unit under it.")
@click.option("--title", required=True)
@_TEXT_FILE
@_PICTURE
@_FILE
@click.option("--at", type=_Moment(), help="When, in ISO 8601; at once if left out.")
@click.option("--urgent", is_flag=True, help="Goes before everything else.")
@click.option("--channel", "channels", multiple=True, help="The id of a channel; else all.")
@MORE_UNITS
@WITHOUT_UNITS
@TOPICS
@MISSED
@LINKS
@click.option(
    "--grace",
    "grace_min",
    type=int,
    default=DEFAULT_GRACE // _MINUTE,
    show_default=True,
    help="Minutes after --at from which it asks instead of going.",
)
def send(
    *,
    code: str,
    title: str,
    text_file: Path,
    picture: Path | None,
    file: Path | None,
    at: datetime | None,
    urgent: bool,
    channels: tuple[str, ...],
    more_codes: tuple[str, ...],
    without_codes: tuple[str, ...],
    topics: tuple[str, ...],
    missed: str | None,
    links: tuple[Link, ...],
    grace_min: int,
) -> Reply:
    """Send an announcement; audited as sent by somebody at the machine."""
    text, enclosed = _text(text_file), _enclosed(picture, file)

    async def done(program: "Program") -> Reply:
        from bot.services.announcements.announcing import Wording  # noqa: PLC0415 - so --help stays quick

        unit = await program.units.by_code(code)
        audience = await audience_of(
            program,
            more_codes=more_codes,
            without_codes=without_codes,
            topics=topics,
            missed=missed,
        )
        attachment_id = await _kept(program, enclosed)
        written = await program.announcements.write(
            Wording(
                unit_id=unit.id,
                title=title,
                text=text,
                is_urgent=urgent,
                channels=tuple(ChannelId(one) for one in channels),
                due_at=_in_utc(at, program.config.timezone) if at else None,
                grace=_grace(grace_min),
                attachment_id=attachment_id,
                audience=audience,
                links=links,
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


@dataclass(frozen=True, slots=True)
class _Enclosed:
    """What somebody wants to go with an announcement; nothing of it is checked."""

    name: str
    body: bytes
    is_picture: bool


def _enclosed(picture: Path | None, file: Path | None) -> _Enclosed | None:
    if picture and file:
        raise Refused("--picture and --file: one of them goes with an announcement, not both")
    path = picture or file
    return _Enclosed(path.name, path.read_bytes(), path is picture) if path else None


async def _kept(program: "Program", enclosed: _Enclosed | None) -> AttachmentId | None:
    """Keep what goes with it. Raise `RuleBroken` for what cannot."""
    from bot.app.announcing import made_attachments  # noqa: PLC0415 - so --help stays quick

    if enclosed is None:
        return None
    attachments = made_attachments(program)
    if enclosed.is_picture:
        return (await attachments.keep_picture(enclosed.body)).id
    return (await attachments.keep_file(enclosed.name, enclosed.body)).id


def _grace(minutes: int) -> timedelta:
    try:
        return minutes * _MINUTE
    except OverflowError:
        return timedelta.max


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC)
    except OverflowError as error:
        raise RuleBroken("due_wrong") from error


@announcement.command("show")
@click.argument("id_", metavar="ID")
@click.option("--follow", is_flag=True, help="A line for every change, until it is finished.")
def show(*, id_: str, follow: bool) -> Reply | None:
    """Show what became of an announcement, how fast it goes and how long it takes yet."""

    async def done(program: "Program") -> Reply | None:
        from bot.app.announcing import made_reaches  # noqa: PLC0415 - so --help stays quick

        announcement_id = AnnouncementId(id_)
        if follow:
            await followed(program, announcement_id, lambda one: _shown(one.shown, progress=one))
            return None
        progress = await program.watching.progress(announcement_id, to=None)
        shown = progress.shown
        is_planned = shown.announcement.state in _PLANNED
        reach = await made_reaches(program).of(shown.announcement) if is_planned else None
        return _shown(shown, reach, progress)

    return with_program(done)


announcement.add_command(results)


@announcement.command("correct")
@click.argument("id_", metavar="ID")
@_TEXT_FILE
@click.option("--title", help="The right title; as before if left out.")
@_PICTURE
@_FILE
def correct(
    *, id_: str, text_file: Path, title: str | None, picture: Path | None, file: Path | None
) -> Reply:
    """Send a corrected text at once to all who have the earlier one.

    The picture or file stays as before unless another one is given.
    """
    text, enclosed = _text(text_file), _enclosed(picture, file)

    async def done(program: "Program") -> Reply:
        from bot.app.announcing import made_amendments  # noqa: PLC0415 - so --help stays quick
        from bot.services.announcements.amendments import Correction  # noqa: PLC0415 - same

        earlier = (await program.announcements.show(AnnouncementId(id_), to=None)).announcement
        attachment_id = await _kept(program, enclosed)
        corrected = await made_amendments(program).correct(
            earlier.id,
            Correction(
                title=earlier.title if title is None else title,
                text=text,
                attachment_id=attachment_id or earlier.attachment_id,
            ),
            by=None,
        )
        return _shown(await program.announcements.show(corrected.id, to=None))

    return with_program(done)


@announcement.command("recall")
@click.argument("id_", metavar="ID")
def recall(id_: str) -> Reply:
    """Take an announcement back, at once, from all who have it."""

    async def done(program: "Program") -> Reply:
        from bot.app.announcing import made_amendments  # noqa: PLC0415 - so --help stays quick

        taken_back = await made_amendments(program).recall(AnnouncementId(id_), by=None)
        return _shown(await program.announcements.show(taken_back.id, to=None))

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


def _shown(
    shown: "Shown", reach: "Reach | None" = None, progress: "Progress | None" = None
) -> Reply:
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
    if progress is not None:
        told, words = pace_of(progress)
        document |= told
        lines += [f"  {', '.join(words)}"] if words else []
    for told, more in (_standing(shown), _reaching(reach)):
        document |= told
        lines += more
    return Reply(document=document, lines=lines)


_Told = tuple[dict[str, object], list[str]]


def _standing(shown: "Shown") -> _Told:
    """Return what it amends and what amends it, and why it came back, if anything."""
    told: dict[str, object] = {}
    lines = []
    one, later = shown.announcement, shown.amended_by
    if one.amends and one.amendment:
        told |= {"amends": one.amends, "amendment": one.amendment.value}
        lines.append(f"  {one.amendment.value} of {one.amends}")
    if later and later.amendment:
        told |= {"amended_by": later.id}
        lines.append(f"  {later.amendment.value}: {later.id}")
    if one.sent_back and one.state in {AnnouncementState.DRAFT, AnnouncementState.CANCELLED}:
        told |= {"sent_back": one.sent_back.reason}
        lines.append(f"  sent back: {one.sent_back.reason}")
    if shown.attachment:
        told |= {"attachment": shown.attachment.name}
        lines.append(f"  with {shown.attachment.name}")
    return told, lines


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _reaching(reach: "Reach | None") -> _Told:
    """Return whom a draft would reach if it were sent now."""
    if reach is None:
        return {}, []
    counts = [
        {
            "channel": one.channel_id,
            "people": one.people,
            "free": one.free,
            "paid": one.paid,
            "no_window": one.closed,
            "doubled": one.doubled,
            "groups": one.groups,
            "paid_left": one.paid_left,
            "blocked": one.blocked,
            "opted_out": one.opted_out,
            "over_quota": one.over_quota,
            "cost_dong": one.cost,
            "ends_at": one.ends_at,
        }
        for one in reach.channels
    ]
    lines = [
        f"  would reach over {one.channel_id}: {one.people} people ({one.paid} paid),"
        f" {one.groups} groups; not {one.closed} without a window, {one.doubled} doubled,"
        f" {one.blocked} blocked, {one.opted_out} left"
        for one in reach.channels
    ]
    cost = "at a price nobody entered" if reach.cost is None else f"at most {reach.cost} VND"
    lines.append(f"  from {_minute(reach.starts_at)} to {_minute(reach.ends_at)}, {cost}")
    told = {"reach": counts, "starts_at": reach.starts_at, "ends_at": reach.ends_at}
    return {**told, "cost_dong": reach.cost}, lines
