"""The one-time set-up: commune, recovery key, first account."""

import re

import pytest

from bot.core.officers import Act, HolderKind
from tests.console.browser import Browser, Seen
from tests.console.rig import PASSWORD, Rig

SIGN_IN = "/console/dang-nhap"


def _link(rig: Rig) -> str:
    return f"/console/khoi-tao/{rig.vault.setup.token}"


def _key(page: Seen) -> list[str]:
    return re.findall(r"<li><code>(\S+?)</code></li>", page.html)


async def _account(browser: Browser, link: str, **fields: str) -> Seen:
    """Send the last step with both groups right unless said otherwise."""
    groups = _key(await browser.get(f"{link}/khoa"))
    page = await browser.get(f"{link}/tai-khoan")
    asked = [name for name in page.attributes("input", "name") if name.startswith("group_")]
    assert len(asked) == 2
    typed = {name: groups[int(name.removeprefix("group_"))].lower() for name in asked}
    account = {"login": "lan.an", "name": "Nguyễn Thị Lan", "password": PASSWORD}
    if fields.pop("wrong_group", ""):
        typed[asked[0]] = "AAAAA"
    return await browser.send(f"{link}/tai-khoan", {**typed, **account, **fields})


async def test_the_link_leads_from_an_empty_house_to_a_first_account(rig: Rig) -> None:
    link = _link(rig)
    early = await rig.tip("Bán vé số giả")
    async with rig.browser() as browser:
        contacts = {"name": "Công an xã Minh Họa", "duty_phone": "0200 000 000"}
        named = await browser.send(link, contacts)
        assert named.location == f"{link}/khoa"
        assert len(_key(await browser.get(f"{link}/khoa"))) == 14
        made = await _account(browser, link)
        assert made.location == f"{SIGN_IN}?moi=1"
        assert "lập xong tài khoản" in (await browser.get(made.location)).text
        await browser.sign_in("lan.an", PASSWORD)
        assert "Bán vé số giả" in (await browser.get(f"/console/tin-bao/{early.id}")).text

    commune = (await rig.services.units.all())[0]
    assert (commune.name, commune.contacts) == (
        "Công an xã Minh Họa",
        {"duty_phone": "0200 000 000"},
    )
    officer = (await rig.services.officers.all())[0]
    assert all(officer.may(act) for act in Act)


async def test_the_link_is_dead_once_it_was_used(rig: Rig) -> None:
    link = _link(rig)
    async with rig.browser() as browser:
        await _account(browser, link)
        for path in (link, f"{link}/khoa", f"{link}/tai-khoan"):
            page = await browser.get(path)
            assert page.status == 404
            assert "chỉ dùng được một lần" in page.text


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "%C4%91" * 20])
async def test_a_wrong_link_is_no_page(rig: Rig, token: str) -> None:
    async with rig.browser() as browser:
        for rest in ("", "/khoa", "/tai-khoan"):
            assert (await browser.get(f"/console/khoi-tao/{token}{rest}")).status == 404


async def test_no_account_without_the_key_on_paper(rig: Rig) -> None:
    async with rig.browser() as browser:
        refused = await _account(browser, _link(rig), wrong_group="yes")
    assert refused.status == 422
    assert "chưa khớp" in refused.text
    assert refused.value("login") == "lan.an"
    assert await rig.services.officers.all() == []


async def test_a_short_password_is_refused_and_the_rest_is_kept(rig: Rig) -> None:
    async with rig.browser() as browser:
        refused = await _account(browser, _link(rig), password="ngắn quá")
    assert refused.status == 422
    assert "12" in refused.text
    assert refused.value("name") == "Nguyễn Thị Lan"
    assert refused.value("password") == ""
    assert not rig.services.setting_up.is_done()


async def test_a_commune_without_a_name_is_refused(rig: Rig) -> None:
    async with rig.browser() as browser:
        refused = await browser.send(_link(rig), {"name": " ", "duty_phone": "0200 000 000"})
    assert refused.status == 422
    assert refused.value("duty_phone") == "0200 000 000"


async def test_the_founding_key_becomes_the_recovery_key(rig: Rig) -> None:
    async with rig.browser() as browser:
        await _account(browser, _link(rig))
    async with rig.storage.read() as work:
        kinds = {holder.kind for holder in await work.officers.holders()}
    assert kinds == {HolderKind.RECOVERY, HolderKind.OFFICER}
