"""Changing answers and facts, measuring what that does, and questions without an answer."""

from bot.app.program import Program
from bot.services.answers.not_understood import (
    NotUnderstood,
    UnknownQuestions,
    stripping_of,
)
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


def made_not_understood(program: Program) -> NotUnderstood:
    """Return what takes note of questions without an answer."""
    return NotUnderstood(
        storage=program.storage,
        answers=program.answers,
        stripping=stripping_of(program.book),
        clock=program.clock,
        zone=program.config.timezone,
        days_kept=program.config.unknown_question_days,
    )


def made_unknown_questions(program: Program) -> UnknownQuestions:
    """Return what officers see of them."""
    return UnknownQuestions(
        storage=program.storage,
        answers=program.answers,
        audit=program.audit,
        days_kept=program.config.unknown_question_days,
    )
