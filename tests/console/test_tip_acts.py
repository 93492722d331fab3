"""What an officer does to one tip, and what happens when two do it at once."""

from collections.abc import Mapping

import pytest

from bot.core.officers import Role
from bot.core.tips import RecordKind, Tip, TipState
from tests.console.browser import Browser, Seen
from tests.console.rig import Rig
from tests.pictures import photograph

QUEUE = "/console/tin-bao"
ACTS: Mapping[str, Mapping[str, str]] = {
    "/chuyen": {"to": "in_verification"},
    "/tra-loi": {"text": "Bà con nhớ giờ nào không?"},
    "/mau": {"template": "reply_when"},
    "/ghi-chu": {"note": "Đã gọi tổ trưởng"},
    "/nhan": {"officer": ""},
    "/gop": {"into": "T-00000000", "reason": "trùng"},
    "/don-vi": {"unit": "thanh-tra", "reason": "về cán bộ"},
    "/che": {"words": "người lạ"},
    "/luu-giu": {"to": "hold", "reason": "Công văn 12"},
}


def page_of(tip: Tip) -> str:
    return f"{QUEUE}/{tip.id}"


async def the_tip(rig: Rig, tip: Tip) -> Tip:
    async with rig.storage.read() as work:
        return await work.tips.get(tip.id)


async def act(
    browser: Browser, tip: Tip, name: str, fields: Mapping[str, str], *, seen: Seen | None = None
) -> Seen:
    """Send one form of the tip's page as it was `seen`, else as it is now."""
    page = seen or await browser.get(page_of(tip))
    hidden = ("csrf", "version", "seen_state", "seen_claim", "seen_said")
    asked = {**{one: page.value(one) for one in hidden}, **fields}
    return await browser.post(f"{page_of(tip)}{name}", asked)


async def id_of(rig: Rig, login: str) -> str:
    return next(one.id for one in await rig.services.officers.all() if one.login == login)


@pytest.mark.parametrize("name", ACTS)
async def test_nobody_acts_on_a_tip_of_another_unit(rig: Rig, name: str) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("mai", Role.MODERATOR, unit=one)
    tip = await rig.tip("Người lạ xin tiền điện", unit=other)
    before = await the_tip(rig, tip)
    async with rig.signed_in("mai") as browser:
        answer = await browser.send(f"{page_of(tip)}{name}", ACTS[name], page=QUEUE)
        unknown = await browser.send(f"{QUEUE}/nothing{name}", ACTS[name], page=QUEUE)
    assert (answer.status, unknown.status) == (404, 404)
    assert await the_tip(rig, tip) == before


@pytest.mark.parametrize("name", [one for one in ACTS if one != "/mau"])
async def test_without_the_key_in_memory_nothing_is_done(rig: Rig, name: str) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        rig.services.sign_ins._in_hand._keys.clear()
        answer = await browser.send(f"{page_of(tip)}{name}", ACTS[name], page=QUEUE)
    assert "Nhập lại mật khẩu" in answer.text
    assert (await the_tip(rig, tip)).version == 0


