"""A tip taken out: what is in it, for whose eyes, and what stays here."""

import base64
import json

import pytest
from nacl.public import PrivateKey, SealedBox

from bot.core.officers import Role
from tests.console.rig import Rig
from tests.console.test_tip_acts import act, page_of

REPORT = "Ông Tư bán hàng cấm. Tôi là hàng xóm của ông ấy."


async def test_a_file_is_opened_by_the_key_it_was_sealed_to_and_says_no_hour(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip(REPORT)
    private = PrivateKey.generate()
    key = base64.b64encode(bytes(private.public_key)).decode()
    async with rig.signed_in("mai") as browser:
        await act(browser, tip, "/ghi-chu", {"note": "điều nội bộ"})
        await act(browser, tip, "/tra-loi", {"text": "Bà con nhớ giờ không?"})
        csrf = (await browser.get(page_of(tip))).csrf
        async with browser.session.post(
            rig.server.make_url(f"{page_of(tip)}/xuat"), data={"csrf": csrf, "key": key}
        ) as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
            body = await answer.read()
    assert b"reference" not in body
    text = SealedBox(private).decrypt(body).decode()
    told = json.loads(text)
    assert told["report"]["what"] == REPORT
    assert [one["text"] for one in told["said"]] == ["Bà con nhớ giờ không?"]
    assert told["received_on"] == "2026-11-22"
    assert "điều nội bộ" not in text
    assert ":00" not in text
    entries = [one.record for one in await rig.services.audit.newest()]
    (entry,) = (one for one in entries if one.act == "tip.export")
    assert (entry.subject, entry.facts["form"]) == (tip.id, "sealed")


@pytest.mark.parametrize("key", ["", "x", "A" * 44, "=" * 44, "khóa của tôi", "A" * 43 + "="])
async def test_without_a_key_no_file_is_made(rig: Rig, key: str) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip(REPORT)
    async with rig.signed_in("mai") as browser:
        refused = await act(browser, tip, "/xuat", {"key": key})
    assert refused.status == 422
    assert "không phải khóa công khai" in refused.text


async def test_paper_bears_who_printed_it_and_only_what_was_left_uncovered(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    tip = await rig.tip(REPORT)
    async with rig.signed_in("mai") as browser:
        await act(browser, tip, "/tra-loi", {"text": "Nhà ông Tư ở đâu ạ?"})
        await act(browser, tip, "/che", {"words": "Ông Tư"})
        page = await act(browser, tip, "/in", {})
    assert page.status == 200
    assert f"{tip.reference} · Cán bộ mai" in page.text
    assert "█████ bán hàng cấm" in page.text
    assert "Ông Tư" not in page.text
    assert "ông Tư ở đâu" not in page.text


@pytest.mark.parametrize("name", ["/in", "/xuat"])
async def test_nothing_of_another_unit_is_taken_out(rig: Rig, name: str) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("mai", Role.MODERATOR, unit=one)
    tip = await rig.tip(REPORT, unit=other)
    key = base64.b64encode(bytes(32)).decode()
    async with rig.signed_in("mai") as browser:
        answer = await browser.send(f"{page_of(tip)}{name}", {"key": key}, page="/console/tin-bao")
    assert answer.status == 404
