"""What was reached of each measure, as rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.measures import BY_KEY, Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was reached of a measure; `figures` are what a picture of it needs."""

    measure: Measure
    value: float
    detail: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_reached(self) -> bool:
        goal = self.measure.goal
        return self.value >= goal if self.measure.at_least else self.value <= goal


def row(
    key: str, value: float, *, detail: str = "", figures: Mapping[str, float] | None = None
) -> Row:
    """Return what was reached of the measure `key`."""
    return Row(measure=BY_KEY[key], value=value, detail=detail, figures=figures or {})


def printed(rows: Sequence[Row]) -> str:
    """Return the rows as a table of text."""
    width = max(len(row.measure.name) for row in rows)
    lines = []
    for one in rows:
        measure = one.measure
        sign = "≥" if measure.at_least else "≤"
        mark = "ok  " if one.is_reached else "MISS"
        lines.append(
            f"{mark} {measure.name:<{width}}  {one.value:>9.2f} {measure.unit:<6} "
            f"({sign} {measure.goal:g})  {one.detail}"
        )
    return "\n".join(lines)


def kept(rows: Sequence[Row]) -> dict[str, object]:
    """Return the rows for a file, by key."""
    return {
        one.measure.key: {"value": one.value, "detail": one.detail, "figures": dict(one.figures)}
        for one in rows
    }
