"""Tokens of other software in the console: made, shown once, seen by few, revoked."""

import re

from bot.core.officers import Role
from tests.console.browser import Browser
from tests.console.rig import Rig

PAGE = "/console/khoa-api"
TOKEN = re.compile(r"byt_[A-Za-z0-9_-]{43}")


async def _make(browser: Browser, name: str, *scopes: str, days: str = "90") -> str:
    fields = [("name", name), ("days", days), *(("scope", one) for one in scopes)]
    page = await browser.send(PAGE, fields)
    assert page.status == 200
    found = TOKEN.search(page.html)
    assert found is not None
    return found.group()


async def test_a_token_is_made_and_shown_once(rig: Rig) -> None:
    await rig.officer("lan", Role.ANNOUNCER)
    async with rig.signed_in("lan") as browser:
        empty = await browser.get(PAGE)
        assert "0 khóa API" in empty.text
        # An announcer is not offered what only an approver may.
        assert "announcements:approve" not in empty.html
        text = await _make(browser, "Tỉnh", "announcements:read", "announcements:write")
        again = await browser.get(PAGE)
    assert "1 khóa API" in again.text
    assert text not in again.html
    caller = await rig.services.api_tokens.caller(text)
    assert caller is not None
    assert caller.officer.login == "lan"


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        nameless = await browser.send(PAGE, {"scope": "announcements:read", "days": "90"})
        idle = await browser.send(PAGE, {"name": "Tỉnh", "days": "90"})
        endless = await browser.send(
            PAGE, {"name": "Tỉnh", "scope": "announcements:read", "days": "99999"}
        )
        foreign = await browser.send(
            PAGE, {"name": "Tỉnh", "scope": "announcements:approve", "days": "90"}
        )
    assert {one.status for one in (nameless, idle, endless, foreign)} == {422}
    assert "Tên cần từ 1 đến 60 ký tự" in nameless.text
    assert "Chọn ít nhất một việc" in idle.text
    assert idle.value("name") == "Tỉnh"
    assert "từ 1 đến 730 ngày" in endless.text
    assert "Vai trò của anh/chị không có việc này" in foreign.text
    assert await rig.services.api_tokens.seen_by(None) == []


async def test_a_token_is_revoked_after_a_page_that_says_what_happens(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        text = await _make(browser, "Tỉnh", "announcements:read")
        page = await browser.get(PAGE)
        (path,) = [one for one in page.attributes("a", "href") if one.endswith("/thu-hoi")]
        assert "Thu hồi khóa Tỉnh" in (await browser.get(path)).text
        assert (await browser.send(path)).location == PAGE
        after = await browser.get(PAGE)
    assert "Đã thu hồi" in after.text
    assert await rig.services.api_tokens.caller(text) is None


async def test_a_keeper_revokes_tokens_of_the_own_units_and_nobody_elses(rig: Rig) -> None:
    hamlet = await rig.unit("to-1", "Tổ 1")
    await rig.officer("an", Role.ADMIN)
    await rig.officer("binh", Role.ADMIN, unit=hamlet)
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        text = await _make(browser, "Của Lan", "announcements:read")
        page = await browser.get(PAGE)
        (path,) = [one for one in page.attributes("a", "href") if one.endswith("/thu-hoi")]
    async with rig.signed_in("binh") as browser:
        assert "Của Lan" not in (await browser.get(PAGE)).text
        assert (await browser.get(path)).status == 404
        assert (await browser.send(path, page=PAGE)).status == 404
    async with rig.signed_in("an") as browser:
        assert "Của Lan" in (await browser.get(PAGE)).text
        assert (await browser.send(path)).status == 303
    assert await rig.services.api_tokens.caller(text) is None
