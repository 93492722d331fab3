"""binhyen announcement results: who was not reached, counted, or as a file to walk with."""

import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from bot.cli.nouns import Verb
from bot.cli.opening import with_program
from bot.cli.reply import Refused, Reply
from bot.core.deliveries import DeliveryState
from bot.core.ids import AnnouncementId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.app.program import Program
    from bot.services.announcements.results import Results, Summary

_STDOUT: Final = Path("-")
_FILE: Final = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
Pieces = AsyncIterator[Sequence[Sequence[str]]]


@click.command("results", cls=Verb)
@click.argument("id_", metavar="ID")
@click.option("--households", is_flag=True, help="Households nobody was reached of, not copies.")
@click.option(
    "--csv", "csv", type=_FILE, help="Write all of them here, as CSV; - is standard output."
)
@click.option("--xlsx", "xlsx", type=_FILE, help="The same as .xlsx.")
def results(*, id_: str, households: bool, csv: Path | None, xlsx: Path | None) -> Reply | None:
    """Count who was not reached, by outcome and reason; with a file, write out who that is.

    The file is in Vietnamese, for officers; that it was made is audited.
    """
    if csv and xlsx:
        raise Refused("--csv and --xlsx: one of them at a time")

    async def done(program: "Program") -> Reply | None:
        from bot.app.announcing import made_results  # noqa: PLC0415 - so --help stays quick

        found = made_results(program)
        summary = await found.summary(AnnouncementId(id_), to=None)
        path = csv or xlsx
        if path is None:
            return _counted(summary)
        rows = await _written(
            program, found, summary, path, is_csv=bool(csv), households=households
        )
        if path == _STDOUT:
            return None
        return Reply(
            document={"id": id_, "file": str(path), "rows": rows},
            lines=[f"{path}: {rows} rows"],
        )

    return with_program(done)


def _counted(summary: "Summary") -> Reply:
    counts = [
        {
            "outcome": case.state.value,
            "reason": case.reason.value if case.reason else None,
            "count": summary.counts[case],
        }
        for case in summary.cases(_missed())
    ]
    houses = {
        "with_copies": summary.houses.with_copies,
        "without_copies": summary.houses.without_copies,
    }
    walk = (
        f"households nobody was reached of: {houses['with_copies']} with copies,"
        f" {houses['without_copies']} without"
    )
    lines = [f"{one['outcome']}, {one['reason'] or 'no reason'}: {one['count']}" for one in counts]
    return Reply(
        document={"id": summary.announcement.id, "counts": counts, "households": houses},
        lines=[*(lines or ["Nobody is left out."]), walk],
    )


def _missed() -> Sequence[DeliveryState]:
    from bot.services.announcements.results import ORDER  # noqa: PLC0415 - so --help stays quick

    return ORDER


async def _written(
    program: "Program",
    found: "Results",
    summary: "Summary",
    path: Path,
    *,
    is_csv: bool,
    households: bool,
) -> int:
    """Write the list to a file or to standard output; return how many rows it has."""
    from bot.services.sheets import csv_pieces, write_xlsx  # noqa: PLC0415 - so --help stays quick
    from console.result_lines import Lines, words  # noqa: PLC0415 - same

    announcement_id = summary.announcement.id
    await found.note_export(
        announcement_id,
        kind="csv" if is_csv else "xlsx",
        what="ho" if households else "tat-ca",
        by=None,
    )
    accounts = await program.channels.accounts()
    lines = Lines(
        units=summary.units,
        channels={one.id: one for one in accounts},
        zone=program.config.timezone,
    )
    if households:
        heads = words().house_columns
        pieces = lines.of_houses(found.all_houses(announcement_id, to=None))
    else:
        heads = words().columns
        cases = summary.cases(_missed())
        pieces = lines.of_copies(found.all_copies(announcement_id, cases, to=None))
    counted = _Counted(pieces)
    with _opened(path) as file:
        if is_csv:
            async for piece in csv_pieces(heads, counted.rows()):
                file.write(piece)
        else:
            with TemporaryDirectory(prefix="binhyen-") as folder:
                made = Path(folder) / "results.xlsx"
                await write_xlsx(made, heads, counted.rows())
                with made.open("rb") as written:
                    shutil.copyfileobj(written, file)
    return counted.count


@contextmanager
def _opened(path: Path) -> "Iterator[BinaryIO]":
    if path == _STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with path.open("wb") as file:
        yield file


class _Counted:
    """Rows on their way, counted."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self.count = 0

    async def rows(self) -> Pieces:
        async for piece in self._pieces:
            self.count += len(piece)
            yield piece
