"""Accounts are connected, watched, changed and removed from the console; secrets stay unseen."""

from datetime import timedelta

import pytest
from yarl import URL

from bot.core.channels import ChannelAccount, ChannelKind
from bot.core.ids import ChannelId
from bot.core.officers import Role
from bot.services.channels.connecting import CallBack
from bot.services.channels.credentials import RENEWED_AT
from bot.services.channels.grants import BROWSER_COOKIE, GRANT_LIFE, Fault, Progress, UnderWay
from tests.console.browser import Browser, Seen
from tests.console.rig import Rig

HOME = "/console"
CHANNELS = "/console/kenh"
NEW = "/console/kenh/zalo/moi"
DOMAIN = "/console/kenh/ten-mien"
SECRETS = {"app_secret": "invented-app-secret", "oa_secret": "invented-oa-secret"}
PAIR = {"access_token": "invented-access", "refresh_token": "invented-refresh"}


def form(rig: Rig, **changes: str) -> dict[str, str]:
    return {"unit": rig.commune.id, "app_id": "7700", **SECRETS, **changes}


async def zalo(rig: Rig) -> list[ChannelAccount]:
    accounts = await rig.services.channels.accounts()
    return [one for one in accounts if one.kind is ChannelKind.ZALO]


async def begun(browser: Browser, fields: dict[str, str], *, page: str = NEW) -> Seen:
    """Send the form; return the page with the link."""
    answer = await browser.send(page, fields)
    assert answer.status == 303, answer.text
    return await browser.get(answer.location)


async def agreed(rig: Rig, browser: Browser, page: Seen, *, oa_id: str) -> UnderWay:
    """Come back from the platform to where the public pages would be."""
    link = next(one for one in page.attributes("a", "href") if one.startswith("https://zalo"))
    cookies = browser.session.cookie_jar.filter_cookies(rig.server.make_url("/connect/zalo"))
    back = CallBack(state=URL(link).query["state"], code=oa_id, oa_id=oa_id)
    grant_id = await rig.services.connecting.called_back(
        back, browser_key=cookies[BROWSER_COOKIE].value
    )
    await rig.services.connecting.wait_for(grant_id, at_most_s=5)
    return await rig.services.connecting.find(grant_id)


async def test_an_administrator_is_walked_through_to_a_connected_account(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        first = await browser.get(NEW)
        assert "http://127.0.0.1:8080/connect/zalo/callback" in first.text
        assert "http://127.0.0.1:8080/webhooks/zalo/" in first.text
        own = {"signed_with": "app_secret", "per_minute": "90", "step_back_min": "15"}
        answer = await browser.send(NEW, form(rig, **own))
        told = answer.headers["Set-Cookie"]
        assert all(one in told for one in ("HttpOnly", "Path=/connect", "SameSite=Lax"))
        assert answer.location.startswith("/console/kenh/zalo/noi/")
        page = await browser.get(answer.location)
        assert "10 phút" in page.text
        grant = await agreed(rig, browser, page, oa_id="9001")
        assert grant.progress is Progress.CONNECTED
        assert "Đã nối tài khoản Tài khoản 9001" in (await browser.get(answer.location)).text
        listed = await browser.get(CHANNELS)
    (account,) = await zalo(rig)
    assert {**account.settings, **own} == account.settings
    assert "Tài khoản 9001" in listed.text
    pages = first.html + page.html + listed.html
    assert [one for one in SECRETS.values() if one in pages] == []


async def test_a_pasted_pair_is_kept_at_once(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        answer = await browser.send(NEW, form(rig, oa_id="9001", name="Xã Minh Họa", **PAIR))
        (account,) = await zalo(rig)
        assert answer.location == f"{CHANNELS}#{account.id}"
        assert dict(await rig.services.channels.secrets(account.id)) == {**SECRETS, **PAIR}
        doubled = await browser.send(NEW, form(rig, oa_id="9001", **PAIR))
        assert (doubled.status, "đã có" in doubled.text) == (422, True)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"unit": "nothing"}, "Chọn một đơn vị"),
        ({"app_id": "hai chữ"}, "Mã này chỉ gồm"),
        ({"app_id": ""}, "Mã này chỉ gồm"),
        ({"oa_id": "../1"}, "Mã này chỉ gồm"),
        ({"app_secret": ""}, "Cần dán đúng mã"),
        ({"oa_secret": "mã bí mật"}, "Cần dán đúng mã"),
        ({"access_token": "invented-access", "oa_id": "1"}, "Cần cả hai mã"),
        (PAIR, "Mã này chỉ gồm"),
        ({"per_minute": "0"}, "từ 1 đến 60.000"),
        ({"per_minute": "²"}, "từ 1 đến 60.000"),
        ({"step_back_min": "một giờ"}, "từ 0 đến"),
        ({"name": "x" * 101}, "Dài quá"),
    ],
)
async def test_a_faulty_form_is_refused_and_keeps_all_but_the_secrets(
    rig: Rig, changed: dict[str, str], says: str
) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        refused = await browser.send(NEW, {**form(rig), "name": "Xã Minh Họa", **changed})
    assert refused.status == 422
    assert says in refused.text
    assert "invented" not in refused.html
    assert refused.value("name") == changed.get("name", "Xã Minh Họa")
    assert await zalo(rig) == []


