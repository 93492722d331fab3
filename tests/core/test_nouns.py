"""Small rules of the nouns: ids, codes, the chain, numbered choices, the tree of units."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.announcements import Amendment
from bot.core.audit import GENESIS, AuditRecord, canonical, chain_hash
from bot.core.ids import ALPHABET, UnitId, new_id, new_join_code, read_code
from bot.core.messages import Address, Choice, Outgoing, with_numbered_choices
from bot.core.units import below, path_up
from tests.fakes import NOON, SteadyChance
from tests.storage import nouns

RECORD = AuditRecord(
    at=NOON, actor="officer", act="tip.move", subject="t1", facts={"to": "spam", "from": "new"}
)


def test_ids_and_codes_are_long_enough_and_easy_to_read_out() -> None:
    chance = SteadyChance()
    ids = {new_id(chance) for _ in range(500)}
    codes = {new_join_code(chance) for _ in range(500)}
    assert (len(ids), len(codes)) == (500, 500)
    assert {len(one) for one in ids} == {12}
    assert {len(one) for one in codes} == {6}
    assert set("".join(codes)) <= set(ALPHABET)
    assert set("".join(ids).upper()) <= set(ALPHABET)


@given(st.text(alphabet=ALPHABET, min_size=1, max_size=8))
def test_a_code_is_read_as_it_was_meant(code: str) -> None:
    typed = f" {code[:3].lower()}-{code[3:]} ".replace("0", "o").replace("1", "l")
    assert read_code(typed) == code
    assert read_code(read_code(typed)) == code


def test_the_same_act_is_spelled_the_same() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=7)))
    turned = replace(RECORD, at=elsewhere, facts={"from": "new", "to": "spam"})
    assert canonical(turned) == canonical(RECORD)
    assert canonical(RECORD).decode() == (
        '{"act":"tip.move","actor":"officer","at":"2026-11-22T05:00:00.123456+00:00",'
        '"facts":{"from":"new","to":"spam"},"subject":"t1"}'
    )


@pytest.mark.parametrize(
    "changed",
    [
        replace(RECORD, at=NOON + timedelta(microseconds=1)),
        replace(RECORD, actor="machine"),
        replace(RECORD, act="tip.open"),
        replace(RECORD, subject="t2"),
        replace(RECORD, facts={"to": "spam"}),
    ],
)
def test_any_change_changes_the_hash(changed: AuditRecord) -> None:
    assert chain_hash(GENESIS, 1, changed) != chain_hash(GENESIS, 1, RECORD)


def test_the_hash_binds_the_place_in_the_chain() -> None:
    first = chain_hash(GENESIS, 1, RECORD)
    assert chain_hash(GENESIS, 2, RECORD) != first
    assert chain_hash(first, 1, RECORD) != first


def test_choices_become_numbered_lines_where_there_are_no_buttons() -> None:
    message = Outgoing(
        text="Chọn:",
        choices=(
            Choice(label="Có", word="~yes"),
            Choice(label="Gọi 113", phone="113"),
            Choice(label="Gọi công an", phone="113"),
            Choice(label="Mở trang", url="https://a.example"),
        ),
    )
    assert with_numbered_choices(message) == (
        "Chọn:\n\n1. Có\n2. Gọi 113\n3. Gọi công an: 113\n4. Mở trang: https://a.example"
    )
    assert with_numbered_choices(Outgoing(text="Chào")) == "Chào"


def test_nothing_of_a_person_is_shown_by_repr() -> None:
    address = Address(channel_id=nouns.WEB, chat="chat-of-somebody")
    assert "chat-of-somebody" not in repr(address)
    assert "chuyện" not in repr(Outgoing(text="chuyện của ai đó"))
    assert "chat-a" not in repr(nouns.person("a"))


def test_a_unit_sees_itself_and_what_is_under_it() -> None:
    top, mid = nouns.unit("top"), nouns.unit("mid", parent_id=UnitId("top"))
    leaf, other = nouns.unit("leaf", parent_id=UnitId("mid")), nouns.unit("other")
    units = [leaf, mid, other, top]
    assert below(top.id, units) == {"top", "mid", "leaf"}
    assert below(leaf.id, units) == {"leaf"}
    by_id = {unit.id: unit for unit in units}
    assert [unit.id for unit in path_up(leaf.id, by_id)] == ["leaf", "mid", "top"]
    assert path_up(UnitId("gone"), by_id) == []


def test_a_ring_of_units_ends() -> None:
    one = nouns.unit("one", parent_id=UnitId("two"))
    two = nouns.unit("two", parent_id=UnitId("one"))
    assert below(one.id, [one, two]) == {"one", "two"}
    assert path_up(one.id, {one.id: one, two.id: two}) == [one, two]


@pytest.mark.parametrize(
    ("is_urgent", "amendment", "goes_first"),
    [
        (False, None, False),
        (True, None, True),
        (False, Amendment.CORRECTION, False),
        (False, Amendment.RECALL, True),
    ],
)
def test_what_is_urgent_and_what_takes_back_goes_first(
    is_urgent: bool,  # noqa: FBT001 - a row of the table above
    amendment: Amendment | None,
    goes_first: bool,  # noqa: FBT001 - same
) -> None:
    one = nouns.announcement(is_urgent=is_urgent, amendment=amendment)
    assert one.goes_first is goes_first


def test_an_announcement_is_too_late_only_after_its_grace() -> None:
    one = nouns.announcement(due_at=NOON, grace=timedelta(minutes=30))
    assert not one.is_too_late(NOON + timedelta(minutes=30))
    assert one.is_too_late(NOON + timedelta(minutes=31))
    assert not nouns.announcement(due_at=None).is_too_late(NOON)
