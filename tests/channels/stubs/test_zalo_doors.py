"""Another process plays everybody around the Zalo stub over its control door."""

import json
from typing import cast

import pytest

from tests.channels.stubs.manners_by_order import WrongSwitch, changed
from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_groups import GroupNames
from tests.channels.stubs.zalo_line import Json, Line, buttons
from tests.channels.stubs.zalo_media import MediaTrouble
from tests.channels.stubs.zalo_signing import Signature
from tests.channels.stubs.zalo_stub import EchoTiming
from tests.channels.stubs.zalo_webhook import WebhookManners
from tests.channels.stubs.zalo_world import Place


@pytest.fixture
def line(zalo_line: Line, ear: WebhookEar) -> Line:
    zalo_line.stub.webhook.url = ear.url
    zalo_line.stub.echo = EchoTiming.NEVER
    return zalo_line


async def order(line: Line, door: str, *, status: int = 200, **parts: object) -> Json:
    async with line.client.post(f"/_stub/{door}", json=parts) as answer:
        assert answer.status == status, await answer.text()
        return cast(Json, await answer.json())


def names(ear: WebhookEar) -> list[object]:
    return [json.loads(heard.body)["event_name"] for heard in ear.heard]


async def test_people_can_be_played(line: Line, ear: WebhookEar) -> None:
    user = line.person.user_id
    await order(line, "say", user=user, text="alo", quotes="0f")
    await order(line, "send", user=user, kind="image", caption="xem")
    await order(line, "submit_info", user=user, name="Hoa", older_form=True)
    await order(line, "withdraw", user=user)
    newcomer = str((await order(line, "chat_now"))["user"])
    await line.send()
    message_id = line.stub.sent[0].message_id
    await order(line, "react", user=user, message_id=message_id)
    await order(line, "see", message_id=message_id)
    await order(line, "person", id=newcomer, name="Cán bộ", oa_admin=True)
    assert line.stub.oa.people[newcomer].is_oa_admin
    assert names(ear) == [
        "user_send_text",
        "user_send_image",
        "user_submit_info",
        "user_withdraw",
        "user_click_chatnow",
        "user_reacted_message",
        "user_received_message",
        "user_seen_message",
    ]


async def test_visitors_and_staff_can_be_played(line: Line, ear: WebhookEar) -> None:
    visitor = (await order(line, "visitor_say", text="Alo"))["visitor"]
    await order(line, "visitor_say", visitor=visitor, text="Có ai không")
    await order(line, "visitor_say", visitor="anon-0", text="a", status=400)
    await order(line, "admin_say", user=line.person.user_id, text="Chào chị")
    await order(line, "admin_say", user=line.person.user_id, text="Chào", other_tool=True)
    senders = [json.loads(heard.body)["sender"] for heard in ear.heard]
    assert [set(sender) for sender in senders] == [{"id"}, {"id"}, {"id", "admin_id"}, {"id"}]


async def test_groups_can_be_played(line: Line, ear: WebhookEar) -> None:
    asset = (await order(line, "asset", kind="gmf10", days=30, auto_renew=True))["asset"]
    assert str(asset) in line.stub.oa.assets
    group = (await order(line, "group", name="Tổ 3", members=[line.person.user_id]))["group"]
    await order(line, "group_say", user=line.person.user_id, group=group, text="Chào nhóm")
    await order(line, "group_send", user=line.person.user_id, group=group, kind="image")
    await order(line, "group_admin_say", group=group, text="Chào tổ")
    await order(line, "group_join", group=group)
    await order(line, "group_accept", group=group, status=400)
    await order(line, "group_leave", user=line.person.user_id, group=group)
    async with line.client.get("/_stub/groups") as answer:
        shown = await answer.json()
    assert [(one["group_info"]["name"], len(one["waiting"])) for one in shown] == [("Tổ 3", 1)]
    await order(line, "group_delete", group=group)
    await order(line, "group_delete", group=group, status=400)
    await order(line, "group", members="all", status=400)
    assert names(ear) == [
        "user_send_group_text",
        "user_send_group_image",
        "oa_send_group_text",
        "user_request_join_group",
        "user_out_group",
        "delete_group",
    ]


