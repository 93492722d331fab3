"""From set-up to the recovery paper, over HTTP: who can open a tip, and who cannot."""

import re

import pytest

from bot.core.officers import Role
from bot.core.tips import Tip
from tests.console.browser import Browser, Seen
from tests.console.rig import PASSWORD, Rig

NEW_PASSWORD = "năm từ nữa cũng dễ nhớ"
TOLD = "Bán vé số giả ở chợ"
KEYS = "/console/khoa-mo-tin"
RECOVERY = "/console/khoa-khoi-phuc"
OFFICERS = "/console/can-bo"


def groups_on(page: Seen) -> list[str]:
    return re.findall(r"<li><code>(\S+?)</code></li>", page.html)


async def opens(browser: Browser, tip: Tip) -> bool:
    page = await browser.get(f"/console/tin-bao/{tip.id}")
    if page.status == 200 and TOLD in page.text:
        return True
    assert "chưa mở được" in page.text
    return False


async def added(browser: Browser, login: str, *roles: str) -> str:
    """Add an officer as an administrator does; return the address of their page."""
    fields = [("login", login), ("name", f"Cán bộ {login}"), ("password", PASSWORD)]
    unit = re.search(r'<option value="(\w+)"', (await browser.get(OFFICERS)).html)
    assert unit is not None
    made = await browser.send(
        OFFICERS, [*fields, ("unit", unit[1]), *(("role", role) for role in roles)]
    )
    assert made.status == 303
    return made.location


async def gave(browser: Browser) -> int:
    """Press the button that gives keys, if the page shows one; return how many were given."""
    page = await browser.get(KEYS)
    asked = [one for one in page.attributes("form", "action") if one.endswith("/trao")]
    if not asked:
        return 0
    done = await browser.send(asked[0], page=KEYS)
    return int(done.location.partition("da-trao=")[2])


async def set_up(browser: Browser, link: str) -> str:
    """Go through set-up as "chief"; return what stands on the paper."""
    paper = groups_on(await browser.get(f"{link}/khoa"))
    page = await browser.get(f"{link}/tai-khoan")
    asked = [one for one in page.attributes("input", "name") if one.startswith("group_")]
    typed = {name: paper[int(name.removeprefix("group_"))] for name in asked}
    account = {"login": "chief", "name": "Trưởng", "password": PASSWORD}
    assert (await browser.send(f"{link}/tai-khoan", {**typed, **account})).status == 303
    await browser.sign_in("chief", PASSWORD)
    return "-".join(paper)


async def recovered(browser: Browser, paper: str, name: str) -> Seen:
    """Let the paper open tips for an officer."""
    path = "/console/khoa-khoi-phuc/mo-lai"
    listed = await browser.get(path)
    who = re.search(rf'<option value="(\w+)"[^>]*>{name}', listed.html)
    assert who is not None
    return await browser.send(path, {"officer": who[1], "sheet_1": paper})


async def test_from_set_up_to_the_recovery_paper(rig: Rig) -> None:
    early = await rig.tip(TOLD)
    link = f"/console/khoi-tao/{rig.vault.setup.token}"
    async with rig.browser() as chief, rig.browser() as lan, rig.browser() as minh:
        paper = await set_up(chief, link)
        assert await opens(chief, early)

        # Two moderators: what came before is theirs once somebody who opens it gives it.
        lan_page = await added(chief, "lan", "moderator")
        await lan.sign_in("lan", PASSWORD)
        assert not await opens(lan, early)
        assert await gave(lan) == 0
        assert await gave(chief) == 1
        assert await opens(lan, early)
        tip = await rig.tip(TOLD)

        # The first reads no tips any more, and cannot open what was open before.
        home = await chief.get(OFFICERS)
        own = next(one for one in home.attributes("a", "href") if f"{OFFICERS}/" in one)
        await chief.send(own, [("role", "admin")])
        await chief.sign_in("chief", PASSWORD)
        assert (await chief.get(f"/console/tin-bao/{tip.id}")).status == 403

        # Lan is the last who opens tips; the paper was proved at set-up, so she may go.
        assert (await chief.send(f"{lan_page}/nghi")).status == 303
        gone = await lan.get(f"/console/tin-bao/{tip.id}")
        assert gone.location.startswith("/console/dang-nhap")
        await added(chief, "minh", "moderator")
        await minh.sign_in("minh", PASSWORD)
        assert not await opens(minh, tip)

        # Nobody is left who could give; the paper opens it all.
        wrong = await recovered(chief, paper[:-1] + "U", "Cán bộ minh")
        assert (wrong.status, "Gõ sai ở nhóm 14" in wrong.text) == (422, True)
        given = await recovered(chief, paper, "Cán bộ minh")
        assert given.location == f"{RECOVERY}?da-trao=2"
        assert "Đã mở lại 2 tin" in (await chief.get(given.location)).text
        assert await opens(minh, tip)
        assert await opens(minh, early)


