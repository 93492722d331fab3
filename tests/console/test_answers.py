"""Answers and facts in the console: looked through, changed, measured, saved, brought back."""

from datetime import timedelta
from http import HTTPStatus

import pytest

from bot.core.officers import MAY, Act, Role
from bot.services.edits.editing import EditRefused
from console.edit_faults import told
from content.faults import Fault
from tests.console.browser import Browser, Seen
from tests.console.rig import BOOK, Rig
from tests.console.typed import fields_of
from tests.content.test_edits import MISTAKES, faults_in
from tests.edit_builder import measuring_of

HOME = "/console/cau-tra-loi"
ONE = "/console/cau-tra-loi/muc/"
NEW = "/console/cau-tra-loi/them/"
DRAFT = "/console/cau-tra-loi/nhap/"
FACTS = "/console/cau-tra-loi/so-lieu"
DRUGS = f"{ONE}drugs/main"
FACT = f"{FACTS}/fire_law"
HISTORY = "/console/cau-tra-loi/lich-su"


async def measured(rig: Rig) -> None:
    """Measure the change that waits, as another process would."""
    await measuring_of(rig.storage, BOOK, rig.clock).one()


async def filled(browser: Browser, path: str, **changes: str) -> Seen:
    """Send the form at `path` as it stands, with some fields typed over."""
    seen = await browser.get(path)
    pairs = [pair for pair in fields_of(seen.html, **changes) if pair[0] != "csrf"]
    return await browser.send(path, pairs)


async def test_an_answer_is_found_changed_measured_saved_and_brought_back(rig: Rig) -> None:
    await rig.officer("lan", Role.ANNOUNCER)
    async with rig.signed_in("lan") as browser:
        found = await browser.get(f"{HOME}?tim=soc%20thuoc")
        assert "Ma túy" in found.text
        sent = await filled(
            browser,
            f"{DRUGS}/sua",
            short_vi="Gọi {unit_duty_phone} ngay.\nCâu mới.",
            short_en="Call {unit_duty_phone}.\nNew.",
            reason="Bà con hỏi",
        )
        assert sent.status == HTTPStatus.SEE_OTHER
        draft = sent.location
        assert draft.startswith(DRAFT)
        waiting = await browser.get(draft)
        assert "Đang đo" in waiting.text
        assert "Câu mới." in waiting.text
        assert "Lưu, dùng ngay" not in waiting.text
        early = await browser.post(draft, {"csrf": waiting.csrf})
        assert (early.status, "chưa đo xong" in early.text) == (HTTPStatus.CONFLICT, True)
        await measured(rig)
        part = await browser.get(f"{draft}/tac-dung")
        assert "857 tin nhắn thử" in part.text
        assert "every 2s" not in part.html
        saved = await browser.post(draft, {"csrf": part.csrf})
        await sees_and_brings_back(rig, browser, saved)


async def sees_and_brings_back(rig: Rig, browser: Browser, saved: Seen) -> None:
    assert saved.location == f"{DRUGS}?da-luu=1"
    shown = await browser.get(saved.location)
    assert "Câu mới." in shown.text
    assert "Đã sửa" in shown.text
    history = await browser.get(HISTORY)
    assert "Bà con hỏi" in history.text
    assert "Cán bộ lan" in history.text
    version = await browser.get(f"{HISTORY}/1")
    assert "Thêm: Câu mới." in version.text
    back = await browser.post(f"{HISTORY}/1", {"csrf": version.csrf, "reason": "Câu cũ rõ hơn"})
    await measured(rig)
    await browser.post(back.location, {"csrf": version.csrf})
    again = await browser.get(DRUGS)
    assert "Bản gốc" in again.text
    assert "Câu mới." not in again.text


async def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(rig: Rig) -> None:
    await rig.officer("lan", Role.ADMIN)
    async with rig.signed_in("lan") as browser:
        sent = await filled(browser, f"{DRUGS}/sua", short_vi="Gọi {so_la}", reason="Thử")
        assert sent.status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Không có chỗ điền {so_la}." in sent.text
        assert "Gọi {so_la}" in sent.text
        no_reason = await filled(browser, f"{DRUGS}/sua", short_vi="Mới", short_en="New")
        assert "Ghi lý do sửa" in no_reason.text
        nothing = await filled(browser, f"{DRUGS}/sua", reason="Thử")
        assert "Chưa có gì khác" in nothing.text


