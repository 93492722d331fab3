"""Every use case about keys, accounts, papers, inspectorates, the chain and numbers of tips,
asked for by every role, about the own unit, one below, one beside and one above.

One table says which act a role must be given, and what the audit chain says afterwards; who may
is worked out from it. A public method that stands in no table fails.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import KeyHolderId, OfficerId
from bot.core.officers import Officer, Role
from bot.core.tips import Report, TipCategory
from bot.core.units import Unit
from bot.services.audit_view import Asked, AuditView
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.officers import Officers
from bot.services.officers.own_account import OwnAccount
from bot.services.officers.recovery import Recovery
from bot.services.officers.setting_up import SettingUp
from bot.services.officers.sign_ins import SignIns
from bot.services.officers.staff import Staff
from bot.services.tips.assisted import AssistedEntry
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.key_care import KeyCare
from bot.services.tips.reading.queue import Queue
from bot.services.tips.reading.statistics import Half, TipStatistics
from bot.services.units.inspectorates import Inspectorates
from bot.vault.paper import Paper
from tests.builders.routing import ZONE
from tests.builders.town import PASSWORD, Town
from tests.console.viewing import audit_view_of
from tests.tip_builder import assisted_of

REPORT: Final = Report(category=TipCategory.DRUGS, what="Nhà cuối ngõ có người lạ ra vào.")


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Somebody, and a unit with an officer in it whom they ask about."""

    town: Town
    reader: Reader
    unit: Unit
    about: OfficerId
    holder: KeyHolderId
    paper: Sequence[str]

    @property
    def by(self) -> Officer:
        return self.reader.officer

    @property
    def staff(self) -> Staff:
        return self.town.officer_services.staff

    @property
    def recovery(self) -> Recovery:
        return self.town.officer_services.recovery

    @property
    def auditing(self) -> AuditView:
        return audit_view_of(self.town.storage, self.town.audit, self.town.vault, ZONE)

    @property
    def assisted(self) -> AssistedEntry:
        town = self.town
        return assisted_of(
            town.storage, town.vault, audit=town.audit, clock=town.clock, chance=town.chance
        )


@dataclass(frozen=True, kw_only=True)
class UseCase:
    """Something that may be asked: by roles that are given `act`, about units in sight.

    `reaches`: "unit" is the unit asked about, "commune" the one that keeps the recovery key,
    "" nothing but the officer's own. `told` is what the chain says afterwards, or nothing for
    what `UNTOLD` gives a reason for.
    """

    act: str
    reaches: str
    told: str
    asks: Callable[[Asking], Awaitable[object]]


def _new(unit: Unit) -> NewOfficer:
    return NewOfficer(
        login="moi",
        name="Cán Bộ Mới",
        password=PASSWORD,
        unit_id=unit.id,
        roles=frozenset({Role.ADMIN}),
    )


async def _exchanged(asking: Asking) -> object:
    new = asking.recovery.new_paper()
    return await asking.recovery.exchange([new.whole], by=asking.by, old_sheets=asking.paper)


