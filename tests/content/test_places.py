"""Places in the text of an announcement: what is understood, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.book import Book
from content.places import EmptyPlace, UnreadableText, filled, places_in


def test_a_place_is_filled_and_a_condition_on_it_is_heard() -> None:
    text = "Gọi {{ so_truc }}.{% if can_bo %} Gặp {{ can_bo }}.{% endif %}"
    assert places_in(text) == {"so_truc", "can_bo"}
    assert filled(text, {"so_truc": "02x", "can_bo": "anh Bịa"}) == "Gọi 02x. Gặp anh Bịa."
    assert filled(text, {"so_truc": "02x"}) == "Gọi 02x."


def test_a_place_without_a_value_is_named() -> None:
    with pytest.raises(EmptyPlace) as caught:
        filled("Gọi {{ so_truc }}", {})
    assert caught.value.place == "so_truc"


def test_braces_that_are_no_places_stay_as_they_are() -> None:
    text = 'Khung giờ {7h-9h} & <em> "ngoặc" } {'
    assert places_in(text) == frozenset()
    assert filled(text, {}) == text


def test_values_are_put_in_as_they_are() -> None:
    assert filled("{{ can_bo }}", {"can_bo": "{{ so_truc }} <b>"}) == "{{ so_truc }} <b>"


@pytest.mark.parametrize(
    "text",
    [
        "{{ so_truc",
        "{% for i in x %}{% endfor %}",
        "{{ so_truc.upper() }}",
        "{{ so_truc.__class__ }}",
        "{{ so_truc | upper }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'a' ~ so_truc }}",
        "{{ 'a' * 1000000 }}",
        "{{ [so_truc] }}",
        "{{ range(9) }}",
        "{% set x = 1 %}",
        "{% include 'facts.yaml' %}",
        "{% macro x() %}{% endmacro %}",
        "{{ " + "(" * 700 + "x",
    ],
    ids=lambda text: text[:24],
)
def test_whatever_else_the_language_can_do_is_refused(text: str) -> None:
    with pytest.raises(UnreadableText):
        places_in(text)


def test_the_line_is_told() -> None:
    with pytest.raises(UnreadableText) as caught:
        places_in("một\nhai\n{{ ba.bon }}")
    assert caught.value.line == 3


@given(st.text(alphabet="{}%#| .'\"()abc so_truc\n", max_size=60))
def test_no_text_does_more_than_be_read_or_refused(text: str) -> None:
    try:
        names = places_in(text)
    except UnreadableText:
        return
    assert isinstance(filled(text, dict.fromkeys(names, "x")), str)


def test_every_place_of_the_book_has_words_for_it(book: Book) -> None:
    assert {"so_truc", "ten_don_vi", "ten_xa"} <= book.places.keys()
    assert all(len(place.label) == 2 for place in book.places.values())
