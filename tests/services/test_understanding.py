"""How well topics are told apart, on messages kept apart from the examples; cheap enough to try.

What counts is `binhyen content evaluate`; these floors notice what breaks in between.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bot.core.languages import Language
from bot.services.answers.answers import UNKNOWN, Answers
from bot.services.answers.nearest import Label
from bot.services.answers.ranking import Ranked, Ranking
from bot.services.answers.topic_training import learned_from, said_of, spelling_of, texts_of
from bot.services.answers.wordings import Sentence, Spelling
from content.book import Book
from content.topics import OUT_OF_SCOPE, TOPIC_KEYS
from tests.services.keyboards import telex, vni

ROWS = yaml.safe_load(
    (Path(__file__).parent / "answers" / "development.yaml").read_text(encoding="utf-8")
)
STYLES = {"plain", "bare", "teen", "dialect", "mixed", "english", "telex", "long"}
ONE_OF = 8


def typed(number: int, style: str, text: str) -> str:
    """Return a message of style telex as it is typed raw, one in five in VNI."""
    if style != "telex":
        return text
    return vni(text) if number % 5 == 0 else telex(text, tones_last=number % 3 != 0)


MESSAGES = [
    (topic, style, typed(number, style, text)) for number, (topic, style, text) in enumerate(ROWS)
]


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    said = list(pairs)
    asked = Counter(topic for topic, _ in said)
    taken = Counter(intent for _, intent in said)
    right = Counter(topic for topic, intent in said if topic == intent)
    return sum(2 * right[one] / (asked[one] + taken[one]) for one in asked) / len(asked)


@pytest.fixture(scope="module")
def book() -> Book:
    return Book.load()


@pytest.fixture(scope="module")
def answers(book: Book) -> Answers:
    return Answers(book)


@pytest.fixture(scope="module")
def found(answers: Answers) -> list[tuple[str, str, str]]:
    """Topic, style and intent of every message of the development set."""
    return [
        (
            topic,
            style,
            answers.answer(
                text, unit={}, language=Language.EN if style == "english" else Language.VI
            ).intent,
        )
        for topic, style, text in MESSAGES
    ]


def test_the_development_set_has_every_topic_in_every_style() -> None:
    assert {topic for topic, _, _ in MESSAGES} == TOPIC_KEYS
    assert {style for _, style, _ in MESSAGES} == STYLES
    assert len(MESSAGES) >= 290


def test_every_style_is_understood(found: list[tuple[str, str, str]]) -> None:
    reached = {
        style: macro_f1((topic, intent) for topic, one, intent in found if one == style)
        for style in STYLES
    }
    assert macro_f1((topic, intent) for topic, _, intent in found) >= 0.88
    assert {style: f1 for style, f1 in reached.items() if f1 < 0.65} == {}


def test_few_are_not_understood_and_fewer_misunderstood(
    found: list[tuple[str, str, str]],
) -> None:
    lost = sum(intent == UNKNOWN for _, _, intent in found)
    wrong = sum(intent not in {topic, UNKNOWN} for topic, _, intent in found)
    assert lost / len(found) <= 0.08
    assert wrong / len(found) <= 0.12


def test_what_is_none_of_our_business_is_told(found: list[tuple[str, str, str]]) -> None:
    strange = [intent for topic, _, intent in found if topic == OUT_OF_SCOPE]
    assert sum(intent == OUT_OF_SCOPE for intent in strange) / len(strange) >= 0.8


def test_examples_left_out_are_still_mostly_found(book: Book) -> None:
    said = [(Label(topic=one.topic, answer=one.answer), one.text) for one in book.utterances]
    spelling = Spelling.of([text for _, text in said], shorthand=book.shorthand)
    read = [(label, spelling.sentences(text)) for label, text in said]
    ranking = Ranking(learned_from(one for number, one in enumerate(read) if number % ONE_OF))
    left_out = [one for number, one in enumerate(read) if not number % ONE_OF]
    ranked = [(label, ranking.rank(sentences)) for label, sentences in left_out]
    assert macro_f1((label.topic, best[0].topic if best else "") for label, best in ranked) >= 0.5


def test_of_a_topic_the_answer_of_examples_left_out_is_mostly_found(book: Book) -> None:
    """By the nearest example it was found for 53 of 100."""
    spelling = spelling_of(book)
    beside = {
        (topic.key, text)
        for topic in book.topics.values()
        for answer in topic.answers.values()
        for spoken in answer.examples.values()
        for text in spoken
    }
    left_out: list[tuple[Label, list[Sentence]]] = []
    kept: list[tuple[Label, list[Sentence]]] = []
    for number, (label, _, text) in enumerate(said_of(book)):
        is_left_out = not number % ONE_OF and (label.topic, text) in beside
        (left_out if is_left_out else kept).append((label, spelling.sentences(text)))
    texts = [(label, spelling.sentences(text)) for label, _, text in texts_of(book)]
    ranking = Ranking(learned_from(kept, texts))
    right = [ranking.answer(label.topic, said) == label.answer for label, said in left_out]
    assert len(right) > 200
    assert sum(right) / len(right) >= 0.57


def test_likelihoods_are_shares_of_one_and_the_likeliest_stands_first(book: Book) -> None:
    spelling = Spelling(shorthand=book.shorthand)
    ranking = Ranking(
        learned_from(
            (Label(topic=one.topic, answer=one.answer), spelling.sentences(one.text))
            for one in book.utterances[::10]
        )
    )
    ranked = ranking.rank(spelling.sentences("vay tiền bị đòi nợ"))
    assert sum(one.score for one in ranked) == pytest.approx(1.0)
    assert ranked == sorted(ranked, key=lambda one: -one.score)
    assert ranking.rank(spelling.sentences("zzqx")) == []


def test_the_same_examples_teach_the_same(book: Book) -> None:
    spelling = Spelling(shorthand=book.shorthand)
    examples = [
        (Label(topic=one.topic, answer=one.answer), spelling.sentences(one.text))
        for one in book.utterances[::10]
    ]
    assert learned_from(examples) == learned_from(list(examples))


@dataclass(frozen=True, slots=True)
class Small:
    """What was learned from a few messages, asked in words."""

    ranking: Ranking
    spelling: Spelling

    def rank(self, text: str) -> list[Ranked]:
        return self.ranking.rank(self.spelling.sentences(text))

    def answer(self, topic: str, text: str) -> str | None:
        return self.ranking.answer(topic, self.spelling.sentences(text))


def small(examples: str, texts: str = "") -> Small:
    """Learn from `examples` and `texts`: each line a topic, an answer and what is said."""
    spelling = Spelling(shorthand={})

    def read(lines: str) -> Iterator[tuple[Label, list[Sentence]]]:
        for line in filter(None, map(str.strip, lines.splitlines())):
            topic, answer, text = line.split(maxsplit=2)
            yield Label(topic=topic, answer=answer), spelling.sentences(text)

    return Small(Ranking(learned_from(read(examples), read(texts))), spelling)


def test_a_word_seen_in_one_topic_alone_speaks_for_it() -> None:
    learned = small("""
        fire main cháy nhà
        fire main lửa to
        road main xe máy
        road main đèn đỏ
    """)
    assert learned.rank("có lửa")[0].topic == "fire"
    assert learned.rank("có đèn")[0].topic == "road"
    assert learned.rank("zzqx") == []


FEW = """
    fire gas bình ga bị xì
    fire wood bếp củi bén lửa
    road main xe máy gần bếp
