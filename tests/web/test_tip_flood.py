"""While very many tips come, the page asks a small task: nothing is lost, nobody locked out."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from bot.core.ids import UnitId
from bot.services.tips.receiving.limits import FLOOD
from bot.services.tips.receiving.tasks import Answered
from tests.pictures import photograph
from tests.sealed_tips import body_of as sealed_body
from tests.sealed_tips import envelope_of
from tests.web.site import Site
from tests.web.test_tip_uploads import TOLD, WHAT, body_of
from tests.web.test_tips_sealed import made, tips_of

FORM = "/to-giac"
SEALED = "/to-giac/kin"


@pytest.fixture(autouse=True)
async def _flooded(site: Site) -> None:
    await site.can_take_tips()
    flood(site, (await site.home()).id)


def flood(site: Site, unit_id: UnitId, *, most: int = FLOOD) -> None:
    for _ in range(most):
        site.receiving.limits.arrived(unit_id)


def task_on(page: str) -> tuple[str, list[int]]:
    token = re.search(r'<input type="hidden" name="task" value="([^"]+)">', page)
    assert token is not None, "no task on the page"
    numbers = re.findall(r'<input type="radio" name="number" value="(\d+)">', page)
    return token[1], [int(one) for one in numbers]


async def task_of_form(site: Site) -> tuple[str, list[int]]:
    async with site.get(FORM) as answer:
        return task_on(await answer.text())


async def test_a_form_opened_in_a_flood_is_sent_at_the_first_press(site: Site) -> None:
    token, numbers = await task_of_form(site)
    told = {"task": token, "number": str(max(numbers))}
    async with site.post(FORM, data=body_of([photograph()], **told)) as answer:
        assert answer.status == 200
    assert await tips_of(site) == 1


async def test_a_form_opened_before_comes_back_filled_with_the_task(site: Site) -> None:
    async with site.post(FORM, data=TOLD) as answer:
        text = await answer.text()
    assert answer.status == 400
    assert WHAT in text
    assert 'href="#task"' in text
    token, numbers = task_on(text)
    data = {**TOLD, "task": token, "number": str(max(numbers))}
    async with site.post(FORM, data=data) as answer:
        assert answer.status == 200


async def test_a_wrong_number_gets_another_task(site: Site) -> None:
    token, numbers = await task_of_form(site)
    data = {**TOLD, "task": token, "number": str(min(numbers))}
    async with site.post(FORM, data=data) as answer:
        text = await answer.text()
    assert answer.status == 400
    assert WHAT in text
    assert task_on(text)[0] != token
    assert await tips_of(site) == 0


async def test_what_is_solved_is_not_asked_again_when_the_page_comes_back(site: Site) -> None:
    token, numbers = await task_of_form(site)
    solved = {"task": token, "number": str(max(numbers))}
    async with site.post(FORM, data={**TOLD, **solved, "what": ""}) as answer:
        text = await answer.text()
    assert answer.status == 400
    assert f'name="task" value="{token}"' in text
    assert 'type="radio" name="number"' not in text


async def test_one_task_sends_one_tip(site: Site) -> None:
    token, numbers = await task_of_form(site)
    data = {**TOLD, "task": token, "number": str(max(numbers))}
    for status in (200, 400):
        async with site.post(FORM, data=data) as answer:
            assert answer.status == status
    assert await tips_of(site) == 1


@pytest.mark.parametrize(
    "changes", [{"urgent": "1"}, {"what": "chay nha roi cuu voi"}], ids=["marked", "danger"]
)
async def test_what_is_urgent_is_asked_for_nothing(site: Site, changes: dict[str, str]) -> None:
    async with site.post(FORM, data={**TOLD, **changes}) as answer:
        assert answer.status == 200


async def test_another_unit_is_not_asked(site: Site) -> None:
    async with site.post(FORM, data={**TOLD, "unit": "THON-1"}) as answer:
        assert answer.status == 200


async def test_a_flood_ebbs(site: Site) -> None:
    site.clock.advance(timedelta(minutes=10, seconds=1))
    async with site.get(FORM) as answer:
        assert 'id="task"' not in await answer.text()
    async with site.post(FORM, data=TOLD) as answer:
        assert answer.status == 200


async def test_a_task_is_good_for_hours_and_not_for_ever(site: Site) -> None:
    tasks = site.receiving.tasks
    task = tasks.new()
    answered = Answered(token=task.token, number=str(max(task.numbers)))
    site.clock.advance(timedelta(hours=2, minutes=59))
    assert tasks.is_solved(answered)
    site.clock.advance(timedelta(minutes=2))
    assert not tasks.is_solved(answered)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "9" * 5000, "9999999999.aa.", "²3.aa.bb", "9999999999.é.\udcff"]
)
async def test_a_token_of_somebody_else_solves_nothing(site: Site, token: str) -> None:
    assert not site.receiving.tasks.is_solved(Answered(token=token, number="999"))


async def test_what_was_sealed_waits_for_the_task_too(site: Site) -> None:
    tip = await made(site)
    async with site.post(SEALED, data=sealed_body(envelope_of(tip), tip.records)) as answer:
        said = await answer.json()
    assert (answer.status, said["error"]) == (409, "task")
    assert await tips_of(site) == 0
    for number, status in ((min(said["task"]["numbers"]), 409), (None, 200)):
        chosen = number or max(said["task"]["numbers"])
        envelope = {**envelope_of(tip), "task": said["task"]["token"], "number": str(chosen)}
        async with site.post(SEALED, data=sealed_body(envelope, tip.records)) as answer:
            assert answer.status == status
            said = await answer.json() if status != 200 else said
    assert await tips_of(site) == 1


async def test_a_sealed_one_that_is_urgent_is_asked_for_nothing(site: Site) -> None:
    tip = await made(site)
    envelope = {**envelope_of(tip), "is_urgent": True}
    async with site.post(SEALED, data=sealed_body(envelope, tip.records)) as answer:
        assert answer.status == 200


async def test_a_tip_about_an_officer_is_asked_wherever_the_flood_is_counted(site: Site) -> None:
    place = await site.neighbourhood()
    tasks = site.receiving.tasks
    assert not tasks.is_due(place.id, is_urgent=False, about_officer=False)
    assert tasks.is_due(place.id, is_urgent=False, about_officer=True)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("is_late", [False, True], ids=["flooded before", "flooded meanwhile"])
async def test_a_browser_asks_while_one_looks_through_and_keeps_what_was_written(
    browser: Browser, site: Site, *, is_late: bool
) -> None:
    if is_late:
        site.clock.advance(timedelta(minutes=11))
    page = await browser.new_page(locale="vi-VN")
    await page.goto(site.url + FORM)
    await page.get_by_label("Ma túy").check()
    await page.get_by_label("Chuyện gì đã xảy ra?").fill(WHAT)
    await page.get_by_role("button", name="Xem lại").click()
    if is_late:
        flood(site, (await site.home()).id)
    await page.get_by_role("button", name="Gửi tin").click()
    await expect(page.locator("#send-told")).to_contain_text("số lớn nhất")
    assert await tips_of(site) == 0
    # A wrong one is asked again, the right one sends.
    for right in (False, True):
        numbers = await page.locator("#review-numbers label").all_inner_texts()
        pick = max(numbers) if right else min(numbers)
        await page.get_by_role("group", name="Số nào lớn nhất").get_by_label(pick).check()
        await page.get_by_role("button", name="Gửi tin").click()
        title = "Đã nhận tin báo" if right else "Xem lại trước khi gửi"
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
        if not right:
            await expect(page.locator("#review-numbers input:checked")).to_have_count(0)
    assert await tips_of(site) == 1
    await page.close()
