"""Patience asked of whoever sends many tips, and a small task when very many come for one unit.

Nobody is locked out and nothing is dropped unsaid: a sender waits, a crowd solves a small task.
What is urgent does neither. Lives in the memory of one process, so several processes allow more;
senders are known by a keyed hash whose key is made anew each day and written nowhere.
"""

import hashlib
import math
from collections import OrderedDict, deque
from datetime import date, timedelta
from typing import Final

from bot.core.ids import ConversationKey, UnitId
from bot.core.time import Chance, Clock

# Tips of one sender, and within how long.
_PATIENCE: Final = ((5, timedelta(hours=1)), (15, timedelta(days=1)))
# Tips for one unit within ten minutes, after which a task is set.
FLOOD: Final = 60
_FLOOD_WITHIN: Final = timedelta(minutes=10)
_MOST_SENDERS: Final = 10_000


class TipLimits:
    """Counts tips as they are sent."""

    def __init__(self, *, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._day: date | None = None
        self._key = b""
        self._senders: OrderedDict[bytes, deque[float]] = OrderedDict()
        self._units: dict[UnitId, deque[float]] = {}

    def wait_s(self, sender: ConversationKey) -> int:
        """Return 0, or the whole seconds until this sender may send the next tip."""
        sent = self._senders.get(self._name(sender))
        if not sent:
            return 0
        now = self._clock.monotonic()
        waits = [
            sent[-most] + within.total_seconds() - now
            for most, within in _PATIENCE
            if len(sent) >= most
        ]
        return max(0, math.ceil(max(waits, default=0.0)))

    def sent(self, sender: ConversationKey) -> None:
        """Count a tip of this sender."""
        name = self._name(sender)
        most = max(most for most, _ in _PATIENCE)
        self._senders.setdefault(name, deque(maxlen=most)).append(self._clock.monotonic())
        self._senders.move_to_end(name)
        if len(self._senders) > _MOST_SENDERS:
            self._senders.popitem(last=False)

    def arrived(self, unit_id: UnitId) -> None:
        """Count a tip for this unit, however it was sent."""
        self._units.setdefault(unit_id, deque(maxlen=FLOOD)).append(self._clock.monotonic())

    def is_flooded(self, unit_id: UnitId) -> bool:
        """Tell whether so many tips came for this unit that a small task is set before the next.

        For everybody alike: who stands behind one address or app is not asked.
        """
        came = self._units.get(unit_id)
        if came is None or len(came) < FLOOD:
            return False
        return self._clock.monotonic() - came[0] < _FLOOD_WITHIN.total_seconds()

    def is_flooded_anywhere(self) -> bool:
        """Tell whether any unit is flooded."""
        return any(self.is_flooded(unit_id) for unit_id in self._units)

    def asks_task(self, unit_id: UnitId, *, about_officer: bool) -> bool:
        """Tell whether a small task stands before a tip told to this unit.

        One about an officer is counted for the inspectorate, which is not known to who asks.
        """
        return self.is_flooded_anywhere() if about_officer else self.is_flooded(unit_id)

    def _name(self, sender: ConversationKey) -> bytes:
        today = self._clock.now().date()
        if today != self._day:
            self._day, self._key = today, self._chance.token(32)
            self._senders.clear()
        return hashlib.blake2b(sender.encode(), key=self._key, digest_size=16).digest()
