"""An officer names an address for notices, confirms it, gives it up again."""

import re

from bot.core.mails import MailTrouble
from bot.core.officers import Officer, Role
from tests.console.rig import Rig

PAGE = "/console/toi"


async def found(rig: Rig) -> Officer:
    async with rig.storage.read() as work:
        officer = await work.officers.by_login("lan")
    assert officer is not None
    return officer


async def test_an_address_is_confirmed_by_its_code_and_given_up(rig: Rig) -> None:
    await rig.officer("lan", Role.MODERATOR)
    async with rig.signed_in("lan") as browser:
        wrong = await browser.send("/console/toi/thu", {"address": "lan@"}, page=PAGE)
        assert wrong.status == 422
        assert "không phải một địa chỉ thư" in wrong.text
        assert 'value="lan@"' in wrong.html
        sent = await browser.send("/console/toi/thu", {"address": "lan@example.vn"}, page=PAGE)
        assert sent.status == 303
        await rig.services.mailing.send_due()
        code = re.findall(r"[0-9A-HJKMNP-TV-Z]{8}", rig.mailer.taken[0].text)[0]
        page = await browser.get(f"{PAGE}?da=gui-ma")
        assert "Chờ nhập mã" in page.text
        assert "lan@example.vn" in page.text
        assert (
            "Mã không đúng"
            in (await browser.send("/console/toi/thu/ma", {"code": "X"}, page=PAGE)).text
        )
        assert (await browser.send("/console/toi/thu/ma", {"code": code}, page=PAGE)).status == 303
        page = await browser.get(PAGE)
        assert "Chờ nhập mã" not in page.text
        (address_id,) = re.findall(r"/toi/thu/([^/]+)/bo", page.html)
        await browser.send(f"/console/toi/thu/{address_id}/bo", {}, page=PAGE)
        assert "lan@example.vn" not in (await browser.get(PAGE)).text


async def test_another_officer_gives_up_no_address_of_mine(rig: Rig) -> None:
    await rig.officer("lan", Role.MODERATOR)
    lan = await found(rig)
    await rig.officer("minh", Role.ADMIN)
    await rig.services.mail_addresses.add(lan, "lan@example.vn")
    (named,) = await rig.services.mail_addresses.addresses_of(lan)
    async with rig.signed_in("minh") as browser:
        assert (await browser.send(f"/console/toi/thu/{named.id}/bo", {}, page=PAGE)).status == 404
        assert "lan@example.vn" not in (await browser.get(PAGE)).text
    assert len(await rig.services.mail_addresses.addresses_of(lan)) == 1


async def test_who_keeps_the_house_sees_that_no_letter_goes(rig: Rig) -> None:
    await rig.officer("lan", Role.ADMIN)
    lan = await found(rig)
    await rig.services.mail_addresses.add(lan, "lan@example.vn")
    rig.mailer.troubles.append(MailTrouble.SIGN_IN_REFUSED)
    await rig.services.mailing.send_due()
    async with rig.signed_in("lan") as browser:
        for page in ("/console", PAGE):
            assert "không nhận tên hoặc mật khẩu" in (await browser.get(page)).text
