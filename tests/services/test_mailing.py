"""Notices by e-mail: to confirmed addresses, once, sealed while they wait, again if need be."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.mails import MailTrouble
from bot.core.notices import NoticeKey
from bot.core.officers import Act, Officer, Role
from bot.services.mail_addresses import MOST_ADDRESSES
from bot.services.mailing import DELAYS
from bot.services.one_time_codes import CODE_LIFE
from content.book import Book
from tests.builders.opening import open_town
from tests.builders.town import Town
from tests.mail_builder import CONSOLE_URL, mailing_of
from tests.services.test_notices import officer

ADDRESS = "can.bo@example.vn"
CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{8}\b")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


async def code_for(town: Town, one: Officer, address: str = ADDRESS) -> str:
    await town.mail_addresses.add(one, address)
    await town.mailing.send_due()
    letter = town.mailer.taken.pop()
    assert letter.to == address
    found = CODE.search(letter.text)
    assert found is not None
    return found.group()


async def confirmed(town: Town, login: str = "an", address: str = ADDRESS) -> Officer:
    one = await officer(town, login, role=Role.MODERATOR)
    await town.mail_addresses.confirm(one, await code_for(town, one, address))
    return one


async def tell(town: Town, subject: str = "t") -> int:
    about: dict[str, str | int] = {"unit": "Xã Bịa"}
    async with town.storage.begin() as work:
        told = await town.notices.tell(
            work,
            NoticeKey.TIP_URGENT,
            unit_id=town.commune.id,
            subject=subject,
            about=about,
            act=Act.MODERATE,
        )
        await work.commit()
    return told


async def waiting(town: Town) -> int:
    async with town.storage.read() as work:
        return await work.mails.waiting()


async def test_an_officer_who_confirmed_is_told_and_nobody_else(town: Town) -> None:
    await confirmed(town)
    unconfirmed = await officer(town, "binh", role=Role.MODERATOR)
    town.clock.advance(timedelta(minutes=1))
    await code_for(town, unconfirmed, "khac@example.vn")
    assert await tell(town) == 1
    assert await town.mailing.send_due() == 1
    (letter,) = town.mailer.taken
    assert letter.to == ADDRESS
    assert letter.subject == "⚠️ Bình Yên: có việc khẩn"
    assert "Một tin báo mới, khẩn (Xã Bịa)." in letter.text
    assert CONSOLE_URL in letter.text
    assert await town.mailing.send_due() == 0


async def test_one_officer_alone_is_told_by_letter_too(town: Town) -> None:
    one = await confirmed(town)
    async with town.storage.begin() as work:
        about: dict[str, str | int] = {"unit": "Xã Bịa", "count": 1}
        assert await town.notices.tell_one(work, NoticeKey.TIP_LETTERS, one.id, about=about) == 1
        await work.commit()
    assert await town.mailing.send_due() == 1
    assert town.mailer.taken[0].subject == "Bình Yên: có việc cần anh/chị xem"


async def test_what_was_not_committed_is_not_sent(town: Town) -> None:
    one = await confirmed(town)
    async with town.storage.begin() as work:
        assert await town.mailing.queue(work, [one.id], "x") == 1
    assert await town.mailing.send_due() == 0


@pytest.mark.parametrize(
    "address", ["", "an", "a@b", "an@example.vn\r\nBcc: x@example.vn", "An <an@example.vn>"]
)
async def test_what_is_no_address_is_refused(town: Town, address: str) -> None:
    with pytest.raises(RuleBroken, match="mail_address"):
        await town.mail_addresses.add(await officer(town), address)
    assert await waiting(town) == 0


async def test_a_code_confirms_once_in_time_and_for_its_officer(town: Town) -> None:
    one, other = await officer(town), await officer(town, "binh")
    code = await code_for(town, one)
    for wrong, who in (("AAAA1111", one), ("", one), (code, other)):
        with pytest.raises(RuleBroken, match="mail_code"):
            await town.mail_addresses.confirm(who, wrong)
    await town.mail_addresses.confirm(one, code.lower())
    with pytest.raises(RuleBroken, match="mail_code"):
        await town.mail_addresses.confirm(one, code)
    town.clock.advance(timedelta(minutes=1))
    late = await code_for(town, one, "muon@example.vn")
    town.clock.advance(CODE_LIFE + timedelta(seconds=1))
    with pytest.raises(RuleBroken, match="mail_code"):
        await town.mail_addresses.confirm(one, late)


async def test_a_code_for_a_chat_confirms_no_address(town: Town) -> None:
    one = await officer(town)
    await code_for(town, one)
    with pytest.raises(RuleBroken, match="mail_code"):
        await town.mail_addresses.confirm(one, await town.notices.make_code(one))


async def test_nobody_has_a_mailbox_filled_with_codes(town: Town) -> None:
    one = await officer(town)
    await town.mail_addresses.add(one, ADDRESS)
    with pytest.raises(RuleBroken, match="mail_wait"):
        await town.mail_addresses.add(one, "khac@example.vn")
    for number in range(1, MOST_ADDRESSES):
        town.clock.advance(timedelta(minutes=1))
        await town.mail_addresses.add(one, f"so{number}@example.vn")
    town.clock.advance(timedelta(minutes=1))
    with pytest.raises(RuleBroken, match="mail_many"):
        await town.mail_addresses.add(one, "thua@example.vn")
    # The same address once more is a fresh code for it, not another address.
    await town.mail_addresses.add(one, ADDRESS)
    assert len(await town.mail_addresses.addresses_of(one)) == MOST_ADDRESSES


async def test_an_address_that_is_known_is_not_named_twice(town: Town) -> None:
    one = await confirmed(town)
    town.clock.advance(timedelta(minutes=1))
    with pytest.raises(RuleBroken, match="mail_known"):
        await town.mail_addresses.add(one, ADDRESS)


async def test_a_letter_that_did_not_go_is_tried_again_for_a_day(town: Town) -> None:
    await confirmed(town)
    await tell(town)
    for delay in DELAYS:
        town.mailer.troubles.append(MailTrouble.LATER)
        assert await town.mailing.send_due() == 0
        assert await town.mailing.send_due() == 0
        assert await waiting(town) == 1
        town.clock.advance(delay)
    town.mailer.troubles.append(MailTrouble.LATER)
    assert await town.mailing.send_due() == 0
    assert await waiting(town) == 0


async def test_a_letter_goes_at_a_later_try(town: Town) -> None:
    await confirmed(town)
    await tell(town)
    town.mailer.troubles.append(MailTrouble.LATER)
    await town.mailing.send_due()
    town.clock.advance(DELAYS[0])
    assert await town.mailing.send_due() == 1
    assert len(town.mailer.taken) == 1


async def test_an_address_that_is_refused_is_shown_to_its_officer(town: Town) -> None:
    one = await confirmed(town)
    await tell(town)
    town.mailer.troubles.append(MailTrouble.ADDRESS_REFUSED)
    await town.mailing.send_due()
    assert await waiting(town) == 0
    (named,) = await town.mail_addresses.addresses_of(one)
    assert (named.address, named.trouble) == (ADDRESS, "address_refused")
    assert await town.mailing.trouble() == ""
    await tell(town, subject="another")
    await town.mailing.send_due()
    (named,) = await town.mail_addresses.addresses_of(one)
    assert named.trouble == ""


async def test_what_ails_the_server_is_told_and_holds_up_all_uncounted(town: Town) -> None:
    await confirmed(town)
    town.clock.advance(timedelta(minutes=1))
    await confirmed(town, "binh", "binh@example.vn")
    await tell(town)
    town.mailer.troubles.append(MailTrouble.BAD_CERTIFICATE)
    assert await town.mailing.send_due() == 0
    assert await town.mailing.trouble() == "bad_certificate"
    assert await waiting(town) == 2
    async with town.storage.begin() as work:
        far = town.clock.now() + timedelta(hours=1)
        attempts = {one.attempts for one in await work.mails.claim(9, now=far, lease_until=far)}
    assert attempts == {1, 2}
    town.clock.advance(DELAYS[0])
    assert await town.mailing.send_due() == 2
    assert await town.mailing.trouble() == ""


async def test_an_address_given_up_hears_nothing_more(town: Town) -> None:
    one, other = await confirmed(town), await officer(town, "binh")
    await tell(town)
    (named,) = await town.mail_addresses.addresses_of(one)
    with pytest.raises(NotFound):
        await town.mail_addresses.remove(named.id, by=other)
    await town.mail_addresses.remove(named.id, by=one)
    assert await waiting(town) == 0
    assert await tell(town, subject="later") == 0


async def test_no_address_and_no_word_lies_open_in_the_database(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    one = await officer(town)
    await town.mail_addresses.add(one, ADDRESS)
    town.mailer.troubles.append(MailTrouble.LATER)
    await town.mailing.send_due()
    stored = b"".join(path.read_bytes() for path in town.folder.rglob("*") if path.is_file())
    assert ADDRESS.encode() not in stored
    assert "Mã xác nhận".encode() not in stored
    assert ADDRESS not in caplog.text


async def test_without_a_server_nothing_is_queued(town: Town) -> None:
    one = await confirmed(town)
    off = mailing_of(
        town.storage,
        book=Book.load(),
        envelopes=town.envelopes,
        clock=town.clock,
        chance=town.chance,
    )
    async with town.storage.begin() as work:
        assert await off.queue(work, [one.id], "x") == 0
    assert (off.is_on, await off.send_due(), await off.trouble(), await off.check()) == (
        False,
        0,
        "",
        None,
    )
