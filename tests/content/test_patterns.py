"""Lines of words: found by their first word exactly where one expression of all finds them."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import fold
from content.book import Book
from content.dangers import read_dangers
from content.patterns import Index, Lines, Pattern, places, sounded

_BARS = re.compile(r"[^\w]+")


@pytest.fixture(scope="module")
def patterns(book: Book) -> list[Pattern]:
    rules = [one for rule in book.danger.rules for one in (rule.sure, rule.likely)]
    return [*rules, *book.danger.contexts.values()]


def said(text: str) -> Iterator[tuple[str, bool]]:
    words = _BARS.sub(" ", text).strip()
    yield f" {sounded(words)} ", True
    yield f" {fold(words)} ", False


def test_every_rule_finds_what_its_whole_expression_finds(patterns: list[Pattern]) -> None:
    messages = [one.text for one in read_dangers().training][::4]
    found = 0
    for pattern in patterns:
        whole = {form: re.compile(pattern.of(with_marks=form).whole) for form in (True, False)}
        for text in messages:
            for sentence, with_marks in said(text):
                expected = bool(whole[with_marks].search(sentence))
                lines = pattern.of(with_marks=with_marks)
                assert lines.fit(sentence, places(sentence)) is expected, (text, lines)
                found += expected
    assert found > len(messages)


def test_an_index_finds_what_each_of_its_rules_finds(patterns: list[Pattern]) -> None:
    messages = [one.text for one in read_dangers().training][::40]
    for with_marks in (True, False):
        rules = {str(at): one.of(with_marks=with_marks) for at, one in enumerate(patterns)}
        index = Index.of(rules)
        for sentence in (
            one for text in messages for one, form in said(text) if form is with_marks
        ):
            words = places(sentence)
            expected = {name for name, lines in rules.items() if lines.fit(sentence, words)}
            assert index.fitting(sentence, words) == expected, sentence


WORDS = st.sampled_from(["cháy", "nhà", "ở", "khói", "có"])
TOKENS = st.one_of(
    WORDS,
    WORDS.map("{}?".format),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f"({'|'.join(words)})"),
    st.lists(WORDS, min_size=2, max_size=2).map(lambda words: f"({' '.join(words)})?"),
    st.just("*"),
)
# Nothing but words that may be missing would fit everywhere.
SOME_TOKENS = st.lists(TOKENS, min_size=1, max_size=4).filter(
    lambda tokens: not all(token[-1] in "?*" for token in tokens)
)
LINES = st.tuples(st.booleans(), SOME_TOKENS, st.booleans()).map(
    lambda line: " ".join(["^"] * line[0] + line[1] + ["$"] * line[2])
)


@given(lines=st.lists(LINES, max_size=4), words=st.lists(WORDS, max_size=8))
def test_any_lines_find_what_their_whole_expression_finds(
    lines: list[str], words: list[str]
) -> None:
    made = Lines.of([sounded(line) for line in lines])
    sentence = f" {sounded(' '.join(words))} "
    expected = re.search(made.whole, sentence) if words else None
    assert made.fit(sentence, places(sentence)) is (expected is not None)
    both = Index.of({"one": made, "same": made, "none": Lines.of([])})
    found = both.fitting(sentence, places(sentence))
    assert found == ({"one", "same"} if expected is not None else set())


def test_what_is_cut_out_leaves_a_gap_no_line_reaches_over() -> None:
    harmless, rest = Lines.of(["a b"]), Lines.of(["x * y"])
    left = harmless.cut(" x a b y ")
    assert not rest.fit(left, places(left))
    assert rest.fit(" x a y ", places(" x a y "))
