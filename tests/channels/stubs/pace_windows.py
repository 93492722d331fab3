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

    def wait_s(self, now_s: float) -> float:
        """Return how long until one more request fits: 0 if it fits now."""
        longest_s = max((window.seconds for window in self.windows), default=0.0)
        while self._arrivals and self._arrivals[0] <= now_s - longest_s:
            self._arrivals.popleft()
        wait_s = 0.0
        for window in self.windows:
            if len(self._arrivals) >= window.most:
                free_at_s = self._arrivals[-window.most] + window.seconds
                wait_s = max(wait_s, free_at_s - now_s)
        return wait_s

    def count(self, now_s: float) -> None:
        """Remember one request that was let through."""
        self._arrivals.append(now_s)
