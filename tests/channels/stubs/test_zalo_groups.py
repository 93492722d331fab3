"""The stand-in of Zalo keeps the rules of groups an OA owns, tried with a plain HTTP client."""

from datetime import timedelta
from typing import cast

import pytest

from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_crowd_groups import NotInThatState
from tests.channels.stubs.zalo_group_line import (
    GROUPS,
    call,
    codes_of,
    found,
    group_of,
    heard,
    members,
)
from tests.channels.stubs.zalo_groups import AssetKind, GroupNames
from tests.channels.stubs.zalo_line import DAY_S, Json, Line


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


async def test_a_group_is_founded_on_an_asset_with_an_admin_of_the_oa(
    line: Line, ear: WebhookEar
) -> None:
    line.stub.webhook.url = ear.url
    admin = line.stub.admin()
    said = cast(Json, (await found(line, admin, line.person))["data"])
    assert str(said["group_link"]).startswith("https://zalo.me/g/")
    assert (said["total_member"], said["max_member"]) == (1, 50)
    group = line.stub.oa.groups[cast(str, said["group_id"])]
    assert group.invited == [line.person.user_id]
    await ear.wait_for(2)
    await line.stub.user_accepts_invite(line.person, group)
    created, admin_in, person_in = heard(ear)
    assert (created["event_name"], "users" in created) == ("create_group", False)
    assert (created["group_id"], created["oa_id"]) == (group.group_id, line.stub.oa.oa_id)
    for event, person in ((admin_in, admin), (person_in, line.person)):
        assert event["event_name"] == "user_join_group"
        assert event["users"] == [{"id": person.user_id}]
    assert line.stub.broken_rules == []


async def test_people_named_at_the_founding_may_be_in_at_once(line: Line) -> None:
    line.stub.world.groups.members_join_at_once = True
    group = await group_of(line, line.stub.admin(), line.person)
    assert (len(group.members), group.invited) == (2, [])


async def test_an_asset_carries_one_group_while_it_lives(line: Line) -> None:
    admin = line.stub.admin()
    asset, old = line.stub.asset(), line.stub.asset(lasts=timedelta(days=1))
    off = line.stub.asset()
    off.is_disabled = True
    line.stub.clock.advance(DAY_S)
    body = {"group_name": "a", "asset_id": asset.asset_id, "member_user_ids": [admin.user_id]}
    assert await codes_of(
        line,
        ("creategroupwithoa", body),
        ("creategroupwithoa", body),
        ("creategroupwithoa", body | {"asset_id": old.asset_id}),
        ("creategroupwithoa", body | {"asset_id": off.asset_id}),
        ("creategroupwithoa", body | {"asset_id": "none"}),
    ) == [0, -238, -241, -241, -201]
    assert line.stub.broken_rules == []


async def test_who_cannot_be_reached_cannot_be_invited(line: Line) -> None:
    stranger = line.stub.person()
    stranger.is_follower = False
    admin = line.stub.admin()
    assert (await found(line, line.person))["error"] == -201
    assert (await found(line, admin, stranger))["error"] == -213
    assert (await found(line, *[line.stub.admin() for _ in range(11)], kind=AssetKind.GMF10))[
        "error"
    ] == -210
    group = await group_of(line, admin)
    assert (await call(line, "invite", **members(group, stranger)))["error"] == -213
    stranger.last_interaction_at = line.stub.clock.now()
    assert (await call(line, "invite", **members(group, stranger)))["error"] == 0
    assert group.invited == [stranger.user_id]
    assert line.stub.broken_rules == []


