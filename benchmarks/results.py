"""What the last runs found, kept in a file so that the page can be written from it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import Machine
from benchmarks.measures import BY_KEY
from benchmarks.table import Row, kept, row

RESULTS = Path(__file__).parent / "results.json"


def keep(rows: Sequence[Row], machine: Machine) -> None:
    """Keep what was found beside what was found before of other measures."""
    before = _read().get("measures", {})
    found = {
        "machine": asdict(machine),
        "measures": {key: one for key, one in {**before, **kept(rows)}.items() if key in BY_KEY},
    }
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def found() -> tuple[list[Row], Machine]:
    """Return what is kept, in the order of the measures. Raise `FileNotFoundError`."""
    text = RESULTS.read_text(encoding="utf-8")
    read = json.loads(text)
    rows = [row(key, **read["measures"][key]) for key in BY_KEY if key in read["measures"]]
    return rows, Machine(**read["machine"])


def _read() -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return read
