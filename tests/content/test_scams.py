"""Mistakes in the rules by which tricks are known are named with their line."""

from pathlib import Path

import pytest

from content.phrases import Phrases, words_of
from tests.content.conftest import Breaker
from tests.content.spoilt import SpoiltFile
from tests.one_book import the_book

SCAMS = "scams.yaml"

SPOILT = [
    SpoiltFile(
        id="a trick that speaks of no known sign",
        file=SCAMS,
        old="    when: [[vote],",
        new="    when: [[votes],",
        reason="there is no sign 'votes'",
    ),
    SpoiltFile(
        id="a trick known by one sign alone",
        file=SCAMS,
        old="    when: [[vote], [link, strange_link, short_link, asks_code, tap]]",
        new="    when: [[vote]]",
        reason="one sign alone makes no trick",
    ),
    SpoiltFile(
        id="a trick without its answer",
        file=SCAMS,
        old="answer: online_scam/qr_code",
        new="answer: online_scam/qr_codes",
        reason="there is no answer 'online_scam/qr_codes'",
    ),
    SpoiltFile(
        id="a sign that is not enough alone",
        file=SCAMS,
        old="    alone: [app_file]",
        new="    alone: [link]",
        reason="'link' is not enough alone; only these are: app_file, strange_link",
    ),
    SpoiltFile(
        id="a sign no trick speaks of",
        file=SCAMS,
        old="  vote:\n    title:",
        new="  votes:\n    title:",
        reason="no pattern speaks of the sign 'votes'",
        lines_on=1,
    ),
    SpoiltFile(
        id="a phrase with an open bracket",
        file=SCAMS,
        old="      - (vote for)",
        new="      - (vote for",
        reason="the phrase cannot be read: a bracket is not closed",
    ),
    SpoiltFile(
        id="a phrase that begins with any word",
        file=SCAMS,
        old="      - (vote for)",
        new="      - '* vote'",
        reason="the phrase cannot be read: a phrase begins with a word",
    ),
    SpoiltFile(
        id="a trick in one language",
        file=SCAMS,
        old=", en: A strange QR code}",
        new="}",
        reason="'en' is missing",
    ),
    SpoiltFile(
        id="a trick that tells too much",
        file=SCAMS,
        old="vi: Mã QR lạ,",
        new=f"vi: {'Mã QR lạ ' * 70},",
        reason="a message has at most 600",
    ),
    SpoiltFile(
        id="a trick with a bare abbreviation",
        file=SCAMS,
        old="vi: Mã QR lạ,",
        new="vi: UBND,",
        reason="UBND stands without its words",
    ),
    SpoiltFile(
        id="a trick marked with an unknown mark",
        file=SCAMS,
        old="    answer: online_scam/qr_code\n    mark: sure",
        new="    answer: online_scam/qr_code\n    mark: unsure",
        reason="'unsure' is none of: sure, likely",
        lines_on=1,
    ),
]


@pytest.mark.parametrize("spoilt", SPOILT, ids=lambda spoilt: spoilt.id)
def test_a_mistake_is_named_with_its_line(
    spoilt: SpoiltFile, folder: Path, spoil: Breaker
) -> None:
    spoilt.check(folder, spoil)


def sign(key: str) -> Phrases:
    return the_book().scams.signs[key].phrases


@pytest.mark.parametrize(
    ("said", "is_there"),
    [
        ("công an gọi", True),
        ("CONG AN gọi", True),
        ("có công ăn việc làm", False),
        ("xưng công-an", True),
        ("công. an", True),
        ("công bố an ninh", False),
    ],
)
def test_a_word_counts_with_its_marks_or_with_none(said: str, *, is_there: bool) -> None:
    assert sign("police").are_in(words_of(said)) == is_there


def test_every_trick_leads_to_an_answer_and_tells_what_to_do_in_both_languages() -> None:
    book = the_book()
    for pattern in book.scams.patterns.values():
        answer = book.topics[pattern.topic].answers[pattern.answer]
        assert answer.short.keys() == pattern.what.keys() == pattern.do.keys()
