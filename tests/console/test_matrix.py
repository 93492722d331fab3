"""Every page of the console, asked for by every role, for things of its own unit and of others.

The ids are real ones, from the table of routes: a name in a path that is not declared here fails.
"""

import itertools
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import pytest

from bot.core.hooks import HookEvent
from bot.core.officers import MAY, Officer, Role
from bot.core.units import Unit
from bot.services.announcements.announcing import Wording
from bot.services.hooks.hooks import NewHook
from console.routes import Route
from console.site import ROUTES
from tests.console.browser import Browser
from tests.console.handed_over import asked
from tests.console.rig import Rig
from tests.storage import nouns

_NUMBERS = itertools.count()
HOME: Final = "/console"
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


async def _tip(rig: Rig, unit: Unit) -> str:
    return (await rig.tip("Có người lạ ra vào ban đêm", unit=unit)).id


async def _announcement(rig: Rig, unit: Unit) -> str:
    wording = Wording(unit_id=unit.id, title="Họp tổ", text="Mời bà con họp tổ.")
    return (await rig.services.announcements.write(wording, by=None)).id


async def _unit(_rig: Rig, unit: Unit) -> str:
    return unit.id


async def _channel(rig: Rig, unit: Unit) -> str:
    return await rig.channel("Trang minh họa", unit=unit)


async def _group(rig: Rig, unit: Unit) -> str:
    channel_id = await rig.channel("Trang minh họa", unit=unit)
    group = nouns.group(f"g-{unit.code}", channel_id=channel_id, unit_id=unit.id)
    async with rig.storage.begin() as work:
        await work.groups.save(group)
        await work.commit()
    return group.id


async def _added(rig: Rig, unit: Unit) -> Officer:
    login = f"hoa-{next(_NUMBERS)}"
    await rig.officer(login, Role.MODERATOR, unit=unit)
    async with rig.storage.read() as work:
        officer = await work.officers.by_login(login)
    assert officer is not None
    return officer


async def _officer(rig: Rig, unit: Unit) -> str:
    return (await _added(rig, unit)).id


async def _holder(rig: Rig, unit: Unit) -> str:
    officer = await _added(rig, unit)
    async with rig.storage.read() as work:
        (holder,) = await work.officers.holders_of(officer.id)
    return holder.id


async def _hook(rig: Rig, unit: Unit) -> str:
    new = NewHook(
        unit_id=unit.id,
        url="https://may-chu.example/nhan",
        events=frozenset({HookEvent.TIP_RECEIVED}),
    )
    return (await rig.services.hooks.add(new, by=None)).hook.id


async def _handover(rig: Rig, unit: Unit) -> str:
    return await asked(rig, unit, f"chat-{next(_NUMBERS)}")


Make = Callable[[Rig, Unit], Awaitable[str]]
# What each name in a path stands for.
MAKES: Final[Mapping[str, Make]] = {
    "tip_id": _tip,
    "announcement_id": _announcement,
    "unit_id": _unit,
    "channel_id": _channel,
    "group_id": _group,
    "officer_id": _officer,
    "holder_id": _holder,
    "hook_id": _hook,
    "handover_id": _handover,
}
# What belongs to no unit, with where its own tests are.
NO_UNIT: Final[Mapping[str, str]] = {
    "name": "style sheets are open to all",
    "token": "secret by itself; test_setting_up, test_keys_journey",
    "grant_id": "an account being connected; test_connecting",
    "chat_id": "the officer's own chat; test_looks",
    "address_id": "the officer's own address; test_own_mail",
    "token_id": "somebody's own; test_api_tokens",
    "row_id": "a message nobody could handle; test_house_keeping",
    "key": "a number to call back; test_house_keeping",
    "channel": "what a plan shows of an announcement; test_sending",
    "topic_key": "answers serve every unit; test_answers",
    "answer_key": "answers serve every unit; test_answers",
    "fact_key": "facts serve every unit; test_answers",
    "draft_id": "somebody's own; test_answers",
    "revision": "answers serve every unit; test_answers",
    "case": "what a plan shows of an announcement; test_sending",
}
# Forms that name something else which is not there, and a picture that was never added.
MISSING_ANYWAY: Final = frozenset(
    {"POST /tin-bao/{tip_id}/don-vi", "GET /thong-bao/{announcement_id}/kem"}
)
# Answers that never end, or are no text.
NOT_READ: Final = frozenset(
    {"GET /thong-bao/{announcement_id}/dong", "GET /thong-bao/{announcement_id}/ket-qua.xlsx"}
)
OPEN: Final = [route for route in ROUTES if _PLACEHOLDER.search(route.path)]
TRIED: Final = [route for route in OPEN if set(_PLACEHOLDER.findall(route.path)) <= MAKES.keys()]


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody signed in, who knows the id of whatever there is."""

    rig: Rig
    browser: Browser
    csrf: str

    async def status(self, route: Route, unit: Unit) -> int:
        """Ask for a page about a thing of the unit's."""
        path = HOME + route.path
        for name in _PLACEHOLDER.findall(route.path):
            path = path.replace(f"{{{name}}}", await MAKES[name](self.rig, unit))
        if route.method == "GET":
            return (await self.browser.get(path)).status
        return (await self.browser.post(path, {"csrf": self.csrf})).status


def test_every_name_in_a_path_is_declared() -> None:
    names = {name for route in OPEN for name in _PLACEHOLDER.findall(route.path)}
    assert names == MAKES.keys() | NO_UNIT.keys()
    assert {_name(route) for route in TRIED} >= MISSING_ANYWAY | NOT_READ


@pytest.mark.parametrize("role", Role)
async def test_a_role_reaches_what_is_of_its_units_and_nothing_beside_or_above(
    rig: Rig, role: Role
) -> None:
    own, beside = await rig.unit("to-1", "Tổ 1 Bịa"), await rig.unit("to-2", "Tổ 2 Bịa")
    await rig.officer("lan", role, unit=own)
    wrong: list[tuple[str, str, int]] = []
    async with rig.signed_in("lan") as browser:
        csrf = (await browser.get(HOME)).csrf
        visitor = Visitor(rig=rig, browser=browser, csrf=csrf)
        for route in TRIED:
            may = route.needs in MAY[role]
            for unit in (beside, rig.commune):
                status = await visitor.status(route, unit)
                if status != (HTTPStatus.NOT_FOUND if may else HTTPStatus.FORBIDDEN):
                    wrong.append((_name(route), unit.name, status))
            if _name(route) in NOT_READ:
                continue
            status = await visitor.status(route, own)
            is_missing = status == HTTPStatus.NOT_FOUND
            is_right = (
                is_missing == (_name(route) in MISSING_ANYWAY)
                and status != HTTPStatus.FORBIDDEN
                and status < HTTPStatus.INTERNAL_SERVER_ERROR
                if may
                else status == HTTPStatus.FORBIDDEN
            )
            if not is_right:
                wrong.append((_name(route), own.name, status))
    assert wrong == []
