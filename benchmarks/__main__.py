"""Run every measurement, print the table, keep it in benchmarks/results.json.

`python -m benchmarks webhooks start` runs only those and leaves what is kept of the others.
`--quick` runs everything with little of everything, to see that it runs: its figures mean nothing
and are not kept. Exit status 1 if a goal is missed.
"""

import argparse
import importlib
import sys

from benchmarks.machine import this_machine
from benchmarks.measures import PARTS
from benchmarks.results import keep
from benchmarks.table import Row, printed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="only see that it runs")
    words = parser.parse_args()
    if unknown := sorted(set(words.parts) - set(PARTS)):
        parser.error(f"there is no part {', '.join(unknown)}; known are {', '.join(PARTS)}")
    rows: list[Row] = []
    for part in words.parts or PARTS:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"benchmarks.{part}").measure(is_quick=words.quick)
    print(printed(rows))
    if words.quick:
        return 0
    keep(rows, this_machine())
    return 0 if all(row.is_reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
