"""How many requests fit in a sliding window. Knows no platform; the caller brings the time."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most `most` requests in any `seconds`."""

    most: int
    seconds: float


@dataclass(slots=True, kw_only=True)
class PaceMeter:
    """Arrivals of one bot or one chat, held against one or more sliding windows."""

    windows: tuple[Window, ...]
    _arrivals: deque[float] = field(default_factory=deque)

    def wait_s(self, now_s: float, *, count: int = 1) -> float:
        """Return how long until `count` more fit: 0 if they fit now.

        More than a window can hold fit as soon as that window is empty.
        """
        longest_s = max((window.seconds for window in self.windows), default=0.0)
        while self._arrivals and self._arrivals[0] <= now_s - longest_s:
            self._arrivals.popleft()
        wait_s = 0.0
        for window in self.windows:
            left = window.most - min(count, window.most)
            if len(self._arrivals) > left:
                free_at_s = self._arrivals[-left - 1] + window.seconds
                wait_s = max(wait_s, free_at_s - now_s)
        return wait_s

    def count(self, now_s: float, count: int = 1) -> None:
        """Remember `count` requests that were let through."""
        self._arrivals.extend([now_s] * count)
