"""Changing answers and facts over a test's storage, with figures that are measured at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.answers.answers import Answers
from bot.services.answers.not_understood import UnknownQuestions
from bot.services.audit import Audit
from bot.services.edits.editing import Editing
from bot.services.edits.editions import Editions
from bot.services.edits.effect import Effect, Figures
from bot.services.edits.measuring import Measuring, NotMeasured
from content.book import Book
from content.edits import ContentEdit
from content.live import LiveBook

FIGURES = Figures(
    macro_f1=0.8,
    worst_style_f1=0.5,
    out_of_scope_recall=0.4,
    emergency_recall=0.9,
    false_alarm_rate=0.02,
    near_miss_alarms=4,
)
EFFECT = Effect(before=FIGURES, after=FIGURES, asked=857, changed=3)


@dataclass(slots=True)
class FakeMeasure:
    """Fits `Measure`: finds what it was told, and remembers what it was asked."""

    found: Effect | None = EFFECT
    asked: list[tuple[Sequence[ContentEdit], Sequence[ContentEdit]]] = field(default_factory=list)

    async def __call__(
        self, before: Sequence[ContentEdit], after: Sequence[ContentEdit]
    ) -> Effect:
        self.asked.append((before, after))
        if self.found is None:
            raise NotMeasured("too slow")
        return self.found


def editing_of(
    storage: Storage, book: Book, *, audit: Audit, clock: Clock, chance: Chance
) -> Editing:
    """Return the use cases of a process of their own."""
    editions = Editions(storage=storage, book=LiveBook(book))
    return Editing(
        storage=storage,
        editions=editions,
        audit=audit,
        clock=clock,
        chance=chance,
        # Nobody else follows here.
        patience_s=60,
    )


def measuring_of(
    storage: Storage, book: Book, clock: Clock, measure: FakeMeasure | None = None
) -> Measuring:
    """Return what measures drafts, as another process would."""
    return Measuring(
        storage=storage,
        editions=Editions(storage=storage, book=LiveBook(book)),
        measure=measure or FakeMeasure(),
        clock=clock,
        owner="test",
    )


@cache
def _answers_of() -> Answers:
    return Answers(Book.load())


def unknown_of(storage: Storage, audit: Audit) -> UnknownQuestions:
    """Return what officers see of questions without an answer."""
    return UnknownQuestions(storage=storage, answers=_answers_of(), audit=audit, days_kept=30)
