"""Telling on the page in a real browser: what it seals an officer opens, and nobody else reads."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from bot.clock import RealChance
from bot.core.ids import KeyHolderId, OfficerId, new_id
from bot.core.officers import HolderKind, KeyHolder, Officer, Role
from bot.core.tips import Tip
from bot.core.units import Unit
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.desk import OpenedTip
from tests.pictures import CAMERA, opened, photograph
from tests.web.site import Site, open_site

pytestmark = pytest.mark.timeout(120)

WHAT = "Có người bán ma túy ở ngõ 3 vào tối thứ bảy."


@dataclass(kw_only=True)
class Telling:
    """An open form, and all that the browser asked for."""

    site: Site
    page: Page
    reader: Reader
    requests: list[Request]
    complaints: list[str]

    def asked(self, request: Request) -> None:
        self.requests.append(request)

    async def tell(self, what: str = WHAT) -> None:
        await self.page.get_by_label("Ma túy").check()
        await self.page.get_by_label("Chuyện gì đã xảy ra?").fill(what)

    async def review(self) -> None:
        await self.page.get_by_role("button", name="Xem lại").click()
        await expect(self.page.locator("#review")).to_be_visible()

    async def send(self) -> str:
        await self.page.get_by_role("button", name="Gửi tin").click()
        await expect(self.page.locator("h1")).to_have_text("Đã nhận tin báo")
        return await self.page.locator("#receipt").inner_text()

    def sent(self) -> bytes:
        """Return everything the browser sent to anybody."""
        bodies = [one.post_data_buffer or b"" for one in self.requests]
        return b"".join(bodies) + " ".join(one.url for one in self.requests).encode()

    async def opened(self) -> OpenedTip:
        return await self.site.reading.desk.open((await the_tip(self.site)).id, self.reader)


async def the_tip(site: Site) -> Tip:
    (tip,) = await site.reading.queue.metadata(await site.home(), by="test")
    return tip


async def made_reader(site: Site, unit: Unit | None = None) -> Reader:
    pair = site.vault.officers.new_pair()
    officer = Officer(
        id=OfficerId(new_id(RealChance())),
        login=f"can-bo-{new_id(RealChance())}",
        name="Cán bộ thử",
        unit_id=(unit or await site.home()).id,
        roles=frozenset({Role.MODERATOR}),
        password_hash="",
        added_at=site.clock.now(),
    )
    holder = KeyHolder(
        id=KeyHolderId(new_id(RealChance())),
        kind=HolderKind.OFFICER,
        officer_id=officer.id,
        unit_id=officer.unit_id,
        public_key=pair.public,
    )
    async with site.storage.begin() as work:
        await work.officers.save(officer)
        await work.officers.save_holder(holder)
        await work.commit()
    return Reader(officer=officer, holder_id=holder.id, private_key=pair.private)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as opened_site:
        await opened_site.can_take_tips()
        yield opened_site


@pytest.fixture
async def telling(browser: Browser, site: Site) -> AsyncIterator[Telling]:
    reader = await made_reader(site)
    context = await browser.new_context(locale="vi-VN")
    page = await context.new_page()
    made = Telling(site=site, page=page, reader=reader, requests=[], complaints=[])
    page.on("request", made.asked)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("console", lambda said: made.complaints.append(said.text))
    await page.goto(site.url + "/to-giac")
    await expect(page.get_by_role("button", name="Xem lại")).to_be_visible()
    yield made
    await context.close()
    asked_for = ("409", "ERR_FAILED")
    assert [one for one in made.complaints if not any(sign in one for sign in asked_for)] == []
    assert {one.url.split("/")[2] for one in made.requests if one.url.startswith("http")} == {
        site.url.split("/")[2]
    }


async def test_what_the_browser_seals_an_officer_opens(telling: Telling) -> None:
    await telling.tell()
    await telling.page.get_by_label("Ở đâu?").fill("Ngõ 3")
    await telling.review()
    receipt = await telling.send()
    tip = await telling.opened()
    assert (tip.report.what, tip.report.where, tip.report.category) == (WHAT, "Ngõ 3", "drugs")
    for secret in (WHAT, "ma túy", "Ngõ 3"):
        for spelled in (secret.encode(), json.dumps(secret).encode()):
            assert spelled not in telling.sent()
            assert base64.b64encode(spelled)[:-4] not in telling.sent()
    followed = await telling.site.receiving.talks.follow(receipt)
    assert followed is not None
    assert followed.has_talk


async def test_pictures_are_made_anew_before_they_leave(telling: Telling) -> None:
    body = photograph()
    await telling.tell()
    await telling.page.get_by_label("Ảnh").set_input_files(
        {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": body}
    )
    await expect(telling.page.locator("#picked img")).to_have_count(1)
    await telling.review()
    await telling.send()
    (picture,) = (await telling.opened()).pictures
    assert CAMERA.encode() not in picture
    assert not opened(picture).getexif()
    # Upright, as the camera had said; red at what was its left.
    assert opened(picture).size == (40, 80)


async def test_what_is_no_picture_is_refused_and_said(telling: Telling) -> None:
    await telling.tell()
    await telling.page.get_by_label("Ảnh").set_input_files(
        {"name": "tep.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8 no picture"}
    )
    await expect(telling.page.locator("#pictures-told")).to_contain_text("tep.jpg")
    await expect(telling.page.locator("#picked img")).to_have_count(0)


async def test_a_new_moderator_gets_what_was_begun_before(telling: Telling) -> None:
    await telling.tell()
    await telling.review()
    newcomer = await made_reader(telling.site)
    await telling.send()
    tip = await telling.site.reading.desk.open((await the_tip(telling.site)).id, newcomer)
    assert tip.report.what == WHAT


async def test_danger_is_told_whom_to_call_while_one_types(telling: Telling) -> None:
    await telling.tell("cháy nhà rồi cứu với")
    await expect(telling.page.locator("#danger")).to_contain_text("114")
    await telling.page.get_by_role("button", name="Ghi là tin khẩn").click()
    await telling.review()
    await telling.send()
    assert (await the_tip(telling.site)).is_urgent
    main = await telling.page.locator("main").inner_text()
    assert main.index("114") < main.index("Đã nhận tin báo")


async def test_what_may_betray_the_writer_is_pointed_at_before_sending(telling: Telling) -> None:
    await telling.tell(WHAT + " Số điện thoại của tôi là 0912 345 678.")
    await telling.review()
    await expect(telling.page.locator("#hints")).to_contain_text("0912 345 678")
    await telling.page.get_by_role("button", name="Sửa lại").click()
    await expect(telling.page.get_by_label("Chuyện gì đã xảy ra?")).to_be_focused()
    await telling.tell()
    await telling.review()
    await expect(telling.page.locator("#hints")).to_be_empty()


async def test_going_back_keeps_what_was_typed_and_nothing_is_left_in_the_browser(
    telling: Telling,
) -> None:
    await telling.tell()
    await telling.review()
    await telling.page.go_back()
    await expect(telling.page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value(WHAT)
    assert await telling.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert await telling.page.context.cookies() == []


async def test_without_the_library_the_form_is_sent_as_without_scripts(
    browser: Browser, site: Site
) -> None:
    reader = await made_reader(site)
    context = await browser.new_context(locale="vi-VN")
    page = await context.new_page()
    await page.route("**/sodium.js*", lambda route: route.fulfill(body="}", status=200))
    await page.goto(site.url + "/to-giac")
    await expect(page.locator("#how")).to_contain_text("Máy này không khóa kín")
    await page.get_by_label("Ma túy").check()
    await page.get_by_label("Chuyện gì đã xảy ra?").fill(WHAT)
    await page.get_by_role("button", name="Gửi tin").click()
    await expect(page.locator("#receipt")).to_be_visible()
    await context.close()
    tip = await site.reading.desk.open((await the_tip(site)).id, reader)
    assert tip.report.what == WHAT


async def test_without_webassembly_the_same_library_seals(browser: Browser, site: Site) -> None:
    reader = await made_reader(site)
    context = await browser.new_context(locale="vi-VN")
    await context.add_init_script("delete window.WebAssembly")
    page = await context.new_page()
    await page.goto(site.url + "/to-giac")
    await page.get_by_label("Ma túy").check()
    await page.get_by_label("Chuyện gì đã xảy ra?").fill(WHAT)
    await page.get_by_role("button", name="Xem lại").click()
    await page.get_by_role("button", name="Gửi tin").click()
    await expect(page.locator("#receipt")).to_be_visible()
    await context.close()
    tip = await site.reading.desk.open((await the_tip(site)).id, reader)
    assert tip.report.what == WHAT


async def test_a_tip_about_an_officer_is_sealed_to_the_inspectorate_alone(
    telling: Telling,
) -> None:
    site = telling.site
    await telling.page.close()
    inspectorate = await site.neighbourhood()
    async with site.storage.begin() as work:
        home = await work.units.get((await site.home()).id)
        await work.units.save(replace(home, inspectorate_id=inspectorate.id))
        await work.commit()
    inspector = await made_reader(site, unit=inspectorate)
    telling.page = await telling.page.context.new_page()
    await telling.page.goto(site.url + "/to-giac")
    await expect(telling.page.get_by_role("button", name="Xem lại")).to_be_visible()
    await telling.tell()
    await telling.page.get_by_label("Nơi xảy ra việc này").select_option(home.code)
    await telling.page.get_by_label("Tin này nói về công an").check()
    await telling.review()
    await telling.send()
    async with site.storage.read() as work:
        keys = await work.tips.keys_of(inspector.holder_id)
        assert await work.tips.keys_of(telling.reader.holder_id) == []
    opened_tip = await site.reading.desk.open(keys[0].tip_id, inspector)
    assert opened_tip.report.what == WHAT


async def test_without_an_inspectorate_nothing_about_officers_is_sent(telling: Telling) -> None:
    await telling.tell()
    await telling.page.get_by_label("Tin này nói về công an").check()
    await telling.page.get_by_role("button", name="Xem lại").click()
    await expect(telling.page.locator("main")).to_contain_text("Viện kiểm sát")
    assert await telling.page.get_by_label("Chuyện gì đã xảy ra?").input_value() == WHAT
    assert WHAT.encode() not in telling.sent()


async def test_a_server_that_does_not_answer_loses_nothing(telling: Telling) -> None:
    await telling.page.route("**/to-giac/kin*", lambda route: route.abort())
    await telling.tell()
    await telling.review()
    await telling.page.get_by_role("button", name="Gửi tin").click()
    await expect(telling.page.locator("#send-told")).to_contain_text("vẫn còn trên trang này")
    await telling.page.unroute("**/to-giac/kin*")
    await telling.send()
    assert (await telling.opened()).report.what == WHAT


async def test_an_answer_lost_on_the_way_is_asked_for_again_and_makes_one_tip(
    telling: Telling,
) -> None:
    async def take_and_be_silent(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await telling.page.route("**/to-giac/kin*", take_and_be_silent)
    await telling.tell()
    await telling.review()
    await telling.page.get_by_role("button", name="Gửi tin").click()
    await expect(telling.page.locator("#send-told")).to_contain_text("vẫn còn trên trang này")
    await telling.page.unroute("**/to-giac/kin*")
    await telling.send()
    # One, or this would raise.
    assert (await telling.opened()).report.what == WHAT


async def test_it_is_told_and_sent_by_keyboard_alone(telling: Telling) -> None:
    page = telling.page
    await page.get_by_label("Ma túy").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Thay nguoi la.")
    for _ in range(6):
        await page.keyboard.press("Tab")
    await page.get_by_role("button", name="Xem lại").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#review-title")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Gửi tin")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_be_focused()
    assert (await telling.opened()).report.what == "Thay nguoi la."
