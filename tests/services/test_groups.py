"""Groups: what happens to them, who may link them, and what officers of other units see."""

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.groups import GroupState
from bot.core.ids import GroupId
from bot.core.messages import GroupEvent
from bot.core.officers import Role
from bot.core.units import UnitKind
from bot.services.groups.codes import Verdict
from bot.services.units.units import UnitRow
from tests.builders.town import Town
from tests.group_builder import FakeDesk
from tests.services.group_deeds import (
    NAME,
    NEW,
    OLD,
    TELEGRAM,
    ZALO,
    found,
    group_at,
    happens,
    linked,
    officer,
    typed,
)


async def acts(town: Town) -> list[str]:
    return [entry.record.act for entry in await town.audit.newest() if "group" in entry.record.act]


# --- what happens ------------------------------------------------------------------------------


async def test_a_group_that_lets_us_in_is_seen_and_greeted(town: Town) -> None:
    (hello,) = await happens(town, GroupEvent.ADDED, name=NAME, can_delete=True)
    assert "/lienket" in hello.text
    group = await found(town)
    assert (group.state, group.name, group.can_delete) == (GroupState.SEEN, NAME, True)
    assert group.unit_id is None


@pytest.mark.parametrize("event", [GroupEvent.REMOVED, GroupEvent.CLOSED])
async def test_a_group_that_puts_us_out_is_gone_and_its_unit_on_record(
    town: Town, event: GroupEvent
) -> None:
    await linked(town)
    assert await happens(town, event) == []
    group = await found(town)
    assert (group.state, group.unit_id) == (GroupState.GONE, town.hamlet.id)
    await happens(town, event)
    assert (await acts(town)).count("group.gone") == 1


async def test_what_never_was_a_group_of_ours_is_not_gone(town: Town) -> None:
    await happens(town, GroupEvent.REMOVED)
    assert await group_at(town) is None


async def test_a_group_let_in_again_begins_anew(town: Town) -> None:
    await linked(town)
    await happens(town, GroupEvent.REMOVED)
    (hello,) = await happens(town, GroupEvent.ADDED, name=NAME)
    assert "/lienket" in hello.text
    group = await found(town)
    assert (group.state, group.unit_id, group.linked_at) == (GroupState.SEEN, None, None)


async def test_rights_and_names_are_kept_without_a_word(town: Town) -> None:
    await linked(town)
    assert await happens(town, GroupEvent.RIGHTS, can_delete=True) == []
    assert await happens(town, GroupEvent.RENAMED, name="Tổ Một (bịa)") == []
    assert await happens(town, GroupEvent.MEMBERS) == []
    group = await found(town)
    assert (group.can_delete, group.name, group.state) == (True, "Tổ Một (bịa)", GroupState.LINKED)
    await happens(town, GroupEvent.RIGHTS, can_delete=False)
    assert not (await found(town)).can_delete


async def test_a_group_of_whom_only_a_change_is_told_is_seen(town: Town) -> None:
    assert await happens(town, GroupEvent.MEMBERS) == []
    assert (await found(town)).state is GroupState.SEEN


async def test_a_group_made_by_officers_is_not_told_how_to_be_linked(town: Town) -> None:
    town.channel("zalo").groups = FakeDesk()
    assert await happens(town, GroupEvent.ADDED, channel=ZALO) == []
    assert await group_at(town, channel=ZALO)


# --- moving ------------------------------------------------------------------------------------


async def test_a_group_that_moved_keeps_its_link_however_often_it_is_told(town: Town) -> None:
    before = await linked(town)
    for _ in range(2):
        assert await happens(town, GroupEvent.MOVED, moved_to=NEW) == []
    group = await found(town, NEW)
    assert (group.id, group.unit_id, group.state) == (before.id, town.hamlet.id, GroupState.LINKED)
    assert await group_at(town, OLD) is None


async def test_a_group_that_wrote_before_it_was_said_to_have_moved_is_one_group(
    town: Town,
) -> None:
    before = await linked(town)
    await happens(town, GroupEvent.MEMBERS, chat=NEW)
    await happens(town, GroupEvent.MOVED, moved_to=NEW)
    group = await found(town, NEW)
    assert (group.id, group.unit_id) == (before.id, town.hamlet.id)
    assert len(await town.groups.all(None)) == 1


