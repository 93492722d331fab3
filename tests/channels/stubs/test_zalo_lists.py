"""The stand-in of Zalo lists people and talk in parts, and keeps labels."""

import json
from datetime import timedelta
from typing import cast

import pytest

from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_line import Json, Line

PEOPLE = "/v3.0/oa/user/getlist"
RECENT = "/v2.0/oa/listrecentchat"
TALK = "/v2.0/oa/conversation"
GROUPS = "/v3.0/oa/group"


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


async def asked(line: Line, path: str, **parts: object) -> Json:
    return await line.get(path, data=json.dumps(parts))


async def rows(line: Line, path: str, **parts: object) -> list[Json]:
    return cast(list[Json], (await asked(line, path, **parts))["data"])


async def test_people_are_listed_in_parts(line: Line) -> None:
    for _ in range(60):
        line.stub.person()
    data = cast(Json, (await asked(line, PEOPLE, offset=50, count=50))["data"])
    assert (data["total"], data["count"], data["offset"]) == (61, 11, 50)
    assert set(cast(list[Json], data["users"])[0]) == {"user_id"}
    assert line.stub.broken_rules == []


PERIODS = [
    ({"last_interaction_period": "TODAY"}, 1),
    ({"last_interaction_period": "YESTERDAY"}, 1),
    ({"last_interaction_period": "L7D"}, 2),
    ({"last_interaction_period": "L30D"}, 3),
    ({"last_interaction_period": "2026_11_01:2026_11_09"}, 1),
    ({"is_follower": False}, 1),
    ({"tag_name": "tổ 3"}, 1),
]


@pytest.mark.parametrize(("wanted", "count"), PERIODS)
async def test_people_can_be_chosen(line: Line, wanted: Json, count: int) -> None:
    now = line.stub.clock.now()
    yesterday, long_ago, never = (line.stub.person() for _ in range(3))
    yesterday.last_interaction_at = now - timedelta(days=1)
    long_ago.last_interaction_at = now - timedelta(days=20)
    never.is_follower = False
    never.tags.append("tổ 3")
    data = cast(Json, (await asked(line, PEOPLE, offset=0, count=50, **wanted))["data"])
    assert data["total"] == count


WRONG: list[tuple[str, Json, int]] = [
    (PEOPLE, {"offset": 0, "count": 51}, -210),
    (PEOPLE, {"offset": 9952, "count": 50}, -210),
    (PEOPLE, {"offset": 0}, -201),
    (PEOPLE, {"offset": "0", "count": 10}, -201),
    (PEOPLE, {"offset": 0, "count": 10, "colour": "red"}, -201),
    (PEOPLE, {"offset": 0, "count": 10, "is_follower": "yes"}, -201),
    (PEOPLE, {"offset": 0, "count": 10, "last_interaction_period": "LONG"}, -201),
    (RECENT, {"offset": 0, "count": 11}, -210),
    (TALK, {"offset": 0, "count": 10}, -201),
]


@pytest.mark.parametrize(("path", "parts", "code"), WRONG)
async def test_wrong_questions_are_refused(line: Line, path: str, parts: Json, code: int) -> None:
    assert (await asked(line, path, **parts))["error"] == code
    assert [rule.method for rule in line.stub.broken_rules] == [path]


async def test_lists_of_people_are_asked_in_data_and_those_of_groups_are_not(line: Line) -> None:
    assert (await line.get(RECENT, offset="0", count="5"))["error"] == -201
    assert (await asked(line, f"{GROUPS}/listrecentchat", offset=0))["error"] == -201
    assert len(line.stub.broken_rules) == 2


