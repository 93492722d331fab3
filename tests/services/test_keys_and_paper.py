"""What opens tips after a change of pair, and with the recovery key on paper."""

import pytest

from bot.core.errors import RuleBroken
from bot.core.officers import HolderKind
from tests.builders.town import PASSWORD, Town
from tests.hall import HERE, OTHER_PASSWORD, Hall, open_hall


@pytest.fixture
async def hall(town: Town) -> Hall:
    return await open_hall(town)


# --- another pair ------------------------------------------------------------------------------


async def test_a_rotated_pair_opens_all_and_the_old_one_nothing(hall: Hall) -> None:
    await hall.officer("lan")
    tips = [await hall.tip() for _ in range(3)]
    here, there = await hall.signed_in("lan"), await hall.signed_in("lan")
    old = hall.town.sign_ins.reader(here)
    assert old is not None
    with pytest.raises(RuleBroken, match="password_wrong"):
        await hall.desk.own_account.rotate(here, OTHER_PASSWORD, place=HERE)
    await hall.desk.own_account.rotate(here, PASSWORD, place=HERE)
    new = hall.town.sign_ins.reader(here)
    assert new is not None
    assert new.private_key != old.private_key
    assert [await hall.opens(new, one) for one in tips] == [True] * 3
    assert [await hall.opens(old, one) for one in tips] == [False] * 3
    assert await hall.town.sign_ins.session(there.token) is None


async def test_a_rotation_that_broke_off_goes_on_at_the_next_sign_in(hall: Hall) -> None:
    lan = await hall.officer("lan")
    tips = [await hall.tip() for _ in range(3)]
    here = await hall.signed_in("lan")
    hand_over = hall.desk.key_care.hand_over

    class KilledError(Exception):
        pass

    async def killed(*args: object, **values: object) -> int:
        await hand_over(*args, **{**values, "most": 2})  # type: ignore[arg-type] # fields by name
        raise KilledError

    hall.desk.key_care.hand_over = killed  # type: ignore[method-assign] # put in its place
    with pytest.raises(KilledError):
        await hall.desk.own_account.rotate(here, PASSWORD, place=HERE)
    hall.desk.key_care.hand_over = hand_over  # type: ignore[method-assign] # put in its place
    async with hall.town.storage.read() as work:
        assert len(await work.officers.holders_of(lan.id)) == 2
    reader = await hall.reader("lan")
    assert [await hall.opens(reader, one) for one in tips] == [True] * 3
    async with hall.town.storage.read() as work:
        (living,) = await work.officers.holders_of(lan.id)
        assert await work.tip_keys.giveable(reader.holder_id, living.id) == 0


# --- the paper ---------------------------------------------------------------------------------


async def test_the_paper_opens_all_even_split(hall: Hall) -> None:
    lan = await hall.officer("lan")
    tips = [await hall.tip() for _ in range(2)]
    one, _, three = (await hall.desk.recovery.split([hall.paper], by=hall.chief)).shares
    await hall.desk.staff.leave(lan.id, by=hall.chief)
    minh = await hall.officer("minh")
    assert await hall.desk.recovery.give([three, one], minh.id, by=hall.chief) == 2
    reader = await hall.reader("minh")
    assert [await hall.opens(reader, tip) for tip in tips] == [True] * 2
    assert await hall.desk.recovery.give([hall.paper], minh.id, by=hall.chief) == 0


async def test_a_new_paper_takes_the_place_of_the_old(hall: Hall) -> None:
    await hall.officer("lan")
    tip_id = await hall.tip()
    fresh = hall.desk.recovery.new_paper()
    exchanged = await hall.desk.recovery.exchange(
        [fresh.shares[0], fresh.shares[2]], by=hall.chief, old_sheets=[hall.paper]
    )
    assert (exchanged.given, exchanged.left) == (1, 0)
    with pytest.raises(RuleBroken, match="paper_other_key"):
        await hall.desk.recovery.check([hall.paper], by=hall.chief)
    later = await hall.tip()
    minh = await hall.officer("minh")
    assert await hall.desk.recovery.give([fresh.whole], minh.id, by=hall.chief) == 2
    reader = await hall.reader("minh")
    assert await hall.opens(reader, tip_id)
    assert await hall.opens(reader, later)


