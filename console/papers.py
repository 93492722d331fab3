"""The recovery paper as forms ask for it: one sheet, or two of three, typed into two fields."""

from typing import Final

from bot.core.errors import RuleBroken
from console.forms import Problem
from console.visit import Visit

SHEETS: Final = (1, 2)


def sheets_of(visit: Visit, name: str) -> list[str]:
    """Return what was typed from the sheets; a sheet left empty is an empty text."""
    return [visit.form.text(f"{name}_{number}") for number in SHEETS]


def sheet_error(broken: RuleBroken, name: str) -> dict[str, Problem]:
    """Return which field of the sheets a broken rule belongs to."""
    number = broken.values.get("sheet", 1)
    return {f"{name}_{number}": Problem(key=broken.key, values=broken.values)}