async def test_switches_can_be_set(line: Line) -> None:
    await order(line, "manners", of="webhook", signature="bare_hex", switched_off=["follow"])
    assert line.stub.webhook.manners == WebhookManners(
        signature=Signature.BARE_HEX, switched_off=frozenset({"follow"})
    )
    await order(line, "manners", of="oauth", omits_state=True)
    assert line.stub.oauth.manners.omits_state
    await order(line, "manners", of="sending", quotes_refused_in=["group"])
    assert line.stub.world.sending.quotes_refused_in == {Place.GROUP}
    await order(line, "manners", of="groups", names="other")
    assert line.stub.world.groups.names is GroupNames.OTHER
    await order(line, "manners", of="media", trouble="slow", lasts_s=60)
    assert [line.stub.media.manners.trouble] == [MediaTrouble.SLOW]
    await order(line, "manners", of="media", trouble=None)
    assert line.stub.media.manners.trouble is None
    await order(line, "manners", of="oa", bar="-224", limit_per_minute=100)
    await order(line, "manners", of="app", checks_proof=True)
    await order(line, "manners", of="stub", echo="before_answer")
    assert line.stub.echo is EchoTiming.BEFORE_ANSWER
    assert (await line.send())["error"] == -242


WRONG: list[Json] = [
    {"of": "weather"},
    {"of": "webhook", "colour": "red"},
    {"of": "webhook", "copies": "many"},
    {"of": "webhook", "signature": "blue"},
    {"of": "webhook", "switched_off": "all"},
    {"of": "oa", "people": []},
    {"of": "stub", "echo": "sometimes"},
]


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_switch_that_is_none_is_answered_with_a_sentence(line: Line, wrong: Json) -> None:
    assert (await order(line, "manners", status=400, **wrong))["error"]


def test_switches_are_those_of_python() -> None:
    with pytest.raises(WrongSwitch, match="copies"):
        changed(WebhookManners(), {"copies": True})


async def test_the_console_can_be_used(line: Line, ear: WebhookEar) -> None:
    await order(line, "hold")
    for text in ("một", "hai"):
        await order(line, "say", user=line.person.user_id, text=text)
    await order(line, "release", copies=2)
    await order(line, "hold")
    await order(line, "say", user=line.person.user_id, text="ba")
    await order(line, "release", at_once=True)
    texts = [json.loads(heard.body)["message"]["text"] for heard in ear.heard]
    assert texts == ["hai", "hai", "một", "một", "ba"]
    secret = (await order(line, "reset_secret"))["oa_secret"]
    async with line.client.get("/_stub/state") as answer:
        assert (await answer.json())["oa_secret"] == secret
    listening = ear.url.removesuffix("/hook")
    verified = await order(line, "verify_domain", url=listening, code="AbC")
    assert verified["by"] == "nothing"


async def test_any_event_of_the_catalogue_can_be_sent(line: Line, ear: WebhookEar) -> None:
    async with line.client.get("/_stub/events") as answer:
        assert "extension_purchased" in await answer.json()
    await order(line, "event", id="extension_purchased")
    await order(line, "event", id="the_sky_falls", status=400)
    await order(line, "revoke")
    assert names(ear) == ["extension_purchased", "permission_revoked"]
    async with line.client.get("/_stub/state") as answer:
        assert (await answer.json())["access_token"] is None
    with pytest.raises(LookupError):
        line.headers()


async def test_a_tap_needs_a_message_that_was_sent(line: Line) -> None:
    await line.send(buttons({"title": "Có", "type": "oa.query.show", "payload": "#co"}))
    await order(line, "tap", message_id=line.stub.sent[0].message_id, button="Có")
    await order(line, "see", message_id="0", status=400)