async def test_a_link_made_under_the_new_id_is_kept_too(town: Town) -> None:
    await happens(town, GroupEvent.ADDED, name=NAME)
    await linked(town, chat=NEW)
    await happens(town, GroupEvent.MOVED, moved_to=NEW)
    group = await found(town, NEW)
    assert (group.unit_id, group.state) == (town.hamlet.id, GroupState.LINKED)


@pytest.mark.parametrize("was_linked", [False, True], ids=["never linked", "linked before"])
async def test_a_link_under_the_new_id_is_kept_though_the_old_one_was_gone(
    town: Town, *, was_linked: bool
) -> None:
    await happens(town, GroupEvent.ADDED, name=NAME)
    if was_linked:
        await linked(town)
    await happens(town, GroupEvent.REMOVED)
    await linked(town, chat=NEW)
    await happens(town, GroupEvent.MOVED, moved_to=NEW)
    group = await found(town, NEW)
    assert (group.unit_id, group.state) == (town.hamlet.id, GroupState.LINKED)
    assert await group_at(town, OLD) is None


async def test_no_link_is_taken_from_a_group_that_is_gone(town: Town) -> None:
    await happens(town, GroupEvent.ADDED, name=NAME)
    await linked(town, chat=NEW)
    await happens(town, GroupEvent.REMOVED, chat=NEW)
    await happens(town, GroupEvent.MOVED, moved_to=NEW)
    group = await found(town, NEW)
    assert (group.unit_id, group.state) == (None, GroupState.SEEN)


async def test_a_move_of_a_group_nobody_knew_shows_where_it_is_now(town: Town) -> None:
    await happens(town, GroupEvent.MOVED, moved_to=NEW)
    assert await group_at(town, OLD) is None
    assert (await found(town, NEW)).state is GroupState.SEEN
    await happens(town, GroupEvent.MOVED, chat="-300")
    assert await group_at(town, "-300") is None


async def test_an_announcement_reaches_the_group_under_its_new_id(town: Town) -> None:
    await linked(town)
    await happens(town, GroupEvent.MOVED, moved_to=NEW)
    announcement = await town.announced()
    assert await town.tally(announcement.id) == {"waiting": 1}


# --- who may -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
async def test_only_administrators_make_codes_and_change_groups(town: Town, role: Role) -> None:
    group = await linked(town)
    by = officer(town, None, role)
    for act in (
        town.group_parts.codes.make(town.hamlet.id, by=by),
        town.groups.assign(group.id, town.commune.id, by=by),
        town.groups.unlink(group.id, by=by),
        town.groups.forget(group.id, by=by),
        town.group_desks.leave(group.id, by=by),
        town.group_desks.invite(group.id, by=by),
    ):
        with pytest.raises(NotFound):
            await act


async def test_officers_of_another_unit_neither_see_nor_change_a_group(town: Town) -> None:
    group = await linked(town)
    by = officer(town, town.elsewhere.id)
    assert await town.groups.all(by) == []
    for act in (
        town.groups.one(group.id, by),
        town.group_parts.codes.make(town.hamlet.id, by=by),
        town.groups.unlink(group.id, by=by),
        town.groups.assign(group.id, town.elsewhere.id, by=by),
    ):
        with pytest.raises(NotFound):
            await act


async def test_a_neighbourhoods_officer_sees_its_group_and_none_that_nobody_linked(
    town: Town,
) -> None:
    group = await linked(town)
    await happens(town, GroupEvent.ADDED, chat="-2", name="Chưa gắn (bịa)")
    mine = await town.groups.all(officer(town, town.hamlet.id))
    assert [one.group.id for one in mine] == [group.id]
    assert len(await town.groups.all(officer(town))) == 2


