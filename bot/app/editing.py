"""Changing answers and facts: the use cases, and the measuring of what a change does."""

from bot.app.program import Program
from bot.services.edits.editing import Editing
from bot.services.edits.measuring import Measuring, measured_apart


def made_editing(program: Program) -> Editing:
    """Return what officers do about answers and facts."""
    return Editing(
        storage=program.storage,
        editions=program.editions,
        audit=program.audit,
        clock=program.clock,
        chance=program.chance,
    )


def made_measuring(program: Program) -> Measuring:
    """Return what measures changes before they are saved."""
    return Measuring(
        storage=program.storage,
        editions=program.editions,
        measure=measured_apart,
        clock=program.clock,
        owner=program.owner,
    )
