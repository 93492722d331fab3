"""Which unit reads the tips about a unit's own officers."""

from dataclasses import replace

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import UnitId
from bot.core.officers import Act, Officer
from bot.core.storage import Storage
from bot.core.units import Unit, below
from bot.services.audit import Audit


class Inspectorates:
    """Use cases about inspectorates."""

    def __init__(self, *, storage: Storage, audit: Audit) -> None:
        self._storage = storage
        self._audit = audit

    async def name(self, unit_id: UnitId, inspectorate_id: UnitId | None, *, by: Officer) -> Unit:
        """Name the unit that alone reads tips about this unit's officers, or none.

        Tips that came before stay where they are. Raise `NotFound` for a unit that is not the
        administrator's, `RuleBroken` for one that would look after itself.
        """
        async with self._storage.begin() as work:
            units = {unit.id: unit for unit in await work.units.all()}
            if not by.may(Act.ADMINISTER) or unit_id not in below(
                by.unit_id, list(units.values())
            ):
                raise NotFound("no such unit")
            if inspectorate_id is not None and inspectorate_id not in units:
                raise NotFound("no such unit")
            if inspectorate_id == unit_id:
                raise RuleBroken("unit_inspects_itself")
            unit = replace(units[unit_id], inspectorate_id=inspectorate_id)
            await work.units.save(unit)
            await self._audit.note(
                work,
                "unit.inspectorate",
                by=by.id,
                subject=unit_id,
                facts={"to": inspectorate_id or ""},
            )
            await work.commit()
        return unit
