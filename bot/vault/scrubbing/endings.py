"""How the program apart may end. Both sides import this, so it imports nothing itself."""

from enum import IntEnum


class Ending(IntEnum):
    """The exit status. Whatever else a process ends with counts as `BROKEN`."""

    CLEANED = 0
    BROKEN = 3
    TOO_MANY_POINTS = 4
    UNKNOWN_FORMAT = 5
    TOO_BIG = 6


class Unfit(Exception):
    """The file is not cleaned; `ending` says why."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.name)
        self.ending = ending
