"""The invented neighbourhood of the demo. Its words stand in `content/demo.yaml`."""

from bot.core.units import UnitKind
from bot.services.units.units import HouseholdRow, UnitRow, Units
from content.demo import Demo


async def load_demo(units: Units, demo: Demo) -> None:
    """Make the demo's commune, neighbourhoods and households on an empty database."""
    existing = await units.all()
    if len(existing) > 1:
        return
    commune = await units.ensure_commune(code=demo.commune.code, name=demo.commune.name)
    await units.add(
        [
            UnitRow(
                code=one.code,
                name=one.name,
                kind=UnitKind.NEIGHBOURHOOD,
                parent=commune.code,
                households=one.households,
            )
            for one in demo.neighbourhoods
        ],
        by="demo",
    )
    await units.set_contacts(commune.id, demo.commune.name, demo.contacts, by="demo")
    await units.import_households(
        [
            HouseholdRow(
                unit=one.unit, code=one.code, address=one.address, head_name=one.head_name
            )
            for one in demo.households
        ],
        by="demo",
    )
