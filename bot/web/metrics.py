"""What happens, counted for Prometheus. Every name begins with `binhyen_`.

Labels are bounded: whatever would grow without end is counted as "other", and no label can
name a person because callers pass none.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.web.addresses import address_of

log = logging.getLogger(__name__)

_PREFIX: Final = "binhyen_"
_MOST_VALUES: Final = 40
_OTHER: Final = "other"
_BUCKETS_S: Final = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# A proxy on this machine connects from loopback too; with one of these it is not a local look.
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")

Reading = Callable[[], Awaitable[float]]


class PrometheusMeter:
    """Fits `bot.core.metering.Meter` and keeps everything in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(namespace="binhyen", registry=self.registry)
        self._counters: dict[str, tuple[Counter, _Labels]] = {}
        # What is counted at every webhook is found again without the library's own look-up.
        self._quick: dict[tuple[object, ...], Counter] = {}
        self._durations: dict[str, tuple[Histogram, _Labels]] = {}
        self._gauges: list[tuple[Gauge, Reading]] = []

    def count(self, name: str, by: int = 1, **labels: str) -> None:
        """Add to the counter `binhyen_<name>_total`. The first call fixes the label names."""
        quick = self._quick.get((name, *labels.items()))
        if quick is not None:
            quick.inc(by)
            return
        if name not in self._counters:
            counter = Counter(_PREFIX + name, name, sorted(labels), registry=self.registry)
            self._counters[name] = counter, _Labels(labels)
        counter, bounded = self._counters[name]
        values = bounded.of(labels)
        child = counter.labels(**values) if bounded.names else counter
        if _OTHER not in values.values():
            self._quick[name, *labels.items()] = child
        child.inc(by)

    def took(self, name: str, seconds: float, **labels: str) -> None:
        """Note a duration in the histogram `binhyen_<name>_seconds`."""
        if name not in self._durations:
            histogram = Histogram(
                f"{_PREFIX}{name}_seconds",
                name,
                sorted(labels),
                buckets=_BUCKETS_S,
                registry=self.registry,
            )
            self._durations[name] = histogram, _Labels(labels)
        histogram, bounded = self._durations[name]
        (histogram.labels(**bounded.of(labels)) if bounded.names else histogram).observe(seconds)

    def gauge(self, name: str, what: str, read: Reading) -> None:
        """Show as `binhyen_<name>` what `read` returns at the time of the look."""
        self._gauges.append((Gauge(_PREFIX + name, what, registry=self.registry), read))

    async def text(self) -> bytes:
        """Return everything in Prometheus' text form."""
        for gauge, read in self._gauges:
            try:
                gauge.set(await read())
            except Exception:
                # A number that cannot be read must not hide the others.
                log.exception("metrics.gauge_failed")
                gauge.set(float("nan"))
        return generate_latest(self.registry)


class _Labels:
    """The label names of one metric, and the values seen so far."""

    def __init__(self, first: dict[str, str]) -> None:
        self.names = tuple(sorted(first))
        self._seen: dict[str, set[str]] = {name: set() for name in first}

    def of(self, labels: dict[str, str]) -> dict[str, str]:
        return {name: self._bounded(name, labels.get(name, "")) for name in self.names}

    def _bounded(self, name: str, value: str) -> str:
        seen = self._seen[name]
        if value not in seen:
            if len(seen) >= _MOST_VALUES:
                return _OTHER
            seen.add(value)
        return value


class MetricsPage:
    """Answers /metrics for who holds the token, or without one for this machine only."""

    def __init__(self, meter: PrometheusMeter, *, token: str) -> None:
        self._meter = meter
        self._token = token

    async def show(self, request: web.Request) -> web.Response:
        """Answer in Prometheus' text form, or 401/403 to strangers."""
        if self._token:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            # Header bytes that are no UTF-8 arrive as surrogates.
            typed = given.encode(errors="surrogateescape")
            if not hmac.compare_digest(typed, self._token.encode()):
                raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        elif not _is_local(request):
            raise web.HTTPForbidden
        return web.Response(
            body=await self._meter.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        )

    def routes(self) -> list[web.RouteDef]:
        """Return the route of metrics."""
        return [web.get("/metrics", self.show)]


def _is_local(request: web.Request) -> bool:
    if any(name in request.headers for name in _FORWARDED):
        return False
    address = address_of(request, ())
    return address is not None and address.is_loopback
