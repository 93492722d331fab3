"""One row per measure: what was measured, what was reached, what is to be reached."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`value` is compared with `goal`; `at_least` tells in which direction."""

    measure: str
    value: float
    goal: float
    unit: str
    at_least: bool
    detail: str = ""

    @property
    def is_reached(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def printed(rows: list[Row]) -> str:
    """Return the rows as a table of text."""
    width = max(len(row.measure) for row in rows)
    lines = []
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        mark = "ok  " if row.is_reached else "MISS"
        lines.append(
            f"{mark} {row.measure:<{width}}  {row.value:>9.2f} {row.unit:<6} "
            f"({sign} {row.goal:g})  {row.detail}"
        )
    return "\n".join(lines)


def as_json(rows: list[Row]) -> list[dict[str, object]]:
    """Return the rows for a file."""
    return [asdict(row) | {"is_reached": row.is_reached} for row in rows]