"""


def test_an_answer_is_told_by_words_that_the_others_of_its_topic_lack() -> None:
    learned = small(FEW)
    assert learned.answer("fire", "binh ga xi") == "gas"
    assert learned.answer("fire", "gần cái bếp") == "wood"
    assert learned.answer("road", "bình ga") is None
    assert learned.answer("nothing", "bình ga") is None


def test_an_answer_is_told_by_what_it_says_too_but_a_topic_is_not() -> None:
    said, silent = small(FEW, "fire wood xe chở củi"), small(FEW)
    assert (said.answer("fire", "xe"), silent.answer("fire", "xe")) == ("wood", None)
    assert said.rank("xe") == silent.rank("xe")


def test_nothing_learned_ranks_nothing() -> None:
    assert small("").rank("cháy nhà") == []


def test_words_nobody_knows_are_none_of_our_business(answers: Answers) -> None:
    answer = answers.answer("zxqwv plmk", unit={}, language=Language.VI)
    assert answer.intent == OUT_OF_SCOPE


@pytest.mark.parametrize("piece", ["a", "cháy", "w", "9", "đ", "ắ", "xin chào ", "!?\n", "🆘"])
def test_long_rubbish_gets_an_answer(answers: Answers, piece: str) -> None:
    assert answers.answer(piece * 10_000, unit={}, language=Language.VI).texts
