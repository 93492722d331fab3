"""Residents who asked for a person, on the officers' pages."""

import re
from datetime import timedelta
from http import HTTPStatus

from bot.core.ids import HandoverId
from bot.core.officers import Role
from tests.console.checked_channel import CHARGING
from tests.console.handed_over import asked
from tests.console.rig import PASSWORD, Rig

LIST = "/console/hoi-can-bo"
WORDS = "Cho em hỏi <b>căn cước</b> của bà cụ"
ANSWER = "Chào chị, chúng tôi đến tận nhà."


async def test_who_waits_stands_first_and_the_longest_waiting_before(rig: Rig) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    first = await asked(rig, one, "chat-1", WORDS)
    rig.clock.advance(timedelta(hours=1))
    await asked(rig, other, "chat-2")
    await rig.officer("an", Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        page = await browser.get(LIST)
        assert page.text.index("Tổ 1") < page.text.index("Tổ 2")
        assert "1 câu chưa đọc" in page.text
        assert "căn cước" not in page.text
        assert "2 người chờ cán bộ trả lời" in (await browser.get("/console")).text
        await browser.send(f"{LIST}/{first}/nhan", page=f"{LIST}/{first}")
        page = await browser.get(LIST)
        assert page.text.index("Tổ 2") < page.text.index("Tổ 1")
        assert "chưa đọc" not in page.text


async def test_an_answer_is_left_to_be_brought_and_shown_with_what_became_of_it(rig: Rig) -> None:
    handover = await asked(rig, rig.commune, "chat-1", WORDS)
    await rig.officer("an", Role.MODERATOR)
    here = f"{LIST}/{handover}"
    async with rig.signed_in("an") as browser:
        page = await browser.get(here)
        assert WORDS in page.text
        sent = await browser.send(f"{here}/tra-loi", {"text": ANSWER}, page=here)
        assert sent.location.startswith(here)
        page = await browser.get(here)
        assert "đang gửi" in page.text
        assert "Cán bộ an (tôi)" in page.text
        assert await rig.handovers.bringing.bring() == 1
        unsent = await browser.send(f"{here}/xong", {"text": "còn nữa"}, page=here)
        assert "Câu đang viết chưa gửi" in unsent.text
        assert "còn nữa" in unsent.html
        ended = await browser.send(f"{here}/xong", page=here)
        assert ended.location == LIST
        assert "Đã kết thúc" in (await browser.get(here)).text
        assert "Đã xong" in (await browser.get(f"{LIST}?loc=xong")).text


async def test_a_page_that_lies_open_brings_only_what_is_new(rig: Rig) -> None:
    handover = await asked(rig, rig.commune, "chat-1", WORDS)
    await rig.officer("an", Role.ANNOUNCER)
    here = f"{LIST}/{handover}"
    async with rig.signed_in("an") as browser:
        for page in (LIST, here):
            (part,) = (await browser.get(page)).attributes("div", "hx-get")
            assert (await browser.get(part)).status == HTTPStatus.NO_CONTENT
        await asked(rig, rig.commune, "chat-1", "còn một việc nữa")
        (part,) = (await browser.get(LIST)).attributes("div", "hx-get")
        stale = re.sub(r"thay=.*", "thay=0", part)
        assert stale == "/console/hoi-can-bo/phan?thay=0"
        assert "1 câu chưa đọc" in (await browser.get(stale)).text
        again = await browser.get(f"{here}/phan?thay=0")
        assert "còn một việc nữa" in again.text
        # Nobody may have sat before it: it still counts as not looked at.
        assert "1 câu chưa đọc" in (await browser.get(LIST)).text


async def test_of_two_who_take_it_at_once_one_is_told(rig: Rig) -> None:
    handover = await asked(rig, rig.commune, "chat-1", WORDS)
    for login in ("an", "binh"):
        await rig.officer(login, Role.ANNOUNCER)
    here = f"{LIST}/{handover}"
    async with rig.signed_in("an") as one, rig.signed_in("binh") as other:
        await other.get(here)
        await one.send(f"{here}/nhan", page=here)
        late = await other.send(f"{here}/tra-loi", {"text": ANSWER}, page=here)
        assert late.status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Cán bộ khác vừa nhận" in late.text
        assert ANSWER in late.html
        assert "Tôi trả lời thay Cán bộ an" in late.text
        taken = {"instead_of": late.value("instead_of"), "text": ANSWER}
        assert ANSWER in (await other.send(f"{here}/nhan", taken, page=here)).html
        sent = await other.send(f"{here}/tra-loi", {"text": ANSWER}, page=here)
        assert sent.status == HTTPStatus.SEE_OTHER


async def test_what_cannot_be_sent_is_said_and_kept(rig: Rig) -> None:
    handover = await asked(rig, rig.commune, "chat-1", WORDS)
    await rig.officer("an", Role.ANNOUNCER)
    here = f"{LIST}/{handover}"
    async with rig.signed_in("an") as browser:
        empty = await browser.send(f"{here}/tra-loi", {"text": " \n"}, page=here)
        assert "Viết câu trả lời" in empty.text
        long = await browser.send(f"{here}/tra-loi", {"text": "x" * 1_501}, page=here)
        assert "Tối đa 1.500 ký tự" in long.text
        ready = {"text": "Chào chị.", "ready": "ready_call"}
        typed = await browser.send(f"{here}/mau", ready, page=here)
        assert "Chào chị.\nViệc này nói qua điện thoại" in typed.html
        async with rig.storage.begin() as work:
            found = await work.handovers.get(HandoverId(handover))
            await work.handovers.save(found.moved(type(found.state).LEFT, at=rig.clock.now()))
            await work.commit()
        late = await browser.send(f"{here}/tra-loi", {"text": ANSWER}, page=here)
        assert "đã kết thúc" in late.text


async def test_the_window_of_the_platform_is_shown_until_it_closes(rig: Rig) -> None:
    zalo = await rig.channel(CHARGING)
    handover = await asked(rig, rig.commune, "chat-1", WORDS, channel_id=zalo)
    await rig.officer("an", Role.ANNOUNCER)
    here = f"{LIST}/{handover}"
    async with rig.signed_in("an") as browser:
        assert "Trả lời miễn phí đến" in (await browser.get(here)).text
        assert "miễn phí còn" in (await browser.get(LIST)).text
        rig.clock.advance(timedelta(hours=49))
        await browser.sign_in("an", PASSWORD)
        assert "quá hạn miễn phí" in (await browser.get(here)).text
        rig.clock.advance(timedelta(days=6))
        await browser.sign_in("an", PASSWORD)
        page = await browser.get(here)
        assert "Zalo không cho gửi" in page.text
        assert "text" not in page.attributes("textarea", "name")
        refused = await browser.send(f"{here}/tra-loi", {"text": ANSWER}, page=here)
        assert "Zalo không cho gửi" in refused.text


async def test_the_audit_tells_of_every_look_and_names_nobody(rig: Rig) -> None:
    handover = await asked(rig, rig.commune, "chat-1", WORDS)
    await rig.officer("an", Role.ADMIN)
    here = f"{LIST}/{handover}"
    async with rig.signed_in("an") as browser:
        await browser.get(here)
        await browser.send(f"{here}/tra-loi", {"text": ANSWER}, page=here)
        page = await browser.get("/console/nhat-ky")
    assert "xem điều bà con hỏi cán bộ" in page.text
    assert "trả lời bà con" in page.text
    assert re.search(r"căn cước|tận nhà", page.text) is None


async def test_whoever_only_looks_or_checks_answers_nobody(rig: Rig) -> None:
    handover = await asked(rig, rig.commune, "chat-1", WORDS)
    await rig.officer("an", Role.VIEWER, Role.AUDITOR)
    async with rig.signed_in("an") as browser:
        for page in (LIST, f"{LIST}/phan", f"{LIST}/{handover}"):
            assert (await browser.get(page)).status == HTTPStatus.FORBIDDEN
        assert LIST not in (await browser.get("/console")).attributes("a", "href")
