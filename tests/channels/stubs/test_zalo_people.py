"""People, visitors and the OA's own staff on the stand-in of Zalo: forms, echoes, grants."""

import json
from datetime import timedelta
from typing import cast

import pytest

from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_account_events import ContactData
from tests.channels.stubs.zalo_accounts import PersonBar
from tests.channels.stubs.zalo_line import ASK, CS, DAY_S, Json, Line, buttons, media
from tests.channels.stubs.zalo_world import Place

OLD = "/v2.0/oa/message"
FORM = {
    "attachment": {
        "type": "template",
        "payload": {
            "template_type": "request_user_info",
            "elements": [{"title": "a", "subtitle": "b", "image_url": "https://a.vn/a"}],
        },
    }
}


@pytest.fixture
def line(zalo_line: Line, ear: WebhookEar) -> Line:
    zalo_line.stub.webhook.url = ear.url
    return zalo_line


def heard(ear: WebhookEar) -> list[Json]:
    return [json.loads(one.body) for one in ear.heard]


async def test_a_contact_form_is_asked_for_and_filled_in(line: Line, ear: WebhookEar) -> None:
    assert (await line.send(FORM))["error"] == 0
    assert line.stub.sent[0].markup == "request_user_info"
    assert json.loads((await ear.wait_for(1))[0].body)["event_name"] == "oa_send_template"
    await line.stub.user_submits_info(line.person, ContactData(name="Hoa"))
    await line.stub.user_submits_info(line.person, ContactData(name="Hoa"), is_older_form=True)
    new, old = heard(ear)[1:]
    assert (new["event_name"], "message" in new) == ("user_submit_info", False)
    assert set(cast(Json, new["info"])) == {"name", "phone", "user_dob", "gender", "full_address"}
    assert cast(Json, old["info"])["city"] == "Hà Nội"
    asked = json.dumps({"user_id": line.person.user_id})
    detail = cast(Json, (await line.get("/v3.0/oa/user/detail", data=asked))["data"])
    assert cast(Json, detail["shared_info"])["name"] == "Hoa"


async def test_an_admin_takes_the_grant_back(line: Line, ear: WebhookEar) -> None:
    headers, refresh_token = line.headers(), line.stub.tokens.refresh_token
    await line.stub.admin_revokes()
    told = heard(ear)[0]
    assert set(told) == {"oa_id", "app_id", "event_name", "timestamp"}
    body = {"recipient": {"user_id": line.person.user_id}, "message": {"text": "a"}}
    assert (await line.post(CS, body, headers))[0]["error"] == -220
    assert json.loads(await line.refresh(refresh_token))["error"] == -14014
    assert line.stub.broken_rules == []


async def test_humans_and_other_tools_are_echoed(line: Line, ear: WebhookEar) -> None:
    group = line.stub.group()
    await line.stub.admin_says(line.person, "Chào chị")
    await line.stub.admin_sends(line.person, "image")
    await line.stub.admin_says_in_group(group, "Chào tổ")
    await line.stub.other_tool_says(line.person, "Chào anh")
    await line.stub.admin_says_in_group(group, "Chào", is_own_tool=False)
    by_hand, picture, in_group, by_tool, tool_in_group = heard(ear)
    operator = {"id": line.stub.oa.oa_id, "admin_id": line.stub.oa.operator_id}
    assert by_hand["sender"] == picture["sender"] == in_group["sender"] == operator
    assert picture["event_name"] == "oa_send_image"
    assert in_group["recipient"] == {"id": group.group_id}
    assert by_tool["sender"] == tool_in_group["sender"] == {"id": line.stub.oa.oa_id}
    assert line.stub.sent == []


async def test_a_visitor_without_a_name_is_answered_by_conversation(
    line: Line, ear: WebhookEar
) -> None:
    visitor = line.stub.visitor()
    await line.stub.visitor_says(visitor, "Alo")
    await line.stub.visitor_sends(visitor, "image")
    to = {"anonymous_id": visitor.anonymous_id, "conversation_id": visitor.conversation_id}
    said, _ = await line.post(OLD, {"recipient": to, "message": {"text": "Dạ"}})
    assert said["error"] == 0
    text, image, echo = [json.loads(one.body) for one in await ear.wait_for(3)]
    assert text["message"]["conversation_id"] == visitor.conversation_id
    assert (text["event_name"], "user_id_by_app" in text) == ("anonymous_send_text", False)
    assert image["event_name"] == "anonymous_send_image"
    assert echo["event_name"] == "oa_send_anonymous_text"
    assert [sent.to for sent in line.stub.sent] == [visitor.anonymous_id]
    assert line.stub.broken_rules == []


WRONG_TO_VISITORS = [
    ({"conversation_id": "conv-0"}, {"text": "a"}, (-201, 0)),
    ({"anonymous_id": "anon-0"}, {"text": "a"}, (-201, 0)),
    ({"conversation_id": ""}, {"text": "a"}, (-201, 1)),
    ({}, buttons(ASK), (-233, 1)),
    ({}, FORM, (-233, 1)),
    ({}, {"text": "a", "quote_message_id": "0f"}, (-201, 1)),
    ({}, None, (-201, 1)),
]


@pytest.mark.parametrize(("to", "message", "outcome"), WRONG_TO_VISITORS)
async def test_a_visitor_gets_text_and_media_in_their_own_conversation(
    line: Line, to: Json, message: object, outcome: tuple[int, int]
) -> None:
    visitor = line.stub.visitor()
    usual = {"anonymous_id": visitor.anonymous_id, "conversation_id": visitor.conversation_id}
    said, _ = await line.post(OLD, {"recipient": usual | to, "message": message})
    assert (said["error"], len(line.stub.broken_rules)) == outcome


