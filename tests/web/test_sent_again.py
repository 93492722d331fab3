"""What a page sends twice is one tip with one receipt; what was changed is another tip."""

import asyncio
import re
from datetime import timedelta

import pytest

from bot.core.errors import RuleBroken
from bot.web.sent_again import SentAgain, mark_of
from tests.fakes import FakeClock
from tests.web.site import Site
from tests.web.test_tips import TOLD, receipt_for, tips_of

ONCE = re.compile(r'name="once" value="([0-9a-f]{32})"')


async def number_on_the_form(site: Site) -> str:
    async with site.get("/to-giac") as answer:
        found = ONCE.search(await answer.text())
    assert found is not None
    return found[1]


@pytest.fixture
async def once(site: Site) -> str:
    await site.can_take_tips()
    return await number_on_the_form(site)


async def test_sent_twice_is_one_tip_and_the_same_receipt(site: Site, once: str) -> None:
    first = await receipt_for(site, once=once)
    assert await receipt_for(site, once=once) == first
    assert await tips_of(site) == 1


async def test_two_taps_at_once_are_one_tip(site: Site, once: str) -> None:
    receipts = await asyncio.gather(*(receipt_for(site, once=once) for _ in range(3)))
    assert len(set(receipts)) == 1
    assert await tips_of(site) == 1


async def test_a_changed_word_is_another_tip(site: Site, once: str) -> None:
    first = await receipt_for(site, once=once)
    assert await receipt_for(site, once=once, where="Ngõ 4") != first
    assert await tips_of(site) == 2


async def test_two_pages_that_say_the_same_are_two_tips(site: Site, once: str) -> None:
    other = await number_on_the_form(site)
    assert other != once
    assert await receipt_for(site, once=once) != await receipt_for(site, once=other)
    assert await tips_of(site) == 2


@pytest.mark.parametrize("number", ["", "abc", "x" * 32, "0" * 4000], ids=len)
async def test_a_number_that_is_none_of_ours_is_no_mark(site: Site, number: str) -> None:
    await site.can_take_tips()
    assert await receipt_for(site, once=number) != await receipt_for(site, once=number)


async def test_a_form_that_comes_back_keeps_its_number(site: Site, once: str) -> None:
    async with site.post("/to-giac", data={**TOLD, "what": "", "once": once}) as answer:
        found = ONCE.search(await answer.text())
    assert found is not None
    assert found[1] == once


async def test_after_some_minutes_nothing_of_it_is_known() -> None:
    clock = FakeClock()
    sent: SentAgain[str] = SentAgain(clock=clock)
    mark = mark_of("a" * 32, [b"what=x"])

    async def store() -> str:
        return "receipt"

    await sent.answer(mark, store)
    assert sent.knows(mark)
    clock.advance(timedelta(minutes=11))
    assert not sent.knows(mark)


async def test_what_could_not_be_stored_is_tried_anew() -> None:
    sent: SentAgain[str] = SentAgain(clock=FakeClock())
    mark = mark_of("a" * 32, [])

    async def refused() -> str:
        raise RuleBroken("tips.no_reader")

    async def store() -> str:
        return "receipt"

    with pytest.raises(RuleBroken):
        await sent.answer(mark, refused)
    assert await sent.answer(mark, store) == "receipt"
