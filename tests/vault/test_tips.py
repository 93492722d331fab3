from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey, PublicKey, SealedBox

from bot.core.sealing import SealBroken
from bot.vault.errors import KeyUnusable
from bot.vault.tips import TipBox

BOX = TipBox()
KEY = bytes(range(32))
PRIVATE = bytes(range(1, 33))
PUBLIC = bytes(PrivateKey(PRIVATE).public_key)
# Written once by this program; what older versions sealed must stay readable.
KNOWN_RECORD = bytes.fromhex(
    "01c08a6d00facdf8311ce373bb111901b61f2d8ac63825576770beafc4d4434cdc51e5095ede76fe"
    "f270cfd16fe387fc4ce9cb994158e3a445af61868b5b5c926efd48a5a6a60009cb2d29da6438c122"
    "d612148b920b566897600dd2c8ae6d769b57f2efe7f7ea6a864272ea55fdcd1417bd09d6276cb7f5"
    "cf20c10ea2d7ad2614373533a312d70a1eddaa21aba6aa42ffa2dfb9c1e583e6a3986d381876deff"
    "46d73ac98051edfd7045709e469198cd4a5f6d54b9a1e80282593a8821d59bdd7e6859950aa4ecda"
    "bcd90e05908304f12fafdc18c8e1769a7882528eb28eb09f82428b8dae88d5f416a1b76a506fbbee"
    "143ccab30b92c92ebe73a4205d64cf283b8a17850927035bdd3316b37888ce51c678e01abdcb2111"
    "a00158b68c6af9b7874d93088473b816257c6fbd2cd7ce21cff17bcf2e69fd07f0cf7b3febc81f13"
    "0f94dea8bdcceb84f0eb70639954a916854f30b2024137cb1b3fd0133c99e4cc2f0f00fa50487a9e"
    "6928567f8a47968a19ff53015508aa866154fc7aaa6ee88db522741d803c4c5167928f269e87aa37"
    "20221a3e6a776189b1ab36f98dd94e43904a426ab93148bdf6bbbb468031bf3dd1ae8cd6f7235705"
    "cda7f0120576a6d084fccbb74269096a5466213e4d6ae64e291d3db99f745d4941186d5823d644f9"
    "f864af5b6f09db79b53b2d4df904595114b743754f48381ea49650c4efdbb75ba8ca895e035ab61b"
    "d980af3c771d16880ed6a2cebb9716bc2aef98e3fffd84f46ce72256d33f28cf12b15a0b31b70b2f"
    "0b567f73cf76fd31c2959106dbba79735304e30a824efb2439e9105750b21e9b43f416cbd480adf9"
    "2ce797be4aa017e6d8a5f80abd60c397ce4a4b5d1bc1594787c42416c8959b25722971eb57a75936"
    "099ea92bf9fc35ab02e2974a8ca394afe63fdd6579ab47409b3768bd010c8200b2f13bed1778c679"
    "a31b484065dc4c9afef78b79ee58a98c455943bf61ef185be54562602b1feb4aaebad3162243d825"
    "21806bae29bc31fb91130de2e4953d785b3bad743accd9000f703ef9a7d7cd2306c58b497e7523ce"
    "3121874c09260873e0957d2a89198058a2b4cdd874e4d477b68d472fc78fdd830fecbfaca8268254"
    "c579c5572fbe6d6ebed568dd0cd2221d3d142e3552f3e1b72879b5193ee72543db15d9dfcd42c0a4"
    "46309dfe0c712a4f28f6c333b85a0cfa31286f14f68a722fcb4eb6c947365edd78f9d038841ab162"
    "a5f71b534b4a1c6ee56397619d6000beafac76dcc37864c05bfb76c5f9ed34d87a58315016b44211"
    "ada3503c87b84c3d25c14e4406c070433a328558e95c09c97d929a5b2719e1882de33e60aa33d816"
    "7a56b0d21914da12bea4db2f6c076aceb672232272b2b56631cde8e76568c5eafde35de2b7bdb818"
    "4f44ccc3a579c2112a109ad3b6465b89551109bdd5ef21f1c5b4c9c7f373d3b540cc3a81b1f8f1e8"
    "2b9374fa21f29e92cbde1e8fdf5014d1a85fdaf99626fe3f59"
)
KNOWN_WRAPPED = bytes.fromhex(
    "011cb3c711e627bab59888493aa4e6e1397d1cd2a7d3a564279a68ff31e0ab14737eb49a33bd12ed"
    "8d4f67a3330b7d61c32f38abd9712bcb25e2e4bdf59389e496579fda781676c7e3a49c12053686a7"
    "aa10b0aec8a10fb9cdd0130a581315bef6ad"
)


class Place(TypedDict):
    unit_id: str
    tip_id: str
    kind: str
    sequence: int


PLACE: Place = {"unit_id": "u1", "tip_id": "t1", "kind": "report", "sequence": 0}


