"""Whom an administrator may touch: officers of the own unit and those below. No others exist."""

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import OfficerId, UnitId
from bot.core.officers import Act, Officer
from bot.core.storage import Work
from bot.core.units import below, path_up

# Who asks: an officer, or a fixed word for whoever has the machine in their hands.
By = Officer | str


def name_of(by: By) -> OfficerId | str:
    """Return what the audit chain calls who asks."""
    return by.id if isinstance(by, Officer) else by


async def check_unit(work: Work, unit_id: UnitId, by: By) -> None:
    """Raise `NotFound` unless `by` administers the unit."""
    if isinstance(by, Officer) and not (
        by.may(Act.ADMINISTER) and unit_id in below(by.unit_id, await work.units.all())
    ):
        raise NotFound("no such unit")


async def check_editor(work: Work, by: Officer) -> None:
    """Raise `RuleBroken` unless `by` may change what serves the whole installation."""
    unit = await work.units.get(by.unit_id)
    if not by.may(Act.EDIT) or unit.parent_id is not None:
        raise RuleBroken("edit_of_commune_only")


async def administered(work: Work, officer_id: OfficerId, by: By) -> Officer:
    """Return the officer. Raise `NotFound` unless `by` administers the officer's unit."""
    officer = await work.officers.get(officer_id)
    await check_unit(work, officer.unit_id, by)
    return officer


async def another_administers(work: Work, leaving: Officer) -> bool:
    """Tell whether somebody else administers the unit of one who no longer will."""
    units = {unit.id: unit for unit in await work.units.all()}
    line = {unit.id for unit in path_up(leaving.unit_id, units)}
    return any(
        one.id != leaving.id and one.is_active and one.may(Act.ADMINISTER) and one.unit_id in line
        for one in await work.officers.all()
    )
