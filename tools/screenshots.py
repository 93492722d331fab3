"""Make the pictures of the pages: the demo in a temporary folder, walked by a headless Chromium.

Everything shown is invented and says so: the neighbourhood comes from `content/demo.yaml`, the
tips, the announcement, accounts and groups stand below; Zalo and Telegram are played by the tests'
stand-ins. Run by `make screenshots`; what it wrote is looked at by a person and committed.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

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


# An address that nobody has (RFC 2606), for the pages that tell what to enter at Zalo.
PUBLIC_URL: Final = "https://binhyen.example.vn"
BOT_TOKEN: Final = "123456:gia-dinh"  # noqa: S105 - of a stand-in
ZALO_ADMIN: Final = "7009001"
VILLAGE: Final = "Thôn Đông (giả định)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A program that serves: where, its set-up link, and how commands reach it."""

    url: str
    link: str
    folder: str
    env: Mapping[str, str]

    def command(self, *words: str) -> None:
        """Run `binhyen` beside it."""
        python = [sys.executable, "-m", "bot", *words]
        subprocess.run(python, cwd=self.folder, env=self.env, check=True, capture_output=True)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def program(public_url: str = "") -> Iterator[Running]:
    """Serve the demo from a temporary folder; it believes to be at `public_url`."""
    url = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        env = {
            **{name: value for name, value in os.environ.items() if "BINHYEN_" not in name},
            "BINHYEN_DATA_DIR": f"{folder}/data",
            "BINHYEN_PORT": url.rpartition(":")[2],
            "BINHYEN_PUBLIC_URL": public_url or url,
            "PYTHONPATH": str(ROOT),
        }
        words = [sys.executable, "-m", "bot", "serve", "--demo", "--json"]
        with subprocess.Popen(
            words, cwd=folder, env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None  # noqa: S101 - it was asked for
                said = (re.search(r"/\S+/khoi-tao/[\w-]+", line) for line in process.stdout)
                link = next((found for found in said if found), None)
                if link is None:
                    raise SystemExit("the program did not start; what it said stands above")
                path = link.group()[link.group().index("/console") :]
                yield Running(url=url, link=url + path, folder=folder, env=env)
            finally:
                process.terminate()


@contextmanager
def stand_in(name: str, *words: str) -> Iterator[str]:
    """Run the tests' stand-in of a platform; give its address."""
    port = free_port()
    module = f"tests.channels.stubs.{name}_stub"
    line = [sys.executable, "-m", module, "--port", str(port), "--no-limits", *words]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            process.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def order(platform: str, name: str, **words: object) -> Any:  # noqa: ANN401 - JSON
    """Let the stand-in do something; return what it says."""
    request = urllib.request.Request(  # noqa: S310 - of this machine
        f"{platform}/_stub/{name}", data=json.dumps(words).encode()
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
        return json.load(answer)


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
    page.locator("#unit").select_option(label=VILLAGE)
    page.locator(".action-bar button").click()
    page.get_by_role("button", name=re.compile("^Gửi cho")).click()
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


def connect(running: Running, zalo: str, telegram: str) -> None:
    """Connect an invented account on each platform."""
    bot = ("--unit", "DEMO", "--name", "Bot giả định", "--token", BOT_TOKEN)
    running.command("channel", "add", "telegram", *bot, "--api-url", telegram)
    kept = order(zalo, "state")
    names = ("app_id", "app_secret", "oa_id", "oa_secret", "access_token", "refresh_token")
    secrets = [word for name in names for word in (f"--{name.replace('_', '-')}", kept[name])]
    account = ("--unit", "DEMO", "--name", "Xã Bình An (giả định)", *secrets)
    bases = ("--api-url", zalo, "--oauth-url", zalo)
    running.command("channel", "add", "zalo", *account, *bases)
    order(zalo, "webhook", url=f"{running.url}/webhooks/zalo/{kept['app_id']}")


def fill_groups(page: Page, zalo: str, telegram: str) -> None:
    """Make a group on Zalo, whose asset soon lapses, and link one on Telegram."""
    order(zalo, "asset", kind="gmf50", days="9")
    order(zalo, "person", id=ZALO_ADMIN, oa_admin=True)
    page.goto("/console/nhom/lap")
    while not page.locator("#name").count():
        # The program has not noticed the account yet.
        time.sleep(1)
        page.goto("/console/nhom/lap")
    page.locator("#name").fill("An ninh Thôn Đông (giả định)")
    page.locator("#unit").select_option(label=VILLAGE)
    page.locator("#admin").fill(ZALO_ADMIN)
    page.locator(".action-bar button").click()
    page.goto("/console/nhom")
    page.locator("#unit").select_option(label=VILLAGE)
    page.get_by_role("button", name="Tạo mã").click()
    code = page.locator(".card .code").inner_text()
    members = [str(7001 + number) for number in range(NEIGHBOURS)]
    order(telegram, "group", chat=-4001, creator=7001, title="Tổ 3 (giả định)", members=members)
    order(telegram, "add_bot", chat=-4001, by=7001, rights=["can_delete_messages"])
    order(telegram, "say", chat=-4001, user=7001, text=f"/lienket {code}")
    while VILLAGE not in page.locator("main table").inner_text().rpartition("Tổ 3")[2]:
        time.sleep(1)
        page.goto("/console/nhom")
    page.get_by_role("button", name="Hỏi lại các nền tảng").click()
    page.goto("/console/nhom")


def channels(browser: Browser) -> None:
    """Show how accounts are connected and how groups stand, on a phone and on a desk."""
    with (
        program(PUBLIC_URL) as running,
        stand_in("zalo") as zalo,
        stand_in("telegram", "--token", BOT_TOKEN) as telegram,
    ):
        page = context(browser, DESK, running.url).new_page()
        set_up(page, running.link)
        page.goto("/console/kenh/zalo/moi")
        take(page, "connect-desk")
        connect(running, zalo, telegram)
        fill_groups(page, zalo, telegram)
        take(page, "groups-desk", until="text=Hỏi lại các nền tảng")
        page.set_viewport_size({"width": DESK["width"], "height": 1100})
        page.goto("/console/kenh")
        page.get_by_role("button", name="Kiểm tra").last.click()
        take(page, "channels-desk", until="main .card")
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        page.goto("/console/kenh/zalo/moi")
        take(page, "connect-phone")
        page.goto("/console/nhom")
        take(page, "groups-phone")


def main() -> None:
    """Make every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with program() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        desk = context(browser, DESK, running.url).new_page()
        phone = context(browser, PHONE, running.url).new_page()
        set_up(desk, running.link)
        code = code_of(desk)
        chat(phone, code)
        join(browser, running.url, code)
        tell(phone)
        moderate(desk)
        announce(desk)
        desk.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        desk.goto("/console/")
        take(desk, "overview-phone")
        phone.goto(f"/tham-gia/{code}")
        take(phone, "join-phone")
        channels(browser)
        browser.close()


if __name__ == "__main__":
    main()
