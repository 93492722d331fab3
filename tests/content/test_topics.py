"""What every answer of the FAQ holds, so that one can be found, and by whom it is looked at."""

from pathlib import Path

import pytest

from bot.core.languages import Language
from content.book import Book
from content.topics import MAIN, Topic, TopicAnswer
from tests.content.conftest import Breaker

BOOK = Book.load()
NAMED = [
    (topic, answer)
    for topic in BOOK.topics.values()
    for answer in topic.answers.values()
    if answer.key != MAIN
]
_EXAMPLES_OF_AN_ANSWER = 4


@pytest.mark.parametrize(
    ("topic", "answer"), NAMED, ids=[f"{topic.key}.{answer.key}" for topic, answer in NAMED]
)
def test_a_named_answer_has_examples_enough_and_a_title_of_its_own(
    topic: Topic, answer: TopicAnswer
) -> None:
    assert len(answer.examples[Language.VI]) >= _EXAMPLES_OF_AN_ANSWER
    assert answer.title != topic.title


def test_no_example_leads_to_two_answers() -> None:
    seen: dict[str, str] = {}
    for topic in BOOK.topics.values():
        for answer in topic.answers.values():
            for example in (one for spoken in answer.examples.values() for one in spoken):
                place = f"{topic.key}.{answer.key}"
                assert seen.setdefault(example.casefold(), place) == place


def test_an_answer_is_handed_over_like_its_topic_unless_it_says_otherwise(
    folder: Path, spoil: Breaker
) -> None:
    spoil(
        "topics/online_scam.yaml",
        "  fake_police:\n",
        "  fake_police:\n    hand_over: yes\n    related: [drugs]\n",
    )

    topic = Book.load(folder).topics["online_scam"]

    assert topic.answers["fake_police"].hand_over
    assert topic.answers["fake_police"].related == ("drugs",)
    assert not topic.answers["money_sent"].hand_over
    assert topic.answers["money_sent"].related == topic.related
