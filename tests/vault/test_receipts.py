import contextlib
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2.low_level import Type, hash_secret_raw
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.ids import ALPHABET
from bot.core.sealing import Receipt, ReceiptMistyped
from bot.vault.receipts import Receipts, pepper_in
from bot.vault.slow import CHEAP_COST, SlowWork
from bot.vault.vault import Vault

PEPPER = bytes(range(32))
SALT = b"salt of this tip"
SECRET = "0123456789ABCDEFGHJ"
KNOWN = "4567-89AB-CDEF-GHJK-MNPQ-RSTA"
chances = st.binary(min_size=23, max_size=23)


def receipt_of(chance: bytes) -> Receipt:
    slow = SlowWork(workers=1)
    try:
        return Receipts(PEPPER, slow=slow, random_bytes=lambda size: chance[:size]).new()
    finally:
        slow.close()


WORDS = (b"stored", b"key")


def blake2b(word: bytes, *, key: bytes, person: bytes) -> bytes:
    return hashlib.blake2b(word, key=key, person=person, digest_size=32).digest()


@pytest.fixture
def receipts(slow: SlowWork) -> Receipts:
    return Receipts(PEPPER, slow=slow, cost=CHEAP_COST)


@pytest.fixture(scope="module")
def reader() -> Receipts:
    slow = SlowWork(workers=1)
    slow.close()
    return Receipts(PEPPER, slow=slow)


def test_a_receipt_is_six_groups_of_four(receipts: Receipts) -> None:
    receipt = receipts.new()
    assert [len(group) for group in receipt.text.split("-")] == [4] * 6
    assert len(receipt.secret) == 19
    assert receipt.text.startswith(receipt.locator + "-")
    assert set(receipt.text) <= {*ALPHABET, "-"}


def test_a_receipt_made_of_known_chance_is_always_the_same() -> None:
    receipt = receipt_of(bytes(range(100, 123)))
    assert receipt.text == KNOWN


def test_receipts_are_fresh_each_time(receipts: Receipts) -> None:
    assert receipts.new() != receipts.new()


def test_a_receipt_hides_from_logs(receipts: Receipts) -> None:
    assert repr(receipts.new()) == "Receipt()"


@settings(deadline=None)
@given(chance=chances)
def test_a_receipt_is_read_as_it_was_written(reader: Receipts, chance: bytes) -> None:
    receipt = receipt_of(chance)
    assert reader.parse(receipt.text) == receipt


TYPED: list[tuple[str, Callable[[str], str]]] = [
    ("lower case", lambda text: text.lower()),
    ("no dashes", lambda text: text.replace("-", "")),
    ("spaces", lambda text: f"  {text.replace('-', ' ')}\n"),
    ("long dashes", lambda text: text.replace("-", " – ")),
    ("full width", lambda text: text.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)})),
    ("invisible marks", lambda text: "\u200b".join(text) + "\u202c\ufeff"),
    ("no-break spaces", lambda text: text.replace("-", "\u00a0")),
    ("letter O", lambda text: text.replace("0", "O")),
    ("letter o", lambda text: text.replace("0", "o")),
    ("letter I", lambda text: text.replace("1", "I")),
    ("letter l", lambda text: text.replace("1", "l")),
]


@pytest.mark.parametrize("typed", [row[1] for row in TYPED], ids=[row[0] for row in TYPED])
def test_ways_of_typing_do_not_matter(reader: Receipts, typed: Callable[[str], str]) -> None:
    receipt = receipt_of(bytes([0, 1] * 11 + [2]))
    assert reader.parse(typed(receipt.text)) == receipt


@settings(deadline=None)
@given(chance=chances, place=st.integers(0, 23), other=st.sampled_from(ALPHABET))
def test_every_single_wrong_sign_is_noticed(
    *, reader: Receipts, chance: bytes, place: int, other: str
) -> None:
    signs = receipt_of(chance).text.replace("-", "")
    typed = signs[:place] + other + signs[place + 1 :]
    if typed != signs:
        with pytest.raises(ReceiptMistyped):
            reader.parse(typed)


