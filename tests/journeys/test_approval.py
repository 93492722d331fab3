"""A writer and a second officer, each in a browser of their own: urgent, approved, delivered."""

import re

from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.journeys.program import Installation
from tests.journeys.test_browser import Resident

PASSWORD = "gieng nuoc dau lang"
TITLE = "Nước lên nhanh, đi lánh ngay"


async def _signed_in(installation: Installation, context: BrowserContext, login: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{installation.url}/console/dang-nhap")
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("form button").click()
    await page.wait_for_url("**/console")
    return page


async def _joined(installation: Installation, context: BrowserContext, join_code: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{installation.url}/tro-chuyen")
    resident = Resident(page)
    await resident.says(f"/thamgia {join_code}", then="có đồng ý không")
    await resident.says("Đồng ý", then="Từ nay bà con nhận thông báo")
    return page


async def _officers(installation: Installation, unit: str) -> None:
    for login, role in (("nguoi.viet", "announcer"), ("nguoi.duyet", "approver")):
        words = ("--login", login, "--name", f"Cán bộ {login}", "--unit", unit, "--role", role)
        await installation.command("officer", "add", *words, "--password-stdin", stdin=PASSWORD)


async def _propose(page: Page, url: str, unit_id: str, read: str) -> None:
    await page.goto(f"{url}/console/thong-bao/moi")
    await page.get_by_label("Tiêu đề").fill(TITLE)
    await page.get_by_label("Nội dung", exact=True).fill("Bà con {{ ten_don_vi }} lên đình.")
    await page.get_by_label("Gửi đến").select_option(value=unit_id)
    await page.get_by_label("Khẩn").check()
    await page.get_by_role("button", name="Lưu và xem trước").click()
    await expect(page.locator("main")).to_contain_text(read)
    await page.get_by_role("button", name="Gửi đi duyệt").click()
    await expect(page.locator("main")).to_contain_text("Chờ một cán bộ khác duyệt.")


async def test_what_is_urgent_goes_once_a_second_officer_approved_it(
    installation: Installation, browser: Browser
) -> None:
    async with installation.serving():
        units = (await installation.command("unit", "list"))["units"]
        thon = next(unit for unit in units if unit["code"] == "THON-1")
        commune = next(unit for unit in units if unit["kind"] == "commune")
        await _officers(installation, commune["code"])
        contexts = [
            await browser.new_context(viewport={"width": width, "height": 740}, locale="vi-VN")
            for width in (360, 1280, 360)
        ]
        phone = await _joined(installation, contexts[0], thon["join_code"])
        writer = await _signed_in(installation, contexts[1], "nguoi.viet")
        second = await _signed_in(installation, contexts[2], "nguoi.duyet")
        read = f"Bà con {thon['name']} lên đình."
        await _propose(writer, installation.url, thon["id"], read)

        await second.goto(f"{installation.url}/console")
        await second.get_by_role("link", name="thông báo chờ anh/chị duyệt").click()
        await expect(second.locator("main")).to_contain_text(read)
        await second.get_by_role("link", name="1 người").click()
        await expect(second.get_by_role("heading", level=1)).to_contain_text("1 người")
        await second.get_by_role("link", name="Quay lại thông báo").click()
        await expect(phone.locator("main")).not_to_contain_text(TITLE)
        await second.get_by_role("button", name="Duyệt và gửi").click()

        await expect(phone.locator("main")).to_contain_text(TITLE)
        await expect(second.locator("main")).to_contain_text("Cán bộ nguoi.duyet duyệt")
        await expect(second.locator("main")).to_contain_text(re.compile(r"1\s*/\s*1"))
        for context in contexts:
            await context.close()
