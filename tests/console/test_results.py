"""Who was not reached, on a page and in files; and who may not see it."""

import csv
import io
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import openpyxl
import pytest

from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.ids import AnnouncementId, ChannelId, HouseholdId, OfficerId
from bot.core.officers import Role
from bot.core.results import Case
from bot.core.sending import Reason
from bot.core.units import Household, Unit
from bot.services.announcements.announcing import Wording
from bot.services.announcements.results import EXPORTS_AT_ONCE, EXPORTS_OF_ONE
from bot.services.channels.channels import WEB
from console.headers import HEADERS
from tests.console.browser import Browser
from tests.console.rig import Rig

SENT = Case(state=DeliveryState.SENT)
BLOCKED = Case(state=DeliveryState.FAILED, reason=Reason.BLOCKED)
REFUSED = Case(state=DeliveryState.FAILED, reason=Reason.REFUSED)
UNKNOWN = Case(state=DeliveryState.UNKNOWN, reason=Reason.NO_ANSWER)
HOSTILE = "=cmd|' /C calc'!A0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One household with somebody on the chat page, perhaps somebody on another channel."""

    code: str
    address: str = ""
    other: ChannelId | None = None
    nobody: bool = False


async def settled(rig: Rig, unit: Unit, homes: Sequence[Home]) -> None:
    """Let households of a unit join."""
    for home in homes:
        household = Household(
            id=HouseholdId(f"id-{unit.code}-{home.code}"),
            unit_id=unit.id,
            code=home.code,
            address=home.address,
            head_name="Bà Không Ai Biết",
            join_code=f"J-{unit.code}-{home.code}",
        )
        async with rig.storage.begin() as work:
            await work.households.save_many([household])
            await work.commit()
        if home.nobody:
            continue
        for channel in [WEB, *([home.other] if home.other else [])]:
            chat = f"{unit.code}-{home.code}-{channel}"
            await rig.joined(unit, chat, channel)
            async with rig.storage.begin() as work:
                person = await work.people.find(channel, chat)
                assert person is not None
                await work.people.save(replace(person, household_id=household.id))
                await work.commit()
            rig.clock.advance(timedelta(seconds=1))


async def announced(rig: Rig, unit: Unit, *cases: Case) -> AnnouncementId:
    """Send to a unit; let the copies for those who joined first end so."""
    wording = Wording(unit_id=unit.id, title="Cắt nước chiều nay", text="Từ 14 giờ.")
    one = await rig.services.announcements.write(wording, by=None)
    await rig.services.announcements.release(one.id, by=None)
    rig.clock.advance(timedelta(minutes=1))
    now = rig.clock.now()
    until = now + timedelta(minutes=1)
    async with rig.storage.begin() as work:
        rows = await work.deliveries.claim(
            WEB, list(Lane), 1_000, owner="post", now=now, lease_until=until
        )
        joined = {
            row.id: (await work.people.get(row.person_id)).joined_at
            for row in rows
            if row.person_id is not None
        }
        first = sorted(joined, key=lambda row: joined[row])
        ids = first[: len(cases)]
        await work.deliveries.release(first[len(cases) :], owner="post")
        await work.deliveries.mark_sending(ids, owner="post", attempt_id="a", now=now, until=until)
        outcomes = [
            Outcome(delivery_id=one, attempt_id="a", state=case.state, reason=case.reason)
            for one, case in zip(ids, cases, strict=True)
        ]
        await work.deliveries.record(outcomes, at=now)
        await work.commit()
    return one.id


def page_of(one: AnnouncementId) -> str:
    return f"/console/thong-bao/{one}/ket-qua"


FILES = ("/ket-qua.csv", "/ket-qua.xlsx")


async def raw(browser: Browser, rig: Rig, path: str) -> tuple[int, dict[str, str], bytes]:
    async with browser.session.get(rig.server.make_url(path), allow_redirects=False) as answer:
        return answer.status, dict(answer.headers), await answer.read()


