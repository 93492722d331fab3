"""The door: strangers, roles, other sites, headers, sizes, and what goes wrong."""

import re
from contextlib import AbstractAsyncContextManager

import pytest

from bot.core.errors import StorageTrouble
from bot.core.officers import MAY, Act, Role
from bot.core.storage import Work
from bot.core.units import UnitKind
from bot.services.units.units import UnitRow
from console.forms import LONGEST_BYTES
from console.headers import HEADERS
from console.routes import Open, Route
from console.site import ROUTES
from tests.console.browser import Browser, Seen
from tests.console.checked_channel import SILENT
from tests.console.rig import Rig

HOME = "/console"
SIGN_IN = "/console/dang-nhap"
OFFICERS = "/console/can-bo"

CLOSED = [route for route in ROUTES if isinstance(route.needs, Act)]
NAMES = {f"{route.method} {route.path}": route for route in ROUTES}


def _path(route: Route) -> str:
    return HOME + re.sub(r"\{\w+\}", "0", route.path)


async def _ask(browser: Browser, route: Route, *, csrf: str = "") -> Seen:
    if route.method == "GET":
        return await browser.get(_path(route))
    return await browser.post(_path(route), {"csrf": csrf})


def test_only_signing_in_setting_up_and_styles_are_open() -> None:
    opened = {route.path.split("/")[1] for route in ROUTES if route.needs is Open.TO_ALL}
    assert opened == {"dang-nhap", "khoi-tao", "mat-khau-moi", "static"}


@pytest.mark.parametrize("name", [name for name, route in NAMES.items() if route in CLOSED])
async def test_a_stranger_is_sent_to_sign_in(rig: Rig, name: str) -> None:
    async with rig.browser() as browser:
        answer = await _ask(browser, NAMES[name])
    assert answer.status == 303
    assert answer.location.split("?")[0] == SIGN_IN


@pytest.mark.parametrize("role", Role)
async def test_every_role_gets_in_where_it_may_and_nowhere_else(rig: Rig, role: Role) -> None:
    await rig.officer("lan", role)
    async with rig.signed_in("lan") as browser:
        csrf = (await browser.get(HOME)).csrf
        doors = [one for one in CLOSED if one.path != "/dang-xuat"]
        statuses = {one: (await _ask(browser, one, csrf=csrf)).status for one in doors}
    may = {one for one in doors if one.needs in MAY[role]}
    assert {one for one, status in statuses.items() if status != 403} == may
    assert 500 not in statuses.values()


@pytest.mark.parametrize(
    "path", ["/console/nothing", "/console/tin-bao/1/2/3", "/console/dang-xuat"]
)
async def test_a_stranger_does_not_learn_which_pages_exist(rig: Rig, path: str) -> None:
    async with rig.browser() as browser:
        assert (await browser.get(path)).location.split("?")[0] == SIGN_IN


async def test_an_officer_is_told_in_words_that_a_page_is_missing(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        missing = await browser.get("/console/nothing")
        wrong_way = await browser.get("/console/dang-xuat")
    assert (missing.status, wrong_way.status) == (404, 405)
    assert "Không có trang này" in missing.text


@pytest.mark.parametrize("csrf", ["", "x", "đ" * 20])
async def test_a_form_without_the_token_is_refused(rig: Rig, csrf: str) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        refused = await browser.post(OFFICERS, {"csrf": csrf, "login": "x"})
    assert refused.status == 403
    assert len(await rig.services.officers.all()) == 1


async def test_the_token_of_another_session_is_refused(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    await rig.officer("lan", Role.ADMIN)
    async with rig.signed_in("an") as browser, rig.signed_in("lan") as other:
        token = (await other.get(OFFICERS)).csrf
        assert (await browser.post(OFFICERS, {"csrf": token})).status == 403


async def test_signing_in_needs_the_token_of_the_form_too(rig: Rig) -> None:
    async with rig.browser() as browser:
        refused = await browser.post(SIGN_IN, {"login": "lan", "password": "x"})
    assert refused.status == 403


OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", OTHERS)
@pytest.mark.parametrize("path", [SIGN_IN, "/console/dang-xuat", "/console/khoi-tao/x"])
async def test_other_sites_cannot_send_forms(rig: Rig, headers: dict[str, str], path: str) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        refused = await browser.send(path, page=HOME, headers=headers)
        assert refused.status == 403
        assert (await browser.get(HOME)).status == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:8080"}],
)
async def test_our_own_pages_can(rig: Rig, headers: dict[str, str]) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        assert (await browser.send("/console/dang-xuat", page=HOME, headers=headers)).status == 303


async def test_every_answer_is_dressed(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.browser() as stranger, rig.signed_in("lan") as browser:
        answers = [
            await stranger.get(SIGN_IN),
            await stranger.get(HOME),
            await stranger.get("/console/static/console.css"),
            await stranger.get("/console/khoi-tao/x"),
            await stranger.post(SIGN_IN, {}),
            await browser.get(HOME),
            await browser.get("/console/nothing"),
            await browser.get(OFFICERS),
        ]
    assert [one.status for one in answers] == [200, 303, 200, 404, 403, 200, 404, 403]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)


async def test_no_page_needs_what_its_own_policy_forbids(rig: Rig) -> None:
    await rig.officer("an", *Role)
    await rig.officer("lan", *Role)
    pages = [HOME, "/console/tin-bao", "/console/thong-bao/moi", "/console/don-vi"]
    unit = f"/console/don-vi/{rig.commune.id}"
    async with rig.signed_in("an") as browser:
        for path in [*pages, unit, "/console/kenh", OFFICERS, "/console/nhat-ky"]:
            page = await browser.get(path)
            assert page.status == 200
            assert not [tag for tag, found in page.tags if "style" in found or tag == "style"]
            assert all(one.startswith("/") for one in page.attributes("script", "src"))
            assert not re.search(r"\son\w+=", page.html)


async def test_styles_are_served_and_nothing_beside_them(rig: Rig) -> None:
    async with rig.browser() as browser:
        styles = await browser.get("/console/static/console.css")
        assert styles.headers["Content-Type"].startswith("text/css")
        for name in ("nothing.css", "..%2fsite.py", "site.py", "%2e%2e%2fsite.py"):
            assert (await browser.get(f"/console/static/{name}")).status == 303


async def test_a_form_that_is_too_large_is_refused_in_words(rig: Rig) -> None:
    async with rig.browser() as browser:
        body = b"csrf=x&login=" + b"a" * LONGEST_BYTES
        refused = await browser.post(SIGN_IN, body)
    assert refused.status == 413
    assert "lớn quá" in refused.text


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"&".join([b"a=1"] * 200), {}, 400),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"--x\r\n", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        (b"\xff\xfe%ff%00", {}, 403),
    ],
    ids=["too many fields", "json", "multipart", "no text at all"],
)
async def test_a_form_nobody_made_is_refused_in_words(
    rig: Rig, body: bytes, headers: dict[str, str], status: int
) -> None:
    async with rig.browser() as browser:
        assert (await browser.post(SIGN_IN, body, headers=headers)).status == status


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202etxt.exe"