async def test_a_new_answer_gets_its_own_place(rig: Rig) -> None:
    await rig.officer("lan", Role.ADMIN)
    async with rig.signed_in("lan") as browser:
        path = f"{NEW}join_group"
        bare = await filled(browser, path, short_vi="Họp tối thứ bảy.", reason="Mới")
        assert "Cần có tên mục" in bare.text
        texts = {"title": ("Họp tổ", "Meeting"), "short": ("Họp tối thứ bảy.", "On Saturday.")}
        examples = {"examples": ("bao giờ họp tổ", "when is the meeting")}
        typed = {
            f"{name}_{language}": text
            for name, both in {**texts, **examples}.items()
            for language, text in zip(("vi", "en"), both, strict=True)
        }
        sent = await filled(browser, path, **typed, reason="Bà con hỏi nhiều")
        await measured(rig)
        seen = await browser.get(sent.location)
        saved = await browser.post(sent.location, {"csrf": seen.csrf})
        shown = await browser.get(saved.location)
        assert "do xã tự thêm" in shown.text
        dropped = await filled(
            browser,
            f"{saved.location.split('?')[0]}/sua",
            reason="Bỏ thử",
            short_vi="Khác",
            short_en="Other",
        )
        gone = await browser.post(f"{dropped.location}/bo", {"csrf": seen.csrf})
        assert gone.location == HOME
        assert (await browser.get(dropped.location)).status == HTTPStatus.NOT_FOUND


async def test_a_fact_is_changed_once_and_old_ones_are_pointed_at(rig: Rig) -> None:
    await rig.officer("lan", Role.ADMIN)
    async with rig.signed_in("lan") as browser:
        listed = await browser.get(FACTS)
        assert "Luật Phòng cháy" in listed.text
        one = await browser.get(FACT)
        assert "fire_safety/main" in one.html
        ahead = await filled(browser, f"{FACT}/sua", checked_on="2999-01-01", reason="Thử")
        assert "Ngày kiểm tra chưa tới" in ahead.text
        wrong = await filled(browser, f"{FACT}/sua", checked_on="hôm qua", reason="Thử")
        assert wrong.status == HTTPStatus.UNPROCESSABLE_ENTITY
        sent = await filled(
            browser, f"{FACT}/sua", value_vi="Luật mới", value_en="New law", reason="Luật mới"
        )
        await measured(rig)
        seen = await browser.get(sent.location)
        assert "Đổi theo ở" in seen.text
        await browser.post(sent.location, {"csrf": seen.csrf})
        answer = await browser.get(f"{ONE}fire_safety/main")
        assert "Luật mới" in answer.text
    rig.clock.advance(timedelta(days=400))
    async with rig.signed_in("lan") as browser:
        assert "số liệu cần xem lại" in (await browser.get(FACTS)).text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ANNOUNCER])
async def test_who_may_only_look_changes_nothing(rig: Rig, role: Role) -> None:
    await rig.officer("lan", role, unit=await rig.unit("to-1", "Tổ 1 Bịa"))
    async with rig.signed_in("lan") as browser:
        for path in (HOME, DRUGS, FACTS, FACT, HISTORY):
            assert (await browser.get(path)).status == HTTPStatus.OK
        form = await browser.get(f"{DRUGS}/sua")
        if Act.EDIT not in MAY[role]:
            assert form.status == HTTPStatus.FORBIDDEN
            return
        # Of a neighbourhood: may look, but answers are the commune's.
        sent = await filled(browser, f"{DRUGS}/sua", short_vi="Mới", short_en="New", reason="Thử")
        assert "Câu trả lời dùng chung cho toàn xã" in sent.text


@pytest.mark.parametrize(
    "path",
    [
        *("/muc/drugs/nothing", "/muc/nothing/main", "/muc/nothing/main/sua", "/them/nothing"),
        *("/so-lieu/nothing", "/so-lieu/nothing/sua", "/nhap/nothing", "/nhap/nothing/tac-dung"),
        *("/lich-su/9", "/lich-su/nothing", "/lich-su/99999999999999999999"),
    ],
)
async def test_what_is_not_there_is_said_to_be_missing(rig: Rig, path: str) -> None:
    await rig.officer("lan", Role.ADMIN)
    async with rig.signed_in("lan") as browser:
        csrf = (await browser.get(HOME)).csrf
        assert (await browser.get(HOME + path)).status == HTTPStatus.NOT_FOUND
        if not path.startswith("/muc/drugs") or path.endswith("sua"):
            sent = await browser.post(HOME + path, {"csrf": csrf, "reason": "Thử"})
            assert sent.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_has_its_sentence(name: str) -> None:
    keys = {told(one).key for one in faults_in(name)}
    # No form sends these.
    expected = {"unknown field", "no such topic"}
    assert ("edit_other" in keys) == (name in expected), keys


def test_a_reason_without_a_row_is_shown_as_it_is() -> None:
    fault = Fault(file="edits/fact/x", line=1, reason="odd")
    assert told(fault).values == {"reason": "odd"}
    assert EditRefused([("", fault)]).key == "edit_refused"
