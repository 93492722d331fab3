"""The queue of tips: filtered, page by page, several moved at once."""

from datetime import timedelta

import pytest

from bot.core.officers import Role
from bot.core.tips import Tip, TipState, WrappedKey
from tests.console.browser import Seen
from tests.console.rig import Rig

QUEUE = "/console/tin-bao"


def listed(page: Seen) -> list[str]:
    """Return the ids of the tips a page lists, in order."""
    links = [found["href"] for tag, found in page.tags if tag == "a" and "data-tip" in found]
    return [link.removeprefix(f"{QUEUE}/") for link in links]


async def the_tip(rig: Rig, tip: Tip) -> Tip:
    async with rig.storage.read() as work:
        return await work.tips.get(tip.id)


async def test_filters_count_what_they_show(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    await rig.tip("Gọi điện giả danh")
    page = f"{QUEUE}/{tip.id}"
    async with rig.signed_in("mai") as browser:
        await browser.send(f"{page}/chuyen", {"to": "in_verification"}, page=page)
        found = await browser.get(f"{QUEUE}?loc=xac-minh")
        assert "Đang xác minh (1)" in found.text
        assert listed(found) == [tip.id]
        assert "Chưa có tin nào" in (await browser.get(f"{QUEUE}?loc=da-dong")).text


@pytest.mark.parametrize(
    "query",
    [
        "loc=nothing",
        "sau=0",
        "sau=1.x.y",
        "sau=0.²..",
        "sau=0.99999999999999999.a",
        "viec=nothing",
    ],
)
async def test_odd_questions_show_a_queue_all_the_same(rig: Rig, query: str) -> None:
    await rig.officer("mai", Role.MODERATOR)
    async with rig.signed_in("mai") as browser:
        assert (await browser.get(f"{QUEUE}?{query}".replace("²", "%C2%B2"))).status == 200


async def test_a_long_queue_is_shown_page_by_page(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    for number in range(26):
        await rig.tip(f"Tin số {number}", is_urgent=number == 3)
    async with rig.signed_in("mai") as browser:
        first = await browser.get(QUEUE)
        (behind,) = (
            found["href"] for tag, found in first.tags if tag == "a" and found.get("rel") == "next"
        )
        last = await browser.get(behind)
    assert (len(listed(first)), len(listed(last))) == (25, 1)
    assert not set(listed(first)) & set(listed(last))
    assert "Về đầu danh sách" in last.text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("khan=1", 1),
        ("moi=1", 2),
        ("moi=1&khan=1", 0),
        ("viec=scam", 3),
        ("viec=fire", 0),
        ("cua-toi=1", 1),
        ("chua-nhan=1", 2),
        ("qua-han=1", 0),
    ],
)
async def test_finer_filters_are_put_together(rig: Rig, query: str, count: int) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tips = [await rig.tip("Một"), await rig.tip("Hai"), await rig.tip("Ba", is_urgent=True)]
    page = f"{QUEUE}/{tips[2].id}"
    async with rig.signed_in("mai") as browser:
        await browser.send(f"{page}/chuyen", {"to": "in_verification"}, page=page)
        assert len(listed(await browser.get(f"{QUEUE}?{query}"))) == count


