"""Many who send at the same moment: some at a time, all answered, and the limit counts them."""

import asyncio

from bot.services.tips.receiving.limits import FLOOD
from tests.web.site import Site
from tests.web.test_tip_flood import FORM, flood, task_of_form
from tests.web.test_tip_uploads import TOLD, WHAT
from tests.web.test_tips_sealed import tips_of

# Several times as many as are let in at a time: that many may pass before they are counted.
MANY = 80


async def told(site: Site, which: int, **changes: str) -> tuple[int, str]:
    async with site.post(FORM, data={**TOLD, "when": f"hôm {which}", **changes}) as answer:
        return answer.status, await answer.text()


async def test_a_rush_that_begins_a_flood_does_not_pass_its_limit_whole(site: Site) -> None:
    await site.can_take_tips()
    flood(site, (await site.home()).id, most=FLOOD - 3)
    answers = await asyncio.gather(*(told(site, number) for number in range(MANY)))
    passed = [text for status, text in answers if status == 200]
    sent_back = [text for status, text in answers if status == 400]
    assert len(passed) + len(sent_back) == MANY
    assert len(passed) == await tips_of(site)
    assert 3 <= len(passed) < MANY / 2 + 3
    assert all(WHAT in text and 'href="#task"' in text for text in sent_back)


async def test_whoever_solved_the_task_is_answered_among_many_who_did_not(site: Site) -> None:
    await site.can_take_tips()
    flood(site, (await site.home()).id)
    token, numbers = await task_of_form(site)
    solved = {"task": token, "number": str(max(numbers))}
    answers = await asyncio.gather(
        *(told(site, number) for number in range(MANY)), told(site, MANY, **solved)
    )
    assert [status for status, _ in answers] == [400] * MANY + [200]
    assert await tips_of(site) == 1