async def test_a_conversation_can_be_read_backwards(line: Line) -> None:
    await line.stub.user_says(line.person, "một")
    line.stub.clock.advance(1)
    await line.stub.user_sends(line.person, "image")
    await line.stub.user_sends(line.person, "location")
    await line.send({"text": "Dạ"})
    await line.stub.admin_says(line.person, "Tôi đây")
    said = await rows(line, TALK, user_id=line.person.user_id, offset=0, count=10)
    assert [(row["src"], row["type"]) for row in said] == [
        (0, "text"),
        (0, "text"),
        (1, "location"),
        (1, "image"),
        (1, "text"),
    ]
    assert [row["message"] for row in said[:2]] == ["Tôi đây", "Dạ"]
    assert said[1]["message_id"] == line.stub.sent[0].message_id
    assert (said[0]["from_id"], said[0]["to_id"]) == (line.stub.oa.oa_id, line.person.user_id)
    assert (said[4]["from_display_name"], said[4]["to_display_name"]) == (
        "Người Thử",
        "OA Thử Nghiệm",
    )
    assert "thumb" in said[3]
    assert "location" in said[2]
    assert isinstance(said[0]["time"], int)
    part = await rows(line, TALK, user_id=line.person.user_id, offset=4, count=10)
    assert [row["message"] for row in part] == ["một"]
    line.stub.app.is_outside_vietnam = True
    hidden = await rows(line, TALK, user_id=line.person.user_id, offset=0, count=1)
    assert not [name for name in hidden[0] if "display_name" in name or "avatar" in name]


async def test_the_last_word_of_each_conversation_is_listed(line: Line) -> None:
    other = line.stub.person()
    for person, text in ((line.person, "một"), (other, "hai"), (line.person, "ba")):
        await line.stub.user_says(person, text)
        line.stub.clock.advance(1)
    said = await rows(line, RECENT, offset=0, count=10)
    assert [row["message"] for row in said] == ["ba", "hai"]


async def test_the_talk_of_groups_can_be_read(line: Line) -> None:
    group = line.stub.group()
    await line.stub.user_says_in_group(line.person, group, "Chào nhóm")
    line.stub.clock.advance(1)
    await line.stub.admin_says_in_group(group, "Chào tổ")
    query = {"group_id": group.group_id, "offset": "0", "count": "10"}
    said = cast(list[Json], (await line.get(f"{GROUPS}/conversation", **query))["data"])
    assert [row["message"] for row in said] == ["Chào tổ", "Chào nhóm"]
    assert said[1]["to_display_name"] == group.name
    last = cast(list[Json], (await line.get(f"{GROUPS}/listrecentchat"))["data"])
    assert [row["message"] for row in last] == ["Chào tổ"]
    assert (await rows(line, RECENT, offset=0, count=10)) == []


async def test_people_carry_labels(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    label = {"user_id": line.person.user_id, "tag_name": "tổ 3"}
    tag = "/v2.0/oa/tag"
    for _ in range(2):
        await line.post(f"{tag}/tagfollower", label)
    assert (await line.get(f"{tag}/gettagsofoa"))["data"] == ["tổ 3"]
    await line.post(f"{tag}/rmfollowerfromtag", label)
    assert (await line.post(f"{tag}/rmfollowerfromtag", label))[0]["error"] == -201
    await line.post(f"{tag}/tagfollower", label)
    await line.post(f"{tag}/rmtag", {"tag_name": "tổ 3"})
    assert line.person.tags == []
    told = [json.loads(heard.body)["event_name"] for heard in await ear.wait_for(5)]
    assert sorted(told) == [
        "add_user_to_tag",
        "add_user_to_tag",
        "add_user_to_tag",
        "remove_tag",
        "remove_user_from_tag",
    ]


async def test_what_is_known_of_a_person_can_be_changed(line: Line) -> None:
    path = "/v3.0/oa/user/update"
    body = {"user_id": line.person.user_id, "shared_info": {"name": "Hoa"}}
    assert (await line.post(path, body))[0]["error"] == 0
    assert line.person.shared == {"name": "Hoa"}
    assert (await line.post(path, body | {"shared_info": {"age": 5}}))[0]["error"] == -201
