"""No window of time ever holds more than the pace allows."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.core.channels import Pace
from bot.delivery.pacer import Pacer

PACES = st.floats(min_value=0.2, max_value=500)
PAUSES = st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=200)
TINY = 1e-9


@given(per_s=PACES, pauses=PAUSES)
def test_no_second_holds_more_than_the_pace(per_s: float, pauses: list[float]) -> None:
    pacer, now, slots = Pacer(Pace(per_s=per_s)), 0.0, []
    for pause in pauses:
        now = max(now + pause, pacer.channel_free_at())
        pacer.take("a", is_group=False, at=now)
        slots.append(now)
    for number, first in enumerate(slots):
        assert sum(first <= one < first + 1 - TINY for one in slots[number:]) <= math.ceil(per_s)


@given(gap=st.floats(min_value=0.1, max_value=5), pauses=PAUSES, is_group=st.booleans())
def test_a_chat_is_left_in_peace_for_its_gap(
    gap: float, pauses: list[float], *, is_group: bool
) -> None:
    pace = Pace(per_s=100, per_group_s=gap) if is_group else Pace(per_s=100, per_chat_s=gap)
    pacer, now, slots = Pacer(pace), 0.0, []
    for pause in pauses:
        now = max(now + pause, pacer.channel_free_at(), pacer.chat_free_at("a"))
        pacer.take("a", is_group=is_group, at=now)
        slots.append(now)
    assert all(later - earlier >= gap - TINY for earlier, later in pairwise(slots))
    assert pacer.chat_free_at("b") == 0


@given(st.lists(st.floats(min_value=0, max_value=100), max_size=20))
def test_holds_only_move_forward(holds: list[float]) -> None:
    pacer, channel_until, chat_until = Pacer(Pace(per_s=1)), 0.0, 0.0
    for until in holds:
        pacer.hold_channel(until)
        pacer.hold_chat("a", until)
        assert pacer.channel_free_at() >= channel_until
        assert pacer.chat_free_at("a") >= chat_until
        channel_until, chat_until = pacer.channel_free_at(), pacer.chat_free_at("a")
    assert channel_until == max(holds, default=0)


def test_chats_whose_gap_is_over_are_forgotten() -> None:
    pacer = Pacer(Pace(per_s=1_000, per_chat_s=1))
    for number in range(10_001):
        pacer.take(f"chat-{number}", is_group=False, at=number / 1_000)
    assert pacer.chat_free_at("chat-0") == 0
    assert pacer.chat_free_at("chat-10000") == 11


def test_a_pace_that_changes_holds_from_the_next_slot_on() -> None:
    pacer = Pacer(Pace(per_s=10))
    pacer.take("a", is_group=False, at=0.0)
    pacer.follow(Pace(per_s=2, per_chat_s=3))
    first = pacer.channel_free_at()
    pacer.take("a", is_group=False, at=first)
    assert (first, pacer.channel_free_at(), pacer.chat_free_at("a")) == (0.1, 0.6, 3.1)
