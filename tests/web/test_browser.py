"""The chat's script and the looks of the pages, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.core.messages import Choice, Incoming, IncomingKind
from tests.web.site import Site, open_site

PAGES = ["/", "/tro-chuyen", "/tro-chuyen/xoa", "/to-giac", "/theo-doi", "/du-lieu", "/khong-co"]
SIZES = {"phone": (360, 740), "desk": (1280, 800)}
NAMELESS = """
    [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
        .some(field => !field.labels.length)
    || document.querySelectorAll("h1").length !== 1
"""
# The links of the navigation of which a part stands outside the screen or over the next one.
CUT = """
    [...document.querySelectorAll(".nav--main a")].filter((link, place, all) => {
        const range = document.createRange();
        range.selectNodeContents(link);
        const words = range.getBoundingClientRect();
        const next = all[place + 1]?.getBoundingClientRect();
        const meets = next && next.top < words.bottom && next.left < words.right;
        return words.left < 0 || words.right > document.documentElement.clientWidth || meets;
    }).map(link => link.textContent)
"""

pytestmark = pytest.mark.timeout(120)


class Watched:
    """A context whose pages may complain of nothing but the errors a test asked for."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._context = context
        self._url = url
        self.complaints: list[str] = []

    async def open(self, path: str) -> Page:
        page = await self._context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text))
        await page.goto(self._url + path)
        return page


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    # Links of the pages begin with the address that the browser sees.
    async with open_site(tmp_path) as opened:
        await opened.can_take_tips()
        yield opened


@pytest.fixture
async def watched(browser: Browser, site: Site) -> AsyncIterator[Watched]:
    context = await browser.new_context(locale="vi-VN")
    made = Watched(context, site.url)
    yield made
    await context.close()
    assert [one for one in made.complaints if "404" not in one] == []


async def arrived(site: Site, page: Page, kind: IncomingKind) -> Incoming:
    """Return the oldest of that kind; the page has been told that it is stored."""
    await expect(page.locator(".bubble-facts", has_text="Đang gửi")).to_have_count(0)
    return next(one for one in await site.arrived() if one.kind is kind)


async def token_in(page: Page, site: Site) -> str:
    cookies = await page.context.cookies(site.url + "/tro-chuyen")
    return str(cookies[0].get("value"))


async def opened_chat(watched: Watched, site: Site, path: str = "/tro-chuyen") -> tuple[Page, str]:
    """Open the chat; the greeting is asked for by the page itself."""
    page = await watched.open(path)
    await expect(page.locator("#letters")).to_have_attribute("aria-busy", "false")
    return page, await token_in(page, site)


async def test_opening_the_chat_asks_for_the_greeting_once(site: Site, watched: Watched) -> None:
    page, _ = await opened_chat(watched, site)
    assert (await arrived(site, page, IncomingKind.START)).text == ""
    await page.reload()
    await expect(page.locator("#text")).to_be_visible()
    assert await site.backlog() == 1


async def test_a_join_link_brings_its_code_and_a_reload_does_not_join_again(
    site: Site, watched: Watched
) -> None:
    page, _ = await opened_chat(watched, site, "/tro-chuyen?ma=ABC234")
    assert (await arrived(site, page, IncomingKind.START)).text == "join_ABC234"
    assert page.url == site.url + "/tro-chuyen"


async def test_letters_come_by_themselves_as_text_with_numbers_to_call(
    site: Site, watched: Watched
) -> None:
    page, token = await opened_chat(watched, site)
    await site.answer(
        token,
        "Gọi 114, <img src=x onerror=alert(1)> trực ban 0000 113 113",
        choices=(Choice(label="Báo tin", word="/togiac"), Choice(label="Gọi 113", phone="113")),
    )
    bubble = page.locator("#letters .bubble").last
    await expect(bubble).to_contain_text("<img src=x onerror=alert(1)>")
    assert await bubble.locator("a").all_inner_texts() == ["114"]
    await expect(page.get_by_role("link", name="Gọi 113")).to_have_attribute("href", "tel:113")
    await page.get_by_role("button", name="Báo tin").click()
    await expect(page.locator(".me .bubble")).to_have_text("Báo tin")
    await expect(page.locator(".me .bubble-facts")).to_have_text("")