async def test_who_was_not_reached_is_told_by_place_channel_and_reason(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    unit = await rig.unit("to-1", "Tổ 1")
    homes = [Home(code=f"H{number}", address=f"Số {number}") for number in range(1, 5)]
    await settled(rig, unit, homes)
    one = await announced(rig, rig.commune, SENT, BLOCKED, UNKNOWN)
    async with rig.signed_in("lan") as browser:
        page = await browser.get(page_of(one))
        assert "3 người chưa nhận được hoặc chưa rõ" in page.text
        assert "Thông báo chưa gửi xong" in page.text
        assert "Không gửi được (1)" in page.text
        assert "Chưa rõ (1)" in page.text
        assert "Đang chờ gửi (1)" in page.text
        assert "Tổ 1 Hộ H2 · Số 2 Trang trò chuyện tham gia 22/11/2026" in page.text
        assert "Không gửi được : Người nhận đã chặn 22/11/2026 19:01" in page.text
        assert "H1" not in page.text
        assert "Bà Không Ai Biết" not in page.text
        unknown = await browser.get(f"{page_of(one)}?loc=chua-ro")
        assert "H3" in unknown.text
        assert "H2" not in unknown.text


async def test_a_reason_is_a_link_to_those_very_people(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    unit = await rig.unit("to-1", "Tổ 1")
    await settled(rig, unit, [Home(code=f"H{number}") for number in range(1, 4)])
    one = await announced(rig, unit, BLOCKED, REFUSED, SENT)
    async with rig.signed_in("lan") as browser:
        progress = await browser.get(f"/console/thong-bao/{one}")
        assert f"{page_of(one)}?ly-do=blocked" in progress.attributes("a", "href")
        page = await browser.get(f"{page_of(one)}?ly-do=blocked")
        assert "H1" in page.text
        assert "H2" not in page.text
        assert "Nền tảng từ chối (1)" in page.text
        odd = await browser.get(f"{page_of(one)}?loc=%00&ly-do=nothing&sau=x.y.z.w")
        assert (odd.status, "H1" in odd.text, "H2" in odd.text) == (200, True, True)


async def test_of_a_doubled_copy_it_is_said_who_of_the_household_has_it(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    zalo = await rig.channel("Zalo")
    unit = await rig.unit("to-1", "Tổ 1")
    await settled(rig, unit, [Home(code=f"H{number}", other=zalo) for number in (1, 2)])
    one = await announced(rig, unit, SENT, BLOCKED)
    async with rig.signed_in("lan") as browser:
        page = await browser.get(f"{page_of(one)}?loc=nhan-thay")
        # Of the other household the next one is sent it now.
        assert "Người trong hộ nhận thay (1)" in page.text
        assert "Người khác trong hộ đã nhận qua Trang trò chuyện" in page.text
        houses = await browser.get(f"{page_of(one)}?loc=ho")
        assert "Hộ chưa nhận được (1)" in houses.text
        assert "H2" in houses.text
        assert "H1" not in houses.text
        assert "Trang trò chuyện: Người nhận đã chặn; Zalo: Đang chờ gửi" in houses.text


async def test_households_to_walk_to_are_told_with_those_nobody_joined_in(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    unit = await rig.unit("to-1", "Tổ 1")
    homes = [Home(code="H1"), Home(code="H2", address="Số 2"), Home(code="H3", nobody=True)]
    await settled(rig, unit, homes)
    one = await announced(rig, unit, SENT, BLOCKED)
    async with rig.signed_in("lan") as browser:
        page = await browser.get(f"{page_of(one)}?loc=ho")
        assert "Hộ chưa nhận được (2)" in page.text
        assert "H2 Số 2 Tổ 1 1 người tham gia Trang trò chuyện: Người nhận đã chặn" in page.text
        assert "H3 Tổ 1 0 người tham gia Chưa ai trong hộ tham gia" in page.text
        sent = await browser.get(f"{page_of(one)}?loc=ho-da-gui")
        assert ("H2" in sent.text, "H3" in sent.text) == (True, False)
        none = await browser.get(f"{page_of(one)}?loc=ho-chua-gui")
        assert ("Số 2" in none.text, "H3" in none.text) == (False, True)


@pytest.mark.parametrize(("query", "rows"), [("", 120), ("?loc=ho", 120)])
async def test_a_long_list_is_read_page_by_page(rig: Rig, query: str, rows: int) -> None:
    await rig.officer("lan", Role.VIEWER)
    unit = await rig.unit("to-1", "Tổ 1")
    await settled(rig, unit, [Home(code=f"H{number:03}") for number in range(rows)])
    one = await announced(rig, unit, *[BLOCKED] * 60, *[REFUSED] * 20)
    seen: list[str] = []
    async with rig.signed_in("lan") as browser:
        path = page_of(one) + query
        while path:
            page = await browser.get(path)
            words = page.text.split()
            seen += [word for word in words if word[:1] == "H" and word[1:].isdigit()]
            more = [found for tag, found in page.tags if found.get("rel") == "next"]
            path = more[0]["href"] if more else ""
    assert len(seen) == len(set(seen)) == rows


async def test_before_anything_was_sent_it_says_so(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    wording = Wording(unit_id=rig.commune.id, title="Họp", text="Tối nay.")
    one = (await rig.services.announcements.write(wording, by=None)).id
    async with rig.signed_in("lan") as browser:
        page = await browser.get(page_of(one))
        assert "Chưa gửi “ Họp ” cho ai" in page.text
        assert (await raw(browser, rig, f"{page_of(one)}.csv"))[0] == 200


# --- files --------------------------------------------------------------------------------------


async def test_a_list_is_handed_out_as_csv_and_put_on_record(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    unit = await rig.unit("to-1", "=Tổ 1")
    await settled(rig, unit, [Home(code="H1", address=HOSTILE), Home(code="H2")])
    one = await announced(rig, unit, BLOCKED, UNKNOWN)
    async with rig.signed_in("lan") as browser:
        status, headers, body = await raw(browser, rig, f"{page_of(one)}.csv?ly-do=blocked")
    assert status == 200
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert headers["Content-Disposition"].startswith('attachment; filename="ket-qua-cat-nuoc')
    assert {name: headers.get(name) for name in HEADERS} == dict(HEADERS)
    assert body.startswith(b"\xef\xbb\xbf")
    heads, row = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert heads[:3] == ["Đơn vị", "Mã hộ", "Địa chỉ"]
    assert row == [
        "'=Tổ 1", "H1", f"'{HOSTILE}", "Trang trò chuyện", "22/11/2026",
        "Không gửi được", "Người nhận đã chặn", "22/11/2026 19:01",
    ]  # fmt: skip
    entry = (await rig.services.audit.newest())[0].record
    assert (entry.act, entry.subject) == ("announcement.export", one)
    assert dict(entry.facts) == {"kind": "csv", "what": "chua-nhan blocked"}


async def test_a_list_is_handed_out_as_xlsx_in_which_nothing_is_a_formula(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    unit = await rig.unit("to-1", "Tổ 1")
    homes = [Home(code="H1", address=HOSTILE), Home(code="-12", nobody=True)]
    await settled(rig, unit, homes)
    one = await announced(rig, unit, BLOCKED)
    async with rig.signed_in("lan") as browser:
        status, headers, body = await raw(browser, rig, f"{page_of(one)}.xlsx?loc=ho")
        assert headers["Content-Disposition"].endswith('.xlsx"')
    assert (status, body[:2]) == (200, b"PK")
    page = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows[1:] == [
        ["Tổ 1", "-12", "", "0", "Chưa ai trong hộ tham gia"],
        ["Tổ 1", "H1", HOSTILE, "1", "Trang trò chuyện: Người nhận đã chặn"],
    ]
    assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}


async def test_only_so_many_lists_are_handed_out_at_a_time(rig: Rig) -> None:
    await rig.officer("lan", Role.VIEWER)
    await rig.officer("ha", Role.VIEWER)
    unit = await rig.unit("to-1", "Tổ 1")
    await settled(rig, unit, [Home(code="H1")])
    one = await announced(rig, unit, BLOCKED)
    results = rig.services.results
    (lan,) = [one for one in await rig.services.officers.all() if one.login == "lan"]
    async with rig.signed_in("lan") as browser, rig.signed_in("ha") as other:
        with ExitStack() as going:
            for _ in range(EXPORTS_OF_ONE):
                going.enter_context(results.exporting(by=lan.id))
            for kind in ("csv", "xlsx"):
                status, _, body = await raw(browser, rig, f"{page_of(one)}.{kind}")
                assert (status, "đang tải nhiều danh sách" in body.decode()) == (409, True)
            assert (await raw(other, rig, f"{page_of(one)}.csv"))[0] == 200
            for number in range(EXPORTS_AT_ONCE - EXPORTS_OF_ONE):
                going.enter_context(results.exporting(by=OfficerId(f"o{number}")))
            assert (await raw(other, rig, f"{page_of(one)}.csv"))[0] == 409
        assert (await raw(browser, rig, f"{page_of(one)}.csv"))[0] == 200
    acts = [entry.record.act for entry in await rig.services.audit.newest()]
    assert acts.count("announcement.export") == 2


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["/ket-qua", *FILES, "/ket-qua?loc=ho"])
async def test_officers_of_other_units_and_strangers_get_nothing(rig: Rig, rest: str) -> None:
    mine, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("lan", Role.ADMIN, Role.ANNOUNCER, unit=mine)
    await settled(rig, other, [Home(code="H1")])
    one = await announced(rig, other, BLOCKED)
    before = len(await rig.services.audit.newest())
    async with rig.signed_in("lan") as browser, rig.browser() as stranger:
        refused = await raw(browser, rig, f"/console/thong-bao/{one}{rest}")
        sent_away = await raw(stranger, rig, f"/console/thong-bao/{one}{rest}")
    assert (refused[0], b"H1" in refused[2]) == (404, False)
    assert (sent_away[0], b"H1" in sent_away[2]) == (303, False)
    acts = [entry.record.act for entry in await rig.services.audit.newest()]
    assert "announcement.export" not in acts
    assert len(acts) == before + 1


async def test_somebody_who_moved_to_another_unit_is_told_without_a_place(rig: Rig) -> None:
    mine, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("lan", Role.VIEWER, unit=mine)
    await rig.officer("an", Role.VIEWER)
    await settled(rig, mine, [Home(code="H1")])
    await settled(rig, other, [Home(code="H9", address="Bí mật", nobody=True)])
    one = await announced(rig, mine, BLOCKED)
    async with rig.storage.begin() as work:
        person = await work.people.find(WEB, f"to-1-H1-{WEB}")
        assert person is not None
        moved = replace(person, unit_id=other.id, household_id=HouseholdId("id-to-2-H9"))
        await work.people.save(moved)
        await work.commit()
    async with rig.signed_in("lan") as browser:
        page = await browser.get(page_of(one))
        _, _, body = await raw(browser, rig, f"{page_of(one)}.csv")
    assert "đã chuyển đi Trang trò chuyện Không gửi được" in page.text
    assert "Bí mật" not in page.text + body.decode()
    assert "Tổ 2" not in page.text + body.decode()
    async with rig.signed_in("an") as chief:
        assert "Bí mật" in (await chief.get(page_of(one))).text
