"""A limit that asks for a moment's patience and never locks anybody out.

Many people stand behind one address, so running into the limit costs seconds, not minutes.
Lives in memory and knows its guests only by a keyed hash whose key dies with the process.
"""

import hashlib
import math
from collections import OrderedDict
from typing import Final

from bot.core.time import Chance, Clock

_MOST_GUESTS: Final = 10_000


class SoftLimit:
    """Lets `burst` through at once, then one every `every_s` seconds, for each guest."""

    def __init__(self, *, burst: int, every_s: float, clock: Clock, chance: Chance) -> None:
        self._burst = burst
        self._every_s = every_s
        self._clock = clock
        self._key = chance.token(32)
        # For each guest, the moment at which the whole burst will be free again.
        self._free_at: OrderedDict[bytes, float] = OrderedDict()

    def wait_s(self, guest: str) -> int:
        """Return 0 and count one use, or the whole seconds to wait before the next one."""
        name = hashlib.blake2b(guest.encode(), key=self._key, digest_size=16).digest()
        now = self._clock.monotonic()
        free_at = max(self._free_at.get(name, now), now)
        ahead_s = free_at - now - (self._burst - 1) * self._every_s
        if ahead_s > 0:
            return max(1, math.ceil(ahead_s))
        self._free_at[name] = free_at + self._every_s
        self._free_at.move_to_end(name)
        if len(self._free_at) > _MOST_GUESTS:
            self._free_at.popitem(last=False)
        return 0
