"""Requests per minute of the app and of each OA, counted by the minute of the platform's clock."""

from collections import Counter, deque
from datetime import datetime, timedelta
from typing import Final

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.zalo_accounts import ZaloApp, ZaloOa
from tests.channels.stubs.zalo_answers import ZaloRefusal
from tests.channels.stubs.zalo_errors import APP_LIMIT_TEXT, OA_LIMIT_TEXT

MINUTE: Final = timedelta(seconds=60)
_OF_APP: Final = ""


class ZaloLimits:
    """Counts requests; the tighter of the two limits is the one told in the headers."""

    def __init__(self, *, app: ZaloApp, book: RuleBook) -> None:
        self._app = app
        self._book = book
        self._minute: datetime | None = None
        self._by_oa: Counter[str] = Counter()
        self._lately: dict[str, deque[datetime]] = {}
        self._busiest: Counter[str] = Counter()

    def headers(self, oa: ZaloOa | None) -> dict[str, str]:
        """Return the rate headers of one answer; none where no limit is set."""
        oa_limit, oa_used = (oa.limit_per_minute, self._by_oa[oa.oa_id]) if oa else (None, 0)
        limits = [
            (limit - used, limit)
            for limit, used in (
                (self._app.limit_per_minute, self._by_oa.total()),
                (oa_limit, oa_used),
            )
            if limit is not None
        ]
        if not limits:
            return {}
        remain, limit = min(limits)
        return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remain": str(max(remain, 0))}

    def count(self, oa: ZaloOa, *, method: str, now: datetime) -> None:
        """Count one request; ZaloRefusal -32 if the minute is full."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._by_oa.clear()
        if _is_full(self._app.limit_per_minute, used=self._by_oa.total()):
            self._book.note(method, "pace of the app")
            raise ZaloRefusal(-32, APP_LIMIT_TEXT)
        if _is_full(oa.limit_per_minute, used=self._by_oa[oa.oa_id]):
            self._book.note(method, "pace of the OA")
            raise ZaloRefusal(-32, OA_LIMIT_TEXT)
        self._by_oa[oa.oa_id] += 1
        for name in (_OF_APP, oa.oa_id):
            lately = self._lately.setdefault(name, deque())
            lately.append(now)
            while now - lately[0] >= MINUTE:
                lately.popleft()
            self._busiest[name] = max(self._busiest[name], len(lately))

    def busiest_minute(self, oa: ZaloOa | None = None) -> int:
        """Return the most requests let through in any sixty seconds, of one OA or of the app."""
        return self._busiest[_OF_APP if oa is None else oa.oa_id]


def _is_full(limit: int | None, *, used: int) -> bool:
    return limit is not None and used >= limit