async def test_hostile_words_stay_words(rig: Rig) -> None:
    await rig.officer("an", *Role)
    tip = await rig.tip(HOSTILE)
    row = UnitRow(code="to-1", name=HOSTILE, kind=UnitKind.NEIGHBOURHOOD)
    await rig.services.units.add([row], by="machine")
    async with rig.signed_in("an") as browser:
        fields = {"title": HOSTILE, "text": HOSTILE, "unit": rig.commune.id}
        send = (await browser.send("/console/thong-bao/moi", fields)).location
        bad = {**fields, "when": "later", "due": HOSTILE}
        pages = [
            await browser.send("/console/thong-bao/moi", bad),
            await browser.send(SIGN_IN, {"login": HOSTILE, "tiep": HOSTILE}, page=HOME),
            await browser.get(f"{SIGN_IN}?tiep=%22%3E%3Cscript%3E"),
        ]
        await browser.sign_in("an", "bốn từ ghép lại dễ nhớ")
        one = send.removesuffix("/gui")
        shown = [f"/console/tin-bao/{tip.id}", send, one, "/console/thong-bao", "/console/don-vi"]
        pages += [await browser.get(path) for path in shown]
    for page in pages:
        assert page.status in {200, 401, 422}
        assert "<script>" not in page.html
        assert "<img" not in page.html
        assert all(one.startswith(("/static/",)) for one in page.attributes("script", "src"))


async def test_what_breaks_is_said_without_a_trace(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        rig.services.people._storage = None  # type: ignore[assignment] # a fault nobody foresaw
        broken = await browser.get("/console/don-vi")
    assert broken.status == 500
    assert "Chương trình gặp lỗi" in broken.text
    assert "Traceback" not in broken.html
    assert [record.message for record in caplog.records] == ["console.failed"]


async def test_channels_are_shown_and_checked(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    channel_id = await rig.channel("Trang minh họa", trouble="Mã truy cập đã hết hạn")
    async with rig.signed_in("an") as browser:
        page = await browser.get("/console/kenh")
        assert "1 kênh không gửi được" in page.text
        assert "Trang minh họa" in page.text
        checked = await browser.send(f"/console/kenh/{channel_id}/kiem-tra", page="/console/kenh")
        assert "Nối lại tài khoản" in checked.text
        unknown = await browser.send("/console/kenh/nothing/kiem-tra", page="/console/kenh")
        assert unknown.status == 404
        assert "kênh không gửi được" in (await browser.get(HOME)).text


async def test_a_silent_platform_is_said_to_be_silent(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    channel_id = await rig.channel(SILENT)
    async with rig.signed_in("an") as browser:
        checked = await browser.send(f"/console/kenh/{channel_id}/kiem-tra", page="/console/kenh")
    assert "Nền tảng không trả lời" in checked.text


class _NoStorage:
    """A database that is gone."""

    def read(self) -> AbstractAsyncContextManager[Work]:
        raise StorageTrouble("the disk is full")

    begin = read


async def test_without_the_database_a_page_says_to_try_again(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        rig.services.people._storage = _NoStorage()  # type: ignore[assignment] # reads suffice
        broken = await browser.get("/console/don-vi")
    assert broken.status == 503
    assert "thử lại sau một phút" in broken.text
