"""Run every measurement, print the table, keep it in benchmarks/results.json.

`python -m benchmarks webhooks start` runs only those. Exit status 1 if a goal is missed.
"""

import importlib
import json
import platform
import sys
from pathlib import Path

from benchmarks.table import Row, as_json, printed

NAMES = ("pace", "questions", "sending", "start", "webhooks")
RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    names = sys.argv[1:] or list(NAMES)
    if unknown := sorted(set(names) - set(NAMES)):
        print(f"there is no measurement {', '.join(unknown)}; known are {', '.join(NAMES)}")
        return 2
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"benchmarks.{name}").measure()
    print(printed(rows))
    kept = {"python": platform.python_version(), "rows": as_json(rows)}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row.is_reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
