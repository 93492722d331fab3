"""Every sentence an adapter can say stands in `content/`, in every language."""

import pytest

from bot.channels.telegram.account import SENTENCES as TELEGRAM
from bot.channels.zalo.account import SENTENCES as ZALO
from bot.channels.zalo.explaining import SENTENCES as ZALO_CODES
from bot.channels.zalo.grant import SENTENCES as ZALO_GRANT
from content.book import Book


@pytest.mark.parametrize(
    "keys", [TELEGRAM, ZALO, ZALO_CODES, ZALO_GRANT], ids=["telegram", "zalo", "codes", "grant"]
)
def test_the_book_has_every_sentence_of_a_channel(keys: tuple[str, ...]) -> None:
    assert Book.load().voice("channels", *keys).keys == set(keys)
