"""Receipts, sealed pieces, letters and posts that nobody made: refused, telling nothing."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.ids import TipId, UnitId
from bot.core.sealing import KeyGone, ReceiptMistyped, SealBroken
from bot.core.tips import RecordKind
from bot.services.tips.posting import POST
from bot.services.tips.reading.desk import read_report
from bot.services.tips.records import Records
from bot.services.tips.talk import Talk, read_note
from bot.vault.errors import KeyUnusable
from bot.vault.vault import Vault

# What errors must not repeat.
SECRET = "Nha-cuoi-ngo-so-chin"
QUIET = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PLACE = {
    "unit_id": UnitId("u1"),
    "tip_id": TipId("t1"),
    "kind": RecordKind.REPORT,
    "sequence": 0,
}


def silent(error: BaseException) -> None:
    """Fail if what was typed or sealed stands in the error or in one behind it."""
    at: BaseException | None = error
    while at is not None:
        assert SECRET not in f"{at!s} {at!r}"
        at = at.__cause__


@QUIET
@given(typed=st.one_of(st.text(max_size=60), st.text(alphabet="0O1IL-ABZ ", max_size=40)))
def test_no_receipt_that_is_typed_breaks_anything(vault: Vault, typed: str) -> None:
    try:
        receipt = vault.receipts.parse(SECRET + typed)
    except ReceiptMistyped as error:
        silent(error)
    else:
        assert vault.receipts.parse(receipt.text) == receipt


@QUIET
@given(receipt_bytes=st.binary(min_size=1, max_size=3), at=st.integers(min_value=0, max_value=23))
def test_one_wrong_sign_is_always_found(vault: Vault, receipt_bytes: bytes, at: int) -> None:
    signs = vault.receipts.new().text.replace("-", "")
    other = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[receipt_bytes[0] % 32]
    if signs[at] == other:
        return
    with pytest.raises(ReceiptMistyped):
        vault.receipts.parse(signs[:at] + other + signs[at + 1 :])


def _bent(sealed: bytes, data: st.DataObject) -> bytes:
    """Return the blob cut, lengthened, or with one bit turned."""
    how = data.draw(st.sampled_from(["cut", "longer", "turned", "other"]))
    if how == "cut":
        return sealed[: data.draw(st.integers(0, len(sealed) - 1))]
    if how == "longer":
        return sealed + data.draw(st.binary(min_size=1, max_size=20))
    if how == "other":
        return data.draw(st.binary(max_size=200))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    changed = bytearray(sealed)
    changed[at // 8] ^= 1 << at % 8
    return bytes(changed)


@QUIET
@given(data=st.data())
def test_a_bent_record_is_refused(vault: Vault, data: st.DataObject) -> None:
    key = vault.tips.new_key()
    sealed = vault.tips.seal(key, SECRET.encode(), **PLACE)  # type: ignore[arg-type] # mixed keywords
    with pytest.raises(SealBroken) as refused:
        vault.tips.open(key, _bent(sealed, data), **PLACE)  # type: ignore[arg-type] # mixed keywords
    silent(refused.value)


@QUIET
@given(data=st.data())
def test_a_bent_key_is_refused(vault: Vault, data: st.DataObject) -> None:
    pair = vault.officers.new_pair()
    wrapped = vault.tips.wrap(vault.tips.new_key(), pair.public)
    with pytest.raises(SealBroken) as refused:
        vault.tips.unwrap(_bent(wrapped, data), pair.private)
    silent(refused.value)


@QUIET
@given(data=st.data())
def test_a_bent_letter_is_refused(vault: Vault, data: st.DataObject) -> None:
    pair = vault.talks.new_pair()
    talk = Talk(Records(vault.tips), vault.talks)
    sealed = vault.talks.seal_letter(pair.public, SECRET.encode())
    with pytest.raises(SealBroken) as refused:
        talk.open_letter(pair.private, _bent(sealed, data))
    silent(refused.value)


@QUIET
@given(plain=st.binary(max_size=300))
def test_a_letter_that_says_something_else_is_refused(vault: Vault, plain: bytes) -> None:
    pair = vault.talks.new_pair()
    talk = Talk(Records(vault.tips), vault.talks)
    for read in (read_note, read_report):
        with pytest.raises(SealBroken) as refused:
            read(SECRET.encode() + plain)
        silent(refused.value)
    sealed = vault.talks.seal_letter(pair.public, SECRET.encode() + plain)
    with pytest.raises(SealBroken) as refused:
        talk.open_letter(pair.private, sealed)
    silent(refused.value)


@QUIET
@given(data=st.data())
def test_a_bent_post_is_refused(vault: Vault, data: st.DataObject) -> None:
    week = vault.weeks.public()
    sealed = vault.weeks.seal(POST, SECRET.encode(), to=week)
    with pytest.raises(SealBroken) as refused:
        vault.weeks.open(POST, _bent(sealed, data), week=week.week)
    silent(refused.value)


@QUIET
@given(week=st.dates(), key=st.binary(max_size=40))
def test_a_week_nobody_has_the_key_of_opens_nothing(vault: Vault, week: date, key: bytes) -> None:
    sealed = vault.weeks.seal(POST, SECRET.encode(), to=vault.weeks.public())
    with pytest.raises((KeyGone, SealBroken)) as refused:
        vault.weeks.open("route", sealed, week=week)
    silent(refused.value)
    if len(key) != 32:
        with pytest.raises(KeyUnusable):
            vault.tips.wrap(vault.tips.new_key(), key)