async def test_a_lost_paper_is_exchanged_with_a_moderators_key_as_far_as_that_goes(
    hall: Hall,
) -> None:
    lan = await hall.officer("lan")
    await hall.tip()
    await hall.desk.recovery.check([hall.paper], by=hall.chief)
    await hall.desk.staff.leave(lan.id, by=hall.chief)
    await hall.officer("minh")
    await hall.tip()
    fresh = hall.desk.recovery.new_paper()
    exchanged = await hall.desk.recovery.exchange(
        [fresh.whole], by=hall.chief, reader=await hall.reader("minh")
    )
    # What only the old paper opens keeps the old key alive.
    assert (exchanged.given, exchanged.left) == (1, 1)
    assert len(await hall.desk.recovery.holders(by=hall.chief)) == 2
    again = await hall.desk.recovery.exchange(
        [fresh.whole], by=hall.chief, old_sheets=[hall.paper]
    )
    assert (again.given, again.left) == (1, 0)
    assert len(await hall.desk.recovery.holders(by=hall.chief)) == 1


async def test_a_paper_that_does_not_fit_changes_nothing(hall: Hall) -> None:
    await hall.officer("lan")
    await hall.tip()
    other = hall.desk.recovery.new_paper()
    acts = hall.desk.recovery
    with pytest.raises(RuleBroken, match="paper_other_key"):
        await acts.check([other.whole], by=hall.chief)
    with pytest.raises(RuleBroken, match="paper_groups"):
        await acts.check([hall.paper[:-1] + "0"], by=hall.chief)
    with pytest.raises(RuleBroken, match="paper_one_share"):
        await acts.check([other.shares[0]], by=hall.chief)
    with pytest.raises(RuleBroken, match="paper_hand_missing"):
        await acts.exchange([other.whole], by=hall.chief)
    with pytest.raises(RuleBroken, match="paper_not_new"):
        await acts.exchange([hall.paper], by=hall.chief, old_sheets=[hall.paper])
    assert len(await acts.holders(by=hall.chief)) == 1


async def test_every_act_is_in_the_chain_and_no_secret_is(hall: Hall) -> None:
    lan = await hall.officer("lan")
    await hall.officer("minh")
    await hall.tip()
    here = await hall.signed_in("lan")
    await hall.desk.own_account.rotate(here, PASSWORD, place=HERE)
    await hall.desk.own_account.change_password(here, PASSWORD, OTHER_PASSWORD, place=HERE)
    token = await hall.desk.staff.link(lan.id, by=hall.chief)
    await hall.desk.staff.use_link(token, PASSWORD)
    await hall.desk.recovery.give([hall.paper], lan.id, by=hall.chief)
    fresh = hall.desk.recovery.new_paper()
    await hall.desk.recovery.split([hall.paper], by=hall.chief)
    await hall.desk.recovery.exchange([fresh.whole], by=hall.chief, old_sheets=[hall.paper])
    await hall.desk.staff.leave(lan.id, by=hall.chief)
    known = set(await hall.acts())
    assert known >= {
        *("officer.roles", "officer.password", "officer.link", "officer.link_used"),
        *("officer.leave", "key.made", "key.rotate", "key.retire", "key.recover", "key.give"),
        *("recovery.use", "recovery.split", "recovery.exchange", "recovery.retire"),
    }
    stored = hall.town.on_disk()
    for secret in (hall.paper, fresh.whole, *fresh.shares, token, PASSWORD, OTHER_PASSWORD):
        assert secret.encode() not in stored
    assert (await hall.town.audit.verify()).broken_at is None
    assert HolderKind.RECOVERY in {one.record.subject for one in await hall.town.audit.newest()}