@settings(deadline=None)
@given(chance=chances, places=st.tuples(st.integers(0, 23), st.integers(0, 23)))
def test_every_swap_of_two_signs_is_noticed(
    reader: Receipts, chance: bytes, places: tuple[int, int]
) -> None:
    signs = list(receipt_of(chance).text.replace("-", ""))
    one, two = places
    swapped = signs.copy()
    swapped[one], swapped[two] = swapped[two], swapped[one]
    if swapped != signs:
        with pytest.raises(ReceiptMistyped):
            reader.parse("".join(swapped))


@pytest.mark.parametrize(
    "text", ["", "ABCD", "0" * 23, "0" * 25, "U" * 24, "đ" * 24, "🙂" * 24, "-" * 24, "\x00" * 30]
)
def test_what_cannot_be_a_receipt_is_refused(reader: Receipts, text: str) -> None:
    with pytest.raises(ReceiptMistyped):
        reader.parse(text)


@settings(deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(reader: Receipts, text: str) -> None:
    with contextlib.suppress(ReceiptMistyped):
        reader.parse(text)


def test_a_refusal_quotes_nothing(reader: Receipts) -> None:
    with pytest.raises(ReceiptMistyped) as caught:
        reader.parse("ABCD-EFGH")
    assert "ABCD" not in str(caught.value)


async def test_the_stored_hash_is_what_it_is_said_to_be(receipts: Receipts) -> None:
    peppered = hmac.digest(PEPPER, SECRET.encode(), hashlib.sha256)
    expected = hash_secret_raw(
        peppered, SALT, time_cost=1, memory_cost=8, parallelism=1, hash_len=32, type=Type.ID
    )
    proof = await receipts.prove(SECRET, SALT)
    halves = [blake2b(word, key=expected, person=b"binhyen.receipt") for word in WORDS]
    assert [proof.stored, proof.key] == [b"\x02" + halves[0], halves[1]]


async def test_a_receipt_from_before_dialogues_still_fits_and_has_no_key(
    receipts: Receipts,
) -> None:
    peppered = hmac.digest(PEPPER, SECRET.encode(), hashlib.sha256)
    first = hash_secret_raw(
        peppered, SALT, time_cost=1, memory_cost=8, parallelism=1, hash_len=32, type=Type.ID
    )
    assert await receipts.key_of(SECRET, SALT, b"\x01" + first) == b""
    assert await receipts.key_of(SECRET, SALT, b"\x02" + first) is None


async def test_a_secret_matches_its_own_hash_only(receipts: Receipts) -> None:
    proof = await receipts.prove(SECRET, SALT)
    assert await receipts.key_of(SECRET, SALT, proof.stored) == proof.key
    assert await receipts.key_of(SECRET[::-1], SALT, proof.stored) is None
    assert await receipts.key_of(SECRET, receipts.new_salt(), proof.stored) is None
    assert await receipts.key_of(SECRET, SALT, proof.stored[:-1]) is None
    assert await receipts.key_of(SECRET, SALT, b"") is None


async def test_without_the_pepper_no_secret_matches(receipts: Receipts, slow: SlowWork) -> None:
    proof = await receipts.prove(SECRET, SALT)
    thief = Receipts(bytes(32), slow=slow, cost=CHEAP_COST)
    assert await thief.key_of(SECRET, SALT, proof.stored) is None


async def test_wasting_time_is_possible_at_any_time(receipts: Receipts) -> None:
    await receipts.waste()


def test_salts_are_fresh_each_time(receipts: Receipts) -> None:
    assert receipts.new_salt() != receipts.new_salt()
    assert len(receipts.new_salt()) == 16


def test_the_pepper_stays_the_same(tmp_path: Path) -> None:
    assert pepper_in(tmp_path / "pepper") == pepper_in(tmp_path / "pepper")


async def test_a_receipt_works_after_a_restart(vault: Vault, tmp_path: Path) -> None:
    receipt = vault.receipts.new()
    proof = await vault.receipts.prove(receipt.secret, SALT)
    pepper = pepper_in(tmp_path / "keys" / "receipt-pepper.key")
    again = Receipts(pepper, slow=vault.slow, cost=CHEAP_COST)
    assert await again.key_of(again.parse(receipt.text).secret, SALT, proof.stored) == proof.key
