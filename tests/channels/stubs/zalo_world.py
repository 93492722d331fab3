"""What every call of the OA API works on, and the shape of its answer. Holds no rules of calls."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar, cast

from aiohttp import web

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.sent_log import SentLog
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import ZaloApp, ZaloIds, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_answers import ZaloRefusal, too_much, wrong
from tests.channels.stubs.zalo_events import Event
from tests.channels.stubs.zalo_groups import GroupManners, ZaloGroup
from tests.channels.stubs.zalo_history import ZaloHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """What goes back; `echoes` of a send follow the stub's timing, `news` are always told."""

    body: dict[str, object]
    headers: dict[str, str] = field(default_factory=dict)
    echoes: tuple[Event, ...] = ()
    news: tuple[Event, ...] = ()


Row = TypeVar("Row")


class Place(StrEnum):
    """Where a message goes."""

    PERSON = "person"
    GROUP = "group"
    VISITOR = "visitor"


@dataclass(slots=True, kw_only=True)
class SendManners:
    """What is not sure about sending; the defaults are what the pages make likely.

    `quotes_refused_in`: places where `quote_message_id` gets a -201.
    `buttons_refused_with`: the code every message with buttons gets, -201 or -233.
    `echo_has_another_id`: the echo's `msg_id` is not the `message_id` that was answered.
    `sends_receipts`, `sends_seen_marks`: phones tell of what came and what was looked at.
    `promotions_are_open`: the promotion and transaction calls are not withdrawn yet.
    """

    quotes_refused_in: frozenset[Place] = frozenset()
    buttons_refused_with: int | None = None
    echo_has_another_id: bool = False
    sends_receipts: bool = False
    sends_seen_marks: bool = False
    promotions_are_open: bool = False


Call = Callable[[web.Request, ZaloOa], Awaitable[ApiAnswer]]
Calls = Mapping[str, tuple[str, Call]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloWorld:
    """Everything that is there, shared by the calls and by the people."""

    app: ZaloApp
    clock: StubClock
    ids: ZaloIds
    sent: SentLog
    book: RuleBook
    sending: SendManners = field(default_factory=SendManners)
    groups: GroupManners = field(default_factory=GroupManners)
    history: ZaloHistory = field(default_factory=ZaloHistory)

    def person(self, oa: ZaloOa, user_id: str) -> ZaloPerson:
        """Return a person of the OA; -201 if there is none, except in an open house."""
        if user_id not in oa.people:
            if not self.app.is_open_house:
                raise ZaloRefusal(-201, "user_id is invalid")
            oa.people[user_id] = ZaloPerson(
                user_id=user_id,
                user_id_by_app=self.ids.number(),
                name="Người Thử",
                last_interaction_at=self.clock.now(),
            )
        return oa.people[user_id]

    def group(self, oa: ZaloOa, group_id: str) -> ZaloGroup:
        """Return a group the OA is in; -403 if it is not."""
        group = oa.groups.get(group_id)
        if group is None or not group.is_oa_in:
            raise ZaloRefusal(-403, "OA is not in this group")
        return group


async def json_body(request: web.Request) -> Mapping[str, object]:
    """Return the object a POST carries; -201 if it is anything else."""
    if request.content_type != "application/json":
        raise wrong("body is invalid", rule="the body is JSON")
    try:
        body: object = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise wrong("body is invalid", rule="the body is a JSON object")
    return cast(Mapping[str, object], body)


def json_query(request: web.Request) -> Mapping[str, object]:
    """Return the JSON object in the query parameter `data`; -201 for any other form."""
    try:
        asked: object = json.loads(request.query.get("data", ""))
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or set(request.query) != {"data"}:
        raise wrong("data is invalid", rule="query data holds JSON")
    return cast(Mapping[str, object], asked)


def plain_query(request: web.Request, *names: str) -> Mapping[str, object]:
    """Return plain query parameters, numbers as numbers; -201 for parameters that are not there.

    The GET calls of groups are asked this way, unlike all others.
    """
    unknown = set(request.query) - set(names)
    if unknown:
        name = min(unknown)
        raise wrong(f"{name} is invalid", rule="parameters of their own, not in data")
    return {
        name: int(value) if name in {"offset", "count"} and value.isdecimal() else value
        for name, value in request.query.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which part of a list was asked for."""

    offset: int
    count: int

    def of(self, rows: Sequence[Row]) -> list[Row]:
        """Return that part."""
        return list(rows[self.offset : self.offset + self.count])


def slice_of(
    asked: Mapping[str, object],
    *,
    most: int,
    usual: int | None = None,
    last_offset: int | None = None,
) -> Slice:
    """Return the part asked for; -201 if it is no number, -210 above what one call may have."""
    offset, count = asked.get("offset", 0), asked.get("count", usual)
    for name, value in (("offset", offset), ("count", count)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise wrong(f"{name} is invalid", rule=f"{name} is a number")
    offset, count = cast(int, offset), cast(int, count)
    if count > most:
        raise too_much(f"count is greater than {most}", rule=f"count at most {most}")
    if last_offset is not None and offset > last_offset:
        raise too_much(
            f"offset is greater than {last_offset}", rule=f"offset at most {last_offset}"
        )
    return Slice(offset=offset, count=count)
