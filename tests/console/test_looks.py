"""Every page in a real browser, on a phone and on a desk. The pictures stay in pytest's folder."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, Route, async_playwright

from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.officers import Role
from tests.console.approvals_town import build_approvals
from tests.console.edits_town import build_edits
from tests.console.rig import PASSWORD, Rig, open_rig
from tests.console.town import CHIEF, build_town

CHROMIUM = shutil.which("chromium")
STATIC = Path(__file__).parents[2] / "bot" / "web" / "static"
SIZES = {"phone": (360, 740), "desk": (1280, 800)}
# Fields without a label, or a page that does not have exactly one title.
NAMELESS = """
    [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
        .some(field => !field.labels.length)
    || document.querySelectorAll("h1").length !== 1
    || [...document.querySelectorAll("[aria-describedby]")].some(
        one => one.getAttribute("aria-describedby").trim().split(/\\s+/)
            .some(id => !document.getElementById(id)))
"""
FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
    pytest.mark.timeout(180),
]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """The console beside the style sheets of the public pages."""
    statics = [web.static("/static", STATIC)]
    async with open_rig(tmp_path, beside=statics) as rig:
        yield rig


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def _page(
    chromium: Browser, rig: Rig, size: str, *, scripts: bool = True
) -> AsyncIterator[tuple[Page, list[str]]]:
    """Open a tab; what the browser complains of gathers in the list."""
    width, height = SIZES[size]
    context = await chromium.new_context(
        base_url=str(rig.server.make_url("/")),
        viewport={"width": width, "height": height},
        locale="vi-VN",
        java_script_enabled=scripts,
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, complaints
    await context.close()


async def _sign_in(page: Page) -> None:
    await page.goto("/console/dang-nhap")
    await page.get_by_label("Tên đăng nhập").fill(CHIEF)
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Đăng nhập").click()
    await page.wait_for_url("**/console")


async def _pages_of_keys(rig: Rig) -> dict[str, str]:
    """Return the pages about officers and keys, with somebody who lacks some."""
    await rig.tip("Đánh bạc ăn tiền")
    rig.vault.setup.destroy()
    await rig.officer("moi.den", Role.MODERATOR)
    new = next(one for one in await rig.services.officers.all() if one.login == "moi.den")
    recovery = "/khoa-khoi-phuc"
    return {
        "officer": f"/can-bo/{new.id}",
        "officer-leaves": f"/can-bo/{new.id}/nghi",
        "password": "/toi/mat-khau",
        "own-key": "/toi/khoa",
        "tip-keys": "/khoa-mo-tin",
        "recovery": recovery,
        "recovery-check": f"{recovery}/kiem-tra",
        "recovery-give": f"{recovery}/mo-lai",
        "recovery-split": f"{recovery}/chia",
        "recovery-exchange": f"{recovery}/doi",
    }


async def _is_wider_than_the_screen(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_fits_its_screen(
    rig: Rig, chromium: Browser, size: str, tmp_path: Path
) -> None:
    setup = f"/console/khoi-tao/{rig.vault.setup.token}"
    pages = {
        "setup-1": setup,
        "setup-2": f"{setup}/khoa",
        "setup-3": f"{setup}/tai-khoan",
        "setup-2-split": f"{setup}/ba-to",
        "setup-3-split": f"{setup}/tai-khoan-ba-to",
    }
    named = {**await build_town(rig), **await build_approvals(rig)}
    # Some joined over an account that was added after it was sent.
    named["late"] = f"{named['finished']}/gui-them"
    named |= await build_edits(rig)
    named |= await _pages_of_keys(rig)
    too_wide: list[str] = []
    nameless: list[str] = []
    async with _page(chromium, rig, size) as (page, complaints):

        async def look(name: str, path: str) -> None:
            await page.goto(path)
            await page.screenshot(path=tmp_path / f"{size}-{name}.png", full_page=True)
            if await _is_wider_than_the_screen(page):
                too_wide.append(name)
            if await page.evaluate(NAMELESS):
                nameless.append(name)

        for name, path in {**pages, "sign-in": "/console/dang-nhap"}.items():
            await look(name, path)
        await _sign_in(page)
        for name, path in named.items():
            await look(name, f"/console{path}")
    assert too_wide == []
    assert nameless == []
    assert [one for one in complaints if "404" not in one] == []


async def test_a_page_that_watches_changes_by_itself(rig: Rig, chromium: Browser) -> None:
    named = await build_town(rig)
    async with _page(chromium, rig, "phone") as (page, complaints):
        await _sign_in(page)
        await page.goto(f"/console{named['sending']}")
        await page.get_by_text("8/26").wait_for()
        await _send_the_rest(rig)
        await page.get_by_text("25/26").wait_for(timeout=20_000)
        await page.get_by_text("Đã gửi xong").wait_for()
    assert complaints == []


async def test_a_page_watches_though_its_last_script_comes_late(
    rig: Rig, chromium: Browser
) -> None:
    named = await build_town(rig)
    async with _page(chromium, rig, "phone") as (page, complaints):
        # What listens to the server arrives when the library it is part of has long begun.
        async def late(route: Route) -> None:
            # Not `wait_for_function`, which evaluates: the page forbids it.
            while not await page.evaluate("'htmx' in window"):
                pass
            await page.evaluate("new Promise(done => setTimeout(() => setTimeout(done)))")
            await route.continue_()

        await _sign_in(page)
        await page.route("**/hx-sse.min.js", late)
        async with page.expect_request("**/dong"):
            await page.goto(f"/console{named['sending']}")
    assert complaints == []


async def test_everything_works_without_scripts(rig: Rig, chromium: Browser) -> None:
    named = await build_town(rig)
    async with _page(chromium, rig, "phone", scripts=False) as (page, _):
        await _sign_in(page)
        await page.goto(f"/console{named['sending']}")
        await _send_the_rest(rig)
        await page.get_by_text("25/26").wait_for(timeout=20_000)
        await page.goto("/console/thong-bao/moi")
        await page.get_by_label("Tiêu đề").fill("Họp tổ")
        await page.get_by_label("Nội dung", exact=True).fill("Tối thứ Bảy.")
        await page.get_by_role("button", name="Lưu và xem trước").click()
        await page.get_by_role("button", name="Gửi cho 24 người và 2 nhóm").click()
        await page.get_by_text("0/26").wait_for()


async def _send_the_rest(rig: Rig) -> None:
    """Deliver what still waits of the urgent announcement."""
    now = rig.clock.now()
    async with rig.storage.begin() as work:
        ids = [
            row.id
            for account in await work.channels.all()
            for row in await work.deliveries.claim(
                account.id, [Lane.URGENT], 50, owner="rest", now=now, lease_until=now
            )
        ]
        await work.deliveries.mark_sending(ids, owner="rest", attempt_id="b", now=now, until=now)
        outcomes = [
            Outcome(delivery_id=one, attempt_id="b", state=DeliveryState.SENT) for one in ids
        ]
        await work.deliveries.record(outcomes, at=now)
        await work.commit()
