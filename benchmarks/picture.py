"""Pictures of what was found, as SVG: every bar and every point says its own number.

They follow the reader's light or dark, and need no library.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
_TOP = 84
# What stands over the first point must not meet the numbers of the axis.
_INSET = 30.0
_STYLE = """
  text { font-family: system-ui, sans-serif; font-size: 15px; fill: #1f2328; }
  .title { font-size: 19px; font-weight: 600; }
  .quiet { fill: #59636e; font-size: 13px; }
  .ours { fill: #0969da; }
  .theirs { fill: #afb8c1; }
  .grid { stroke: #d1d9e0; }
  polyline { fill: none; stroke-width: 2.5; }
  polyline.one { stroke: #0969da; } circle.one { fill: #0969da; }
  polyline.two { stroke: #bc4c00; } circle.two { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .ours { fill: #4493f8; }
    .theirs { fill: #59636e; }
    .grid { stroke: #3d444d; }
    polyline.one { stroke: #4493f8; } circle.one { fill: #4493f8; }
    polyline.two { stroke: #f0883e; } circle.two { fill: #f0883e; }
  }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; its number is a rate."""

    name: str
    value: float
    is_ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; each point is a size and its milliseconds."""

    name: str
    points: Sequence[tuple[float, float]]


def bars(title: str, about: str, drawn: Sequence[Bar]) -> str:
    """Return a picture of lying bars, in the order given."""
    left, step, thick = 210, 44, 26
    room = WIDTH - left - 90
    longest = max(bar.value for bar in drawn)
    parts = []
    for number, bar in enumerate(drawn):
        y, length = _TOP + number * step, max(2.0, room * bar.value / longest)
        kind = "ours" if bar.is_ours else "theirs"
        size = f'width="{length:.1f}" height="{thick}"'
        parts += [
            _text(left - 12, y + 18, bar.name, anchor="end"),
            f'<rect class="{kind}" x="{left}" y="{y}" {size} rx="3"/>',
            _text(left + length + 10, y + 18, f"{bar.value:,.0f}/s"),
        ]
    return _whole(title, about, parts, height=_TOP + len(drawn) * step)


class _Field:
    """Where sizes and milliseconds lie, both in powers of ten."""

    left, right, top, bottom = 76.0, WIDTH - 90.0, _TOP + 12.0, 330.0

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self.sizes = sorted({size for size, _ in points})
        self._low = math.floor(math.log10(min(ms for _, ms in points)))
        self._high = max(math.ceil(math.log10(max(ms for _, ms in points))), self._low + 1)

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]

    def x(self, size: float) -> float:
        share = math.log(size / self.sizes[0]) / math.log(self.sizes[-1] / self.sizes[0])
        return self.left + _INSET + share * (self.right - self.left - 2 * _INSET)

    def y(self, ms: float) -> float:
        share = (math.log10(ms) - self._low) / (self._high - self._low)
        return self.bottom - share * (self.bottom - self.top)


def lines(title: str, about: str, one: Line, two: Line) -> str:
    """Return a picture of two lines over sizes; the first is the upper one."""
    field = _Field([*one.points, *two.points])
    parts = [*_grid(field), *_line(field, one, "one"), *_line(field, two, "two")]
    return _whole(title, about, parts, height=int(field.bottom) + 44)


def _grid(field: _Field) -> Iterator[str]:
    for ms in field.ticks:
        ends = f'x1="{field.left}" x2="{field.right}" y1="{field.y(ms):.1f}"'
        yield f'<line class="grid" {ends} y2="{field.y(ms):.1f}"/>'
        yield _text(field.left - 8, field.y(ms) + 4, f"{ms:,.0f} ms", anchor="end", kind="quiet")
    for size in field.sizes:
        words = f"{size:,.0f}"
        yield _text(field.x(size), field.bottom + 24, words, anchor="middle", kind="quiet")


def _line(field: _Field, line: Line, kind: str) -> Iterator[str]:
    path = " ".join(f"{field.x(size):.1f},{field.y(ms):.1f}" for size, ms in line.points)
    yield f'<polyline class="{kind}" points="{path}"/>'
    for size, ms in line.points:
        x, y = field.x(size), field.y(ms)
        yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        yield _text(x, y - 11, f"{ms:,.0f}", anchor="middle")
    size, ms = line.points[-1]
    yield _text(field.right + 10, field.y(ms) + 5, line.name)


def _text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "said") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'


def _whole(title: str, about: str, parts: Sequence[str], *, height: int) -> str:
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            _text(0, 24, title, kind="title"),
            _text(0, 48, about, kind="quiet"),
            *parts,
            "</svg>\n",
        ]
    )
