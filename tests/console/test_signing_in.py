"""Signing in and out, as officers and as those who try."""

from datetime import timedelta

import pytest

from bot.core.officers import Role
from tests.console.rig import PASSWORD, Rig, open_rig

HOME = "/console"
SIGN_IN = "/console/dang-nhap"


async def test_an_officer_signs_in_and_out(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.browser() as browser:
        signed_in = await browser.sign_in("lan", PASSWORD)
        assert (signed_in.status, signed_in.location) == (303, HOME)
        home = await browser.get(HOME)
        assert home.status == 200
        assert "Cán bộ lan" in home.text
        out = await browser.send("/console/dang-xuat", page=HOME)
        assert out.location == SIGN_IN
        assert (await browser.get(HOME)).location == SIGN_IN


async def test_a_copied_cookie_is_worth_nothing_after_signing_out(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser, rig.browser() as thief:
        cookie = browser.cookie("binhyen_session")
        await browser.send("/console/dang-xuat", page=HOME)
        thief.session.cookie_jar.update_cookies(
            {"binhyen_session": cookie}, rig.server.make_url(HOME)
        )
        assert (await thief.get(HOME)).status == 303


async def test_an_unknown_login_and_a_wrong_password_are_answered_alike(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.browser() as browser:
        unknown = await browser.sign_in("hung", "sai mật khẩu rồi")
        wrong = await browser.sign_in("lan", "sai mật khẩu rồi")
    assert unknown.status == wrong.status == 401
    assert unknown.text == wrong.text
    assert "chưa đúng" in wrong.text
    assert wrong.value("login") == "lan"
    assert wrong.value("password") == ""


async def test_five_wrong_passwords_make_everybody_with_that_login_wait(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.browser() as browser:
        for _ in range(5):
            assert (await browser.sign_in("lan", "sai mật khẩu rồi")).status == 401
        assert (await browser.sign_in("lan", PASSWORD)).status == 429
        rig.clock.advance(timedelta(minutes=16))
        assert (await browser.sign_in("lan", PASSWORD)).status == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.browser() as browser:
        signed_in = await browser.sign_in("lan", PASSWORD)
    cookie = signed_in.headers["Set-Cookie"]
    for part in ("binhyen_session=", "HttpOnly", "SameSite=Strict", "Path=/console"):
        assert part in cookie
    assert "Secure" not in cookie


async def test_over_tls_the_cookie_never_travels_without_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("tls")
    async with (
        open_rig(folder, public_url="https://anhoa.example") as rig,
        rig.browser() as browser,
    ):
        page = await browser.get(SIGN_IN)
        assert "Secure" in page.headers["Set-Cookie"]


async def test_a_session_ends_after_eight_idle_hours(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        rig.clock.advance(timedelta(hours=7))
        assert (await browser.get(HOME)).status == 200
        rig.clock.advance(timedelta(hours=8, minutes=1))
        assert (await browser.get(HOME)).status == 303


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/console/thong-bao", "/console/thong-bao"),
        ("https://example.com/", HOME),
        ("//example.com", HOME),
        ("/console/../to-giac", HOME),
        ("/console/\\example.com", HOME),
        ("/console/dang-nhap", HOME),
        ("/thong-bao", HOME),
    ],
)
async def test_signing_in_leads_back_only_within_the_console(
    rig: Rig, wanted: str, reached: str
) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.browser() as browser:
        fields = {"login": "lan", "password": PASSWORD, "tiep": wanted}
        assert (await browser.send(SIGN_IN, fields)).location == reached