async def test_who_forgot_the_password_picks_another_by_a_link(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    await rig.officer("lan", Role.MODERATOR)
    await rig.officer("minh", Role.MODERATOR)
    tip = await rig.tip(TOLD)
    rig.vault.setup.destroy()
    async with rig.signed_in("an") as chief, rig.browser() as minh, rig.signed_in("lan") as lan:
        page = await chief.get(OFFICERS)
        found = re.search(r'href="(\S+?)"><bdi>Cán bộ minh', page.html)
        assert found is not None
        shown = await chief.send(f"{found[1]}/duong-dan", page=found[1])
        link = re.search(r"http://[^<\s]+(/console/mat-khau-moi/[^<\s]+)", shown.html)
        assert link is not None
        asked = await minh.get(link[1])
        assert "Cán bộ minh" in asked.text
        fields = {"password": NEW_PASSWORD, "again": PASSWORD}
        assert (await minh.send(link[1], fields)).status == 422
        fields["again"] = NEW_PASSWORD
        assert (await minh.send(link[1], fields)).location == "/console/dang-nhap?doi=1"
        assert (await minh.get(link[1])).status == 404
        assert "mật khẩu mới" in (await minh.get("/console/dang-nhap?doi=1")).text
        assert (await minh.sign_in("minh", PASSWORD)).status == 401
        await minh.sign_in("minh", NEW_PASSWORD)
        assert not await opens(minh, tip)
        assert await gave(lan) == 1
        assert "Mọi người mở được" in (await lan.get(KEYS)).text
        assert await opens(minh, tip)


async def test_an_officer_changes_password_and_pair(rig: Rig) -> None:
    await rig.officer("lan", Role.MODERATOR)
    tip = await rig.tip(TOLD)
    async with rig.signed_in("lan") as lan, rig.browser() as there:
        await there.sign_in("lan", PASSWORD)
        path = "/console/toi/mat-khau"
        fields = {"old": "không phải", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
        wrong = await lan.send(path, fields)
        assert (wrong.status, "đang dùng chưa đúng" in wrong.text) == (422, True)
        differs = await lan.send(path, {**fields, "again": "khác"})
        assert "chưa giống nhau" in differs.text
        changed = await lan.send(path, {**fields, "old": PASSWORD})
        assert "Đã đổi mật khẩu" in (await lan.get(changed.location)).text
        assert (await there.get("/console")).status == 303
        assert await opens(lan, tip)
        assert (await lan.send("/console/toi/khoa", {"old": PASSWORD})).status == 422
        rotated = await lan.send("/console/toi/khoa", {"old": NEW_PASSWORD})
        assert "Đã đổi khóa" in (await lan.get(rotated.location)).text
        assert await opens(lan, tip)


async def test_set_up_with_three_sheets(rig: Rig) -> None:
    link = f"/console/khoi-tao/{rig.vault.setup.token}"
    async with rig.browser() as browser:
        groups = groups_on(await browser.get(f"{link}/ba-to"))
        sheets = ["-".join(groups[start : start + 15]) for start in (0, 15, 30)]
        assert [sheet[0] for sheet in sheets] == ["1", "2", "3"]
        account = {"login": "an", "name": "An", "password": PASSWORD}
        path = f"{link}/tai-khoan-ba-to"
        alone = await browser.send(path, {**account, "sheet_1": sheets[0]})
        assert (alone.status, "một trong ba tờ" in alone.text) == (422, True)
        other = rig.services.recovery.new_paper()
        strange = await browser.send(path, {**account, "sheet_1": other.whole})
        assert "không phải khóa đang dùng" in strange.text
        both = {"sheet_1": sheets[2], "sheet_2": sheets[0]}
        short = await browser.send(path, {**account, **both, "password": "ngắn"})
        assert (short.status, sheets[2] in short.html) == (422, True)
        assert (await browser.send(path, {**account, **both})).status == 303
        await browser.sign_in("an", PASSWORD)
        proved = await browser.send("/console/khoa-khoi-phuc/kiem-tra", both)
        assert "Tờ giấy khớp" in (await browser.get(proved.location)).text


async def test_the_paper_is_split_and_exchanged(rig: Rig) -> None:
    paper = rig.services.setting_up.recovery_key(rig.vault.setup.token).whole
    await rig.officer("an", Role.ADMIN)
    await rig.tip(TOLD)
    async with rig.signed_in("an") as browser:
        shares = groups_on(await browser.send("/console/khoa-khoi-phuc/chia", {"sheet_1": paper}))
        assert len(shares) == 45
        old = {"old_1": "-".join(shares[:15]), "old_2": "-".join(shares[15:30])}
        fresh = groups_on(
            await browser.send(
                "/console/khoa-khoi-phuc/to-moi", page="/console/khoa-khoi-phuc/doi"
            )
        )
        new = "-".join(fresh)
        path = "/console/khoa-khoi-phuc/doi"
        handless = await browser.send(path, {"new_1": new})
        assert "Cần tờ cũ" in handless.text
        mistyped = await browser.send(path, {"new_1": new[:-1] + "U", **old})
        assert (mistyped.status, "nhóm 14" in mistyped.text) == (422, True)
        same = await browser.send(path, {"new_1": paper, **old})
        assert "là một" in same.text
        done = await browser.send(path, {"new_1": new, **old})
        assert "Tờ mới đã thay tờ cũ" in done.text
        check = "/console/khoa-khoi-phuc/kiem-tra"
        assert "không phải khóa đang dùng" in (await browser.send(check, {"sheet_1": paper})).text
        assert (await browser.send(check, {"sheet_1": new})).status == 303
        for page in (RECOVERY, "/console/khoa-khoi-phuc/mo-lai", "/console/khoa-khoi-phuc/chia"):
            assert (await browser.get(page)).status == 200


@pytest.mark.parametrize("path", ["", "/kiem-tra", "/mo-lai", "/chia", "/doi"])
async def test_an_administrator_of_a_neighbourhood_knows_no_paper(rig: Rig, path: str) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("an", Role.ADMIN, unit=unit)
    async with rig.signed_in("an") as browser:
        assert (await browser.get(f"{RECOVERY}{path}")).status == 404


async def test_officers_of_other_units_are_no_pages(rig: Rig) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.officer("chief", Role.ADMIN)
    await rig.officer("near", *Role, unit=unit)
    chief = next(one for one in await rig.services.officers.all() if one.login == "chief")
    lines = await rig.services.key_care.lines(None)
    holders = [one.holder.id for one in lines if one.holder.unit_id == rig.commune.id]
    assert holders
    async with rig.signed_in("near") as browser:
        for path in ("", "/nghi"):
            assert (await browser.get(f"{OFFICERS}/{chief.id}{path}")).status == 404
            assert (await browser.send(f"{OFFICERS}/{chief.id}{path}", page=KEYS)).status == 404
        link = f"{OFFICERS}/{chief.id}/duong-dan"
        assert (await browser.send(link, page=KEYS)).status == 404
        for holder in holders:
            assert (await browser.send(f"{KEYS}/{holder}/trao", page=KEYS)).status == 404


async def test_the_last_administrator_and_the_last_key_stay_with_the_reason(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    await rig.officer("lan", Role.MODERATOR)
    await rig.tip(TOLD)
    rig.vault.setup.destroy()
    found = {one.login: one.id for one in await rig.services.officers.all()}
    async with rig.signed_in("an") as browser:
        own = await browser.send(f"{OFFICERS}/{found['an']}/nghi")
        assert (own.status, "người quản trị cuối cùng" in own.text) == (422, True)
        last = await browser.send(f"{OFFICERS}/{found['lan']}/nghi")
        assert "Có 1 tin" in last.text
        assert "/console/khoa-khoi-phuc/kiem-tra" in last.attributes("a", "href")
        link = await browser.send(
            f"{OFFICERS}/{found['lan']}/duong-dan", page=f"{OFFICERS}/{found['lan']}"
        )
        assert (link.status, "Có 1 tin" in link.text) == (422, True)
        none = await browser.send(f"{OFFICERS}/{found['lan']}")
        assert (none.status, "ít nhất một vai trò" in none.text) == (422, True)


async def test_a_known_browser_passes_where_guesses_shut_out_strange_ones(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as lan, rig.browser() as thief:
        for _ in range(5):
            assert (await thief.sign_in("lan", "sai mật khẩu rồi")).status == 401
        assert (await thief.sign_in("lan", PASSWORD)).status == 429
        assert (await lan.sign_in("lan", PASSWORD)).status == 303
