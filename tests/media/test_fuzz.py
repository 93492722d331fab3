"""Files that are damaged, cut, joined or random: cleaned or refused, and never a trace of them."""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.vault.cleaning import PictureCleaner
from tests.media.cases import Case
from tests.media.corpus import corpus
from tests.media.proof import Outcome, outcome

CASES = [case for case in corpus() if case.is_cleanable]
SMALL = [case for case in CASES if len(case.body) < 20_000]
# A file that could hang the cleaner would end as refused after its limit; this is far below it.
LIMIT_S = 8.0


def become(case: Case, body: bytes) -> Outcome:
    tried = Case(format=case.format, place=case.place, body=body, hidden=case.hidden)
    return asyncio.run(outcome(PictureCleaner(limit_s=LIMIT_S), tried))


def changed(body: bytes, places: Sequence[tuple[int, bytes]]) -> bytes:
    whole = bytearray(body)
    for at, piece in places:
        start = at % len(whole)
        whole[start : start + len(piece)] = piece
    return bytes(whole)


PLACES = st.lists(
    st.tuples(st.integers(0, 100_000), st.binary(min_size=1, max_size=8)), max_size=6
)


@settings(max_examples=40, deadline=None)
@given(case=st.sampled_from(SMALL), places=PLACES, cut=st.integers(0, 400))
def test_a_damaged_file_leaves_nothing(
    case: Case, places: Sequence[tuple[int, bytes]], cut: int
) -> None:
    body = changed(case.body, places)
    done = become(case, body[: max(len(body) - max(cut - 200, 0), 8)])
    assert done.left == ()
    assert (done.refused is None) == (done.made > 0)


@settings(max_examples=10, deadline=None)
@given(first=st.sampled_from(SMALL), second=st.sampled_from(SMALL), at=st.integers(0, 20_000))
def test_two_files_in_one_leave_nothing(first: Case, second: Case, at: int) -> None:
    at %= len(first.body)
    both = Case(
        format=first.format, place="both", body=b"", hidden=(*first.hidden, *second.hidden)
    )
    assert become(both, first.body[:at] + second.body + first.body[at:]).left == ()


@settings(max_examples=10, deadline=None)
@given(case=st.sampled_from(SMALL), head=st.integers(4, 40), rest=st.binary(max_size=3_000))
def test_bytes_by_chance_are_refused(case: Case, head: int, rest: bytes) -> None:
    done = become(case, case.body[:head] + rest)
    assert (done.left, done.made) == ((), 0)
