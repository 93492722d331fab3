"""Every single fault of an audit chain is found, and what only a key or a head finds, by those."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.audit import AuditEntry, AuditHead, KeyState, MovingKey, key_mark
from bot.core.audit_check import ChainFault, ChainReport, ChainWalk
from tests.chains import NOON, START, MemoryKey, act, begin, chained, signed, whole_chain

LENGTH = 50
Chain = list[AuditEntry]
Fault = Callable[[Chain, int], Chain]


def walked(
    chain: Sequence[AuditEntry],
    *,
    starts: Sequence[bytes] = (),
    heads: Sequence[AuditHead] = (),
    key: MovingKey | None = None,
    state: KeyState | None = None,
) -> ChainReport:
    walk = ChainWalk(starts=starts, heads=heads, key=key, state=state)
    for entry in chain:
        if not walk.take(entry):
            break
    return walk.report()


def with_record(chain: Chain, place: int, **values: object) -> Chain:
    record = replace(chain[place].record, **values)  # type: ignore[arg-type]  # of every field
    return [*chain[:place], replace(chain[place], record=record), *chain[place + 1 :]]


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


FAULTS: dict[str, Fault] = {
    "moment": lambda chain, at: with_record(chain, at, at=NOON.replace(hour=13)),
    "who": lambda chain, at: with_record(chain, at, actor="another"),
    "act": lambda chain, at: with_record(chain, at, act="tip.list"),
    "subject": lambda chain, at: with_record(chain, at, subject="another"),
    "facts": lambda chain, at: with_record(chain, at, facts={"a": "b"}),
    "number": lambda chain, at: [
        *chain[:at],
        replace(chain[at], number=chain[at].number + 1),
        *chain[at + 1 :],
    ],
    "hash": lambda chain, at: [
        *chain[:at],
        replace(chain[at], hash=flipped(chain[at].hash)),
        *chain[at + 1 :],
    ],
    "removed": lambda chain, at: [*chain[:at], *chain[at + 1 :]],
    "removed, numbers closed up": lambda chain, at: [
        *chain[:at],
        *(replace(entry, number=entry.number - 1) for entry in chain[at + 1 :]),
    ],
    "doubled": lambda chain, at: [*chain[: at + 1], *chain[at:]],
    "inserted": lambda chain, at: [
        *chain[:at],
        replace(chain[at], record=act(99)),
        *(replace(entry, number=entry.number + 1) for entry in chain[at:]),
    ],
}
MAC_FAULTS: dict[str, Fault] = {
    "MAC changed": lambda chain, at: [
        *chain[:at],
        replace(chain[at], mac=flipped(chain[at].mac or b"\0")),
        *chain[at + 1 :],
    ],
    "MAC taken away": lambda chain, at: [
        *chain[:at],
        replace(chain[at], mac=None),
        *chain[at + 1 :],
    ],
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_single_fault_of_a_chain_of_fifty_is_found_without_the_auditor(fault: Fault) -> None:
    key = MemoryKey()
    chain = whole_chain(LENGTH, old=5, key=key)
    assert walked(chain, key=key, state=key.state()).is_whole
    missed = [
        at for at in range(LENGTH) if walked(fault(chain, at), key=key, state=key.state()).is_whole
    ]
    assert missed == []


def test_every_swap_in_a_chain_of_fifty_is_found() -> None:
    key = MemoryKey()
    chain = whole_chain(LENGTH, key=key)
    for one in range(LENGTH):
        for other in range(one + 1, LENGTH):
            swapped = list(chain)
            swapped[one], swapped[other] = chain[other], chain[one]
            assert walked(swapped).broken_at == one + 1
            numbers = list(chain)
            numbers[one] = replace(chain[other], number=one + 1)
            numbers[other] = replace(chain[one], number=other + 1)
            assert walked(numbers).broken_at == one + 1


@pytest.mark.parametrize("fault", MAC_FAULTS.values(), ids=MAC_FAULTS)
def test_every_changed_mac_is_found_by_the_auditor(fault: Fault) -> None:
    key = MemoryKey()
    chain = whole_chain(LENGTH, key=key)
    for at in range(LENGTH):
        report = walked(fault(chain, at), starts=[START])
        assert report.broken_at == at + 1


def test_every_cut_is_found_by_the_key_on_the_machine_and_by_a_head() -> None:
    key = MemoryKey()
    chain = whole_chain(LENGTH, key=key)
    head = AuditHead(day=NOON.date(), number=LENGTH, hash=chain[-1].hash)
    for left in range(LENGTH):
        cut = chain[:left]
        report = walked(cut, key=key, state=key.state())
        assert (report.fault, report.broken_at) == (ChainFault.CUT_OFF, left + 1)
        assert walked(cut, heads=[head]).fault is ChainFault.CUT_OFF


def test_an_emptied_table_is_found_by_the_auditors_key_alone() -> None:
    assert walked([], starts=[START]).fault is ChainFault.KEY_NOWHERE


@settings(deadline=None)
@given(data=st.data())
def test_who_takes_the_machine_cannot_write_an_earlier_entry_anew(data: st.DataObject) -> None:
    """The thief has the database and the key of today, and makes every hash and MAC they can."""
    length = data.draw(st.integers(3, 40), label="length")
    old = data.draw(st.integers(0, length - 2), label="old")
    key = MemoryKey()
    chain = whole_chain(length, old=old, key=key)
    # That the last one is missing is for heads to say: see the cuts above.
    at = data.draw(st.integers(old, length - 2), label="at")
    records = [entry.record for entry in chain]
    what = data.draw(st.sampled_from(["change", "remove", "insert"]), label="what")
    if what == "change":
        records[at] = replace(records[at], subject="forged")
    elif what == "remove":
        del records[at]
    else:
        records.insert(at, act(99))
    forged = chained(records)
    own = MemoryKey(bytes(32))
    own.begin(1)
    match data.draw(st.sampled_from(["none", "old", "own", "new key"]), label="MACs"):
        case "none":
            pass
        case "old":
            forged = [
                replace(entry, mac=chain[min(place, length - 1)].mac)
                for place, entry in enumerate(forged)
            ]
        case "own":
            forged = [replace(one, mac=own.mac(one.number, one.hash)) for one in forged]
        case _:  # a key of their own, begun in the chain
            kept = records[:at] if what != "remove" else records[: max(at, old + 1)]
            forged = chained([*kept, begin(own.start), *records[at:]])
            forged = [
                replace(entry, mac=chain[place].mac if place < len(kept) else b"m" * 32)
                for place, entry in enumerate(forged)
            ]
    assert not walked(forged, starts=[START]).is_whole


@settings(deadline=None)
@given(data=st.data())
def test_every_single_fault_of_any_chain_is_found(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 60), label="length")
    key = MemoryKey()
    chain = whole_chain(length, old=data.draw(st.integers(0, length - 1)), key=key)
    fault = data.draw(st.sampled_from(list(FAULTS)), label="fault")
    at = data.draw(st.integers(0, length - 1), label="at")
    report = walked(FAULTS[fault](chain, at), key=key, state=key.state())
    assert report.fault is not None
    assert report.broken_at in {at + 1, at + 2}


def test_what_somebody_without_the_key_added_at_the_end_is_found_on_the_machine() -> None:
    key = MemoryKey()
    chain = whole_chain(10, key=key)
    more = chained([*(entry.record for entry in chain), act(99)])
    forged = [*chain, replace(more[-1], mac=b"m" * 32)]
    report = walked(forged, key=key, state=key.state())
    assert (report.fault, report.broken_at) == (ChainFault.MAC, 11)


def test_what_the_program_adds_while_a_chain_is_walked_is_no_fault() -> None:
    key = MemoryKey()
    before = whole_chain(10, key=key)
    state = key.state()
    records = [entry.record for entry in before]
    later = signed(chained([*records, act(10), act(11)]), key, since=1)
    report = walked(later, key=key, state=state)
    assert (report.is_whole, report.entries) == (True, 12)


def test_a_report_says_from_where_macs_begin_and_how_many_were_checked() -> None:
    key = MemoryKey()
    report = walked(whole_chain(20, old=7, key=key), starts=[START])
    assert (report.entries, report.macs_from, report.macs_checked) == (20, 8, 13)
    assert report.head == whole_chain(20, old=7, key=MemoryKey())[-1].hash


def test_a_key_of_another_chain_begins_nowhere() -> None:
    report = walked(whole_chain(10, key=MemoryKey()), starts=[bytes(32)])
    assert (report.fault, report.broken_at) == (ChainFault.KEY_NOWHERE, None)


def test_entries_before_the_first_key_that_was_given_are_not_its_matter() -> None:
    first, second = MemoryKey(), MemoryKey(bytes(32))
    records = [begin(first.start), act(1), begin(second.start), act(3)]
    earlier = signed(chained(records), first, since=1)
    chain = [*earlier[:2], *signed(chained(records), second, since=3)[2:]]
    report = walked(chain, starts=[second.start])
    assert (report.is_whole, report.macs_checked) == (True, 2)
    both = walked(chain, starts=[second.start, first.start])
    assert (both.is_whole, both.macs_checked) == (True, 4)
    lacking = walked(chain, starts=[first.start])
    assert (lacking.fault, lacking.broken_at) == (ChainFault.KEY_NOT_GIVEN, 3)


def test_another_entry_than_the_posted_one_is_named() -> None:
    chain = whole_chain(10, key=MemoryKey())
    other = AuditHead(day=NOON.date(), number=4, hash=bytes(32))
    right = AuditHead(day=NOON.date(), number=3, hash=chain[2].hash)
    report = walked(chain, heads=[right, other])
    assert (report.fault, report.broken_at) == (ChainFault.HEAD, 4)


def test_a_chain_that_is_not_the_one_of_this_machine_is_named() -> None:
    key = MemoryKey()
    key.begin(3)
    chain = whole_chain(10, key=MemoryKey(bytes(32)))
    report = walked(chain, key=key, state=key.state())
    assert (report.fault, report.broken_at) == (ChainFault.OTHER_KEY, 3)
    assert key_mark(START) != key_mark(bytes(32))
