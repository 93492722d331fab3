"""Every sentence an adapter can say stands in `content/`, in every language."""

import pytest

from bot.channels.telegram.adapter import SENTENCES as TELEGRAM
from bot.channels.zalo.account import SENTENCES as ZALO
from content.book import Book


@pytest.mark.parametrize("keys", [TELEGRAM, ZALO], ids=["telegram", "zalo"])
def test_the_book_has_every_sentence_of_a_channel(keys: tuple[str, ...]) -> None:
    assert Book.load().voice("channels", *keys).keys == set(keys)
