"""What an officer and a sender say to each other over the way back, with real processes."""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from tests.console.browser import Browser
from tests.journeys.program import Installation

PASSWORD: Final = "bốn từ ghép lại dễ nhớ"
OFFICER: Final = "lan"
ASKED: Final = "Tham-Hoi-Lai ve gio giac hom ay"
ANSWERED: Final = "Chung-Nua-Dem tro ra xe mau do"
NOTED: Final = "Ghi-Rieng-Noi-Bo cho to truc"
_TIP: Final = re.compile(r"/console/tin-bao/[0-9a-z]{12}")


async def officer_added(installation: Installation, login: str = OFFICER) -> None:
    """Add a moderator; a tip that comes from now on is sealed to them, too."""
    await installation.command(
        *("officer", "add", "--login", login, "--name", login, "--unit", "DEMO"),
        *("--role", "moderator", "--password-stdin"),
        stdin=PASSWORD,
    )


async def asked_back(browser: Browser, says: str) -> str:
    """Open the one tip, which `says` so, write to its sender and a note; return its page."""
    page = await browser.get("/console/tin-bao")
    found = _TIP.search(page.html)
    assert found is not None, page.text
    assert says in (await browser.get(found.group())).text
    for way, fields in (("tra-loi", {"text": ASKED}), ("ghi-chu", {"note": NOTED})):
        sent = await browser.send(f"{found.group()}/{way}", fields, page=found.group())
        assert sent.status < 400, sent.text
    return found.group()


async def answered(browser: Browser, tip: str) -> None:
    """See what the sender answered; the queue takes in what waits."""
    await browser.get("/console/tin-bao")
    assert ANSWERED in (await browser.get(tip)).text


Hears = Callable[[str], Awaitable[object]]
