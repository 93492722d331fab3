"""Hooks in the console: added with a secret shown once, tried, told of in trouble, removed."""

import re
from dataclasses import replace

from bot.core.hooks import CallState, HookCall, HookEvent, HookState
from bot.core.ids import HookCallId
from bot.core.officers import Role
from bot.services.hooks.posting import NotPosted
from tests.console.rig import Rig
from tests.fakes import FakePoster

PAGE = "/console/he-thong-khac"
URL = "https://tinh.example.vn/bao?x=1&y=2"


def _fields(rig: Rig, **changes: str) -> list[tuple[str, str]]:
    fields = {"url": URL, "unit": rig.commune.id, "event": "tip.received", **changes}
    return [*fields.items(), ("event", "announcement.finished")]


def _poster(rig: Rig) -> FakePoster:
    poster = rig.services.hooks._poster
    assert isinstance(poster, FakePoster)
    return poster


async def test_an_address_is_added_and_its_secret_shown_once(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        assert "0 địa chỉ" in (await browser.get(PAGE)).text
        added = await browser.send(PAGE, _fields(rig))
        secret = re.search(r"whsec_[A-Za-z0-9+/=]+", added.html)
        again = await browser.get(PAGE)
    assert added.status == 200
    assert secret is not None
    assert "1 địa chỉ được báo" in again.text
    assert "whsec_" not in again.html
    assert "https://tinh.example.vn/bao?x=1&amp;y=2" in again.html
    (listed,) = await rig.services.hooks.seen_by(None)
    assert listed.hook.events == {HookEvent.TIP_RECEIVED, HookEvent.ANNOUNCEMENT_FINISHED}


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        for url in ("http://tinh.example.vn/", "https://127.0.0.1/", "javascript:alert(1)"):
            wrong = await browser.send(PAGE, _fields(rig, url=url))
            assert (wrong.status, "phải bắt đầu bằng https" in wrong.text) == (422, True)
            assert wrong.value("url") == url
        idle = await browser.send(PAGE, {"url": URL, "unit": rig.commune.id, "event": "hook.test"})
        assert (idle.status, "Chọn ít nhất một việc cần báo" in idle.text) == (422, True)
        nowhere = await browser.send(PAGE, _fields(rig, unit="never"))
        assert (nowhere.status, "Chọn một đơn vị" in nowhere.text) == (422, True)
    assert await rig.services.hooks.seen_by(None) == []


async def test_an_address_is_tried_and_removed(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        await browser.send(PAGE, _fields(rig))
        (listed,) = await rig.services.hooks.seen_by(None)
        one = f"{PAGE}/{listed.hook.id}"
        well = await browser.send(f"{one}/thu", page=PAGE)
        assert "Bên nhận đã nhận" in well.text
        _poster(rig).script.extend([503, NotPosted("no_answer")])
        assert "Trả lời mã 503" in (await browser.send(f"{one}/thu", page=PAGE)).text
        silent = await browser.send(f"{one}/thu", page=PAGE)
        assert "Không trả lời trong 8 giây" in silent.text
        assert "Chưa báo được" in silent.text
        asked = await browser.get(f"{one}/bo")
        assert "Bỏ địa chỉ này" in asked.text
        assert (await browser.send(f"{one}/bo")).location == PAGE
    assert await rig.services.hooks.seen_by(None) == []


async def test_what_did_not_arrive_and_who_is_off_is_told(rig: Rig) -> None:
    await rig.officer("an", Role.ADMIN)
    async with rig.signed_in("an") as browser:
        await browser.send(PAGE, _fields(rig))
        (listed,) = await rig.services.hooks.seen_by(None)
        lost = HookCall(
            id=HookCallId("msg_1"),
            hook_id=listed.hook.id,
            event=HookEvent.TIP_RECEIVED,
            body=b"",
            not_before=rig.clock.now(),
            state=CallState.GIVEN_UP,
        )
        async with rig.storage.begin() as work:
            await work.hook_calls.add([lost])
            await work.commit()
        assert "1 lần báo không đến nơi" in (await browser.get(PAGE)).text
        off = replace(listed.hook, state=HookState.OFF, trouble="answered_410")
        async with rig.storage.begin() as work:
            await work.hooks.save(off)
            await work.commit()
        assert "1 địa chỉ đã tắt" in (await browser.get(PAGE)).text


async def test_addresses_of_other_units_are_not_there(rig: Rig) -> None:
    hamlet = await rig.unit("to-1", "Tổ 1")
    await rig.officer("an", Role.ADMIN)
    await rig.officer("binh", Role.ADMIN, unit=hamlet)
    async with rig.signed_in("an") as browser:
        await browser.send(PAGE, _fields(rig))
    (listed,) = await rig.services.hooks.seen_by(None)
    one = f"{PAGE}/{listed.hook.id}"
    async with rig.signed_in("binh") as browser:
        assert "tinh.example.vn" not in (await browser.get(PAGE)).html
        assert (await browser.get(f"{one}/bo")).status == 404
        assert (await browser.send(f"{one}/bo", page=PAGE)).status == 404
        assert (await browser.send(f"{one}/thu", page=PAGE)).status == 404
        foreign = await browser.send(PAGE, _fields(rig))
        assert foreign.status == 422
    assert _poster(rig).posted == []
