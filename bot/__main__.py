"""Starts the command line: `binhyen` and `python -m bot` are the same."""

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

# What shells call it: 128 and the number of the signal.
_INTERRUPTED = 130


def main() -> None:
    """Do what the command line says and end the process with its exit status."""
    sys.unraisablehook = _leave_if_interrupted
    try:
        from bot.cli.entry import run  # noqa: PLC0415 - so that a Ctrl-C while importing is caught

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = _INTERRUPTED
    # All of it is given back with the process; a last look for rubbish takes a tenth of a second.
    gc.freeze()
    sys.exit(status)


def _leave_if_interrupted(met: "UnraisableHookArgs") -> None:
    """End at once if a Ctrl-C met a finalizer: Python would print it there, and go on."""
    if isinstance(met.exc_value, KeyboardInterrupt):
        os._exit(_INTERRUPTED)
    sys.__unraisablehook__(met)


if __name__ == "__main__":
    main()
