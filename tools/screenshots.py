"""Make the pictures of README.md: the demo in a temporary folder, walked by a headless Chromium.

Everything shown is invented and says so: the neighbourhood comes from `content/demo.yaml`, the
tips and the announcement stand below. Run by `make screenshots`; what it wrote is looked at by a
person and committed.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
PICTURES: Final = ROOT / "docs" / "pictures"
CHROMIUM: Final = shutil.which("chromium") or "/usr/bin/chromium"
PHONE: Final = {"width": 390, "height": 780}
DESK: Final = {"width": 1280, "height": 760}
LARGEST_BYTES: Final = 150_000
PASSWORD: Final = "bốn từ giả định"  # noqa: S105 - of a demo that lives for a minute
NEIGHBOURS: Final = 11
TIPS: Final = (
    ("scam", "Có số lạ gọi, tự xưng ngân hàng, xin mã OTP. (chuyện giả định)", ""),
    ("disorder", "Nhóm đua xe gần cổng trường lúc nửa đêm. (chuyện giả định)", ""),
    ("violence", "Có tiếng đập phá và kêu cứu ở cuối ngõ. (chuyện giả định)", "1"),
    ("drugs", "Người lạ hay tụ tập ở nhà bỏ hoang. (chuyện giả định)", ""),
)
TITLE: Final = "Cắt điện sáng thứ Bảy (thông báo giả định)"
TEXT: Final = "Từ 6 giờ đến 9 giờ. Bà con sạc đèn trước, cẩn thận khi dùng nến."


@contextmanager
def program() -> Iterator[tuple[str, str]]:
    """Serve the demo from a temporary folder; give its address and its set-up link."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **{name: value for name, value in os.environ.items() if "BINHYEN_" not in name},
            "BINHYEN_DATA_DIR": f"{folder}/data",
            "BINHYEN_PORT": str(port),
            "PYTHONPATH": str(ROOT),
        }
        words = [sys.executable, "-m", "bot", "serve", "--demo", "--json"]
        with subprocess.Popen(
            words, cwd=folder, env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None  # noqa: S101 - it was asked for
                said = (re.search(r"http\S+/khoi-tao/[\w-]+", line) for line in process.stdout)
                link = next((found for found in said if found), None)
                if link is None:
                    raise SystemExit("the program did not start; what it said stands above")
                yield f"http://127.0.0.1:{port}", link.group()
            finally:
                process.terminate()


def context(browser: Browser, size: dict[str, int], url: str) -> BrowserContext:
    """Open a browser of one person; phones have finer screens."""
    return browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        device_scale_factor=1.5 if size is PHONE else 1,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        base_url=url,
        reduced_motion="reduce",
    )


def take(page: Page, name: str, *, until: str = "") -> None:
    """Write one picture, down to the end of `until` if given; too large a one is an error."""
    page.evaluate("document.fonts.ready")
    path = PICTURES / f"{name}.png"
    size = page.viewport_size or DESK
    box = page.locator(until).last.bounding_box() if until else None
    height = box["y"] + box["height"] + 40 if box else size["height"]
    page.screenshot(
        path=path,
        animations="disabled",
        caret="hide",
        clip={"x": 0, "y": 0, "width": size["width"], "height": min(height, size["height"])},
    )
    size_bytes = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size_bytes // 1000} kB")
    if size_bytes > LARGEST_BYTES:
        raise SystemExit(f"{path.name} has {size_bytes} bytes, more than {LARGEST_BYTES}")


def set_up(page: Page, link: str) -> None:
    """Walk the three steps of the set-up link and sign in."""
    page.goto(link)
    page.locator("form button").click()
    groups = page.locator("ol.key code").all_inner_texts()
    page.locator(".action-bar a").click()
    for box in page.locator("input[name^=group_]").all():
        place = int(str(box.get_attribute("name")).removeprefix("group_"))
        box.fill(groups[place])
    page.locator("input[name=name]").fill("Cán bộ giả định")
    page.locator("input[name=login]").fill("gia.dinh")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button").click()
    page.wait_for_url("**/console/dang-nhap*")
    page.locator("input[name=login]").fill("gia.dinh")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button").click()
    expect(page.get_by_role("button", name="Đăng xuất").first).to_be_attached()


def say(page: Page, text: str, *, then: str) -> None:
    """Say something in the chat and wait for the answer."""
    page.locator("textarea").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(then)


def chat(page: Page, code: str) -> None:
    """Ask and join on a phone."""
    page.goto("/tro-chuyen")
    say(page, "bao chay goi so nao", then="114")
    page.wait_for_timeout(400)
    take(page, "chat-phone")
    say(page, f"/thamgia {code}", then="có đồng ý không")
    say(page, "Đồng ý", then="Từ nay bà con nhận thông báo")


def join(browser: Browser, url: str, code: str) -> None:
    """Let the invented neighbours join, too."""
    for number in range(NEIGHBOURS):
        neighbour = context(browser, PHONE, url)
        for place, text in enumerate((f"/thamgia {code}", "Đồng ý")):
            neighbour.request.post(
                "/tro-chuyen/gui", data={"id": f"neighbour-{number}-{place}", "text": text}
            )
        neighbour.close()


def tell(page: Page) -> None:
    """Send the invented tips by the form."""
    page.goto("/to-giac")
    take(page, "tip-form-phone")
    for category, what, is_urgent in TIPS:
        answer = page.request.post(
            "/to-giac", form={"category": category, "what": what, "urgent": is_urgent}
        )
        expect(answer).to_be_ok()


def announce(page: Page) -> None:
    """Write an announcement, send it, and watch it arrive."""
    page.goto("/console/thong-bao/moi")
    page.locator("#title").fill(TITLE)
    page.locator("#text").fill(TEXT)
    page.locator("#unit").select_option(label="Thôn Đông (giả định)")
    page.locator(".action-bar button").click()
    page.get_by_role("button", name=re.compile("^Gửi")).click()
    expect(page.locator("#tien-do")).to_contain_text(f"{NEIGHBOURS + 1}/{NEIGHBOURS + 1}")
    take(page, "progress-desk", until="text=Tải lại số liệu")


def moderate(page: Page) -> None:
    """Take up one tip and show the queue."""
    page.goto("/console/tin-bao")
    page.get_by_role("link", name="Lừa đảo").click()
    page.locator("input[value=in_verification]").check()
    page.get_by_role("button", name="Chuyển trạng thái").click()
    page.goto("/console/tin-bao")
    take(page, "queue-desk", until="main table")


def code_of(page: Page) -> str:
    """Read the code of the demo's first neighbourhood off its page in the console."""
    page.goto("/console/don-vi")
    page.get_by_role("link", name="Thôn Đông").first.click()
    found = re.search(r"/tham-gia/(\w+)", page.content())
    if found is None:
        raise SystemExit("no join code on the page of the neighbourhood")
    return found[1]


def main() -> None:
    """Make every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with program() as (url, link), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        desk = context(browser, DESK, url).new_page()
        phone = context(browser, PHONE, url).new_page()
        set_up(desk, link)
        code = code_of(desk)
        chat(phone, code)
        join(browser, url, code)
        tell(phone)
        moderate(desk)
        announce(desk)
        desk.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        desk.goto("/console/")
        take(desk, "overview-phone")
        phone.goto(f"/tham-gia/{code}")
        take(phone, "join-phone")
        browser.close()


if __name__ == "__main__":
    main()
