"""The slots for calls of one account: as the settings say, slower if Zalo's answers say so."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.zalo.calls import Answer
from bot.channels.zalo.pace import CallPace
from bot.core.messages import Outgoing
from bot.core.sending import PlatformTrouble, SlowedDown
from tests.channels.rigs_zalo import MESSAGES, ZaloRig
from tests.channels.stubs.fault_script import FaultKind
from tests.fakes import FakeClock

WELL = Answer(code=0)


def answer(*, limit: int | None = None, remain: int | None = None, code: int = 0) -> Answer:
    return Answer(code=code, calls_a_minute=limit, remaining_calls=remain)


async def called(pace: CallPace, told: Answer) -> None:
    await pace.take_slot()
    pace.note(told)


async def test_the_settings_say_how_fast_until_zalo_says_slower() -> None:
    pace = CallPace(per_s=10, clock=FakeClock(is_automatic=True))
    assert pace.per_s == 10
    await called(pace, answer(limit=4000, remain=3999))
    assert pace.per_s == 10
    await called(pace, answer(limit=120, remain=100))
    assert pace.per_s == pytest.approx(1.97)


async def test_the_lower_of_two_limits_holds_until_it_is_no_longer_told() -> None:
    clock = FakeClock(is_automatic=True)
    pace = CallPace(per_s=10, clock=clock)
    await called(pace, answer(limit=120, remain=100))
    await called(pace, answer(limit=4000, remain=10))
    assert pace.per_s == pytest.approx(1.97)
    assert pace.calls_a_minute == 120
    clock.advance(599)
    await called(pace, answer(limit=120, remain=100))
    clock.advance(599)
    await called(pace, answer(limit=4000, remain=10))
    assert pace.calls_a_minute == 120
    clock.advance(2)
    await called(pace, answer(limit=4000, remain=3999))
    assert (pace.per_s, pace.calls_a_minute) == (10, 4000)


async def test_without_headers_the_settings_hold() -> None:
    pace = CallPace(per_s=10, clock=FakeClock())
    await called(pace, WELL)
    assert pace.per_s == 10


async def test_the_first_call_goes_ahead_alone() -> None:
    pace = CallPace(per_s=10, clock=FakeClock(is_automatic=True))
    gone: list[int] = []

    async def call(number: int) -> None:
        await pace.take_slot()
        gone.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(call(number))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert gone == [0]
        pace.note(answer(limit=600, remain=599))

    assert gone == [0, 1, 2, 3]


async def test_calls_beyond_the_pace_wait_and_those_far_beyond_are_given_back() -> None:
    clock = FakeClock()
    pace = CallPace(per_s=1, clock=clock)
    await called(pace, WELL)

    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(pace.take_slot()) for _ in range(5)]
        await asyncio.sleep(0)
        assert [one.done() for one in waiting] == [False] * 5
        with pytest.raises(SlowedDown) as caught:
            await pace.take_slot()
        clock.advance(4.75)

    assert caught.value.whole_channel
    assert clock.monotonic() == 4.75


async def test_what_is_still_on_its_way_uses_up_the_rest() -> None:
    clock = FakeClock()
    pace = CallPace(per_s=100, clock=clock)
    await called(pace, answer(limit=6000, remain=50))
    for _ in range(3):
        await pace.take_slot()
    pace.note(answer(limit=6000, remain=2))

    with pytest.raises(SlowedDown) as caught:
        await pace.take_slot()

    # Until the next full minute, and a little more.
    assert caught.value.after_s == pytest.approx(61 - clock.now().second, abs=1)


async def test_a_full_minute_holds_until_the_next() -> None:
    clock = FakeClock()
    pace = CallPace(per_s=100, clock=clock)
    await called(pace, answer(code=-32))
    with pytest.raises(SlowedDown):
        await pace.take_slot()

    clock.advance(61)
    await pace.take_slot()


async def test_a_platform_that_answers_nobody_is_left_alone_for_a_while(rig: ZaloRig) -> None:
    rig.stub.clock.freeze()
    rig.stub.fail_next(FaultKind.HTML_502, method=MESSAGES, times=4)
    pauses: list[float] = []
    for _ in range(2):
        with pytest.raises(PlatformTrouble):
            await rig.channel.send(rig.address, Outgoing(text="một"))
    for _ in range(2):
        with pytest.raises(PlatformTrouble):
            await rig.channel.send(rig.address, Outgoing(text="một"))
        with pytest.raises(SlowedDown) as caught:
            await rig.channel.send(rig.address, Outgoing(text="một"))
        assert caught.value.after_s is not None
        pauses.append(caught.value.after_s)
        rig.stub.clock.advance(caught.value.after_s)

    await rig.channel.send(rig.address, Outgoing(text="một"))
    await rig.channel.send(rig.address, Outgoing(text="hai"))

    assert pauses == pytest.approx([5, 10])
    assert [sent.text for sent in rig.stub.sent] == ["một", "hai"]


def fullest(moments: Sequence[float], seconds: float) -> int:
    return max(
        sum(1 for later in moments[at:] if later < first + seconds)
        for at, first in enumerate(moments)
    )


@settings(deadline=None, max_examples=200)
@given(
    limit=st.integers(10, 400),
    gaps=st.lists(st.floats(0, 2), min_size=1, max_size=300),
)
def test_no_sixty_seconds_ever_hold_more_calls_than_permitted(
    limit: int, gaps: list[float]
) -> None:
    moments = asyncio.run(_moments(limit, gaps))

    assert fullest(moments, 60.0) <= limit


async def _moments(limit: int, gaps: Sequence[float]) -> list[float]:
    clock = FakeClock(is_automatic=True)
    pace = CallPace(per_s=60, clock=clock)
    moments: list[float] = []
    for gap_s in gaps:
        clock.advance(gap_s)
        try:
            await pace.take_slot()
        except SlowedDown as pause:
            clock.advance(pause.after_s or 0)
            continue
        moments.append(clock.monotonic())
        pace.note(answer(limit=limit, remain=limit))
    return moments or [0.0]


async def test_who_waits_for_the_first_answer_too_long_is_given_back() -> None:
    pace = CallPace(per_s=10, clock=FakeClock(), first_answer_s=0.01)
    await pace.take_slot()

    with pytest.raises(SlowedDown):
        await pace.take_slot()


async def test_who_gives_up_waiting_leaves_the_slot_to_others() -> None:
    clock = FakeClock()
    pace = CallPace(per_s=1, clock=clock)
    await called(pace, WELL)
    waiting = asyncio.get_running_loop().create_task(pace.take_slot())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    clock.advance(10)
    await called(pace, answer(limit=60, remain=1))
    # Nothing is on its way, so what remains may be used.
    clock.advance(2)
    await pace.take_slot()