HALF: Final = Half(year=2026, number=1)
# In this order: what ends an account comes last.
USE_CASES: Final[Mapping[str, UseCase]] = {
    "Officers.add": UseCase(
        act="administer",
        reaches="unit",
        told="officer.add",
        asks=lambda a: a.town.officers.add(_new(a.unit), by=a.by),
    ),
    "Staff.one": UseCase(
        act="administer", reaches="unit", told="", asks=lambda a: a.staff.one(a.about, by=a.by)
    ),
    "Staff.link": UseCase(
        act="administer",
        reaches="unit",
        told="officer.link",
        asks=lambda a: a.staff.link(a.about, by=a.by),
    ),
    "Recovery.holders": UseCase(
        act="administer", reaches="commune", told="", asks=lambda a: a.recovery.holders(by=a.by)
    ),
    "Recovery.check": UseCase(
        act="administer",
        reaches="commune",
        told="recovery.check",
        asks=lambda a: a.recovery.check(a.paper, by=a.by),
    ),
    "Recovery.split": UseCase(
        act="administer",
        reaches="commune",
        told="recovery.split",
        asks=lambda a: a.recovery.split(a.paper, by=a.by),
    ),
    "Recovery.give": UseCase(
        act="administer",
        reaches="commune",
        told="recovery.use",
        asks=lambda a: a.recovery.give(a.paper, a.about, by=a.by),
    ),
    "AssistedEntry.enter": UseCase(
        act="moderate",
        reaches="unit",
        told="tip.enter",
        asks=lambda a: a.assisted.enter(REPORT, a.unit, by=a.by),
    ),
    "KeyCare.give": UseCase(
        act="moderate",
        reaches="unit",
        told="key.give",
        asks=lambda a: a.town.officer_services.key_care.give(a.holder, a.reader, most=10),
    ),
    "Inspectorates.name": UseCase(
        act="administer",
        reaches="unit",
        told="unit.inspectorate",
        asks=lambda a: Inspectorates(storage=a.town.storage, audit=a.town.audit).name(
            a.unit.id, None, by=a.by
        ),
    ),
    "TipStatistics.table": UseCase(
        act="moderate",
        reaches="",
        told="tip.statistics",
        asks=lambda a: a.town.reading.statistics.table(a.by, HALF),
    ),
    "AuditView.page": UseCase(
        act="audit",
        reaches="",
        told="audit.read",
        asks=lambda a: a.auditing.page(a.by, Asked(), before=None),
    ),
    "AuditView.verify": UseCase(
        act="audit", reaches="", told="audit.verify", asks=lambda a: a.auditing.verify(a.by)
    ),
    "Queue.page": UseCase(
        act="moderate",
        reaches="",
        told="tip.list",
        asks=lambda a: a.town.reading.queue.page(a.by),
    ),
    "Queue.tips": UseCase(
        act="moderate",
        reaches="",
        told="tip.list",
        asks=lambda a: a.town.reading.queue.tips(a.by),
    ),
    "Queue.counts": UseCase(
        act="moderate", reaches="", told="", asks=lambda a: a.town.reading.queue.counts(a.by)
    ),
    "Queue.save": UseCase(
        act="moderate",
        reaches="",
        told="tip.filter",
        asks=lambda a: a.town.reading.queue.save(a.by, "mới", "state=new"),
    ),
    "Queue.saved": UseCase(
        act="moderate", reaches="", told="", asks=lambda a: a.town.reading.queue.saved(a.by)
    ),
    "Queue.forget": UseCase(
        act="moderate",
        reaches="",
        told="tip.filter",
        asks=lambda a: a.town.reading.queue.forget(a.by, "mới"),
    ),
    "Recovery.exchange": UseCase(
        act="administer", reaches="commune", told="recovery.exchange", asks=_exchanged
    ),
    "Staff.set_roles": UseCase(
        act="administer",
        reaches="unit",
        told="officer.roles",
        asks=lambda a: a.staff.set_roles(a.about, frozenset({Role.VIEWER}), by=a.by),
    ),
    "Staff.leave": UseCase(
        act="administer",
        reaches="unit",
        told="officer.leave",
        asks=lambda a: a.staff.leave(a.about, by=a.by),
    ),
}
UNTOLD: Final[Mapping[str, str]] = {
    "Staff.one": "an account, and no tip",
    "Recovery.holders": "public keys",
    "Queue.counts": "numbers, which every page of the queue shows and tells of",
    "Queue.saved": "the officer's own words",
}
# What asks for no role, with what stands in its place.
NO_ROLE: Final[Mapping[str, str]] = {
    "Officers.all": "callers name the units; the console its own",
    "Officers.keep": "a part of `add` and of set-up",
    "Staff.linked": "the secret of the link",
    "Staff.use_link": "the secret of the link",
    "Recovery.checked_at": "a day",
    "Recovery.can_read": "tells nothing but that a paper was typed rightly",
    "Recovery.new_paper": "a key that opens nothing yet",
    "KeyCare.hand_over": "a part of `give` and of `Recovery.give`: the private key in hand",
    "KeyCare.lines": "counts of the own units; tested below",
    "Queue.metadata": "the command line, for whoever has the machine",
    "OwnAccount.change_password": "the own password",
    "OwnAccount.rotate": "the own password",
    "SettingUp.ensure_recovery": "the start of the program",
    "SettingUp.is_done": "yes or no",
    "SettingUp.recovery_key": "the secret of the set-up link",
    "SettingUp.check_paper": "the secret of the set-up link",
    "SettingUp.finish": "the secret of the set-up link",
    "SettingUp.open_founding": "the start of the program",
    "SignIns.sign_in": "the own password",
    "SignIns.session": "the cookie",
    "SignIns.is_still": "the session",
    "SignIns.reader": "the session",
    "SignIns.fingerprint": "the session",
    "SignIns.sign_out": "the cookie",
    "SignIns.forget_old": "the clock",
}
SERVICES: Final[Sequence[type]] = (
    *(AssistedEntry, AuditView, Inspectorates, KeyCare, Officers, OwnAccount, Queue, Recovery),
    *(SettingUp, SignIns, Staff, TipStatistics),
)
# What every role is trusted with, told once more and not read from the program.
GIVEN: Final[Mapping[Role, frozenset[str]]] = {
    Role.ADMIN: frozenset({"administer", "audit"}),
    Role.ANNOUNCER: frozenset(),
    Role.APPROVER: frozenset(),
    Role.MODERATOR: frozenset({"moderate"}),
    Role.VIEWER: frozenset(),
    Role.AUDITOR: frozenset({"audit"}),
}
WHERE: Final = ("own", "below", "beside", "above")