async def test_what_is_late_is_marked_and_found(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        assert "Cần xem trước ngày mai" in (await browser.get(QUEUE)).text
    rig.clock.advance(timedelta(hours=25))
    async with rig.signed_in("mai") as browser:
        page = await browser.get(f"{QUEUE}?qua-han=1")
        assert listed(page) == [tip.id]
        assert "Quá hạn xem lần đầu" in page.text


async def test_a_filter_is_kept_under_a_name_and_forgotten(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    await rig.officer("lan", Role.MODERATOR)
    asked = {"loc": "tat-ca", "viec": "drugs", "khan": "1", "name": "Ma túy khẩn"}
    async with rig.signed_in("mai") as browser:
        kept = await browser.send("/console/tin-bao/loc", asked, page=QUEUE)
        assert kept.location == f"{QUEUE}?loc=tat-ca&viec=drugs&khan=1"
        page = await browser.get(kept.location)
        assert "Ma túy khẩn" in page.text
        nameless = await browser.send("/console/tin-bao/loc", {**asked, "name": " "}, page=QUEUE)
        assert nameless.status == 422
        async with rig.signed_in("lan") as other:
            assert "Ma túy khẩn" not in (await other.get(QUEUE)).text
        await browser.send("/console/tin-bao/loc/bo", {"name": "Ma túy khẩn"}, page=QUEUE)
        assert "Ma túy khẩn" not in (await browser.get(QUEUE)).text


async def test_several_tips_are_moved_for_one_reason_and_each_tells_how_it_went(rig: Rig) -> None:
    other = await rig.unit("to-2", "Tổ 2")
    own = await rig.unit("to-1", "Tổ 1")
    await rig.officer("mai", Role.MODERATOR, unit=own)
    tips = [await rig.tip("Một", unit=own), await rig.tip("Hai", unit=own)]
    foreign = await rig.tip("Ba", unit=other)
    chosen = [("tip", one.id) for one in [*tips, foreign]]
    async with rig.signed_in("mai") as browser:
        moved = await browser.send(
            "/console/tin-bao/chuyen-nhieu",
            [*chosen, ("to", "spam"), ("reason", "Quảng cáo")],
            page=QUEUE,
        )
    assert "2/3 tin" in moved.text
    assert "Không còn tin này" in moved.text
    assert [(await the_tip(rig, one)).state for one in tips] == [TipState.SPAM] * 2
    assert (await the_tip(rig, foreign)).state is TipState.NEW
    assert foreign.reference not in moved.text


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "spam", "reason": "vì thế"},
        {"tip": "x", "to": "spam"},
        {"tip": "x", "to": "doubled", "reason": "vì thế"},
        {"tip": "x", "to": "passed_on"},
    ],
    ids=["none chosen", "no reason", "not together", "to nobody"],
)
async def test_moving_several_is_refused_in_words(rig: Rig, fields: dict[str, str]) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Một")
    asked = {**fields, **({"tip": tip.id} if "tip" in fields else {})}
    async with rig.signed_in("mai") as browser:
        refused = await browser.send("/console/tin-bao/chuyen-nhieu", asked, page=QUEUE)
    assert refused.status == 422
    assert (await the_tip(rig, tip)).state is TipState.NEW


async def test_every_list_stands_in_the_audit_chain(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    await rig.tip("Một")
    async with rig.signed_in("mai") as browser:
        await browser.get(QUEUE)
    acts = [(one.record.act, one.record.facts) for one in await rig.services.audit.newest()]
    assert ("tip.list", {"shown": "1"}) in acts


async def test_without_the_key_in_memory_nothing_can_be_chosen(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Một")
    async with rig.signed_in("mai") as browser:
        rig.services.sign_ins._in_hand._keys.clear()
        page = await browser.get(QUEUE)
        assert listed(page) == [tip.id]
        assert not [found for _, found in page.tags if found.get("name") == "tip"]
        locked = await browser.get("/console/tin-bao/khoa")
        assert locked.value("tiep") == QUEUE
        fields = {"tip": tip.id, "to": "spam", "reason": "x"}
        refused = await browser.send("/console/tin-bao/chuyen-nhieu", fields, page=QUEUE)
    assert "Nhập lại mật khẩu" in refused.text
    assert (await the_tip(rig, tip)).state is TipState.NEW


async def test_the_keys_of_the_queue_come_from_our_own_script(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    async with rig.signed_in("mai") as browser:
        (script,) = (await browser.get(QUEUE)).attributes("script", "src")
        answer = await browser.get(script)
    assert answer.status == 200
    assert "javascript" in answer.headers["Content-Type"]


async def test_a_tip_nobody_can_read_spoils_no_list_and_is_set_aside(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Một")
    async with rig.storage.begin() as work:
        holders = await work.tips.holders_of(tip.id)
        broken = [WrappedKey(tip_id=tip.id, holder_id=one, wrapped=b"no key") for one in holders]
        await work.tips.add_keys(broken)
        await work.commit()
    async with rig.signed_in("mai") as browser:
        assert listed(await browser.get(QUEUE)) == [tip.id]
        page = await browser.get(f"{QUEUE}/{tip.id}")
        assert page.status == 403
        assert "Tin này không đọc được" in page.text
        fields = [("tip", tip.id), ("reason", "Không đọc được")]
        path = "/console/tin-bao/chuyen-nhieu"
        kept = await browser.send(path, [*fields, ("to", "resolved")], page=QUEUE)
        assert "0/1 tin" in kept.text
        gone = await browser.send(path, [*fields, ("to", "spam")], page=QUEUE)
    assert "1/1 tin" in gone.text
    assert (await the_tip(rig, tip)).state is TipState.SPAM
