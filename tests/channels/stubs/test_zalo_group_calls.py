"""The stand-in of Zalo lists groups in parts and refuses what is wrong about them."""

from collections.abc import Mapping
from typing import cast

import pytest

from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_accounts import OaBar
from tests.channels.stubs.zalo_group_line import (
    GROUPS,
    call,
    heard,
    members,
)
from tests.channels.stubs.zalo_groups import AssetKind
from tests.channels.stubs.zalo_line import ASK, Json, Line, buttons


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


async def test_the_assets_of_one_kind_can_be_listed(line: Line) -> None:
    line.stub.asset(AssetKind.GMF10)
    group = line.stub.group()
    asked = {"quota_owner": "OA", "product_type": "gmf50", "quota_type": "sub_quota"}
    said, _ = await line.post("/v3.0/oa/quota/group", asked)
    rows = cast(list[Json], said["data"])
    assert [(row["status"], row["used_id"]) for row in rows] == [("used", group.group_id)]
    for wrong in ({"quota_owner": "me"}, {"product_type": "gmf5"}, {"quota_type": "x"}):
        assert (await line.post("/v3.0/oa/quota/group", asked | wrong))[0]["error"] == -201
    assert len(line.stub.broken_rules) == 3


async def test_groups_and_members_are_listed_in_parts(line: Line) -> None:
    people = [line.stub.person() for _ in range(60)]
    group = line.stub.group(members=people)
    for _ in range(6):
        line.stub.group()
    listed = cast(Json, (await line.get(f"{GROUPS}/getgroupsofoa"))["data"])
    assert (len(cast(list[Json], listed["groups"])), listed["total"]) == (5, 7)
    query = {"group_id": group.group_id, "offset": "50", "count": "50"}
    page = cast(Json, (await line.get(f"{GROUPS}/listmember", **query))["data"])
    assert (len(cast(list[Json], page["members"])), page["total"]) == (11, 61)
    line.stub.app.is_outside_vietnam = True
    query["offset"] = "0"
    page = cast(Json, (await line.get(f"{GROUPS}/listmember", **query))["data"])
    assert cast(list[Json], page["members"])[0] == {"oa_id": line.stub.oa.oa_id}
    assert line.stub.broken_rules == []


WRONG_GETS: list[tuple[str, Mapping[str, str], int]] = [
    ("getgroup", {"data": "{}"}, -201),
    ("getgroup", {}, -201),
    ("getgroup", {"group_id": "00ff"}, -403),
    ("getgroupsofoa", {"count": "51"}, -210),
    ("getgroupsofoa", {"count": "all"}, -201),
    ("listmember", {"group_id": "00ff"}, -403),
]


@pytest.mark.parametrize(("name", "query", "code"), WRONG_GETS)
async def test_groups_are_asked_for_with_plain_parameters(
    line: Line, name: str, query: dict[str, str], code: int
) -> None:
    assert (await line.get(f"{GROUPS}/{name}", **query))["error"] == code
    assert len(line.stub.broken_rules) == (0 if code == -403 else 1)


WRONG_POSTS: list[tuple[str, Json, int]] = [
    ("creategroupwithoa", {"member_user_ids": [str(n) for n in range(100)]}, -210),
    ("creategroupwithoa", {"member_user_ids": []}, -201),
    ("creategroupwithoa", {"member_user_ids": [7]}, -201),
    ("creategroupwithoa", {"group_name": ""}, -201),
    ("updateinfo", {"lock_send_msg": "yes"}, -201),
    ("updateinfo", {"colour": "red"}, -201),
    ("invite", {"member_user_ids": "all"}, -201),
]


@pytest.mark.parametrize(("name", "wrong", "code"), WRONG_POSTS)
async def test_wrong_changes_of_groups_are_written_down(
    line: Line, name: str, wrong: Json, code: int
) -> None:
    usual: Json = {"group_id": line.stub.group().group_id}
    if name == "creategroupwithoa":
        usual = {"group_name": "a", "asset_id": "b"}
    assert (await call(line, name, **(usual | wrong)))["error"] == code
    assert [rule.method for rule in line.stub.broken_rules] == [f"{GROUPS}/{name}"]


async def test_a_full_group_takes_nobody_more(line: Line) -> None:
    group = line.stub.group(asset=line.stub.asset(AssetKind.GMF10))
    group.members.extend(line.stub.person().user_id for _ in range(10))
    group.waiting.append(line.person.user_id)
    for name in ("invite", "acceptpendinginvite"):
        assert (await call(line, name, **members(group, line.person)))["error"] == -210
    assert line.stub.broken_rules == []


async def test_buttons_do_not_pass_in_a_group_unless_they_are_let(line: Line) -> None:
    body = {"recipient": {"group_id": line.stub.group().group_id}, "message": buttons(ASK)}
    assert (await call(line, "message", **body))["error"] == -233
    assert len(line.stub.broken_rules) == 1
    line.stub.world.groups.takes_buttons = True
    line.stub.world.groups.shows_sent_time = False
    said = await call(line, "message", **body)
    assert (said["error"], set(cast(Json, said["data"]))) == (0, {"message_id", "group_id"})


async def test_an_oa_put_out_of_its_group_cannot_write_there(line: Line) -> None:
    group = line.stub.group()
    group.is_oa_in = False
    body = {"recipient": {"group_id": group.group_id}, "message": {"text": "a"}}
    assert (await call(line, "message", **body))["error"] == -403
    listed = cast(Json, (await line.get(f"{GROUPS}/getgroupsofoa"))["data"])
    assert listed["total"] == 0


async def test_every_word_in_a_group_reaches_the_webhook(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.world.groups.shows_id_by_app = True
    group = line.stub.group()
    text = f"Chào [@{line.stub.oa.oa_id}]"
    await line.stub.user_says_in_group(line.person, group, text, quotes="0f1e")
    await line.stub.user_sends_in_group(line.person, group, "image", url="https://f1.zdn.vn/a")
    said, sent = heard(ear)
    assert cast(Json, said["message"])["text"] == text
    assert cast(Json, said["message"])["quote_msg_id"] == "0f1e"
    assert said["user_id_by_app"] == line.person.user_id_by_app
    assert said["recipient"] == {"id": group.group_id}
    assert sent["event_name"] == "user_send_group_image"


async def test_the_permission_for_groups_may_be_missing_alone(line: Line) -> None:
    line.stub.oa.barred[GROUPS] = OaBar.NO_PERMISSION
    group = line.stub.group()
    assert (await line.get(f"{GROUPS}/getgroup", group_id=group.group_id))["error"] == -223
    assert (await line.send())["error"] == 0