async def test_what_was_said_stays_in_its_place_after_a_reload(
    site: Site, watched: Watched
) -> None:
    page, token = await opened_chat(watched, site)
    await site.answer(token, "Một?")
    await expect(page.locator("#letters .bubble")).to_have_count(1)
    await page.locator("#text").fill("hai")
    await page.locator(".composer button").click()
    await expect(page.locator(".me .bubble-facts")).to_have_text("")
    await site.answer(token, "Ba.")
    for _ in range(2):
        await expect(page.locator("#letters .bubble")).to_have_text(["Một?", "hai", "Ba."])
        await page.reload()


async def test_a_secret_is_shown_once_and_takes_what_led_to_it_along(
    site: Site, watched: Watched
) -> None:
    page, token = await opened_chat(watched, site)
    await page.locator("#text").fill("chuyện riêng")
    await page.locator(".composer button").click()
    await expect(page.locator(".me .bubble-facts")).to_have_text("")
    async with page.expect_response("**/da-xem"):
        await site.answer(token, "MÃ-BÍ-MẬT", is_secret=True)
    await expect(page.locator("#letters .bubble")).to_have_text(["chuyện riêng", "MÃ-BÍ-MẬT"])
    assert await page.evaluate("sessionStorage.getItem('binhyen.said')") == "[]"
    await page.reload()
    await expect(page.locator("#letters .bubble")).to_have_count(0)


async def test_deleting_the_chat_forgets_it_in_the_browser_too(
    site: Site, watched: Watched
) -> None:
    page, _ = await opened_chat(watched, site)
    await page.locator("#text").fill("chuyện cũ")
    await page.locator(".composer button").click()
    await expect(page.locator(".me .bubble-facts")).to_have_text("")
    await page.get_by_role("link", name="Xóa cuộc trò chuyện").click()
    await page.get_by_role("button", name="Xóa cuộc trò chuyện").click()
    await expect(page.locator("h1")).to_have_text("Đã xóa cuộc trò chuyện trên máy này.")
    assert await page.evaluate("sessionStorage.getItem('binhyen.said')") is None
    assert await page.context.cookies(site.url + "/tro-chuyen") == []


async def test_a_tip_is_sent_and_followed(site: Site, watched: Watched) -> None:
    page = await watched.open("/to-giac")
    await page.get_by_label("Ma túy").check()
    await page.get_by_label("Chuyện gì đã xảy ra?").fill("Thấy người lạ ở cuối ngõ.")
    await page.get_by_role("button", name="Xem lại").click()
    await page.get_by_role("button", name="Gửi tin").click()
    receipt = await page.locator("#receipt").inner_text()
    await page.goto(site.url + "/theo-doi")
    await page.get_by_label("Mã tin").fill(receipt.lower())
    await page.get_by_role("button", name="Xem tin").click()
    await expect(page.locator("main")).to_contain_text("Đã nhận, đang chờ cán bộ xem.")
    assert await page.context.cookies() == []


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_fits_and_every_field_has_a_name(
    site: Site, watched: Watched, size: str
) -> None:
    await site.publish("Cảnh báo: " + "rất " * 20 + "dài", "x" * 300, is_urgent=True)
    code = (await site.neighbourhood()).join_code
    width, height = SIZES[size]
    for path in [*PAGES, f"/tham-gia/{code}"]:
        page = await watched.open(path)
        await page.set_viewport_size({"width": width, "height": height})
        overflow = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert (path, overflow) == (path, 0)
        assert (path, await page.evaluate(NAMELESS)) == (path, False)
        await page.close()


@pytest.mark.parametrize("width", [280, 320, 360, 412])
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_no_word_of_the_navigation_is_cut_on_a_phone(
    site: Site, watched: Watched, language: str, width: int
) -> None:
    page = await watched.open(f"/?lang={language}")
    await page.set_viewport_size({"width": width, "height": 740})
    assert await page.evaluate("document.documentElement.lang") == language
    assert await page.evaluate(CUT) == []
    for link in await page.locator(".nav--main a").all():
        box = await link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
