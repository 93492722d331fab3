"""What the pages of tips share: the key in hand, the lists to choose from, names of officers."""

from collections.abc import Mapping, Sequence
from typing import Final

from aiohttp import web

from bot.core.ids import OfficerId, UnitId
from bot.core.tips import TIP_MOVES, PassedTo, TipState
from bot.core.units import Unit
from bot.services.tips.reading.access import Reader
from console.visit import ROOT, Visit

QUEUE: Final = f"{ROOT}/tin-bao"
RECEIVERS: Final = tuple(PassedTo)


def reader_of(visit: Visit) -> Reader | None:
    """Return the officer with the key in hand, or None: then the password is asked again."""
    return visit.services.sign_ins.reader(visit.signed_in) if visit.signed_in else None


def locked(visit: Visit, back: str) -> web.Response:
    """Ask for the password again; `back` is where it leads then."""
    return visit.show("tip_locked.html", back=back, problem=None)


def moves_from(state: TipState) -> Sequence[TipState]:
    """Return where a tip may be moved by hand, in the order of the states.

    A double is closed by naming the tip it doubles.
    """
    return [one for one in TipState if one in TIP_MOVES[state] - {TipState.DOUBLED}]


async def units_of(visit: Visit) -> Mapping[UnitId, Unit]:
    """Return the units the officer sees, by id."""
    return {unit.id: unit for unit in await visit.services.units.seen_by(visit.officer)}


async def names_of(visit: Visit) -> Mapping[OfficerId, str]:
    """Return what officers are called, by id."""
    return {one.id: one.name for one in await visit.services.officers.all()}