async def test_the_link_is_for_the_session_that_began(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    await rig.officer("lan", Role.ADMIN)
    async with rig.signed_in("an") as browser, rig.signed_in("lan") as other:
        answer = await browser.send(NEW, form(rig))
        assert (await other.get(answer.location)).status == 404
        rig.clock.advance(GRANT_LIFE)
        assert "Chưa kết nối được" in (await browser.get(answer.location)).text


async def _connected(rig: Rig, browser: Browser) -> ChannelAccount:
    await agreed(rig, browser, await begun(browser, form(rig)), oa_id="9001")
    return (await zalo(rig))[0]


async def test_an_account_is_connected_again_with_what_it_has(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        account = await _connected(rig, browser)
        await rig.services.channels.mark(account.id, trouble="Cần kết nối lại")
        again = f"{CHANNELS}/{account.id}/noi-lai"
        answer = await browser.send(again, page=CHANNELS)
        page = await browser.get(answer.location)
        wrong = await agreed(rig, browser, page, oa_id="9002")
        assert wrong.fault is Fault.OTHER_ACCOUNT
        assert "Chưa kết nối được" in (await browser.get(answer.location)).text
        answer = await browser.send(again, page=CHANNELS)
        right = await agreed(rig, browser, await browser.get(answer.location), oa_id="9001")
    (mended,) = await zalo(rig)
    assert (right.channel_id, mended.id, mended.trouble) == (account.id, account.id, "")


async def test_what_is_changed_leaves_the_pair_alone(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        account = await _connected(rig, browser)
        page = f"{CHANNELS}/{account.id}/sua"
        shown = await browser.get(page)
        assert f"/webhooks/zalo/{account.settings['app_id']}" in shown.text
        before = await rig.services.channels.secrets(account.id)
        changed = {"name": "Tên mới", "per_minute": "200", "oa_secret": "another-oa-secret"}
        assert (await browser.send(page, changed)).location == f"{CHANNELS}#{account.id}"
        refused = await browser.send(page, {"per_minute": "many", "app_secret": "never-shown"})
        assert (refused.status, "never-shown" in refused.html) == (422, False)
        (after,) = await zalo(rig)
        kept = dict(await rig.services.channels.secrets(account.id))
        assert (after.name, after.settings["per_minute"]) == ("Tên mới", "200")
        assert kept == {**before, "oa_secret": "another-oa-secret"}
        assert after.version == account.version
        await browser.send(page, PAIR)
        kept = dict(await rig.services.channels.secrets(account.id))
        assert {**kept, **PAIR} == kept
        assert RENEWED_AT not in kept


async def test_an_account_is_removed_after_a_question(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        account = await _connected(rig, browser)
        page = f"{CHANNELS}/{account.id}/bo"
        assert "không nhận được thông báo nữa" in (await browser.get(page)).text
        assert (await browser.send(page)).location == CHANNELS
        assert (await browser.send("/console/kenh/web/bo")).status == 409
    assert await zalo(rig) == []


async def test_accounts_of_another_unit_are_not_there(rig: Rig) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("an", Role.ADMIN, unit=unit)
    account = await rig.channel("Xã Minh Họa")
    async with rig.signed_in("an") as browser:
        for page in ("sua", "bo", "noi-lai"):
            answer = await browser.send(f"{CHANNELS}/{account}/{page}", page=HOME)
            assert answer.status == 404, page


async def test_an_account_of_another_unit_is_not_taken_over(rig: Rig) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("an", Role.ADMIN)
    await rig.officer("lan", Role.ADMIN, unit=unit)
    async with rig.signed_in("an") as browser, rig.signed_in("lan") as other:
        account = await _connected(rig, browser)
        page = await begun(other, form(rig, unit=unit.id, app_secret="of-another-app"))
        grant = await agreed(rig, other, page, oa_id="9001")
    assert grant.fault is Fault.ELSEWHERE
    (kept,) = await zalo(rig)
    assert kept.unit_id == account.unit_id
    # The grant made the old pair worthless, so the new one is kept, and nothing else.
    assert (await rig.services.channels.secrets(kept.id))["app_secret"] == SECRETS["app_secret"]


async def test_codes_of_the_domain_are_pasted_as_they_come(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    typed = (
        "zalo_verifierAbC_1-2.html\r\n\r\n"
        '<meta name="zalo-platform-site-verification" content="XyZ9" />\r\nplain7\nplain7'
    )
    async with rig.signed_in("an") as browser:
        assert (await browser.send(DOMAIN, {"codes": typed})).location == DOMAIN
        shown = await browser.get(DOMAIN)
        assert "/zalo_verifierAbC_1-2.html" in shown.attributes("a", "href")
        refused = await browser.send(DOMAIN, {"codes": "hai chữ"})
        assert (refused.status, "Có dòng không phải" in refused.text) == (422, True)
        too_many = await browser.send(DOMAIN, {"codes": "\n".join(map(str, range(21)))})
        assert (too_many.status, "tối đa 20" in too_many.text) == (422, True)
    assert list(await rig.services.domain.codes()) == ["AbC_1-2", "XyZ9", "plain7"]
    assert await rig.services.domain.found("XyZ9") == "XyZ9"
    assert await rig.services.domain.found("xyz9") is None


async def test_codes_of_the_domain_are_changed_at_the_top_alone(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    await rig.officer("mai", Role.ADMIN, unit=await rig.unit("to-1", "Tổ 1"))
    async with rig.signed_in("an") as above, rig.signed_in("mai") as below:
        await above.send(DOMAIN, {"codes": "AbC_1-2"})
        shown = await below.get(DOMAIN)
        assert "chỉ người quản trị của xã, phường" in shown.text
        assert "/zalo_verifierAbC_1-2.html" in shown.attributes("a", "href")
        assert (await below.send(DOMAIN, {"codes": ""}, page=CHANNELS)).status == 403
    assert list(await rig.services.domain.codes()) == ["AbC_1-2"]


@pytest.mark.parametrize("path", [HOME, "/console/thong-bao", "/console/don-vi"])
async def test_a_broken_account_is_said_on_every_page(rig: Rig, path: str) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("lan", Role.VIEWER)
    await rig.officer("mai", Role.VIEWER, unit=unit)
    await rig.channel("Xã Minh Họa", trouble="Cần kết nối lại")
    async with rig.signed_in("lan") as browser, rig.signed_in("mai") as elsewhere:
        assert "Zalo · Xã Minh Họa không gửi được tin." in (await browser.get(path)).text
        assert "không gửi được tin." not in (await elsewhere.get(path)).text


async def test_a_connection_not_renewed_for_two_months_is_warned_of(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    await rig.officer("lan", Role.VIEWER)
    renewed_at = rig.clock.now() - timedelta(days=61)
    account = await rig.services.channels.add(
        kind=ChannelKind.ZALO,
        unit_id=rig.commune.id,
        name="Xã Minh Họa",
        settings={"oa_id": "1"},
        credentials={**PAIR, RENEWED_AT: renewed_at.isoformat()},
        by="machine",
    )
    async with rig.signed_in("an") as browser, rig.signed_in("lan") as viewer:
        # Only who can connect it again is told; nobody else's page opens credentials.
        assert "ngày chưa gia hạn" not in (await viewer.get(HOME)).text
        assert "đã 61 ngày chưa gia hạn" in (await browser.get(HOME)).text
        assert "Đã 61 ngày chưa gia hạn" in (await browser.get(CHANNELS)).text
        await rig.services.connecting.give_pair(ChannelId(account.id), PAIR, by="machine")
        assert "ngày chưa gia hạn" not in (await browser.get(HOME)).text
