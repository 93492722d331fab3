"""The audit chain on a page: looked through, paged, checked in words; and every look is in it."""

from datetime import timedelta

import pytest

from bot.core.audit import AuditRecord
from bot.core.officers import Role
from bot.core.units import Unit
from bot.services.audit_view import PAGE
from tests.console.rig import Rig

AUDIT = "/console/nhat-ky"
CHECK = "/console/nhat-ky/kiem-tra"


async def acted(rig: Rig, *acts: str, actor: str = "clock", subject: str = "") -> None:
    async with rig.storage.begin() as work:
        for act in acts:
            record = AuditRecord(at=rig.clock.now(), actor=actor, act=act, subject=subject)
            await work.audit.append(record)
        await work.commit()


async def officer(rig: Rig, login: str, role: Role, *, unit: Unit | None = None) -> str:
    """Add an officer; return the id."""
    await rig.officer(login, role, unit=unit)
    return next(one.id for one in await rig.services.officers.all() if one.login == login)


async def test_the_chain_is_told_in_words_newest_first(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        page = await browser.get(AUDIT)
    table = page.html[page.html.index("<tbody") :]
    assert table.index("xem nhật ký") < table.index("đăng nhập") < table.index("thêm cán bộ")
    assert "Dòng lệnh trên máy chủ" in table


async def test_an_auditor_reads_the_chain_and_nothing_of_tips(rig: Rig) -> None:
    await rig.officer("kiem", Role.AUDITOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("kiem") as browser:
        home = await browser.get("/console")
        assert "/console/nhat-ky" in home.attributes("a", "href")
        assert "/console/tin-bao" not in home.attributes("a", "href")
        assert (await browser.get(AUDIT)).status == 200
        for path in ("/console/tin-bao", f"/console/tin-bao/{tip.id}", "/console/can-bo"):
            assert (await browser.get(path)).status == 403


async def test_every_look_and_every_check_is_in_the_chain(rig: Rig) -> None:
    kiem = await officer(rig, "kiem", Role.AUDITOR)
    async with rig.signed_in("kiem") as browser:
        await browser.get(f"{AUDIT}?viec=tip.open&tu=2026-11-01&truoc=9")
        await browser.send(CHECK, page=AUDIT)
    newest = [entry.record for entry in await rig.services.audit.newest(limit=4)]
    assert [one.act for one in newest] == [
        "audit.read",
        "audit.verify",
        "audit.read",
        "audit.read",
    ]
    assert {one.actor for one in newest} == {kiem}
    assert newest[-1].facts == {"act": "tip.open", "since": "2026-11-01", "before": "9"}


async def test_filters_by_who_what_code_and_day(rig: Rig) -> None:
    lan = await officer(rig, "lan", Role.MODERATOR)
    await rig.officer("kiem", Role.AUDITOR)
    await acted(rig, "tip.open", actor=lan, subject="tip-one")
    await acted(rig, "tip.open", actor="machine", subject="tip-two")
    rig.clock.advance(timedelta(days=3))
    await acted(rig, "tip.move", actor=lan, subject="tip-one")
    today = rig.clock.now().date()
    found = {
        f"ai={lan}": {"tip-one"},
        "ai=machine&viec=tip.open": {"tip-two"},
        "viec=tip.open": {"tip-one", "tip-two"},
        "ma=tip-two": {"tip-two"},
        f"ma=tip-one&tu={today}": {"tip-one"},
        f"viec=tip.open&tu={today}": set(),
        f"viec=tip.move&den={today - timedelta(days=1)}": set(),
        f"viec=tip.open&den={(today - timedelta(days=3)):%d/%m/%Y}": {"tip-one", "tip-two"},
    }
    async with rig.signed_in("kiem") as browser:
        for asked, subjects in found.items():
            page = await browser.get(f"{AUDIT}?{asked}")
            table = page.html.partition("<tbody")[2]
            assert {one for one in ("tip-one", "tip-two") if one in table} == subjects, asked
            if not subjects:
                assert "Không có việc nào khớp" in page.text


async def test_older_entries_are_a_page_further_and_none_is_missed(rig: Rig) -> None:
    await rig.officer("kiem", Role.AUDITOR)
    await acted(rig, *(f"act-{number:03}" for number in range(2 * PAGE + 10)))
    seen: list[str] = []
    async with rig.signed_in("kiem") as browser:
        path = AUDIT
        while path:
            page = await browser.get(path)
            table = page.html.partition("<tbody")[2]
            seen += [f"act-{n:03}" for n in range(2 * PAGE + 10) if f"act-{n:03}" in table]
            links = [one for one in page.attributes("a", "href") if "truoc=" in one]
            path = links[0] if links else ""
    assert sorted(seen) == [f"act-{number:03}" for number in range(2 * PAGE + 10)]


@pytest.mark.parametrize(
    "query",
    ["tu=hom-qua", "den=31/02/2026", "tu=0001-01-01", "den=9999-12-31", "tu=" + "9" * 300],
)
async def test_a_day_that_is_none_is_said_beside_its_field(rig: Rig, query: str) -> None:
    await rig.officer("kiem", Role.AUDITOR)
    async with rig.signed_in("kiem") as browser:
        page = await browser.get(f"{AUDIT}?{query}")
    assert (page.status, "Ngày chưa đúng" in page.text) == (422, True)


@pytest.mark.parametrize("before", ["x", "-1", "%C2%B2", "9" * 40, "0"])
async def test_a_page_that_is_none_is_harmless(rig: Rig, before: str) -> None:
    await rig.officer("kiem", Role.AUDITOR)
    async with rig.signed_in("kiem") as browser:
        assert (await browser.get(f"{AUDIT}?truoc={before}")).status == 200


async def test_a_check_says_in_words_that_all_is_well_or_where_it_is_not(rig: Rig) -> None:
    await rig.officer("kiem", Role.AUDITOR)
    async with rig.signed_in("kiem") as browser:
        whole = await browser.send(CHECK, page=AUDIT)
        assert "Nhật ký còn nguyên" in whole.text
        assert "binhyen audit key" in whole.text
        for start in rig.vault.audit.starts():
            rig.vault.audit.forget_start(start.mark)
        rig.vault.audit.advance(10_000, start.mark)
        cut = await browser.send(CHECK, page=AUDIT)
    assert "đã bị bỏ đi" not in whole.text
    # The key came further than the chain: entries are gone, and a new key began.
    assert "audit.key_begin" not in cut.text
    assert "bắt đầu khóa nhật ký mới" in cut.text
    assert "khóa cũ đã đến việc số: 10000" in cut.text


async def test_of_a_unit_only_what_its_own_officers_did(rig: Rig) -> None:
    unit = await rig.unit("to-1", "Tổ 1")
    kiem = await officer(rig, "kiem", Role.AUDITOR, unit=unit)
    await acted(rig, "tip.open", actor="machine", subject="tip-one")
    await acted(rig, "tip.open", actor=kiem, subject="tip-two")
    async with rig.signed_in("kiem") as browser:
        for path in (AUDIT, f"{AUDIT}?viec=tip.open", f"{AUDIT}?ai=machine"):
            assert "tip-one" not in (await browser.get(path)).html.partition("<tbody")[2]
        assert "tip-two" in (await browser.get(AUDIT)).text