async def test_a_group_is_not_linked_to_a_unit_its_account_does_not_serve(town: Town) -> None:
    (far,) = await town.units.add(
        [UnitRow(code="XA2", name="Xã Xa Bịa", kind=UnitKind.COMMUNE)], by="test"
    )
    code = await town.group_parts.codes.make(far.id, by=None)
    assert code.links == []
    assert await typed(town, code.code) is Verdict.WRONG
    with pytest.raises(RuleBroken, match="group_unit_elsewhere"):
        await town.group_parts.codes.make(far.id, channel_id=TELEGRAM, by=None)
    group = await linked(town)
    with pytest.raises(RuleBroken, match="group_unit_elsewhere"):
        await town.groups.assign(group.id, far.id, by=None)


# --- what officers do --------------------------------------------------------------------------


async def test_a_linked_group_is_moved_within_the_officers_units(town: Town) -> None:
    group = await linked(town)
    moved = await town.groups.assign(group.id, town.elsewhere.id, by=officer(town))
    assert (moved.unit_id, moved.state) == (town.elsewhere.id, GroupState.LINKED)


async def test_a_group_that_lapsed_is_linked_and_hears_nothing_yet(town: Town) -> None:
    group = await linked(town)
    async with town.storage.begin() as work:
        await work.groups.save(group.moved(GroupState.LAPSED))
        await work.commit()
    moved = await town.groups.assign(group.id, town.elsewhere.id, by=officer(town))
    assert (moved.unit_id, moved.state) == (town.elsewhere.id, GroupState.LAPSED)
    freed = await town.groups.unlink(group.id, by=officer(town))
    assert (freed.unit_id, freed.state) == (None, GroupState.LAPSED)


async def test_a_group_that_people_let_us_into_is_first_linked_by_a_code(town: Town) -> None:
    await happens(town, GroupEvent.ADDED, name=NAME)
    group = await found(town)
    with pytest.raises(RuleBroken, match="group_needs_code"):
        await town.groups.assign(group.id, town.hamlet.id, by=officer(town))
    assert (await town.groups.assign(group.id, town.hamlet.id, by=None)).unit_id == town.hamlet.id


async def test_an_unlinked_group_hears_nothing_more(town: Town) -> None:
    group = await linked(town)
    unlinked = await town.groups.unlink(group.id, by=officer(town))
    assert (unlinked.state, unlinked.unit_id) == (GroupState.SEEN, None)
    announcement = await town.announced()
    assert await town.tally(announcement.id) == {}


async def test_only_a_group_that_is_gone_is_forgotten(town: Town) -> None:
    group = await linked(town)
    with pytest.raises(RuleBroken, match="group_not_gone"):
        await town.groups.forget(group.id, by=officer(town))
    await happens(town, GroupEvent.REMOVED)
    with pytest.raises(RuleBroken, match="group_gone"):
        await town.groups.assign(group.id, town.elsewhere.id, by=officer(town))
    await town.groups.forget(group.id, by=officer(town))
    assert await group_at(town) is None


async def test_every_act_is_in_the_audit_chain(town: Town) -> None:
    group = await linked(town)
    by = officer(town)
    await town.groups.assign(group.id, town.elsewhere.id, by=by)
    await town.groups.unlink(group.id, by=by)
    await town.groups.assign(group.id, town.hamlet.id, by=None)
    await happens(town, GroupEvent.CLOSED)
    await town.groups.forget(group.id, by=by)
    assert (await acts(town))[::-1] == [
        *("group.code", "group.link", "group.link", "group.unlink", "group.link", "group.gone"),
        "group.forget",
    ]


async def test_groups_that_were_never_linked_and_are_gone_are_not_listed(town: Town) -> None:
    await happens(town, GroupEvent.ADDED, name=NAME)
    await happens(town, GroupEvent.REMOVED)
    assert await town.groups.all(None) == []
    with pytest.raises(NotFound):
        await town.groups.one(GroupId("nobody"), None)


async def test_a_units_own_groups_are_told_from_those_that_hear_it(town: Town) -> None:
    await linked(town)
    await linked(town, chat="-2", unit_id=town.commune.id)
    await happens(town, GroupEvent.REMOVED)
    assert [one.chat for one in await town.groups.of_unit(town.hamlet.id)] == [OLD]
    assert await town.groups.open_of(town.hamlet.id) == []
    assert [one.chat for one in await town.groups.open_of(town.commune.id)] == ["-2"]
