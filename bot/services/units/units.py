"""The tree of units and the lists of households."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import HouseholdId, UnitId, new_id, new_join_code, read_code
from bot.core.officers import Officer
from bot.core.storage import Storage, Work
from bot.core.time import Chance
from bot.core.units import Household, Unit, UnitKind, below, path_up
from bot.services.audit import Audit
from bot.services.shared_read import SharedRead

# The setting that names a commune made only so that tips have somewhere to go.
_PLACEHOLDER: Final = "placeholder_commune"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit as a file or command names it; `parent` is a code."""

    code: str
    name: str
    kind: UnitKind
    parent: str = ""
    households: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRow:
    """One household as a file names it; `unit` is a code."""

    unit: str
    code: str
    address: str = ""
    head_name: str = ""


class Units:
    """Use cases about units."""

    def __init__(self, *, storage: Storage, audit: Audit, chance: Chance) -> None:
        self._storage = storage
        # Every page asks for them, and in a rush many at the same moment.
        self._all_units = SharedRead(self._read_all)
        self._audit = audit
        self._chance = chance

    async def ensure_commune(self, *, code: str, name: str) -> Unit:
        """Return the commune; on an empty database make it, so that tips have somewhere to go."""
        async with self._storage.begin() as work:
            for unit in await work.units.all():
                if unit.parent_id is None:
                    return unit
            unit = await self._add(work, UnitRow(code=code, name=name, kind=UnitKind.COMMUNE))
            await work.settings.put(_PLACEHOLDER, unit.id)
            await work.commit()
        return unit

    async def placeholder(self) -> UnitId | None:
        """Return the commune that nobody has named yet, if there is one."""
        async with self._storage.read() as work:
            return UnitId(await work.settings.get(_PLACEHOLDER) or "") or None

    async def add(self, rows: Sequence[UnitRow], *, by: str) -> list[Unit]:
        """Add or rename units, parents before children. Raise `RuleBroken`; all or nothing.

        The first commune that somebody adds takes the place of the one nobody has named: what
        belongs to that one (the web channel, the key that opens tips) must stand above the
        neighbourhoods, not beside them.
        """
        added: list[Unit] = []
        async with self._storage.begin() as work:
            for row in rows:
                unit = await self._add(work, row)
                await self._audit.note(work, "unit.add", by=by, subject=unit.id)
                added.append(unit)
            await work.commit()
        return added

    async def _add(self, work: Work, row: UnitRow) -> Unit:
        known = await work.units.by_code(row.code) or await self._unnamed(work, row)
        parent = await self._parent(work, row)
        if known is not None:
            unit = replace(
                known,
                code=row.code,
                name=row.name,
                households=row.households or known.households,
                parent_id=parent.id if parent else known.parent_id,
            )
            if unit.id in _ancestors(unit, await work.units.all()):
                raise RuleBroken("unit_parent_loop", code=row.code)
        else:
            unit = Unit(
                id=UnitId(new_id(self._chance)),
                code=row.code,
                name=row.name,
                kind=row.kind,
                parent_id=parent.id if parent else None,
                households=row.households,
                join_code=await self._join_code(work),
            )
        await work.units.save(unit)
        if unit.kind is UnitKind.COMMUNE:
            await self._named(work, unit.id)
        return unit

    async def _unnamed(self, work: Work, row: UnitRow) -> Unit | None:
        """Return the unnamed commune, if `row` is the one to take its place."""
        placeholder = await work.settings.get(_PLACEHOLDER)
        if row.kind is not UnitKind.COMMUNE or row.parent or not placeholder:
            return None
        return await work.units.get(UnitId(placeholder))

    async def _named(self, work: Work, unit_id: UnitId) -> None:
        if await work.settings.get(_PLACEHOLDER) == unit_id:
            await work.settings.put(_PLACEHOLDER, "")

    async def _parent(self, work: Work, row: UnitRow) -> Unit | None:
        if row.parent:
            parent = await work.units.by_code(row.parent)
            if parent is None:
                raise RuleBroken("unit_parent_unknown", code=row.code, parent=row.parent)
            return parent
        if row.kind is UnitKind.COMMUNE:
            return None
        communes = [u for u in await work.units.all() if u.kind is UnitKind.COMMUNE]
        # With one commune there is nothing to ask.
        if len(communes) != 1:
            raise RuleBroken("unit_parent_missing", code=row.code)
        return communes[0]

    async def _join_code(self, work: Work) -> str:
        while True:
            code = new_join_code(self._chance)
            if not await work.units.by_join_code(code):
                return code

    async def set_contacts(
        self, unit_id: UnitId, name: str, contacts: Mapping[str, str], *, by: str
    ) -> Unit:
        """Keep what only the unit knows: its name, duty desk, officers, address, hours."""
        async with self._storage.begin() as work:
            unit = await work.units.get(unit_id)
            kept = {key: value.strip() for key, value in contacts.items() if value.strip()}
            unit = replace(unit, name=name.strip() or unit.name, contacts=kept)
            await work.units.save(unit)
            await self._named(work, unit_id)
            await self._audit.note(work, "unit.change", by=by, subject=unit_id)
            await work.commit()
        return unit

    async def import_households(self, rows: Sequence[HouseholdRow], *, by: str) -> int:
        """Add households (known codes are renewed); return how many. All or nothing."""
        async with self._storage.begin() as work:
            units = {unit.code: unit for unit in await work.units.all()}
            known: dict[tuple[UnitId, str], Household] = {}
            for unit in {row.unit for row in rows}:
                if unit not in units:
                    raise RuleBroken("unit_unknown", code=unit)
                for household in await work.households.of_unit(units[unit].id):
                    known[household.unit_id, household.code] = household
            households = [self._household(row, units[row.unit], known) for row in rows]
            await work.households.save_many(households)
            await self._audit.note(
                work, "household.import", by=by, facts={"rows": str(len(households))}
            )
            await work.commit()
        return len(households)

    def _household(
        self, row: HouseholdRow, unit: Unit, known: Mapping[tuple[UnitId, str], Household]
    ) -> Household:
        was = known.get((unit.id, row.code))
        return Household(
            id=was.id if was else HouseholdId(new_id(self._chance)),
            unit_id=unit.id,
            code=row.code,
            address=row.address,
            head_name=row.head_name,
            # Eight letters: households are many, and nobody may guess a neighbour's.
            join_code=was.join_code if was else "H" + new_id(self._chance)[:7].upper(),
        )

    async def all(self) -> list[Unit]:
        """Return every unit."""
        return list(await self._all_units())

    async def _read_all(self) -> list[Unit]:
        return await self._storage.look(lambda work: work.units.all())

    async def households(self, code: str) -> list[Household]:
        """Return the households of a unit by its code. Raise `NotFound`."""
        async with self._storage.read() as work:
            unit = await work.units.by_code(code)
            if unit is None:
                raise NotFound(f"no unit has the code {code}")
            return await work.households.of_unit(unit.id)

    async def by_code(self, code: str) -> Unit:
        """Return a unit by its code. Raise `NotFound`."""
        async with self._storage.read() as work:
            unit = await work.units.by_code(code)
        if unit is None:
            raise NotFound(f"no unit has the code {code}")
        return unit

    async def by_join_code(self, join_code: str) -> Unit | None:
        """Return the unit (or the household's unit) that a join code leads to."""
        async with self._storage.read() as work:
            household = await work.households.by_join_code(join_code)
            if household is not None:
                return await work.units.get(household.unit_id)
            return await unit_joined_by(work, join_code)

    async def seen_by(self, officer: Officer) -> list[Unit]:
        """Return the units an officer may see: the own one and those under it."""
        units = await self.all()
        allowed = below(officer.unit_id, units)
        return [unit for unit in units if unit.id in allowed]

    async def around(self, officer: Officer) -> frozenset[UnitId]:
        """Return the own unit of an officer, those under it and those above it.

        Accounts of these serve the people the officer writes to.
        """
        units = await self.all()
        line = path_up(officer.unit_id, {unit.id: unit for unit in units})
        return below(officer.unit_id, units) | {unit.id for unit in line}


async def unit_joined_by(work: Work, code: str) -> Unit | None:
    """Return the unit that a code leads to: its join code, or else the code officers gave it.

    `code` has been read with `read_code`. A code that could mean two units means neither.
    """
    unit = await work.units.by_join_code(code)
    if unit is not None:
        return unit
    named = [one for one in await work.units.all() if code and read_code(one.code) == code]
    return named[0] if len(named) == 1 else None


def contacts_of(line: Sequence[Unit]) -> dict[str, str]:
    """Return what is known of a unit, filling gaps from the units above it (nearest first).

    Keys are the placeholders of the content files: unit_name, unit_duty_phone, ….
    """
    filled: dict[str, str] = {}
    for unit in reversed(line):
        filled.update({f"unit_{key}": value for key, value in unit.contacts.items() if value})
    if line:
        filled["unit_name"] = line[0].name
    return filled


def _ancestors(unit: Unit, units: Sequence[Unit]) -> set[UnitId]:
    by_id = {one.id: one for one in units}
    found: set[UnitId] = set()
    at = unit.parent_id
    while at is not None and at not in found:
        found.add(at)
        at = by_id[at].parent_id if at in by_id else None
    return found