async def test_a_message_is_written_to_the_sender_and_stands_in_the_dialogue(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        sent = await act(browser, tip, "/tra-loi", {"text": "Bà con nhớ giờ nào không?"})
        assert sent.location == page_of(tip)
        page = await browser.get(page_of(tip))
        empty = await act(browser, tip, "/tra-loi", {"text": " "})
    assert "Bà con nhớ giờ nào không?" in page.text
    assert empty.status == 422
    assert "Viết câu trả lời" in empty.text


async def test_a_ready_sentence_is_put_below_what_was_typed_and_nothing_is_sent(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        fields = {"text": "Chào bà con.", "template": "reply_when"}
        page = await act(browser, tip, "/mau", fields)
    assert page.status == 200
    assert "Chào bà con.\nBà con nhớ việc đó" in page.html
    assert (await the_tip(rig, tip)).version == 0


async def test_an_officers_picture_is_cleaned_and_shown_made_anew(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        page = await browser.get(page_of(tip))
        fields = {"text": "Có phải chỗ này không?", "version": page.value("version")}
        sent = await browser.upload(
            f"{page_of(tip)}/tra-loi",
            fields,
            name="a.jpg",
            body=photograph(),
            token=page.csrf,
        )
        assert sent.location == page_of(tip)
        shown = await browser.get(f"{page_of(tip)}/anh")
        broken = await browser.upload(
            f"{page_of(tip)}/tra-loi",
            {"text": "x"},
            name="a.jpg",
            body=b"no picture",
            token=page.csrf,
        )
    (picture,) = shown.attributes("img", "src")
    assert picture.startswith("data:image/jpeg;base64,")
    assert broken.status == 422


async def test_a_picture_that_cannot_be_made_anew_is_not_shown(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện", pictures=(b"<svg onload=alert(1)>",))
    async with rig.signed_in("mai") as browser:
        assert "Xem 1 ảnh" in (await browser.get(page_of(tip))).text
        shown = await browser.get(f"{page_of(tip)}/anh")
    assert shown.attributes("img", "src") == []
    assert "không đọc được an toàn" in shown.text


async def test_a_note_is_read_by_officers(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        assert (await act(browser, tip, "/ghi-chu", {"note": " "})).status == 422
        await act(browser, tip, "/ghi-chu", {"note": "Đã gọi tổ trưởng"})
        assert "Đã gọi tổ trưởng" in (await browser.get(page_of(tip))).text


async def test_a_tip_is_claimed_handed_over_and_put_back(rig: Rig) -> None:
    for login in ("mai", "lan"):
        await rig.officer(login, Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    mai, lan = await id_of(rig, "mai"), await id_of(rig, "lan")
    async with rig.signed_in("mai") as browser, rig.signed_in("lan") as other:
        await act(browser, tip, "/nhan", {"officer": mai})
        assert (await the_tip(rig, tip)).claimed_by == mai
        taken = await act(other, tip, "/nhan", {"officer": lan})
        assert taken.status == 422
        await act(browser, tip, "/nhan", {"officer": lan})
        assert (await the_tip(rig, tip)).claimed_by == lan
        await act(other, tip, "/nhan", {"officer": ""})
        assert (await the_tip(rig, tip)).claimed_by is None


async def test_a_tip_is_handed_only_to_who_can_open_it(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    await rig.officer("an", Role.ADMIN)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        refused = await act(browser, tip, "/nhan", {"officer": await id_of(rig, "an")})
    assert "không có khóa của tin" in refused.text


async def test_two_officers_do_not_overwrite_each_other_and_nothing_typed_is_lost(
    rig: Rig,
) -> None:
    for login in ("mai", "lan"):
        await rig.officer(login, Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser, rig.signed_in("lan") as other:
        seen = await browser.get(page_of(tip))
        await act(other, tip, "/chuyen", {"to": "in_verification"})
        stale = {"to": "spam", "reason": "Tôi thấy là tin rác"}
        refused = await act(browser, tip, "/chuyen", stale, seen=seen)
        assert refused.status == 422
        assert "Trạng thái nay là: Đang xác minh" in refused.text
        assert "Cán bộ lan" in refused.text
        assert "Tôi thấy là tin rác" in refused.html
        assert (await the_tip(rig, tip)).state is TipState.IN_VERIFICATION
        again = await act(browser, tip, "/chuyen", stale, seen=refused)
    assert again.location == page_of(tip)
    assert (await the_tip(rig, tip)).state is TipState.SPAM


async def test_looking_at_a_tip_makes_nobodys_form_stale(rig: Rig) -> None:
    for login in ("mai", "lan"):
        await rig.officer(login, Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser, rig.signed_in("lan") as other:
        seen = await browser.get(page_of(tip))
        await other.get(page_of(tip))
        moved = await act(browser, tip, "/chuyen", {"to": "in_verification"}, seen=seen)
    assert moved.location == page_of(tip)


async def test_who_a_tip_was_passed_on_to_is_what_its_sender_reads(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        nobody = await act(browser, tip, "/chuyen", {"to": "passed_on"})
        assert "Chọn cơ quan nhận tin" in nobody.text
        await act(browser, tip, "/chuyen", {"to": "passed_on", "passed_to": "border_guard"})
        page = await browser.get(page_of(tip))
    assert "Đã chuyển đến Bộ đội Biên phòng để giải quyết." in page.text


async def test_a_double_points_to_the_tip_that_is_carried_on(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    main, double = await rig.tip("Một"), await rig.tip("Hai")
    async with rig.signed_in("mai") as browser:
        for into in ("T-00000000", double.reference, ""):
            refused = await act(browser, double, "/gop", {"into": into, "reason": "trùng"})
            assert refused.status == 422
        merged = {"into": main.reference.lower(), "reason": "Cùng một việc"}
        await act(browser, double, "/gop", merged)
        assert main.reference in (await browser.get(page_of(double))).text
        assert double.reference in (await browser.get(page_of(main))).text
        chain = await act(browser, main, "/gop", {"into": double.reference, "reason": "x"})
    assert chain.status == 422
    kept = await the_tip(rig, double)
    assert (kept.state, kept.merged_into) == (TipState.DOUBLED, main.id)
    assert (await the_tip(rig, main)).state is TipState.NEW


async def test_a_report_is_blacked_out_and_the_report_itself_stays(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Ông Tư bán hàng cấm. Tôi là hàng xóm của ông tư.")
    async with rig.signed_in("mai") as browser:
        assert (await act(browser, tip, "/che", {"words": "không có"})).status == 422
        await act(browser, tip, "/che", {"piece": "1", "words": "Ông Tư\n"})
        page = await browser.get(page_of(tip))
    assert "█████ bán hàng cấm. █████" in page.text
    assert "Tôi là hàng xóm của ông tư." in page.text
    async with rig.storage.read() as work:
        kinds = [one.kind for one in await work.tips.records(tip.id)]
    assert kinds.count(RecordKind.REDACTED) == 1


async def test_a_tip_is_kept_beyond_its_time_for_a_reason_and_let_go_again(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Người lạ xin tiền điện")
    async with rig.signed_in("mai") as browser:
        bare = await act(browser, tip, "/luu-giu", {"to": "hold", "reason": " "})
        assert (bare.status, (await the_tip(rig, tip)).is_held) == (422, False)
        await act(browser, tip, "/luu-giu", {"to": "hold", "reason": "Công văn 12"})
        assert (await the_tip(rig, tip)).is_held
        page = await browser.get(page_of(tip))
        assert "Công văn 12" in page.text
        await act(browser, tip, "/luu-giu", {"to": "let_go", "reason": "Hết yêu cầu"})
    assert not (await the_tip(rig, tip)).is_held


async def test_what_tips_say_is_searched_in_the_session_and_kept_nowhere(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip("Nhà bà Năm Hẹ bán pháo")
    await rig.tip("Chuyện khác")
    async with rig.signed_in("mai") as browser:
        found = await browser.send("/console/tin-bao/tim", {"words": "nam he"})
        nothing = await browser.send("/console/tin-bao/tim", {"words": "sáu hẹ"})
        short = await browser.send("/console/tin-bao/tim", {"words": "a"})
    assert page_of(tip) in found.attributes("a", "href")
    assert "1 tin có" in found.text
    assert "Không có tin nào" in nothing.text
    assert short.status == 422
    entries = [one.record for one in await rig.services.audit.newest()]
    (first, _) = [one.facts for one in entries if one.act == "tip.search"][::-1]
    assert first == {"looked": "2", "found": "1"}
    assert "nam he" not in repr(entries)
