"""A flood of sign-ins fills every slow worker it may have; tips are taken all the same."""

import asyncio
import os
import re
import threading
from pathlib import Path

import aiohttp
import pytest

from bot.core.officers import Role
from bot.services.officers.tries import TRIES_ELSEWHERE
from tests.web.api.rig import Rig, open_rig
from tests.web.test_tips import RECEIPT, TOLD

SIGN_IN = "/console/dang-nhap"
FLOOD = TRIES_ELSEWHERE + 10


async def sign_in(rig: Rig, number: int) -> int:
    """Try a password in a browser of its own; return the status."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(rig.url + SIGN_IN) as page:
            found = re.search(r'name="csrf" value="([^"]+)"', await page.text())
        assert found is not None
        fields = {"csrf": found[1], "login": f"kẻ-{number}", "password": "đoán mò một câu"}
        async with browser.post(rig.url + SIGN_IN, data=fields) as answer:
            return answer.status


async def test_tips_are_taken_while_a_flood_of_sign_ins_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a single core nothing can stay free; two are the fewest the promise is made for.
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    async with open_rig(tmp_path) as rig:
        await rig.officer("lan", Role.MODERATOR)
        opened = threading.Event()
        async with asyncio.TaskGroup() as group:
            held = group.create_task(rig.program.vault.slow.run(opened.wait))
            flood = [group.create_task(sign_in(rig, number)) for number in range(FLOOD)]
            try:
                await turned_away(flood, FLOOD - TRIES_ELSEWHERE)
                async with rig.http.post(rig.url + "/to-giac", data=TOLD) as answer:
                    assert answer.status == 200
                    assert RECEIPT.search(await answer.text())
                assert sum(one.done() for one in flood) == FLOOD - TRIES_ELSEWHERE
                assert not held.done()
            finally:
                opened.set()
    statuses = [one.result() for one in flood]
    assert statuses.count(401) == TRIES_ELSEWHERE
    assert statuses.count(429) == FLOOD - TRIES_ELSEWHERE


async def turned_away(flood: list[asyncio.Task[int]], many: int) -> None:
    """Wait until what is over the bound was answered; the rest waits for the worker."""
    while sum(one.done() for one in flood) < many:
        waiting = [one for one in flood if not one.done()]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
