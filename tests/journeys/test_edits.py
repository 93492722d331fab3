"""An answer changed in one process is what residents get from another, without any restart."""

import asyncio
import re
from http import HTTPStatus

import aiohttp
import pytest

from bot.storage.domains import Domain
from tests.console.browser import Browser
from tests.console.typed import fields_of
from tests.journeys.program import Installation
from tests.journeys.test_two_sides import PASSWORD, side, sides

__all__ = ["sides"]

ANSWER = "/console/cau-tra-loi/muc/fire_safety/main"
LIMIT_S = 250.0


async def asked(resident: aiohttp.ClientSession, url: str, text: str, number: int) -> None:
    """Say something in the chat of the web page."""
    body = {"id": f"question-{number:06}", "text": text}
    async with resident.post(f"{url}/tro-chuyen/gui", json=body, headers={"Origin": url}) as said:
        assert said.status == HTTPStatus.ACCEPTED


async def read(resident: aiohttp.ClientSession, url: str, wanted: str) -> None:
    """Wait until `wanted` stands on the page of the chat."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with resident.get(f"{url}/tro-chuyen") as page:
                if wanted in await page.text():
                    return


async def changed(browser: Browser, text: str) -> None:
    """Change the short answer as an officer does."""
    form = await browser.get(f"{ANSWER}/sua")
    typed = {"short_vi": text, "short_en": "Ours.", "reason": "Bà con hỏi"}
    pairs = [pair for pair in fields_of(form.html, **typed) if pair[0] != "csrf"]
    draft = (await browser.send(f"{ANSWER}/sua", pairs)).location
    async with asyncio.timeout(LIMIT_S):
        while not re.search(r"<button[^>]*>Lưu", (await browser.get(f"{draft}/tac-dung")).html):
            continue
    saved = await browser.send(draft)
    assert saved.status == HTTPStatus.SEE_OTHER, saved.text


@pytest.mark.timeout(600)
async def test_an_answer_changed_by_one_process_is_given_by_another(
    sides: Installation,
) -> None:
    gateway, worker = (side(sides, Domain.RECEIVING) for _ in range(2))
    console = side(sides, Domain.READING)
    async with (
        console.serving("--role", "console"),
        gateway.serving("--role", "gateway") as answering,
        worker.serving("--role", "worker"),
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as resident,
    ):
        add = ("officer", "add", "--login", "lan", "--name", "Lan", "--unit", "DEMO")
        await sides.command(*add, "--role", "admin", "--password-stdin", stdin=PASSWORD)
        question = "phòng cháy chữa cháy trong nhà như thế nào"
        await asked(resident, gateway.url, question, 1)
        async with Browser.open(console.url) as browser:
            await browser.sign_in("lan", PASSWORD)
            await changed(browser, "Câu của xã Bình An.")
        taken_up = await answering.wait_for_event("words.exchanged")
        assert (taken_up["revision"], taken_up["set_aside"]) == (1, 0)
        await asked(resident, gateway.url, question, 2)
        await read(resident, gateway.url, "Câu của xã Bình An.")
        found = await sides.command("ask", question)
        assert "Câu của xã Bình An." in found["answer"]
