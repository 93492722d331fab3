"""Sending what was started also to those who joined since."""

from datetime import timedelta

from bot.core.officers import Role
from bot.services.announcements.announcing import Wording
from tests.console.rig import Rig


async def test_who_joined_since_can_be_sent_it_too(rig: Rig) -> None:
    for login, role in (("lan.an", Role.ANNOUNCER), ("xem", Role.VIEWER)):
        await rig.officer(login, role)
    unit = await rig.unit("to-1", "Tổ 1")
    await rig.joined(unit, "early")
    wording = Wording(unit_id=rig.commune.id, title="Họp tổ", text="Họp.")
    one = await rig.services.announcements.write(wording, by=None)
    await rig.services.announcements.release(one.id, by=None)
    page = f"/console/thong-bao/{one.id}"
    async with rig.signed_in("lan.an") as browser, rig.signed_in("xem") as viewer:
        assert f"{page}/gui-them" not in (await browser.get(page)).attributes("a", "href")
        assert (await browser.get(f"{page}/gui-them")).location == page
        rig.clock.advance(timedelta(minutes=5))
        await rig.joined(unit, "late-1")
        await rig.joined(rig.commune, "late-2")
        assert "Gửi thêm cho 2 người tham gia sau" in (await browser.get(page)).text
        assert "Gửi thêm" not in (await viewer.get(page)).text
        asked = await browser.get(f"{page}/gui-them")
        assert "Gửi thêm “ Họp tổ ” cho 2 người?" in asked.text
        assert (await browser.send(f"{page}/gui-them")).location == page
        shown = await rig.services.announcements.show(one.id, to=None)
        assert shown.tally.recipients == 3
        assert "Gửi thêm" not in (await browser.get(page)).text
