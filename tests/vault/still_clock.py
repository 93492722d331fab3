"""A clock that stands still until it is set."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class StillClock:
    """Shows the same moment until `advance` is called."""

    def __init__(self, moment: datetime = NOON) -> None:
        self._moment = moment
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        return self._moment

    def monotonic(self) -> float:
        return self._elapsed_s

    async def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        self._moment += by
        self._elapsed_s += by.total_seconds()
