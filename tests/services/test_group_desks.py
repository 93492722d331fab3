"""What platforms are asked about groups: how they stand, new ones, whom to invite."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.core.channels import FoundGroup
from bot.core.errors import NotFound, RuleBroken
from bot.core.groups import Group, GroupState
from bot.core.ids import ChannelId, GroupId, OfficerId, UnitId
from bot.core.officers import Officer, Role
from bot.core.sending import MessageRefused, NoConnection
from bot.core.windows import WindowRule, block_of
from bot.services.groups.desks import NEW_FOR, NewGroup
from tests.builders.town import Town
from tests.group_builder import FakeDesk, asset

TELEGRAM, ZALO = ChannelId("telegram"), ChannelId("zalo")
NAME = "An ninh tổ 1 (bịa)"
LINK = "https://zalo.me/g/bia"
WEEK = WindowRule(free_for=timedelta(hours=48), open_for=timedelta(days=7))


def desk_of(town: Town, channel: ChannelId = ZALO, **about: object) -> FakeDesk:
    desk = FakeDesk(**about)  # type: ignore[arg-type] # fields by name
    town.channel(channel).groups = desk
    return desk


def found(chat: str = "gmf", **about: object) -> FoundGroup:
    values = {"name": NAME, "members": 12, "most_members": 50, "invite_url": LINK}
    return FoundGroup(chat=chat, **{**values, **about})  # type: ignore[arg-type] # fields by name


async def keep(town: Town, channel: ChannelId = ZALO, chat: str = "gmf", **about: object) -> Group:
    group = Group(
        id=GroupId(f"g-{chat}"),
        channel_id=channel,
        chat=chat,
        name=NAME,
        seen_at=town.clock.now(),
    )
    group = replace(group, **about)  # type: ignore[arg-type] # fields by name
    async with town.storage.begin() as work:
        await work.groups.save(group)
        await work.commit()
    return group


async def now(town: Town, chat: str = "gmf", channel: ChannelId = ZALO) -> Group:
    async with town.storage.read() as work:
        group = await work.groups.find(channel, chat)
    assert group is not None
    return group


def linked(town: Town) -> dict[str, Any]:
    return {"state": GroupState.LINKED, "unit_id": town.hamlet.id}


def wanted(town: Town, **about: str) -> NewGroup:
    values = {"name": NAME, "asset": "goi-50", "admin": "6001"}
    return NewGroup(
        **{"channel_id": ZALO, "unit_id": town.hamlet.id, **values, **about}  # type: ignore[arg-type] # fields by name
    )


async def joined(town: Town, chat: str, *, days_ago: int = 0) -> None:
    """Let somebody join; they last wrote then."""
    person = await town.member("zalo", chat)
    async with town.storage.begin() as work:
        wrote_at = block_of(town.clock.now() - timedelta(days=days_ago))
        await work.people.save(replace(person, wrote_at=wrote_at))
        await work.commit()


# --- how groups stand --------------------------------------------------------------------------


async def test_a_group_the_platform_lists_is_seen_with_its_facts(town: Town) -> None:
    desk_of(town, there={"gmf": found(lapses_on=date(2027, 3, 1))})
    synced = await town.group_desks.sync()
    assert (synced.groups, synced.found, synced.troubles) == (1, 1, [])
    group = await now(town)
    assert (group.state, group.members, group.most_members) == (GroupState.SEEN, 12, 50)
    assert (group.invite_url, group.lapses_on) == (LINK, date(2027, 3, 1))
    assert (await town.group_desks.sync()).found == 0


async def test_a_group_that_is_not_paid_for_lapses_and_comes_back(town: Town) -> None:
    await keep(town, **linked(town))
    desk = desk_of(town, there={"gmf": found(is_open=False)})
    synced = await town.group_desks.sync()
    lapsed = await now(town)
    assert (lapsed.state, lapsed.unit_id) == (GroupState.LAPSED, town.hamlet.id)
    assert synced.lapsed == [lapsed.id]
    unheard = await town.announced()
    assert await town.tally(unheard.id) == {}
    desk.there["gmf"] = found()
    await town.group_desks.sync()
    assert (await now(town)).state is GroupState.LINKED
    heard = await town.announced()
    assert await town.tally(heard.id) == {"waiting": 1}


async def test_a_group_nobody_linked_that_is_paid_again_is_only_seen(town: Town) -> None:
    await keep(town, state=GroupState.LAPSED)
    desk_of(town, there={"gmf": found()})
    await town.group_desks.sync()
    assert (await now(town)).state is GroupState.SEEN


@pytest.mark.parametrize(("days", "is_told"), [(14, True), (15, False)])
async def test_a_group_that_lapses_within_two_weeks_is_told_of(
    town: Town, days: int, *, is_told: bool
) -> None:
    await keep(town, **linked(town))
    lapses_on = town.clock.now().date() + timedelta(days=days)
    desk_of(town, there={"gmf": found(lapses_on=lapses_on)})
    assert bool((await town.group_desks.sync()).lapsing) == is_told


async def test_the_two_weeks_are_counted_in_days_of_the_place(town: Town) -> None:
    await keep(town, **linked(town))
    there = {"gmf": found(lapses_on=town.clock.now().date() + timedelta(days=15))}
    desk_of(town, there=there)
    # In Viet Nam it is the next day already.
    town.clock.advance(timedelta(hours=23) - timedelta(hours=town.clock.now().hour))
    assert len((await town.group_desks.sync()).lapsing) == 1


async def test_what_lapses_is_in_the_log_by_its_id_alone(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(town, **linked(town))
    await keep(town, chat="soon", **linked(town))
    soon = town.clock.now().date() + timedelta(days=3)
    there = {"gmf": found(is_open=False), "soon": found("soon", lapses_on=soon)}
    desk_of(town, there=there)
    await town.group_desks.watch()
    assert [record.getMessage() for record in caplog.records] == ["group.lapsed", "group.lapsing"]
    assert NAME not in caplog.text


async def test_a_group_the_platform_no_longer_knows_is_gone(town: Town) -> None:
    await keep(town, **linked(town))
    desk_of(town)
    assert (await town.group_desks.sync()).gone == 1
    assert (await now(town)).state is GroupState.GONE


async def test_a_group_that_is_there_again_begins_anew(town: Town) -> None:
    await keep(town, **linked(town) | {"state": GroupState.GONE})
    desk_of(town, there={"gmf": found()})
    await town.group_desks.sync()
    group = await now(town)
    assert (group.state, group.unit_id) == (GroupState.SEEN, None)


async def test_where_groups_are_not_listed_each_is_looked_at(town: Town) -> None:
    await keep(town, TELEGRAM, "-1", **linked(town))
    await keep(town, TELEGRAM, "-2", **linked(town))
    there = {"-1": found("-1", name="Tên mới (bịa)", can_delete=True)}
    desk_of(town, TELEGRAM, can_make=False, lists=False, there=there)
    await town.group_desks.sync()
    group = await now(town, "-1", TELEGRAM)
    assert (group.name, group.can_delete, group.unit_id) == (
        "Tên mới (bịa)",
        True,
        town.hamlet.id,
    )
    assert (await now(town, "-2", TELEGRAM)).state is GroupState.GONE


async def test_a_group_that_moved_unheard_is_followed(town: Town) -> None:
    before = await keep(town, TELEGRAM, "-1", **linked(town))
    desk = desk_of(town, TELEGRAM, can_make=False, lists=False)
    desk.moved["-1"] = "-100501"
    await town.group_desks.sync()
    group = await now(town, "-100501", TELEGRAM)
    assert (group.id, group.state) == (before.id, GroupState.LINKED)


@pytest.mark.parametrize("lists", [True, False])
async def test_a_platform_that_does_not_answer_changes_nothing(
    town: Town, caplog: pytest.LogCaptureFixture, *, lists: bool
) -> None:
    before = await keep(town, **linked(town))

    class HalfDeaf(FakeDesk):
        """Lists nothing, and fails when asked about one."""

        async def listed(self) -> tuple[FoundGroup, ...]:
            return ()

    desk = FakeDesk() if lists else HalfDeaf()
    desk.trouble = NoConnection("im lặng")
    town.channel(ZALO).groups = desk
    synced = await town.group_desks.sync()
    assert await now(town) == before
    assert bool(synced.troubles) == lists
    assert len(caplog.records) == 1


async def test_an_officer_asks_only_the_accounts_of_the_own_units(town: Town) -> None:
    desk_of(town, there={"gmf": found()})
    by = officer(town, town.hamlet.id)
    await town.group_desks.sync(by=by)
    assert await town.groups.all(None) == []
    assert await town.group_desks.offers(by) == []


def officer(town: Town, unit_id: str = "", *roles: Role) -> Officer:
    return Officer(
        id=OfficerId("o1"),
        login="bia",
        name="Cán Bộ Bịa",
        unit_id=UnitId(unit_id or town.commune.id),
        roles=frozenset(roles or {Role.ADMIN}),
        password_hash="x",
        added_at=town.clock.now(),
    )


async def test_a_group_just_linked_is_looked_at_until_its_members_are_counted(
    town: Town,
) -> None:
    desk = desk_of(town, TELEGRAM, can_make=False, lists=False)
    about = {**linked(town), "linked_at": town.clock.now()}
    await keep(town, TELEGRAM, "-1", **about)
    desk.trouble = NoConnection("down")
    await town.group_desks.look_at_new()
    assert (await now(town, "-1", TELEGRAM)).members == 0
    desk.trouble = None
    desk.there = {"-1": found("-1")}
    await town.group_desks.look_at_new()
    seen = await now(town, "-1", TELEGRAM)
    assert (seen.members, seen.invite_url, seen.state) == (12, LINK, GroupState.LINKED)
    desk.there = {"-1": found("-1", members=40)}
    await town.group_desks.look_at_new()
    assert (await now(town, "-1", TELEGRAM)).members == 12


async def test_a_group_linked_long_ago_waits_for_the_daily_look(town: Town) -> None:
    desk = desk_of(town, TELEGRAM, can_make=False, lists=False, there={"-1": found("-1")})
    about = {**linked(town), "linked_at": town.clock.now()}
    await keep(town, TELEGRAM, "-1", **about)
    await keep(town, TELEGRAM, "-2", linked_at=None)
    desk.there["-2"] = found("-2")
    town.clock.advance(NEW_FOR)
    await town.group_desks.look_at_new()
    assert (await now(town, "-1", TELEGRAM)).members == 0
    assert (await now(town, "-2", TELEGRAM)).members == 0


# --- making ------------------------------------------------------------------------------------


async def test_what_an_account_can_make_groups_with_is_offered(town: Town) -> None:
    desk = desk_of(town, kept=[asset(), asset("used", is_free=False)])
    (offer,) = await town.group_desks.offers(officer(town))
    assert [one.id for one in offer.assets] == ["goi-50"]
    desk.trouble = NoConnection("im lặng")
    (offer,) = await town.group_desks.offers(None)
    assert (list(offer.assets), offer.trouble) == ([], "im lặng")


async def test_a_made_group_is_linked_and_its_making_is_audited(town: Town) -> None:
    desk = desk_of(town, kept=[asset(until=date(2027, 3, 1))])
    group = await town.group_desks.make(wanted(town), by=officer(town))
    assert desk.made == [(NAME, "goi-50", ("6001",))]
    assert (group.state, group.unit_id) == (GroupState.LINKED, town.hamlet.id)
    assert (group.invite_url, group.lapses_on) == (LINK, date(2027, 3, 1))
    record = (await town.audit.newest())[0].record
    assert (record.act, record.actor, record.subject) == ("group.make", "o1", group.id)


async def test_a_group_the_platform_told_of_first_is_not_kept_twice(town: Town) -> None:
    desk_of(town, kept=[asset()])
    await keep(town, chat="made-1", name="")
    group = await town.group_desks.make(wanted(town), by=None)
    assert group.id == GroupId("g-made-1")
    assert len(await town.groups.all(None)) == 1


@pytest.mark.parametrize(
    ("about", "key"),
    [
        ({"name": " "}, "group_name_wrong"),
        ({"name": "x" * 101}, "group_name_wrong"),
        ({"admin": " "}, "group_admin_missing"),
        ({"asset": "used"}, "group_asset_unknown"),
        ({"asset": "nobody's"}, "group_asset_unknown"),
        ({"channel_id": "telegram"}, "group_not_made_here"),
        ({"channel_id": "web"}, "group_not_made_here"),
        ({"channel_id": "nobody"}, "group_not_made_here"),
    ],
)
async def test_what_cannot_be_made_is_refused_before_the_platform_is_asked(
    town: Town, about: dict[str, str], key: str
) -> None:
    desk_of(town, TELEGRAM, can_make=False)
    desk = desk_of(town, kept=[asset(), asset("used", is_free=False)])
    with pytest.raises(RuleBroken, match=key):
        await town.group_desks.make(wanted(town, **about), by=officer(town))
    assert desk.made == []


async def test_nobody_makes_a_group_for_another_unit(town: Town) -> None:
    desk = desk_of(town, kept=[asset()])
    with pytest.raises(NotFound):
        await town.group_desks.make(wanted(town), by=officer(town, town.elsewhere.id))
    assert desk.made == []


async def test_what_the_platform_says_instead_is_quoted_to_the_officer(town: Town) -> None:
    desk = desk_of(town, kept=[asset()])
    desk.trouble = MessageRefused("gói đã dùng (mã -238)")
    with pytest.raises(RuleBroken) as refused:
        await town.group_desks.make(wanted(town), by=officer(town))
    assert refused.value.values == {"detail": "gói đã dùng (mã -238)"}
    assert await town.groups.all(None) == []


# --- inviting ----------------------------------------------------------------------------------


async def test_those_who_joined_and_may_be_written_to_are_invited(town: Town) -> None:
    channel = town.channel(ZALO)
    channel.capabilities = replace(channel.capabilities, windows=WEEK)
    desk = desk_of(town)
    group = await keep(town, **linked(town))
    await joined(town, "7001")
    await joined(town, "7002", days_ago=6)
    await joined(town, "7003", days_ago=8)
    await town.member("telegram", "7004")
    await town.member("zalo", "7005", town.elsewhere)
    assert await town.group_desks.invite(group.id, by=officer(town)) == 2
    assert desk.invited == ["7001", "7002"]
    record = (await town.audit.newest())[0].record
    assert (record.act, record.facts) == ("group.invite", {"people": "2"})


async def test_one_the_platform_does_not_know_spoils_nobody_elses_invitation(town: Town) -> None:
    desk = desk_of(town, unknown={"7003"})
    group = await keep(town, **linked(town))
    for number in range(1, 8):
        await joined(town, f"700{number}")
    assert await town.group_desks.invite(group.id, by=None) == 6
    assert sorted(desk.invited) == ["7001", "7002", "7004", "7005", "7006", "7007"]


async def test_no_more_are_invited_than_there_is_room_for(town: Town) -> None:
    desk = desk_of(town)
    group = await keep(town, **linked(town), members=9, most_members=10)
    for number in range(3):
        await joined(town, f"700{number}")
    assert await town.group_desks.invite(group.id, by=None) == 1
    assert len(desk.invited) == 1


async def test_nobody_is_invited_into_a_group_that_hears_nothing(town: Town) -> None:
    desk_of(town)
    group = await keep(town, **linked(town) | {"state": GroupState.LAPSED})
    with pytest.raises(RuleBroken, match="group_not_linked"):
        await town.group_desks.invite(group.id, by=None)


# --- leaving -----------------------------------------------------------------------------------


async def test_a_group_people_let_us_into_is_left(town: Town) -> None:
    desk = desk_of(town, TELEGRAM, can_make=False)
    group = await keep(town, TELEGRAM, "-1", **linked(town))
    await town.group_desks.leave(group.id, by=officer(town))
    assert desk.left == ["-1"]
    assert (await now(town, "-1", TELEGRAM)).state is GroupState.GONE
    await town.group_desks.leave(group.id, by=officer(town))
    assert desk.left == ["-1"]


async def test_a_group_of_ours_is_not_closed_from_here(town: Town) -> None:
    desk = desk_of(town)
    group = await keep(town, **linked(town))
    with pytest.raises(RuleBroken, match="group_closed_there"):
        await town.group_desks.leave(group.id, by=officer(town))
    assert desk.left == []
