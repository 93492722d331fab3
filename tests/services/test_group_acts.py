"""Acts on groups that take longer than whoever began them waits."""

import asyncio

import pytest

from bot.core.errors import RuleBroken
from bot.services.groups.acts import LastingActs


async def test_an_act_in_time_gives_its_end_or_its_refusal() -> None:
    acts = LastingActs()

    async def well() -> int:
        return 3

    async def badly() -> int:
        raise RuleBroken("group_not_linked")

    assert await acts.finish(well(), wait_s=60) == 3
    with pytest.raises(RuleBroken, match="group_not_linked"):
        await acts.finish(badly(), wait_s=60)
    await acts.close()


async def test_an_act_goes_on_after_its_visitor_left_and_is_waited_for() -> None:
    acts, gate, ended = LastingActs(), asyncio.Event(), []

    async def act() -> None:
        await gate.wait()
        ended.append("done")

    async with asyncio.TaskGroup() as visitors:
        visitor = visitors.create_task(acts.finish(act(), wait_s=60))
        await asyncio.wait({visitor}, timeout=0)
        visitor.cancel()
    assert ended == []
    gate.set()
    await acts.close()
    assert ended == ["done"]


async def test_a_failure_nobody_waits_for_is_logged_without_what_it_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    acts, gate = LastingActs(), asyncio.Event()

    async def act() -> None:
        await gate.wait()
        raise ValueError("Bà Bịa, 0900000000")

    with pytest.raises(RuleBroken, match="group_still_going"):
        await acts.finish(act(), wait_s=0)
    gate.set()
    await acts.close()
    (line,) = [one for one in caplog.records if one.message == "group.act_failed"]
    assert line.__dict__["why"] == "ValueError"
    assert "Bịa" not in caplog.text
