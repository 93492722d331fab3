"""Starts the command line: `binhyen` and `python -m bot` are the same."""

import sys


def main() -> None:
    """Do what the command line says and end the process with its exit status."""
    from bot.cli.entry import run  # noqa: PLC0415 - so that a Ctrl-C while importing is caught

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
