from pathlib import Path

import pytest

from bot.core.languages import Language
from bot.services.answers.nearest import Label
from bot.services.answers.ranking import Ranking
from bot.services.answers.topic_training import learned_from
from bot.services.answers.wordings import Spelling
from content.book import Book
from content.faults import ContentError, Faults
from content.topics import OUT_OF_SCOPE
from content.utterances import ANY, read_utterances

FEWEST = 45


def test_every_topic_is_learned_from_enough_messages(book: Book) -> None:
    counted = dict.fromkeys(book.topics, 0)
    for one in book.utterances:
        counted[one.topic] += 1
        assert one.answer in {*book.topics[one.topic].answers, ANY}
    assert {key: count for key, count in counted.items() if count < FEWEST} == {}
    assert counted[OUT_OF_SCOPE] >= 400


def test_no_message_is_learned_twice_for_different_answers(book: Book) -> None:
    meant: dict[str, tuple[str, str]] = {}
    for one in book.utterances:
        place = (one.topic, one.answer)
        assert meant.setdefault(one.text.casefold(), place) == place


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("[nobody]\nvay", "loan_shark.txt:1: there is no answer 'nobody' in this topic"),
        ("vay\n[main]", "loan_shark.txt:1: a line stands before the first [answer]"),
        ("[main]\n\nva\u0323y", "loan_shark.txt:3: the text is not in Unicode form NFC"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    lines: str, reason: str, book: Book, tmp_path: Path
) -> None:
    (tmp_path / "loan_shark.txt").write_text(lines, encoding="utf-8")
    faults = Faults()
    read_utterances(tmp_path, book.topics, faults)
    with pytest.raises(ContentError) as told:
        faults.raise_if_any()
    assert reason in str(told.value)


def test_lines_belong_to_the_answer_above_them(book: Book, tmp_path: Path) -> None:
    (tmp_path / "loan_shark.txt").write_text("[main]\nvay\n\n[hui en]\nlent\n", encoding="utf-8")
    (tmp_path / "nothing.txt").write_text("[main]\nvay\n", encoding="utf-8")
    faults = Faults()
    read = read_utterances(tmp_path, book.topics, faults)
    assert [(one.answer, one.language, one.text) for one in read] == [
        ("main", Language.VI, "vay"),
        ("hui", Language.EN, "lent"),
    ]
    assert [fault.reason for fault in faults.found] == [
        "there is no topic 'nothing' in the interface"
    ]


def test_what_is_known_by_topic_alone_leads_to_the_topic_and_to_no_answer(book: Book) -> None:
    spelling = Spelling.of(["vay nặng lãi", "bị đòi nợ"], shorthand=book.shorthand)
    told = [("main", "vay nặng lãi"), ("threatened", "bị đòi nợ"), (ANY, "bị đòi nợ hoài")]
    read = [
        (Label(topic="loan_shark", answer=answer), spelling.sentences(text))
        for answer, text in [*told, *[(ANY, "vay nặng lãi hoài")] * 9]
    ]
    ranking = Ranking(learned_from(read))
    asked = spelling.sentences("bị đòi nợ")
    assert ranking.rank(asked)[0].topic == "loan_shark"
    assert ranking.answer("loan_shark", asked) == "threatened"
    assert ranking.answer("loan_shark", spelling.sentences("hoài")) is None