def test_every_use_case_is_declared() -> None:
    found = {
        f"{service.__name__}.{name}"
        for service in SERVICES
        for name, _ in inspect.getmembers(service, inspect.isfunction)
        if not name.startswith("_")
    }
    assert found == USE_CASES.keys() | NO_ROLE.keys()
    assert {name for name, one in USE_CASES.items() if not one.told} == UNTOLD.keys()
    assert GIVEN.keys() == set(Role)


def _may(role: Role, where: str, use_case: UseCase) -> bool:
    """Tell whether somebody may, from the table alone."""
    reached = {
        "": True,
        "unit": where in {"own", "below"},
        # Only who asks about a unit below sits in the commune.
        "commune": where == "below",
    }
    return use_case.act in GIVEN[role] and reached[use_case.reaches]


async def _asker(town: Town, role: Role, where: str) -> Reader:
    """Return somebody with one role, and a key whatever the role."""
    asker = await town.moderator("hoi", town.commune if where == "below" else town.hamlet)
    by = replace(asker.officer, roles=frozenset({role}))
    async with town.storage.begin() as work:
        await work.officers.save(by)
        await work.commit()
    return replace(asker, officer=by)


async def _set_up(town: Town) -> list[str]:
    """Finish set-up, after which nobody is given older tips by themselves; return the paper."""
    await town.founded()
    setup = town.vault.setup
    paper, token = Paper().whole(setup.pair.private), setup.token
    await town.setting_up.finish(token, replace(_new(town.commune), login="dau"))
    return [paper]


async def _asking(
    town: Town, reader: Reader, where: str, login: str, *, paper: Sequence[str]
) -> Asking:
    """Return the asking about somebody new, who has a key."""
    unit = {"beside": town.elsewhere, "above": town.commune}.get(where, town.hamlet)
    new = NewOfficer(
        login=login,
        name="Cán Bộ Bịa",
        password=PASSWORD,
        unit_id=unit.id,
        roles=frozenset({Role.MODERATOR}),
    )
    about = (await town.officers.add(new, by="test")).id
    async with town.storage.read() as work:
        (holder,) = await work.officers.holders_of(about)
    return Asking(town=town, reader=reader, unit=unit, about=about, holder=holder.id, paper=paper)


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("role", Role)
async def test_whoever_may_does_and_nobody_else_learns_that_it_is_there(
    town: Town, role: Role, where: str
) -> None:
    paper = await _set_up(town)
    asker = await _asker(town, role, where)
    wrong, untold = [], []
    for number, (name, use_case) in enumerate(USE_CASES.items()):
        asking = await _asking(town, asker, where, f"duoc-hoi-{number}", paper=paper)
        before = await _told(town, asking.by)
        is_let = await _is_let(use_case, asking)
        told = (await _told(town, asking.by))[len(before) :]
        if is_let != _may(role, where, use_case):
            wrong.append(name)
        if is_let and use_case.told and use_case.told not in told:
            untold.append((name, told))
        if not is_let and told:
            untold.append((name, told))
    assert wrong == []
    assert untold == []


async def _is_let(use_case: UseCase, asking: Asking) -> bool:
    """Tell whether somebody is let through; a rule that is broken further in is for others."""
    try:
        await use_case.asks(asking)
    except NotFound:
        return False
    except RuleBroken as broken:
        raise AssertionError(broken.key) from broken
    return True


async def _told(town: Town, by: Officer) -> list[str]:
    """Return what the chain says of somebody, oldest first."""
    newest = await town.audit.newest(limit=500)
    return [one.record.act for one in reversed(newest) if one.record.actor == by.id]


async def test_nobody_is_shown_a_key_of_another_unit(town: Town) -> None:
    await town.founded()
    seen = {}
    for unit in (town.commune, town.hamlet, town.elsewhere):
        await town.moderator(f"o-{unit.code}", unit)
    for officer in await town.officers.all():
        lines = await town.officer_services.key_care.lines(officer)
        seen[officer.unit_id] = {line.holder.unit_id for line in lines}
    assert seen == {
        town.commune.id: {town.commune.id, town.hamlet.id, town.elsewhere.id},
        town.hamlet.id: {town.hamlet.id},
        town.elsewhere.id: {town.elsewhere.id},
    }
