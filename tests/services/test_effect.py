"""What a change does, counted on messages of a test."""

from bot.core.edits import EditKind
from bot.core.languages import Language
from bot.services.answers.answers import Answers
from bot.services.edits.effect import Effect, effect
from content.book import Book
from content.editions import edition
from content.edits import ContentEdit
from content.evaluation import EvaluationSet, Message, Style


def message(text: str, topic: str, style: Style = Style.PLAIN) -> Message:
    return Message(text=text, topic=topic, style=style, is_emergency=False)


def test_figures_before_and_after_and_how_many_answers_changed(book: Book) -> None:
    strange = "xin giấy đi chợ phiên ở đâu"
    change = ContentEdit(
        kind=EditKind.ANSWER,
        key="online_public_services/main",
        value={"examples_added": {"vi": [strange]}},
    )
    found = effect(
        Answers(book),
        Answers(edition([change]).book),
        EvaluationSet(
            messages=(
                message(strange, "online_public_services"),
                message("thank you", "greeting", Style.ENGLISH),
            ),
            near_misses=(message("cháy hàng rồi", "out_of_scope"),),
        ),
    )
    assert found.asked == 3
    assert found.changed == 1
    assert found.before.macro_f1 < found.after.macro_f1
    assert not found.is_worse
    assert Effect.read(found.written) == found
    assert Effect.read("") is None
    back = Effect(before=found.after, after=found.before, asked=3, changed=1)
    assert back.is_worse
    assert Language.VI in book.topics["greeting"].title