@settings(deadline=None)
@given(
    plain=st.binary(max_size=5000),
    unit_id=st.text(max_size=20),
    tip_id=st.text(max_size=20),
    sequence=st.integers(0, 2**63),
)
def test_a_record_opens_in_its_place(
    *, plain: bytes, unit_id: str, tip_id: str, sequence: int
) -> None:
    place = Place(unit_id=unit_id, tip_id=tip_id, kind="note", sequence=sequence)
    assert BOX.open(KEY, BOX.seal(KEY, plain, **place), **place) == plain


def test_a_record_of_an_older_program_still_opens() -> None:
    assert BOX.open(KEY, KNOWN_RECORD, **PLACE) == "trộm xe".encode()


def test_a_wrapped_key_of_an_older_program_still_opens() -> None:
    assert BOX.unwrap(KNOWN_WRAPPED, PRIVATE) == KEY


MOVED = [
    Place(unit_id="u2", tip_id="t1", kind="report", sequence=0),
    Place(unit_id="u1", tip_id="t2", kind="report", sequence=0),
    Place(unit_id="u1", tip_id="t1", kind="note", sequence=0),
    Place(unit_id="u1", tip_id="t1", kind="report", sequence=1),
    Place(unit_id="u1t1", tip_id="", kind="report", sequence=0),
    Place(unit_id="u", tip_id="1t1", kind="report", sequence=0),
]


@pytest.mark.parametrize("place", MOVED, ids=lambda place: "/".join(map(str, place.values())))
def test_a_record_moved_elsewhere_does_not_open(place: Place) -> None:
    with pytest.raises(SealBroken):
        BOX.open(KEY, BOX.seal(KEY, b"report", **PLACE), **place)


def test_another_key_does_not_open_a_record() -> None:
    with pytest.raises(SealBroken):
        BOX.open(BOX.new_key(), BOX.seal(KEY, b"report", **PLACE), **PLACE)


def test_changing_any_byte_breaks_a_record() -> None:
    sealed = BOX.seal(KEY, b"report", **PLACE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            BOX.open(KEY, bytes(changed), **PLACE)


@pytest.mark.parametrize("kept", [0, 1, 24, 40, 41, -1])
def test_a_cut_record_does_not_open(kept: int) -> None:
    with pytest.raises(SealBroken):
        BOX.open(KEY, BOX.seal(KEY, b"report", **PLACE)[:kept], **PLACE)


def test_texts_up_to_4000_signs_show_at_most_five_sizes() -> None:
    texts = [sign * length for sign in "aệ😀" for length in range(0, 4001, 40)]
    sizes = {len(BOX.seal(KEY, text.encode(), **PLACE)) for text in texts}
    assert sorted(sizes) == [kib * 1024 + 41 for kib in (1, 2, 4, 8, 16)]


@pytest.mark.parametrize(("length", "kib"), [(1023, 1), (1024, 2), (2047, 2), (2048, 4)])
def test_sizes_double_when_the_padding_no_longer_fits(length: int, kib: int) -> None:
    assert len(BOX.seal(KEY, bytes(length), **PLACE)) == kib * 1024 + 41


def test_keys_are_fresh_each_time() -> None:
    assert BOX.new_key() != BOX.new_key()
    assert len(BOX.new_key()) == 32


def test_a_wrapped_key_opens_for_its_holder_only() -> None:
    wrapped = BOX.wrap(KEY, PUBLIC)
    assert BOX.unwrap(wrapped, PRIVATE) == KEY
    with pytest.raises(SealBroken):
        BOX.unwrap(wrapped, bytes(PrivateKey.generate()))


def test_changing_any_byte_breaks_a_wrapped_key() -> None:
    wrapped = BOX.wrap(KEY, PUBLIC)
    for place in range(len(wrapped)):
        changed = bytearray(wrapped)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            BOX.unwrap(bytes(changed), PRIVATE)


@pytest.mark.parametrize("kept", [0, 1, 48, -1])
def test_a_cut_wrapped_key_does_not_open(kept: int) -> None:
    with pytest.raises(SealBroken):
        BOX.unwrap(BOX.wrap(KEY, PUBLIC)[:kept], PRIVATE)


@pytest.mark.parametrize(
    "content", [KEY, b"binhyen.other.1" + KEY, b"binhyen.tip.key.1" + KEY[:31], b""]
)
def test_something_else_sealed_to_the_holder_is_no_tip_key(content: bytes) -> None:
    wrapped = b"\x01" + SealedBox(PublicKey(PUBLIC)).encrypt(content)
    with pytest.raises(SealBroken, match="not the key of a tip"):
        BOX.unwrap(wrapped, PRIVATE)


def test_keys_of_the_wrong_size_are_refused() -> None:
    with pytest.raises(KeyUnusable, match="31 bytes instead of 32"):
        BOX.seal(KEY[:31], b"", **PLACE)
    with pytest.raises(KeyUnusable):
        BOX.wrap(KEY[:31], PUBLIC)
    with pytest.raises(KeyUnusable):
        BOX.wrap(KEY, PUBLIC[:31])
    with pytest.raises(KeyUnusable):
        BOX.unwrap(BOX.wrap(KEY, PUBLIC), PRIVATE[:31])


def test_a_public_key_that_hides_nothing_is_refused() -> None:
    with pytest.raises(KeyUnusable, match="public key"):
        BOX.wrap(KEY, bytes(32))