async def test_the_old_way_to_write_to_people_is_closed(line: Line) -> None:
    body = {"recipient": {"user_id": line.person.user_id}, "message": {"text": "a"}}
    assert (await line.post(OLD, body))[0]["error"] == -240
    assert len(line.stub.broken_rules) == 1


async def react(line: Line, icon: str, message_id: str) -> object:
    action = {"react_icon": icon, "react_message_id": message_id}
    body = {"recipient": {"user_id": line.person.user_id}, "sender_action": action}
    return (await line.post(OLD, body))[0]["error"]


async def test_a_message_can_be_reacted_to_by_both_sides(line: Line, ear: WebhookEar) -> None:
    await line.stub.user_says(line.person, "Cảm ơn")
    message_id = cast(Json, heard(ear)[0]["message"])["msg_id"]
    assert await react(line, "/-heart", str(message_id)) == 0
    ours = json.loads((await ear.wait_for(2))[1].body)
    await line.stub.user_reacts(line.person, str(message_id))
    theirs = heard(ear)[2]
    expected = {"msg_id": message_id, "react_icon": "/-heart"}
    assert (ours["event_name"], ours["message"]) == ("oa_reacted_message", expected)
    assert (theirs["event_name"], theirs["message"]) == ("user_reacted_message", expected)
    assert [await react(line, "/-heart", str(message_id)) for _ in range(50)][-2:] == [0, -210]
    assert await react(line, "/-remove", str(message_id)) == 0
    assert await react(line, "/-remove", "00ff") == -201
    assert await react(line, "♥", str(message_id)) == -201
    assert len(line.stub.broken_rules) == 2


async def test_what_came_and_was_seen_is_told(line: Line, ear: WebhookEar) -> None:
    line.stub.world.sending.sends_seen_marks = True
    await line.send()
    await line.send()
    await ear.wait_for(4)
    assert sum(event["event_name"] == "user_seen_message" for event in heard(ear)) == 2
    first, second = line.stub.sent
    await line.stub.user_receives(first)
    await line.stub.user_sees(first, second)
    came, looked = heard(ear)[4:]
    assert came["message"] == {"msg_id": first.message_id}
    assert looked["message"] == {"msg_ids": [first.message_id, second.message_id]}
    assert looked["recipient"] == {"id": line.person.user_id}


async def test_the_echo_may_have_an_id_of_its_own(line: Line, ear: WebhookEar) -> None:
    line.stub.world.sending.echo_has_another_id = True
    await line.send(media({"media_type": "image", "url": "https://example.org/a.jpg"}))
    echo = json.loads((await ear.wait_for(1))[0].body)
    assert echo["message"]["msg_id"] != line.stub.sent[0].message_id
    assert echo["message"]["attachments"][0]["type"] == "image"


async def test_what_opens_the_window_for_the_oa(line: Line) -> None:
    people = [line.stub.person() for _ in range(5)]
    for person in people:
        person.welcome_left = 0
    deeds = [
        line.stub.user_clicks_chat_now(people[0]),
        line.stub.user_submits_info(people[1]),
        line.stub.user_calls(people[2]),
        line.stub.user_reacts(people[3], "0f"),
        line.stub.user_withdraws(people[4]),
    ]
    for deed in deeds:
        await deed
    codes = [(await line.send(to=person.user_id))["error"] for person in people]
    assert codes == [0, 0, 0, -230, -230]
    assert await line.stub.user_clicks_chat_now(people[0]) is None


async def test_the_account_is_told_of_its_quota_by_another_name(
    line: Line, ear: WebhookEar
) -> None:
    await line.stub.daily_quota_changes(before=500, after=2000)
    told = heard(ear)[0]
    assert told["oaId"] == line.stub.oa.oa_id
    assert told["quota"] == {"prev_value": "500", "new_value": "2000"}


@pytest.mark.parametrize("place", [Place.PERSON, Place.GROUP])
async def test_quoting_and_buttons_can_be_refused(line: Line, place: Place) -> None:
    quoting = {"text": "Dạ", "quote_message_id": "0f1e2d3c4b5a69788"}
    group = {"recipient": {"group_id": line.stub.group().group_id}, "message": quoting}
    to_group = "/v3.0/oa/group/message"

    async def code() -> object:
        if place is Place.PERSON:
            return (await line.send(quoting))["error"]
        return (await line.post(to_group, group))[0]["error"]

    assert await code() == 0
    line.stub.world.sending.quotes_refused_in = frozenset({place})
    assert await code() == -201
    line.stub.world.sending.buttons_refused_with = -233
    assert (await line.send(buttons(ASK)))["error"] == -233
    assert line.stub.broken_rules == []


async def test_a_bar_can_be_for_some_hours(line: Line) -> None:
    line.person.bar = PersonBar.CANNOT_RECEIVE_MORE
    line.person.bar_until = line.stub.clock.now() + timedelta(hours=3)
    assert (await line.send())["error"] == -218
    line.stub.clock.advance(DAY_S / 8)
    assert (await line.send())["error"] == 0


async def test_the_webhooks_secret_can_be_reset(line: Line, ear: WebhookEar) -> None:
    before = line.stub.app.webhook_secret
    assert line.stub.reset_webhook_secret() not in {before, ""}
    await line.stub.user_says(line.person, "alo")
    assert len(ear.heard) == 1
