"""docs/performance.md and its pictures, written from what the last runs found.

`python -m benchmarks.page`, or `make performance`. The words stand in `page.template.md`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template

from benchmarks.machine import Machine
from benchmarks.measures import MEASURES
from benchmarks.picture import Bar, Line, bars, lines
from benchmarks.results import found
from benchmarks.scale import MOST_MESSAGES, SIZES
from benchmarks.table import Row

DOCS = Path(__file__).parents[1] / "docs"
TEMPLATE = Path(__file__).with_name("page.template.md")
# A ratio up to this is as good as none: two runs of the same differ by as much.
_SAME = 1.25
# Why a goal may be missed, for those where that is understood.
_WHY = {
    "rate_of_bare": "What is left is spread thinly: the client inside the pipeline takes as much"
    " of a processor as the bare one, and claim, two commits and outcome of every message take as"
    " much again; waves of 64 leave and are recorded in step, so that at times nobody works. The"
    " slower the platform answers, the less of it shows.",
    "webhooks": "On a quiet machine a bare handler is so fast that what is left is the hand-over"
    " of Python's lock between the event loop and the thread that writes (decision 27).",
    "tips_acknowledged": "The stream is answered in hundredths of a second from receipts made"
    " ready (decision 103). Of a thousand at once each waits for those before it: a tip takes some"
    " two and a half milliseconds of a processor, a sixth of it finding danger in it.",
    "tips_flood": "Who solved the task goes first (decision 123), but behind forms already begun,"
    " and turning one away takes a millisecond and a half.",
    "chat_flood": "A thousand accounts that write again at once keep a thousand messages before"
    " everybody; one message takes some two milliseconds, and nothing in the inbox says who may"
    " go first.",
    "arrival_to_reply": "Looking for the nearest among nine thousand examples takes a quarter of"
    " it; the rest is spread over statements to the database.",
    "start": "Importing takes half of it, a fifth of that for data classes; most of the rest is"
    " reading the words.",
    "memory": "Seven tenths are there once everything is imported; python-telegram-bot alone"
    " brings 9 MB.",
}
_NOT_UNDERSTOOD = "Not understood yet; the machine may have been busy."


def written(rows: Sequence[Row], machine: Machine) -> str:
    """Return the page."""
    by_key = _by_key(rows)
    missed = [_missed(one) for one in rows if not one.is_reached]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        machine=_kind_of(machine),
        rates_title=rates_title(by_key),
        scales_title=scales_title(by_key),
        measures="\n".join(_measured(one) for one in rows),
        most=f"{MOST_MESSAGES:,}",
        scale="\n".join(_scaled(by_key["freezing"], people) for people in SIZES),
        missed="\n".join(missed) or "Every goal was reached.",
    )


def _by_key(rows: Sequence[Row]) -> dict[str, Row]:
    return {one.measure.key: one for one in rows}


def _kind_of(machine: Machine) -> str:
    return (
        f"{machine.cores} shared cores, Python {machine.python} on {machine.loop},"
        f" {machine.flush_ms:.1f} ms for a flush of the disk"
    )


def _measured(one: Row) -> str:
    measure = one.measure
    sign = "≥" if measure.at_least else "≤"
    mark = "reached" if one.is_reached else "**missed**"
    value = f"{_number(one.value)} {measure.unit}".strip()
    goal = f"{sign} {_number(measure.goal)} {measure.unit}".strip()
    means = f"{measure.means} Here: {one.detail}." if one.detail else measure.means
    return f"| {measure.name} | {value} | {goal} | {mark} | {means} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"


def _scaled(freezing: Row, people: int) -> str:
    figures = freezing.figures
    freezing_s, sending_s = figures[f"freezing_s_{people}"], figures[f"sending_s_{people}"]
    messages = figures[f"messages_{people}"]
    cells = (
        f"{people:,}",
        f"{freezing_s:.2f} s",
        f"{freezing_s / people * 1e6:.0f} ms",
        f"{figures[f'freezing_mb_{people}']:.0f} MB",
        f"{messages:,.0f}",
        f"{sending_s / messages * 1e6:.0f} ms",
        f"{figures[f'sending_cpu_s_{people}'] / messages * 1e6:.0f} ms",
        f"{figures[f'sending_mb_{people}']:.0f} MB",
    )
    return f"| {' | '.join(cells)} |"


def _missed(one: Row) -> str:
    return f"- {one.measure.name}. {_WHY.get(one.measure.key, _NOT_UNDERSTOOD)}"


def rates_title(by_key: dict[str, Row]) -> str:
    """Return what the picture of rates shows, as a sentence."""
    times = by_key["rate_of_library"].value
    return f"Every outcome on the disk, and still {times:.0f} times the library's own rate"


def rates_picture(by_key: dict[str, Row]) -> str:
    """Return the picture of rates."""
    figures = by_key["rate"].figures
    names = {
        "bare": "bare client, keeps nothing",
        "own": "Bình Yên, all on the disk",
        "loop": "the library, one by one",
        "library": "the library, 64 at once",
    }
    return bars(
        rates_title(by_key),
        "Messages a second, pace off. The client is aiohttp, the library python-telegram-bot.",
        [Bar(name=name, value=figures[key], is_ours=key == "own") for key, name in names.items()],
    )


def scales_title(by_key: dict[str, Row]) -> str:
    """Return what the picture of sizes shows, as a sentence."""
    worst = max(by_key[key].value for key in ("freezing_growth", "sending_growth"))
    if worst <= _SAME:
        return "A recipient costs the same among a million as among ten thousand"
    return f"Among a million a recipient costs up to {worst:.1f} times as much"


def scales_picture(by_key: dict[str, Row]) -> str:
    """Return the picture of sizes."""
    figures = by_key["freezing"].figures
    sending = [
        (size, figures[f"sending_cpu_s_{size}"] / figures[f"messages_{size}"] * 1e6)
        for size in SIZES
    ]
    freezing = [(size, figures[f"freezing_s_{size}"] / size * 1e6) for size in SIZES]
    return lines(
        scales_title(by_key),
        "Milliseconds for a thousand recipients, by size of the audience; * of a processor.",
        Line(name="sending*", points=sending),
        Line(name="freezing", points=freezing),
    )


def main() -> int:
    """Write the page and the pictures."""
    rows, machine = found()
    by_key = _by_key(rows)
    if missing := [one.name for one in MEASURES if one.key not in by_key]:
        print(f"not measured yet, run make bench: {'; '.join(missing)}", file=sys.stderr)
        return 1
    pictures = {
        "sending-rates.svg": rates_picture(by_key),
        "sending-scale.svg": scales_picture(by_key),
    }
    (DOCS / "performance.md").write_text(written(rows, machine), encoding="utf-8")
    for name, picture in pictures.items():
        (DOCS / "pictures" / name).write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