async def test_joining_by_the_link_may_need_an_approval(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    group = line.stub.group()
    first, second, third = (line.stub.person() for _ in range(3))
    for person in (first, second):
        await line.stub.user_joins_by_link(person, group)
    pending = await line.get(f"{GROUPS}/listpendinginvite", group_id=group.group_id)
    assert cast(Json, pending["data"])["total"] == 2
    assert await codes_of(
        line,
        ("acceptpendinginvite", members(group, first)),
        ("rejectpendinginvite", members(group, second)),
        ("acceptpendinginvite", members(group, second)),
        ("rejectpendinginvite", members(group, second)),
    ) == [0, 0, -201, -201]
    group.needs_approval = False
    await line.stub.user_joins_by_link(third, group)
    await ear.wait_for(6)
    assert sorted(str(event["event_name"]) for event in heard(ear)) == [
        "accept_request_join_group",
        "reject_request_join_group",
        "user_join_group",
        "user_join_group",
        "user_request_join_group",
        "user_request_join_group",
    ]
    assert group.members == [first.user_id, third.user_id]


async def test_nobody_comes_in_where_no_door_is(line: Line) -> None:
    group = line.stub.group()
    with pytest.raises(NotInThatState):
        await line.stub.user_accepts_invite(line.person, group)
    group.takes_links = False
    with pytest.raises(NotInThatState):
        await line.stub.user_joins_by_link(line.person, group)
    await line.stub.admin_deletes(group)
    with pytest.raises(LookupError):
        await line.stub.user_leaves(line.person, group)


NAMES = [
    (GroupNames.USUAL, ["accept_request_join_group", "user_out_group", "delete_group"]),
    (GroupNames.OTHER, ["react_request_join_group_accept", "user_leave_group", "disperse_group"]),
    (
        GroupNames.OTHER_SHORT,
        ["react_request_join_group", "user_leave_group", "disperse_group"],
    ),
]


@pytest.mark.parametrize(("names", "expected"), NAMES)
async def test_membership_events_have_other_names_in_other_sources(
    line: Line, ear: WebhookEar, names: GroupNames, expected: list[str]
) -> None:
    line.stub.webhook.url = ear.url
    line.stub.world.groups.names = names
    line.stub.world.groups.joins_follow_approval = False
    group = line.stub.group()
    await line.stub.user_joins_by_link(line.person, group)
    await call(line, "acceptpendinginvite", **members(group, line.person))
    await ear.wait_for(2)
    await line.stub.user_leaves(line.person, group)
    await line.stub.admin_deletes(group)
    assert [event["event_name"] for event in heard(ear)][1:] == expected


async def test_members_become_admins_and_leave(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    member, stranger = line.stub.person(), line.stub.person()
    group = line.stub.group(members=[member])
    assert await codes_of(
        line,
        ("addadmins", members(group, stranger)),
        ("addadmins", members(group, member)),
        ("removeadmins", members(group, stranger)),
        ("removeadmins", members(group, member)),
        ("addadmins", members(group, member)),
        ("removemembers", members(group, stranger)),
        ("removemembers", members(group, member)),
    ) == [-201, 0, -201, 0, 0, -201, 0]
    assert (group.members, group.admins) == ([], [])
    await ear.wait_for(4)
    assert sorted(str(event["event_name"]) for event in heard(ear)) == [
        "add_group_admin",
        "add_group_admin",
        "remove_group_admin",
        "user_out_group",
    ]


async def test_a_group_has_settings_and_can_be_ended(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    group = line.stub.group()
    about = {"group_id": group.group_id}
    change = about | {"group_name": "Tổ 4", "lock_send_msg": True, "join_appr": False}
    assert await codes_of(line, ("updateinfo", change)) == [0]
    data = cast(Json, (await line.get(f"{GROUPS}/getgroup", group_id=group.group_id))["data"])
    assert cast(Json, data["group_info"])["name"] == "Tổ 4"
    assert cast(Json, data["group_info"])["status"] == "enabled"
    assert data["group_setting"] == {
        "lock_send_msg": True,
        "join_appr": False,
        "enable_msg_history": True,
        "enable_link_join": True,
    }
    assert cast(Json, data["asset_info"])["asset_type"] == "gmf50"
    assert await codes_of(line, ("delete", about), ("delete", about)) == [0, -403]
    assert group.asset.used_id == ""
    await ear.wait_for(2)
    names = {event["event_name"] for event in heard(ear)}
    assert names == {"update_group_info", "delete_group"}


async def test_a_lapsed_asset_disables_its_group_and_another_restores_it(line: Line) -> None:
    asset = line.stub.asset(lasts=timedelta(days=30))
    group = line.stub.group(asset=asset, members=[line.person])
    line.stub.clock.advance(30 * DAY_S)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    message = {"recipient": {"group_id": group.group_id}, "message": {"text": "Chào nhóm"}}
    assert await codes_of(
        line, ("message", message), ("invite", members(group, line.stub.person()))
    ) == [-237, -237]
    said = await line.get(f"{GROUPS}/getgroup", group_id=group.group_id)
    info = cast(Json, cast(Json, said["data"])["group_info"])
    assert (info["status"], info["auto_delete_date"] != "") == ("disabled", True)
    lapsed, small, new = line.stub.asset(), line.stub.asset(AssetKind.GMF10), line.stub.asset()
    lapsed.is_disabled = True
    group.members.extend(line.stub.person().user_id for _ in range(10))
    change = {"group_id": group.group_id}
    assert await codes_of(
        line,
        ("updateasset", change | {"asset_id": asset.asset_id}),
        ("updateasset", change | {"asset_id": lapsed.asset_id}),
        ("updateasset", change | {"asset_id": small.asset_id}),
        ("updateasset", change | {"asset_id": new.asset_id}),
        ("message", message),
    ) == [-238, -241, -210, 0, 0]
    assert (asset.used_id, new.used_id) == ("", group.group_id)


async def test_forty_five_days_later_a_lapsed_group_is_gone(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    group = line.stub.group(asset=line.stub.asset(lasts=timedelta(days=1)))
    other = line.stub.group(asset=line.stub.asset(lasts=timedelta(days=2)))
    line.stub.clock.advance(46 * DAY_S - 1)
    assert await line.stub.groups_age() == []
    line.stub.clock.advance(1)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    message = {"recipient": {"group_id": group.group_id}, "message": {"text": "Chào nhóm"}}
    assert await codes_of(line, ("message", message)) == [-403]
    await ear.wait_for(1)
    told = heard(ear)[0]
    assert (told["event_name"], told["group_id"]) == ("delete_group", group.group_id)
    line.stub.clock.advance(DAY_S)
    assert len(await line.stub.groups_age()) == 1
    assert other.group_id not in line.stub.oa.groups


async def test_an_asset_that_renews_itself_never_lapses(line: Line) -> None:
    group = line.stub.group(asset=line.stub.asset(is_auto_renewed=True))
    line.stub.clock.advance(1000 * DAY_S)
    assert group.is_open(line.stub.clock.now())
