"""The resident's journey over Telegram and Zalo, played by strict stand-ins over real HTTP."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.channels.stubs.sent_log import Sent
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.zalo_stub import ZaloStub
from tests.journeys.program import Installation

RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
PERSON = 7_000_001

Says = Callable[[str], Awaitable[object]]
Sees = Callable[[int], Awaitable[list[Sent]]]


async def _walk(says: Says, sees: Sees, join_code: str) -> None:
    """Ask, join, tell, follow."""
    at = 0

    async def told(text: str, wanted: str) -> str:
        """Say something; return the first new message that holds what is wanted."""
        nonlocal at
        await says(text)
        while True:
            seen = await sees(at + 1)
            at += 1
            if wanted in seen[at - 1].text:
                return seen[at - 1].text

    await told("báo cháy gọi số nào", "114")
    await told(f"/thamgia {join_code}", "có đồng ý không")
    await told("Đồng ý", "Từ nay bà con nhận thông báo")
    await told("/togiac", "mời bà con biết ai thấy gì")
    await told("Bắt đầu báo tin", "thuộc loại nào")
    await told("4", "Chuyện gì đã xảy ra")
    await told("Có người lạ bán ma túy ở cuối ngõ", "Ở đâu?")
    await told("/boqua", "Khi nào?")
    await told("/boqua", "Có ảnh thì")
    await told("/boqua", "cán bộ nhắn cho bà con ngay ở đây")
    await told("/boqua", "Gửi tin này cho công an?")
    sent = await told("Gửi tin", "Mã chỉ hiện một lần này")
    receipt = RECEIPT.search(sent)
    assert receipt is not None
    await told(f"/theodoi {receipt.group()}", "đang chờ cán bộ xem")


async def _thon(installation: Installation) -> str:
    units = await installation.command("unit", "list")
    code: str = next(unit["join_code"] for unit in units["units"] if unit["code"] == "THON-1")
    return code


async def _announce(installation: Installation) -> str:
    text = installation.folder / "text.txt"
    text.write_text("Từ 6 giờ đến 9 giờ sáng. Bà con sạc đèn trước.", encoding="utf-8")
    made = await installation.command(
        "announcement", "send", "--unit", "THON-1", "--title", "Cắt điện", "--text-file", str(text)
    )
    announcement_id: str = made["id"]
    return announcement_id


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_the_journey_over_telegram(installation: Installation, mode: str) -> None:
    async with TelegramStub() as stub, installation.serving():
        await installation.command(
            *("channel", "add", "telegram", "--unit", "DEMO", "--token", stub.token),
            *("--api-url", stub.url, "--mode", mode),
        )

        async def says(text: str) -> object:
            return await stub.user_says(PERSON, text)

        async def sees(count: int) -> list[Sent]:
            return await stub.wait_for_sent(count, timeout_s=20, to=PERSON)

        await _walk(says, sees, await _thon(installation))
        before = len(stub.sent)
        announcement_id = await _announce(installation)
        assert "Cắt điện" in (await sees(before + 1))[-1].text
        await _until_finished(installation, announcement_id)
        assert stub.broken_rules == []


async def test_the_journey_over_a_zalo_official_account(installation: Installation) -> None:
    async with ZaloStub() as stub, installation.serving():
        account = await installation.command(
            *("channel", "add", "zalo", "--unit", "DEMO"),
            *("--app-id", stub.app.app_id, "--app-secret", stub.app.app_secret),
            *("--oa-id", stub.oa.oa_id, "--oa-secret", stub.app.webhook_secret),
            *("--access-token", stub.tokens.access_token),
            *("--refresh-token", stub.tokens.refresh_token),
            *("--api-url", stub.url, "--oauth-url", stub.url),
        )
        checked = await installation.command("channel", "check", account["id"])
        assert checked
        stub.webhook.url = installation.url + account["webhook_path"]
        person = stub.person()

        async def says(text: str) -> object:
            return await stub.user_says(person, text)

        async def sees(count: int) -> list[Sent]:
            return await stub.wait_for_sent(count, timeout_s=20, to=person.user_id)

        await _walk(says, sees, await _thon(installation))
        before = len(stub.sent)
        announcement_id = await _announce(installation)
        assert "Cắt điện" in (await sees(before + 1))[-1].text
        await _until_finished(installation, announcement_id)
        assert stub.broken_rules == []


async def _until_finished(installation: Installation, announcement_id: str) -> None:
    shown: dict[str, Any] = {}
    for _ in range(50):
        shown = await installation.command("announcement", "show", announcement_id)
        assert sum(shown["outcomes"].values()) == shown["recipients"] == 1
        if shown["outcomes"]["sent"] == 1:
            return
    pytest.fail(f"not finished: {shown}")
