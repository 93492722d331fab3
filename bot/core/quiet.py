"""The hours in which people sleep: what is not urgent waits until they are over."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `begins` to `ends` by the clock of the place, over midnight if `ends` comes first.

    Equal moments mean that there are none.
    """

    begins: time
    ends: time
    zone: tzinfo

    def is_quiet(self, now: datetime) -> bool:
        """Tell whether people are asleep."""
        at = now.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def over_at(self, now: datetime) -> datetime:
        """Return when what is not urgent may go: now, or when the quiet is over."""
        if not self.is_quiet(now):
            return now
        return self._next(self.ends, now)

    def after(self, start: datetime, takes: timedelta) -> datetime:
        """Return when something that takes so long while nobody sleeps is done."""
        at = self.over_at(start)
        if self.begins == self.ends:
            return at + takes
        while True:
            stops_at = self._next(self.begins, at)
            if at + takes <= stops_at:
                return at + takes
            takes -= stops_at - at
            at = self.over_at(stops_at)

    def touches(self, start: datetime, end: datetime) -> bool:
        """Tell whether people are asleep at some moment between the two."""
        if self.begins == self.ends:
            return False
        return self.is_quiet(start) or self._next(self.begins, start) < end

    def _next(self, clock: time, now: datetime) -> datetime:
        """Return the next moment after `now` at which the clock of the place shows `clock`."""
        here = now.astimezone(self.zone)
        moment = datetime.combine(here.date(), clock, tzinfo=self.zone)
        if moment <= here:
            moment = datetime.combine(here.date() + _DAY, clock, tzinfo=self.zone)
        return moment.astimezone(now.tzinfo)


def read_quiet_hours(text: str, zone: tzinfo) -> QuietHours:
    """Return the hours in `22:00-06:00`; `none` means that there are none. Raise `ValueError`."""
    if text.strip().lower() == "none":
        return QuietHours(begins=time(), ends=time(), zone=zone)
    first, mark, last = text.partition("-")
    if not mark:
        raise ValueError("two moments joined by a dash are needed")
    return QuietHours(
        begins=time.fromisoformat(first.strip()), ends=time.fromisoformat(last.strip()), zone=zone
    )
