"""Pasted messages are known by the tricks they are, and nobody's honest message is called one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.services.answers.links import is_strange, links_in, without_numbers
from bot.services.answers.scams import ScamCheck
from tests.one_book import the_book

MESSAGES: Final[Mapping[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("scam_messages.yaml").read_text("utf-8")
)
SCAMS: Final[Sequence[tuple[str, str]]] = [
    (trick, text) for trick, texts in MESSAGES["scams"].items() for text in texts
]
CHECK: Final = ScamCheck(the_book())
LINKS: Final = the_book().scams.links
# Some are short, and others tell of themselves as people do: those are answered as questions.
MOST_NOT_HEARD: Final = 10


@pytest.mark.parametrize(("trick", "text"), SCAMS)
def test_a_message_of_swindlers_is_known_by_its_trick(trick: str, text: str) -> None:
    assert trick in {pattern.key for pattern in CHECK.look(text).patterns}


@pytest.mark.parametrize("text", MESSAGES["normal"])
def test_an_honest_message_is_called_no_trick(text: str) -> None:
    assert CHECK.look(text).patterns == ()


@pytest.mark.parametrize("text", MESSAGES["questions"])
def test_a_question_of_ones_own_is_left_to_the_answers(text: str) -> None:
    assert CHECK.pasted(text) is None


@pytest.mark.parametrize("text", MESSAGES["asked_about"])
def test_a_message_somebody_asks_about_is_looked_at(text: str) -> None:
    assert CHECK.pasted(text) is not None


def test_what_swindlers_write_is_heard_as_pasted_without_a_word_about_it() -> None:
    missed = [text for _, text in SCAMS if CHECK.pasted(text) is None]
    assert len(missed) <= MOST_NOT_HEARD, missed


def test_examples_of_other_topics_are_not_taken_for_something_pasted() -> None:
    near = {"online_scam", "human_trafficking", "loan_shark"}
    taken = [
        example
        for topic in the_book().topics.values()
        if topic.key not in near
        for answer in topic.answers.values()
        for examples in answer.examples.values()
        for example in examples
        if CHECK.pasted(example) is not None
    ]
    assert taken == []


@pytest.mark.parametrize(
    "text",
    [
        "vietcombank-otp.com",
        "https://v1etcombank.com/otp",
        "http://techcornbank.com",
        "www.vietcornbank.vn",
        "https://dichvucong-gov.vn",
        "dichvucong.gov.vn.example.com/login",
        "http://vneid.example.com",
        "https://xn--vitcombank-0b4d.com",
        "https://vietcоmbank.com.vn",
        "http://103.21.44.5/app",
        "https://dichvucong.gov.vn@example.com/",
        "quatang.example.top",
        "hxxp://nhan-qua[.]xyz",
        "zalo-binhchon.com/abc",
        "https://facebook-support-page.com",
        "shopee.com.example.vip",
    ],
)
def test_an_address_that_pretends_is_seen(text: str) -> None:
    (link,) = links_in(text, LINKS.ends)
    assert is_strange(link, LINKS)


@pytest.mark.parametrize(
    "text",
    [
        "https://dichvucong.gov.vn/p/home",
        "vneid.gov.vn",
        "https://www.vietcombank.com.vn",
        "portal.vietcombank.com.vn/login",
        "techcombank.com",
        "viettelpost.com.vn",
        "shopee.vn/abc",
        "https://zalo.me/0900000000",
        "t.me/nhom",
        "https://vnexpress.net/tin-1.html",
        "https://thcsbinhminh.edu.vn",
        "https://xaydungchinhsach.chinhphu.vn",
        "congan.com.vn",
        "bit.ly/abc",
    ],
)
def test_an_address_of_its_own_is_not_called_strange(text: str) -> None:
    (link,) = links_in(text, LINKS.ends)
    assert not is_strange(link, LINKS)


@pytest.mark.parametrize(
    "text",
    ["chào anh.Em khỏe không", "ngày 22.11.2026", "1.250.000đ", "a@example.com", "v.v.", "…"],
)
def test_what_only_has_full_stops_is_no_address(text: str) -> None:
    assert links_in(text, LINKS.ends) == []


def test_what_is_kept_of_a_question_has_no_numbers_and_no_addresses() -> None:
    text = "số 0912 345 678 gửi https://x.example.top/a?b=1 và a@example.com đòi 2 triệu"
    assert without_numbers(text).split() == ["số", "gửi", "và", "đòi", "2", "triệu"]


@given(st.text(max_size=400))
def test_no_text_makes_it_fail(text: str) -> None:
    assert len(CHECK.look(text).patterns) <= 2
    CHECK.pasted(text)
    without_numbers(text)


@given(
    st.lists(
        st.one_of(
            st.from_regex(r"https?://[^\s]{1,40}", fullmatch=True),
            st.from_regex(r"[a-z0-9.\-@:/?#%\u0430-\u044f]{1,40}", fullmatch=True),
            st.sampled_from(["xn--", "bit.ly/a", "+1 202 555 0147", ".apk", "OTP", "công an"]),
            st.characters(),
        ),
        max_size=12,
    )
)
def test_no_address_makes_it_fail(parts: list[str]) -> None:
    text = " ".join(parts)
    for link in links_in(text, LINKS.ends):
        is_strange(link, LINKS)
    CHECK.look(text)
