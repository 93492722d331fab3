"""The `/_stub/...` pages by which another process (a benchmark, curl) plays the users.

JSON in, JSON out; a wrong request gets 400 with a sentence. Faults never touch these pages.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Protocol, TypedDict, cast

from aiohttp import web

from tests.channels.stubs.fault_script import Fault, FaultKind, FaultScript
from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.sent_log import Sent, SentLog, TooFewSent
from tests.channels.stubs.stub_clock import StubClock

PREFIX = "/_stub/"
LONGEST_WAIT_S = 60.0

Order = Mapping[str, object]
Door = Callable[[Order], Awaitable[object]]


class FaultDetails(TypedDict, total=False):
    """What can be said of a fault besides its kind; see `Fault`."""

    method: str | None
    to: str | None
    skip: int
    times: int
    accepted: bool
    delay_s: float
    code: int
    text: str
    retry_after_s: int
    piece_bytes: int
    migrate_to: int


class WrongOrder(Exception):
    """A control request lacks something."""


def word(order: Order, name: str, default: str | None = None) -> str:
    """Return one string or number of an order as a string."""
    value = order.get(name, default)
    if not isinstance(value, str | int | float):
        raise WrongOrder(f"{name} is missing")
    return str(value)


def fault_of(order: Order) -> Fault:
    """Return the fault an order describes."""
    try:
        kind = FaultKind(word(order, "kind"))
        details = {name: value for name, value in order.items() if name != "kind"}
        return Fault(kind=kind, **cast(FaultDetails, details))
    except (TypeError, ValueError) as error:
        raise WrongOrder(str(error)) from error


def shown(sent: Sent) -> dict[str, object]:
    """Return one send as JSON can hold it."""
    return asdict(sent) | {"at": sent.at.isoformat()}


class Control(Protocol):
    """What both stubs have in common behind this door."""

    @property
    def sent(self) -> SentLog: ...

    @property
    def broken_rules(self) -> RuleBook: ...

    @property
    def clock(self) -> StubClock: ...

    @property
    def faults(self) -> FaultScript: ...


class ControlDoor:
    """Answers `/_stub/<name>`; each stub adds its own doors to the common ones."""

    def __init__(self, stub: Control, doors: Mapping[str, Door]) -> None:
        self._stub = stub
        common = {
            "sent": self._sent,
            "broken_rules": self._broken_rules,
            "fail": self._fail,
            "clock": self._clock,
            "reset": self._reset,
        }
        self._doors: dict[str, Door] = {**common, **doors}

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one control request."""
        door = self._doors.get(request.path.removeprefix(PREFIX))
        if door is None:
            return _json({"error": f"doors: {', '.join(sorted(self._doors))}"}, status=404)
        try:
            return _json(await door(await _order_of(request)))
        except (WrongOrder, LookupError, ValueError) as error:
            return _json({"error": str(error)}, status=400)

    async def _sent(self, order: Order) -> object:
        """Return sends from number `after` on; with `count` wait until there are so many."""
        count = int(word(order, "count", "0"))
        if count:
            wait_s = min(float(word(order, "timeout_s", "10")), LONGEST_WAIT_S)
            try:
                await self._stub.sent.wait_for(count, timeout_s=wait_s)
            except TooFewSent as error:
                raise WrongOrder(str(error)) from error
        after = int(word(order, "after", "0"))
        return {
            "count": len(self._stub.sent),
            "sent": [shown(sent) for sent in self._stub.sent[after:]],
        }

    async def _broken_rules(self, order: Order) -> object:
        return [asdict(rule) for rule in self._stub.broken_rules]

    async def _fail(self, order: Order) -> object:
        self._stub.faults.add(fault_of(order))
        return {"ok": True}

    async def _clock(self, order: Order) -> object:
        self._stub.clock.advance(float(word(order, "advance_s", "0")))
        return {"now": self._stub.clock.now().isoformat()}

    async def _reset(self, order: Order) -> object:
        self._stub.sent.clear()
        self._stub.broken_rules.clear()
        self._stub.faults.clear()
        self._stub.faults.release()
        return {"ok": True}


async def _order_of(request: web.Request) -> Order:
    order: dict[str, object] = dict(request.query)
    if request.body_exists:
        body: object = json.loads(await request.read())
        if not isinstance(body, dict):
            raise WrongOrder("a JSON object, please")
        order |= body
    return order


def _json(value: object, *, status: int = 200) -> web.Response:
    return web.json_response(
        value, status=status, dumps=lambda v: json.dumps(v, ensure_ascii=False)
    )


async def serve_until_told_to_stop(url: str) -> None:
    """Print the address and wait for SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    await stopped.wait()
