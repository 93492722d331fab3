"""Units: how many people each reaches, how to join it, and what only the unit knows of itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.core.errors import NotFound
from bot.core.ids import ChannelId
from bot.core.officers import Act
from bot.core.units import Unit, below
from bot.services.people.people import Headcount
from console.fields import CONTACTS, contact_errors
from console.forms import Problem
from console.moments import qr_svg
from console.routes import get, post
from console.visit import ROOT, Visit, see


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many people a unit reaches together with those under it."""

    unit: Unit
    joined: int
    gone: int
    households: int
    by_channel: Mapping[ChannelId, int]
    has_below: bool


def _reach(of: Unit, headcounts: Sequence[Headcount]) -> Reach:
    ids = below(of.id, [one.unit for one in headcounts])
    counted = [one for one in headcounts if one.unit.id in ids]
    by_channel: Counter[ChannelId] = Counter()
    for one in counted:
        by_channel.update(one.by_channel)
    return Reach(
        unit=of,
        joined=sum(one.joined for one in counted),
        gone=sum(one.gone for one in counted),
        # A commune may know its own number without the lists of its neighbourhoods.
        households=of.households or sum(one.unit.households for one in counted),
        by_channel=by_channel,
        has_below=len(counted) > 1,
    )


async def show_all(visit: Visit) -> web.StreamResponse:
    """List the officer's units with their people."""
    headcounts = await visit.services.people.headcounts(visit.officer)
    reaches = [_reach(one.unit, headcounts) for one in headcounts]
    return visit.show(
        "units.html",
        reaches=sorted(reaches, key=_order),
        people=sum(one.joined for one in headcounts),
    )


def _order(reach: Reach) -> tuple[bool, str]:
    return not reach.has_below, reach.unit.code


async def _found(visit: Visit) -> Reach:
    headcounts = await visit.services.people.headcounts(visit.officer)
    for headcount in headcounts:
        if headcount.unit.id == visit.part("unit_id"):
            return _reach(headcount.unit, headcounts)
    raise NotFound("no such unit")


async def show(visit: Visit) -> web.StreamResponse:
    """Show one unit: people, join code, link, QR code, contacts."""
    reach = await _found(visit)
    unit = reach.unit
    return await _page(visit, reach, name=unit.name, contacts=unit.contacts, errors={})


async def change(visit: Visit) -> web.StreamResponse:
    """Keep a new name and contacts."""
    reach = await _found(visit)
    unit = reach.unit
    name = visit.form.text("name")
    typed = {key: visit.form.text(key) for key in CONTACTS}
    errors = contact_errors(name, typed)
    if errors:
        return await _page(visit, reach, name=name, contacts=typed, errors=errors)
    await visit.services.units.set_contacts(
        unit.id, name, {**unit.contacts, **typed}, by=visit.officer.id
    )
    return see(f"{ROOT}/don-vi/{unit.id}")


async def _page(
    visit: Visit,
    reach: Reach,
    *,
    name: str,
    contacts: Mapping[str, str],
    errors: Mapping[str, Problem],
) -> web.Response:
    link = f"{visit.services.public_url}/tham-gia/{reach.unit.join_code}"
    return visit.show(
        "unit.html",
        status=422 if errors else 200,
        reach=reach,
        unit=reach.unit,
        link=link,
        qr=qr_svg(link),
        channels={one.id: one for one in await visit.services.channels.accounts()},
        groups=await visit.services.groups.of_unit(reach.unit.id),
        now=visit.now,
        name=name,
        contacts={key: contacts.get(key, "") for key in CONTACTS},
        errors=errors,
    )


ROUTES = (
    get("/don-vi", show_all, needs=Act.SEE),
    get("/don-vi/{unit_id}", show, needs=Act.SEE),
    post("/don-vi/{unit_id}", change, needs=Act.ADMINISTER),
)
