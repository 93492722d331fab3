"""binhyen announcement show --follow: a line for every change until nothing changes any more."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from bot.cli.reply import Reply, as_line, is_json
from bot.core.ids import AnnouncementId

if TYPE_CHECKING:
    from bot.app.program import Program
    from bot.services.announcements.watching import Progress

_LOOK_EVERY_S: Final = 1.0


async def followed(
    program: "Program", announcement_id: AnnouncementId, told: Callable[["Progress"], Reply]
) -> None:
    """Print what is told of an announcement whenever it changed. Raise `NotFound`."""
    as_json, last = is_json(click.get_current_context()), ""
    while True:
        progress = await program.watching.progress(announcement_id, to=None)
        if progress.mark != last:
            last = progress.mark
            reply = told(progress)
            # One line for each change, so that the lines can be read by a program or scrolled by.
            click.echo(as_line(reply.document) if as_json else _as_words(progress))
            sys.stdout.flush()
        if not progress.is_live:
            return
        await program.clock.sleep(_LOOK_EVERY_S)


def _as_words(progress: "Progress") -> str:
    counts = [
        f"{many} {state.value}"
        for state, many in sorted(progress.shown.tally.outcomes.items())
        if many
    ]
    words = ", ".join([f"{progress.recipients} recipients", *counts, *pace_of(progress)[1]])
    return f"{progress.shown.state}: {words}"


def pace_of(progress: "Progress") -> tuple[dict[str, object], list[str]]:
    """Return how fast it goes and how long it takes, for a program and in words."""
    told: dict[str, object] = {
        "per_minute": progress.per_minute,
        "left_s": None if progress.left is None else round(progress.left.total_seconds()),
    }
    lines = []
    if progress.per_minute is not None:
        lines.append(f"{progress.per_minute} a minute")
    if progress.minutes_left is not None:
        lines.append(f"about {progress.minutes_left} min left")
    if progress.held_at is not None:
        told |= {"held_at": progress.held_at}
        lines.append("paused by the program: half of the last copies or more did not arrive")
    return told, lines
