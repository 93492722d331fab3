"""The topics residents can choose: a few of the FAQ's, with a label each, in the file's order."""

from pathlib import Path

import pytest

from bot.core.languages import Language
from content.book import Book
from content.interests import named
from tests.content.conftest import Breaker


def test_each_is_a_topic_of_the_faq_with_a_label_in_every_language(book: Book) -> None:
    assert 4 <= len(book.interests) <= 12
    assert book.interests.keys() <= book.topics.keys()
    for key, interest in book.interests.items():
        assert interest.key == key
        assert set(interest.label) == set(Language)


def test_the_order_of_the_file_is_the_order_shown(folder: Path, spoil: Breaker) -> None:
    first = "online_scam: {vi: Lừa đảo trên mạng, en: Online scams}"
    second = 'fire_safety: {vi: "Phòng cháy, chữa cháy", en: Fire safety}'
    spoil("interests.yaml", f"  {first}\n  {second}\n", f"  {second}\n  {first}\n")
    assert list(Book.load(folder).interests)[:2] == ["fire_safety", "online_scam"]


@pytest.mark.parametrize("language", Language)
def test_labels_come_in_the_order_shown_and_what_is_gone_by_its_key(
    book: Book, language: Language
) -> None:
    scam, fire = (book.interests[key].label[language] for key in ("online_scam", "fire_safety"))
    keys = {"long_gone", "fire_safety", "online_scam"}
    assert named(keys, book.interests, language) == (scam, fire, "long_gone")
