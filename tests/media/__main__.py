"""Prints how many files there are, what became of them, and each trace that is left."""

import asyncio
import sys

from tests.media.corpus import corpus
from tests.media.proof import figure, outcomes


def main() -> int:
    cases = corpus()
    done = asyncio.run(outcomes(cases))
    left = [f"{one.case.name}: {trace}" for one in done for trace in one.left]
    wrong = [one.case.name for one in done if (one.refused is None) != one.case.is_cleanable]
    for line in (*left, *(f"{name}: not as expected" for name in wrong)):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{figure(cases)}; {len(left)} traces left.\n")
    return bool(left or wrong)


if __name__ == "__main__":
    sys.exit(main())
