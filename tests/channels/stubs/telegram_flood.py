"""How often a bot may write: per bot, chat, group and typing sign; and the ban that follows.

The platform gives no exact numbers: every window can be set, the defaults are the strict reading.
"""

import math
from dataclasses import dataclass
from typing import Final

from tests.channels.stubs.pace_windows import PaceMeter, Window
from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_request import TelegramRefusal

# Requests already on their way when a 429 is answered are not the caller's disobedience.
IN_FLIGHT_GRACE_S: Final = 0.25
# The same size again within this time looks like the same file to the server.
SAME_SIZE_FROM_BYTES: Final = 100_000
SAME_SIZE_S_PER_BYTE: Final = 1e-7
SAME_SIZE_MIN_S: Final = 0.5
SAME_SIZE_WAIT_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FloodLimits:
    """The windows in force. One message a second to a chat, with a short burst tolerated."""

    bot: tuple[Window, ...] = (Window(most=30, seconds=1.0),)
    private: tuple[Window, ...] = (Window(most=2, seconds=1.0), Window(most=4, seconds=3.0))
    group: tuple[Window, ...] = (Window(most=20, seconds=60.0),)
    typing: tuple[Window, ...] = (Window(most=20, seconds=5.0), Window(most=40, seconds=30.0))


NO_LIMITS: Final = FloodLimits(bot=(), private=(), group=(), typing=())
# For a program and this server on one busy machine, by the real clock: whichever stands still for
# a moment lets what was sent evenly arrive together. A second of that is forgiven, no more; the
# strict windows are held against a clock that stands (tests/delivery/test_telegram_pace.py).
BUSY_MACHINE: Final = FloodLimits(
    bot=(Window(most=60, seconds=1.0), Window(most=180, seconds=5.0)),
)


Banned = int | str | None


@dataclass(slots=True, kw_only=True)
class _Ban:
    since_s: float
    until_s: float
    length_s: int


class FloodGate:
    """Lets a request through or says how long to wait."""

    def __init__(self, *, clock: StubClock, book: RuleBook, limits: FloodLimits) -> None:
        self.limits = limits
        self._clock = clock
        self._book = book
        self._bot = PaceMeter(windows=limits.bot)
        self._chats: dict[int, PaceMeter] = {}
        self._typing: dict[int, PaceMeter] = {}
        self._bans: dict[Banned, _Ban] = {}
        self._uploaded_at_s: dict[int, float] = {}

    def ban(self, banned: Banned, *, seconds: int) -> None:
        """Refuse everything to one chat, every send (None) or one method for `seconds`."""
        now_s = self._clock.seconds()
        self._bans[banned] = _Ban(since_s=now_s, until_s=now_s + seconds, length_s=seconds)

    def admit(self, method: str, *, chat_id: int, is_typing: bool = False, count: int = 1) -> None:
        """Let `count` messages pass; TelegramRefusal with retry_after if they come too early."""
        now_s = self._clock.seconds()
        for banned in (None, chat_id):
            self._check_ban(method, banned=banned, now_s=now_s)
        meters: dict[int | None, PaceMeter] = {}
        if is_typing:
            meters[chat_id] = self._meter(self._typing, chat_id, windows=self.limits.typing)
        else:
            windows = self.limits.private if chat_id > 0 else self.limits.group
            meters[None] = self._bot
            meters[chat_id] = self._meter(self._chats, chat_id, windows=windows)
        for whom, meter in meters.items():
            if (wait_s := meter.wait_s(now_s, count=count)) > 0:
                self.ban(whom, seconds=max(1, math.ceil(wait_s)))
                self._book.note(method, "pace", "of the bot" if whom is None else "of one chat")
                raise self.refusal(whom)
        for meter in meters.values():
            meter.count(now_s, count)

    def admit_upload(self, method: str, *, size_bytes: int) -> None:
        """Let a file in; TelegramRefusal if one of just that size came a moment ago."""
        if size_bytes <= SAME_SIZE_FROM_BYTES or not self.limits.bot:
            return
        now_s = self._clock.seconds()
        apart_s = max(size_bytes * SAME_SIZE_S_PER_BYTE, SAME_SIZE_MIN_S)
        last_s = self._uploaded_at_s.get(size_bytes)
        if last_s is not None and now_s < last_s + apart_s:
            self._book.note(method, "pace", "the same file uploaded again")
            raise too_many(SAME_SIZE_WAIT_S)
        self._uploaded_at_s[size_bytes] = now_s

    def admit_call(self, method: str) -> None:
        """Let a call of any method pass; TelegramRefusal if this method is banned."""
        if method in self._bans:
            self._check_ban(method, banned=method, now_s=self._clock.seconds())

    def _check_ban(self, method: str, *, banned: Banned, now_s: float) -> None:
        ban = self._bans.get(banned)
        if ban is None:
            return
        if now_s >= ban.until_s:
            del self._bans[banned]
            return
        if now_s - ban.since_s > IN_FLIGHT_GRACE_S:
            self._book.note(method, "retry_after", f"{ban.until_s - now_s:.2f} s too early")
            ban.since_s, ban.until_s = now_s, now_s + ban.length_s
        raise self.refusal(banned)

    def refusal(self, banned: Banned) -> TelegramRefusal:
        """Return the 429 of a ban in force."""
        left_s = max(1, math.ceil(self._bans[banned].until_s - self._clock.seconds()))
        return too_many(left_s)

    @staticmethod
    def _meter(
        meters: dict[int, PaceMeter], chat_id: int, *, windows: tuple[Window, ...]
    ) -> PaceMeter:
        if chat_id not in meters:
            meters[chat_id] = PaceMeter(windows=windows)
        return meters[chat_id]


def too_many(retry_after_s: int) -> TelegramRefusal:
    """Return a 429 as the server words it."""
    return TelegramRefusal(
        429,
        f"Too Many Requests: retry after {retry_after_s}",
        parameters={"retry_after": retry_after_s},
    )
