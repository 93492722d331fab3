"""Who can open tips as officers join, forget, leave and come back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.officers import Role
from bot.core.tips import TipState
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.staff import LINK_LIFE, LinkGone
from tests.builders.town import PASSWORD, Town
from tests.hall import ADMIN, HERE, MODERATOR, MOST, OTHER_PASSWORD, Hall, open_hall


@pytest.fixture
async def hall(town: Town) -> Hall:
    return await open_hall(town)


# --- joining -----------------------------------------------------------------------------------


async def test_who_joins_opens_older_tips_once_somebody_gives_their_keys(hall: Hall) -> None:
    await hall.officer("lan")
    old = [await hall.tip() for _ in range(3)]
    minh = await hall.officer("minh")
    new = await hall.tip()
    reader = await hall.reader("minh")
    assert [await hall.opens(reader, one) for one in (*old, new)] == [False] * 3 + [True]

    giver = await hall.reader("lan")
    lines = {
        one.officer.login: (one.held, one.missing, one.giveable)
        for one in await hall.desk.key_care.lines(giver.officer, giver)
        if one.officer
    }
    assert lines == {"lan": (4, 0, 0), "minh": (1, 3, 3)}
    holder = await hall.holder(minh)
    assert await hall.desk.key_care.give(holder.id, giver, most=2) == 2
    assert await hall.missing(minh) == 1
    assert await hall.desk.key_care.give(holder.id, giver, most=2) == 1
    assert await hall.desk.key_care.give(holder.id, giver, most=2) == 0
    assert [await hall.opens(reader, one) for one in old] == [True] * 3
    assert (await hall.acts()).count("key.give") == 2


async def test_a_key_that_is_missing_for_whatever_reason_is_found_and_healed(hall: Hall) -> None:
    await hall.officer("lan")
    minh = await hall.officer("minh")
    tip_id = await hall.tip()
    holder = await hall.holder(minh)
    async with hall.town.storage.begin() as work:
        await work.tip_keys.remove_of(holder.id)
        await work.commit()
    assert await hall.missing(minh) == 1
    await hall.desk.key_care.give(holder.id, await hall.reader("lan"), most=MOST)
    assert await hall.missing(minh) == 0
    assert await hall.opens(await hall.reader("minh"), tip_id)


async def test_nobody_gives_what_they_cannot_open_nor_outside_their_units(hall: Hall) -> None:
    await hall.officer("lan")
    await hall.tip(unit=hall.town.hamlet)
    await hall.tip(unit=hall.town.elsewhere)
    near = await hall.officer("near", unit=hall.town.hamlet)
    far = await hall.officer("far", unit=hall.town.elsewhere)
    giver = await hall.reader("near")
    for stranger in (far, await hall.officer("above")):
        with pytest.raises(NotFound):
            await hall.desk.key_care.give((await hall.holder(stranger)).id, giver, most=MOST)
    plain = replace(giver, officer=replace(near, roles=ADMIN))
    own = await hall.holder(near)
    with pytest.raises(NotFound):
        await hall.desk.key_care.give(own.id, plain, most=MOST)
    above = await hall.reader("lan")
    given = await hall.desk.key_care.give((await hall.holder(far)).id, above, most=MOST)
    assert given == 1


async def test_a_number_does_not_betray_a_tip_the_queue_does_not_show_yet(hall: Hall) -> None:
    await hall.officer("lan")
    tip_id = await hall.tip()
    minh = await hall.officer("minh")
    async with hall.town.storage.begin() as work:
        later = hall.town.clock.now() + timedelta(minutes=9)
        await work.tips.save(replace(await work.tips.get(tip_id), visible_at=later))
        await work.commit()
    assert await hall.missing(minh) == 0
    hall.town.clock.advance(timedelta(minutes=10))
    assert await hall.missing(minh) == 1


# --- roles and leaving -------------------------------------------------------------------------


async def test_who_leaves_opens_nothing_and_frees_what_they_had_taken(hall: Hall) -> None:
    lan, tip_id = await hall.officer("lan"), None
    await hall.officer("minh")
    tip_id = await hall.tip()
    signed_in = await hall.signed_in("lan")
    reader = hall.town.sign_ins.reader(signed_in)
    assert reader is not None
    await hall.town.reading.desk.move(tip_id, TipState.IN_VERIFICATION, reader)
    await hall.desk.staff.leave(lan.id, by=hall.chief)
    assert await hall.town.sign_ins.session(signed_in.token) is None
    assert not await hall.opens(reader, tip_id)
    async with hall.town.storage.read() as work:
        assert (await work.tips.get(tip_id)).claimed_by is None
        assert not [one for one in await work.officers.holders() if one.officer_id == lan.id]
        assert await work.officers.holders_of(lan.id) == []
    assert await hall.town.sign_ins.sign_in("lan", PASSWORD) is None
    assert await hall.opens(await hall.reader("minh"), tip_id)


async def test_the_last_who_opens_tips_stays_until_the_paper_was_proved(hall: Hall) -> None:
    lan = await hall.officer("lan")
    tip_id = await hall.tip()
    for act in (
        hall.desk.staff.leave(lan.id, by=hall.chief),
        hall.desk.staff.set_roles(lan.id, ADMIN, by=hall.chief),
        hall.desk.staff.link(lan.id, by=hall.chief),
    ):
        with pytest.raises(RuleBroken, match="key_last_holder"):
            await act
    assert await hall.opens(await hall.reader("lan"), tip_id)
    await hall.desk.recovery.check([hall.paper], by=hall.chief)
    await hall.desk.staff.leave(lan.id, by=hall.chief)
    minh = await hall.officer("minh")
    assert await hall.desk.recovery.give([hall.paper], minh.id, by=hall.chief) == 1
    assert await hall.opens(await hall.reader("minh"), tip_id)


async def test_the_last_key_of_an_inspectorate_does_not_end_even_with_the_paper(
    hall: Hall,
) -> None:
    inspector = await hall.officer("inspector", unit=hall.town.elsewhere)
    async with hall.town.storage.begin() as work:
        await work.units.save(replace(hall.town.hamlet, inspectorate_id=hall.town.elsewhere.id))
        await work.commit()
    above = await hall.officer("above")
    tip_id = await hall.tip(about_officer=True)
    await hall.desk.recovery.check([hall.paper], by=hall.chief)
    for act in (
        hall.desk.staff.leave(inspector.id, by=hall.chief),
        hall.desk.staff.link(inspector.id, by=hall.chief),
    ):
        with pytest.raises(RuleBroken, match="key_only_one"):
            await act
    # Nobody else is told that there is such a tip, nor lacks it, nor is given it.
    lines = await hall.desk.key_care.lines(hall.chief)
    assert {(one.held, one.missing) for one in lines} == {(0, 0)}
    giver = await hall.reader("inspector")
    with pytest.raises(NotFound):
        await hall.desk.key_care.give((await hall.holder(above)).id, giver, most=MOST)
    second = await hall.officer("second", unit=hall.town.elsewhere)
    (line,) = await hall.desk.key_care.lines(giver.officer, giver, only=second.id)
    assert (line.missing, line.giveable) == (1, 1)
    assert await hall.desk.key_care.give(line.holder.id, giver, most=MOST) == 1
    await hall.desk.staff.leave(inspector.id, by=hall.chief)
    assert await hall.opens(await hall.reader("second"), tip_id)


async def test_the_last_administrator_stays(hall: Hall) -> None:
    below = await hall.officer("below", ADMIN, unit=hall.town.hamlet)
    for act in (
        hall.desk.staff.leave(hall.chief.id, by=hall.chief),
        hall.desk.staff.set_roles(hall.chief.id, MODERATOR, by=hall.chief),
    ):
        with pytest.raises(RuleBroken, match="last_administrator"):
            await act
    assert not (await hall.desk.staff.leave(below.id, by=hall.chief)).is_active
    await hall.officer("second", ADMIN)
    assert not (await hall.desk.staff.leave(hall.chief.id, by=hall.chief)).is_active


async def test_losing_the_role_ends_the_key_and_getting_it_makes_a_new_one(hall: Hall) -> None:
    lan = await hall.officer("lan")
    await hall.officer("minh")
    old = await hall.tip()
    before = await hall.reader("lan")
    viewer = frozenset({Role.VIEWER})
    await hall.desk.staff.set_roles(lan.id, viewer, by=hall.chief)
    assert not await hall.opens(before, old)
    assert hall.town.sign_ins.reader(await hall.signed_in("lan")) is None
    await hall.desk.staff.set_roles(lan.id, MODERATOR, by=hall.chief)
    after = await hall.reader("lan")
    assert after.private_key != before.private_key
    assert not await hall.opens(after, old)
    assert await hall.opens(after, await hall.tip())
    assert "key.made" in await hall.acts()


async def test_officers_of_other_units_look_as_if_they_were_not_there(hall: Hall) -> None:
    near = await hall.officer("near", ADMIN, unit=hall.town.hamlet)
    far = await hall.officer("far", unit=hall.town.elsewhere)
    plain = await hall.officer("plain")
    for by, whom in ((near, far), (near, hall.chief), (plain, far)):
        for act in (
            hall.desk.staff.one(whom.id, by=by),
            hall.desk.staff.leave(whom.id, by=by),
            hall.desk.staff.set_roles(whom.id, MODERATOR, by=by),
            hall.desk.staff.link(whom.id, by=by),
            hall.desk.recovery.holders(by=by),
            hall.desk.recovery.check([hall.paper], by=by),
            hall.desk.recovery.give([hall.paper], whom.id, by=by),
            hall.desk.recovery.split([hall.paper], by=by),
            hall.desk.recovery.exchange([hall.paper], by=by, old_sheets=[hall.paper]),
        ):
            with pytest.raises(NotFound):
                await act
    new = NewOfficer(
        login="x", name="x", password=PASSWORD, unit_id=hall.town.commune.id, roles=ADMIN
    )
    with pytest.raises(NotFound):
        await hall.town.officers.add(new, by=near)


# --- passwords ---------------------------------------------------------------------------------


async def test_a_changed_password_opens_what_the_old_one_did(hall: Hall) -> None:
    await hall.officer("lan")
    tip_id = await hall.tip()
    here, there = await hall.signed_in("lan"), await hall.signed_in("lan")
    own = hall.desk.own_account
    with pytest.raises(RuleBroken, match="password_wrong"):
        await own.change_password(here, OTHER_PASSWORD, OTHER_PASSWORD, place=HERE)
    with pytest.raises(RuleBroken, match="password_short"):
        await own.change_password(here, PASSWORD, "ngắn", place=HERE)
    await own.change_password(here, PASSWORD, OTHER_PASSWORD, place=HERE)
    assert await hall.town.sign_ins.session(here.token) is not None
    assert await hall.town.sign_ins.session(there.token) is None
    assert await hall.town.sign_ins.sign_in("lan", PASSWORD) is None
    assert await hall.opens(await hall.reader("lan", OTHER_PASSWORD), tip_id)


async def test_who_forgot_gets_a_new_pair_and_nobody_else_sees_a_key(hall: Hall) -> None:
    await hall.officer("minh")
    lan = await hall.officer("lan")
    old = await hall.tip()
    session = await hall.signed_in("lan")
    token = await hall.desk.staff.link(lan.id, by=hall.chief)
    # Nothing changes before the link is used.
    assert await hall.town.sign_ins.session(session.token) is not None
    assert (await hall.desk.staff.linked(token)).login == "lan"
    await hall.desk.staff.use_link(token, OTHER_PASSWORD)
    assert await hall.town.sign_ins.session(session.token) is None
    with pytest.raises(LinkGone):
        await hall.desk.staff.use_link(token, PASSWORD)
    reader = await hall.reader("lan", OTHER_PASSWORD)
    assert not await hall.opens(reader, old)
    giver = await hall.reader("minh")
    await hall.desk.key_care.give(reader.holder_id, giver, most=MOST)
    assert await hall.opens(reader, old)


async def test_a_link_ends_after_a_day_with_the_account_and_with_another(hall: Hall) -> None:
    await hall.officer("minh")
    lan = await hall.officer("lan")
    first = await hall.desk.staff.link(lan.id, by=hall.chief)
    hall.town.clock.advance(LINK_LIFE + timedelta(seconds=1))
    second = await hall.desk.staff.link(lan.id, by=hall.chief)
    third = await hall.desk.staff.link(lan.id, by=hall.chief)
    await hall.desk.staff.use_link(third, OTHER_PASSWORD)
    fourth = await hall.desk.staff.link(lan.id, by=hall.chief)
    await hall.desk.staff.leave(lan.id, by=hall.chief)
    officer_id, until, mark = fourth.split(".")
    longer = f"{officer_id}.{int(until) + 9}.{mark}"
    other = f"{hall.chief.id}.{until}.{mark}"
    ended = (first, second, fourth, longer, other)
    for token in (*ended, "", "..", "a.b.c", f"{lan.id}.1.", "é.9.é"):
        with pytest.raises(LinkGone):
            await hall.desk.staff.linked(token)


async def test_who_comes_back_comes_back_with_a_new_pair(hall: Hall) -> None:
    await hall.officer("minh")
    lan = await hall.officer("lan")
    old = await hall.tip()
    before = await hall.reader("lan")
    await hall.desk.staff.leave(lan.id, by=hall.chief)
    token = await hall.desk.staff.link(lan.id, by=hall.chief)
    assert await hall.town.sign_ins.sign_in("lan", PASSWORD) is None
    await hall.desk.staff.use_link(token, OTHER_PASSWORD)
    after = await hall.reader("lan", OTHER_PASSWORD)
    assert after.private_key != before.private_key
    assert not await hall.opens(after, old)
    assert await hall.opens(after, await hall.tip())
