"""Who left a number is called by the right officers, and by nobody for ever."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import NotFound
from bot.core.ids import OfficerId
from bot.core.messages import Contact, IncomingKind, Outgoing
from bot.core.officers import Officer, Role
from bot.core.units import Unit
from bot.services.people.call_backs import KEPT
from tests.builders.talk import Talk
from tests.builders.town import Town

LAN = Contact(name="Lan Thử", phone="0900000000", address="1 Láng")


def officer(town: Town, unit: Unit) -> Officer:
    return Officer(
        id=OfficerId(f"officer-{unit.code}"),
        login="canbo",
        name="Cán Bộ Bịa",
        unit_id=unit.id,
        roles=frozenset({Role.ANNOUNCER}),
        password_hash="",
        added_at=town.clock.now(),
    )


async def fills_in(talk: Talk, contact: Contact = LAN) -> list[Outgoing]:
    town = talk.town
    town.event_handlers[IncomingKind.CONTACT] = town.call_backs.heard
    incoming = replace(talk.incoming("", IncomingKind.CONTACT), contact=contact)
    await town.reception().receive([incoming])
    conversations = town.conversations()
    while await conversations.step():
        pass
    return await town.outbox()


async def test_a_form_filled_in_is_kept_sealed_and_thanked_for(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (thanks,) = await fills_in(town.talk("zalo"))
    assert "14 ngày" in thanks.text
    assert "113" in thanks.text
    (one,) = await town.call_backs.show(officer(town, town.commune))
    assert (one.contact, one.unit_id) == (LAN, town.commune.id)
    assert one.asked_at == town.clock.now()
    for plain in ("Lan Thử", "0900000000", "1 Láng"):
        assert plain.encode() not in town.on_disk()
        assert plain not in caplog.text
        assert plain not in repr(one)


async def test_a_member_is_called_by_the_officers_of_their_own_unit(town: Town) -> None:
    talk = town.talk("zalo")
    await town.member("zalo", talk.chat)
    await fills_in(talk)
    assert len(await town.call_backs.show(officer(town, town.hamlet))) == 1
    assert len(await town.call_backs.show(officer(town, town.commune))) == 1
    assert await town.call_backs.show(officer(town, town.elsewhere)) == []


async def test_somebody_who_fills_it_in_twice_is_called_once_at_the_newest_number(
    town: Town,
) -> None:
    talk = town.talk("zalo")
    await fills_in(talk)
    await fills_in(talk, replace(LAN, phone="0911111111"))
    (one,) = await town.call_backs.show(officer(town, town.commune))
    assert one.contact is not None
    assert one.contact.phone == "0911111111"


async def test_who_was_called_is_forgotten_and_the_chain_tells_it_without_a_name(
    town: Town,
) -> None:
    await fills_in(town.talk("zalo"))
    by = officer(town, town.commune)
    (one,) = await town.call_backs.show(by)
    await town.call_backs.done(one.key, by=by)
    assert await town.call_backs.show(by) == []
    with pytest.raises(NotFound):
        await town.call_backs.done(one.key, by=by)
    entries = await town.audit.newest()
    acts = [entry.record.act for entry in entries]
    assert acts[:2] == ["call_back.done", "call_back.list"]
    assert "Lan" not in str(entries)
    assert one.key not in str(entries)


async def test_an_officer_of_another_unit_cannot_strike_anybody_off(town: Town) -> None:
    await fills_in(town.talk("zalo"))
    (one,) = await town.call_backs.show(officer(town, town.commune))
    with pytest.raises(NotFound):
        await town.call_backs.done(one.key, by=officer(town, town.elsewhere))
    assert len(await town.call_backs.show(officer(town, town.commune))) == 1


async def test_a_number_nobody_called_is_gone_after_two_weeks(town: Town) -> None:
    await fills_in(town.talk("zalo"))
    town.clock.advance(KEPT - timedelta(seconds=1))
    assert len(await town.call_backs.show(officer(town, town.commune))) == 1
    town.clock.advance(1)
    assert await town.call_backs.show(officer(town, town.commune)) == []


async def test_a_form_without_a_number_is_asked_for_again(town: Town) -> None:
    (asked,) = await fills_in(town.talk("zalo"), replace(LAN, phone=""))
    assert "chưa có số điện thoại" in asked.text
    assert await town.call_backs.show(officer(town, town.commune)) == []


async def test_nothing_is_kept_or_said_of_a_form_in_a_group(town: Town) -> None:
    assert await fills_in(town.talk("zalo", "group", is_group=True)) == []
    assert await town.call_backs.show(officer(town, town.commune)) == []


async def test_whoever_asks_what_is_kept_sees_the_number_and_may_delete_it(town: Town) -> None:
    talk = town.talk("zalo")
    await fills_in(talk)
    _, kept = await talk.says("/dulieu")
    assert "gọi lại" in kept.text
    (sure,) = await talk.taps(kept.choices[0].word)
    await talk.taps(sure.choices[0].word)
    assert await town.call_backs.show(officer(town, town.commune)) == []
    nothing, _ = await talk.says("/dulieu")
    assert nothing.text.startswith("Chúng tôi không lưu gì về bà con.")


async def test_officers_who_named_a_chat_are_told_that_somebody_waits_and_not_who(
    town: Town,
) -> None:
    await town.moderator("canbo")
    async with town.storage.read() as work:
        by = await work.officers.by_login("canbo")
    assert by is not None
    code = await town.notices.make_code(by)
    async with town.storage.begin() as work:
        await town.notices.link(work, code, town.talk("telegram", "officer").incoming("").address)
        await work.commit()
    told = await fills_in(town.talk("zalo"))
    notice = next(one.text for one in told if "nhờ cán bộ gọi lại" in one.text)
    assert "Lan" not in notice
    assert "0900" not in notice
