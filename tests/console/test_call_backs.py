"""People to be called back, and the newest quota of a channel."""

import re

from bot.core.ids import ChannelId
from bot.core.messages import AccountChange, AccountEvent, Contact, Incoming, IncomingKind
from bot.core.officers import Role
from bot.services.channels.channels import WEB
from tests.console.rig import Rig

CALLS = "/console/goi-lai"
LAN = Contact(name="Lan <b>Thử</b>", phone="0900 000 000", address="1 Láng")


async def leaves_a_number(rig: Rig, chat: str = "chat-1", contact: Contact = LAN) -> None:
    incoming = Incoming(
        channel_id=WEB, event_id=chat, kind=IncomingKind.CONTACT, chat=chat, contact=contact
    )
    async with rig.storage.begin() as work:
        key = rig.envelopes.conversation(WEB, chat)
        await rig.services.call_backs.heard(work, incoming, key)
        await work.commit()


async def test_who_waits_is_shown_to_announcers_until_somebody_called(rig: Rig) -> None:
    await leaves_a_number(rig)
    await rig.officer("an", Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        page = await browser.get(CALLS)
        assert "1 người chờ gọi lại" in page.text
        assert "Lan <b>Thử</b> · 0900 000 000" in page.text
        assert "1 Láng" in page.text
        assert "tel:0900000000" in page.attributes("a", "href")
        called = next(one for one in page.attributes("form", "action") if "da-goi" in one)
        assert (await browser.send(called, page=CALLS)).location == CALLS
        assert "Không có ai chờ gọi lại" in (await browser.get(CALLS)).text
        assert (await browser.send(called, page=CALLS)).status == 404


async def test_the_first_page_counts_who_waits_for_those_who_may_call(rig: Rig) -> None:
    await leaves_a_number(rig)
    await rig.officer("an", Role.ANNOUNCER)
    await rig.officer("binh", Role.VIEWER)
    async with rig.signed_in("an") as browser:
        page = await browser.get("/console")
        assert "1 người chờ gọi lại" in page.text
        assert CALLS in page.attributes("a", "href")
        assert "Lan" not in page.text
    async with rig.signed_in("binh") as browser:
        assert "chờ gọi lại" not in (await browser.get("/console")).text
    acts = [entry.record.act for entry in await rig.services.audit.newest()]
    assert "call_back.list" not in acts


async def test_the_audit_tells_of_the_look_and_names_nobody(rig: Rig) -> None:
    await leaves_a_number(rig)
    await rig.officer("an", Role.ADMIN, Role.ANNOUNCER)
    async with rig.signed_in("an") as browser:
        await browser.get(CALLS)
        page = await browser.get("/console/nhat-ky")
    assert "xem danh sách cần gọi lại" in page.text
    assert re.search(r"Lan|0900", page.text) is None


async def test_only_announcers_see_them_and_only_those_of_their_units(rig: Rig) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.joined(one, "chat-1")
    await leaves_a_number(rig)
    await rig.officer("an", Role.ANNOUNCER, unit=one)
    await rig.officer("binh", Role.ANNOUNCER, unit=other)
    await rig.officer("lan", Role.ADMIN, Role.MODERATOR, Role.APPROVER, Role.VIEWER)
    async with rig.signed_in("an") as own, rig.signed_in("binh") as beside:
        page = await own.get(CALLS)
        assert "Tổ 1" in page.text
        called = next(one for one in page.attributes("form", "action") if "da-goi" in one)
        assert "0900" not in (await beside.get(CALLS)).text
        assert (await beside.send(called, page=CALLS)).status == 404
    async with rig.signed_in("lan") as browser:
        assert (await browser.get(CALLS)).status == 403
        assert CALLS not in (await browser.get("/console")).attributes("a", "href")


async def test_a_channel_shows_what_its_platform_said_last_of_its_quota(rig: Rig) -> None:
    channel_id: ChannelId = await rig.channel("OA bịa")
    change = AccountChange(event=AccountEvent.QUOTA, note="500 → 2000")
    incoming = Incoming(
        channel_id=channel_id,
        event_id="1",
        kind=IncomingKind.ACCOUNT,
        account=change,
        at=rig.clock.now(),
    )
    async with rig.storage.begin() as work:
        key = rig.envelopes.conversation(channel_id, "")
        await rig.services.account_events.heard(work, incoming, key)
        await work.commit()
    await rig.officer("lan", Role.VIEWER)
    async with rig.signed_in("lan") as browser:
        page = await browser.get("/console/kenh")
    assert re.search(r"Hạn mức gửi trong ngày, Zalo báo .*: 500 → 2000", page.text)
