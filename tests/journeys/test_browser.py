"""A resident and an officer meet, in two browsers, over the program as it is started by hand."""

import re

from playwright.async_api import Browser, Page, expect

from tests.journeys.program import Installation

RECEIPT = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")
BAIT = "Dien luc bao no tien dien, cat dien truoc 17h, nop ngay tai http://evn-no.example.top"
PASSWORD = "gieng nuoc dau lang"


class Resident:
    """Somebody at /tro-chuyen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def says(self, text: str, *, then: str) -> None:
        await self.page.locator("textarea").fill(text)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("main")).to_contain_text(then)


async def _set_up(page: Page, link: str) -> None:
    await page.goto(link)
    await page.locator("form button").click()
    groups = await page.locator("main").inner_text()
    found = re.findall(r"^[0-9A-Z]{5}$", groups, re.MULTILINE)
    assert len(found) == 14
    await page.get_by_role("link", name="Đã in xong, sang bước 3").click()
    for box in await page.get_by_label(re.compile(r"^Nhóm (thứ )?\d+")).all():
        label = await box.evaluate("one => one.labels[0].textContent")
        place = int(re.search(r"\d+", label).group())  # type: ignore[union-attr] # fails without a number
        await box.fill(found[place - 1])
    await page.locator("input[name=login]").fill("truong.ban")
    await page.locator("input[name=name]").fill("Cán bộ giả định")
    for box in await page.locator("input[type=password]").all():
        await box.fill(PASSWORD)
    await page.locator("form button").click()


async def _sign_in(page: Page) -> None:
    await page.locator("input[name=login]").fill("truong.ban")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("form button").click()
    await expect(page.get_by_role("button", name="Đăng xuất").first).to_be_attached()


async def _tell(resident: Resident, join_code: str) -> str:
    """Ask, join, send a tip; return the receipt."""
    await resident.says("bao chay goi so nao", then="114")
    await resident.says(BAIT, then="giống kiểu lừa: Giả điện lực")
    await resident.says("1", then="gọi ngay tổng đài ngân hàng")
    await resident.says(f"/thamgia {join_code}", then="có đồng ý không")
    await resident.says("Đồng ý", then="Từ nay bà con nhận thông báo")
    await resident.says("/togiac", then="mời bà con biết ai thấy gì")
    await resident.says("Bắt đầu báo tin", then="thuộc loại nào")
    await resident.says("ma tuy", then="Chuyện gì đã xảy ra")
    await resident.says("Toi thay nguoi la ban ma tuy cuoi ngo", then="Ở đâu?")
    await resident.says("cuoi ngo 2", then="Khi nào?")
    await resident.says("/boqua", then="Có ảnh thì")
    await resident.says("/boqua", then="cán bộ nhắn cho bà con ngay ở đây")
    await resident.says("/boqua", then="Gửi tin này cho công an?")
    await resident.says("Gửi tin", then="Mã chỉ hiện một lần này")
    receipt = RECEIPT.search(await resident.page.locator("main").inner_text())
    assert receipt is not None
    return receipt.group()


async def test_a_tip_reaches_the_queue_and_an_announcement_reaches_the_chat(
    installation: Installation, browser: Browser
) -> None:
    async with installation.serving() as program:
        units = await installation.command("unit", "list")
        thon = next(unit for unit in units["units"] if unit["code"] == "THON-1")
        phone = await browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
        page = await phone.new_page()
        await page.goto(f"{installation.url}/tro-chuyen")
        resident = Resident(page)

        receipt = await _tell(resident, thon["join_code"])
        desk = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="vi-VN")
        officer = await desk.new_page()
        await _set_up(officer, program.setup_link)
        await _sign_in(officer)

        await officer.goto(f"{installation.url}/console/tin-bao")
        await officer.locator("main table a").first.click()
        await expect(officer.locator("main")).to_contain_text("ban ma tuy cuoi ngo")
        await officer.locator("input[value=in_verification]").check()
        await officer.get_by_role("button", name="Chuyển trạng thái").click()
        await resident.says(f"/theodoi {receipt}", then="Đang được kiểm tra, xác minh")

        await officer.goto(f"{installation.url}/console/thong-bao/moi")
        await officer.locator("#title").fill("Cắt điện sáng thứ Bảy")
        await officer.locator("#text").fill("Từ 6 giờ đến 9 giờ. Bà con sạc đèn trước.")
        await officer.locator("#unit").select_option(value=thon["id"])
        await officer.locator(".action-bar button").click()
        await officer.get_by_role("button", name=re.compile("^Gửi cho")).click()
        await expect(page.locator("main")).to_contain_text("Cắt điện sáng thứ Bảy")
        await expect(officer.locator("main")).to_contain_text(re.compile(r"1\s*/\s*1"))
        await phone.close()
        await desk.close()
