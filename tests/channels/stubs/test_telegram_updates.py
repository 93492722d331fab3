"""The stand-in of Telegram hands updates over: polling, webhook, taps."""

import asyncio
import json
from typing import cast

import pytest
from aiohttp import web

from tests.channels.stubs.telegram_line import GROUP, USER, Json, Line, keyboard
from tests.channels.stubs.webhook_ear import WebhookEar


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


async def test_updates_are_polled_until_they_are_acknowledged(line: Line) -> None:
    update = await line.stub.user_says(USER, "/start abc")
    first = await line.call("getUpdates", timeout=0)
    again = await line.call("getUpdates", timeout=0)
    assert [u["update_id"] for u in first.list] == [update.id]
    assert again.list == first.list
    assert (await line.call("getUpdates", offset=update.id + 1, timeout=0)).list == []


async def test_a_tap_reaches_the_bot_and_can_be_answered_for_150_seconds(line: Line) -> None:
    await line.send("Bà con đồng ý chứ?", reply_markup=keyboard(callback_data="yes"))
    await line.stub.user_taps(line.stub.sent[0], "Đồng ý")
    query = cast(Json, (await line.call("getUpdates")).list[0]["callback_query"])
    assert query["data"] == "yes"
    assert len(line.stub.unanswered_callbacks) == 1
    assert (await line.call("answerCallbackQuery", callback_query_id=query["id"])).status == 200
    assert line.stub.unanswered_callbacks == []
    line.stub.clock.advance(151)
    late = await line.call("answerCallbackQuery", callback_query_id=query["id"])
    assert late.status == 400


async def test_a_webhook_gets_updates_with_its_secret_and_ends_polling(
    line: Line, ear: WebhookEar
) -> None:
    said = await line.call("setWebhook", url=ear.url, secret_token="bi-mat_1")
    assert said.body["result"] is True
    update = await line.stub.user_says(USER, "alo")
    heard = (await ear.wait_for(1))[0]
    assert json.loads(heard.body)["update_id"] == update.id
    assert heard.headers["X-Telegram-Bot-Api-Secret-Token"] == "bi-mat_1"
    assert (await line.call("getUpdates")).status == 409
    await line.stub.queue.wait_until_empty(timeout_s=5)
    assert (await line.call("getWebhookInfo")).result["pending_update_count"] == 0
    await line.call("deleteWebhook")
    assert (await line.call("getUpdates")).status == 200


async def test_a_chat_waits_for_its_first_update_while_others_go_on(
    line: Line, ear: WebhookEar
) -> None:
    ear.answers.extend([web.Response(status=500), web.Response(status=500)])
    await line.call("setWebhook", url=ear.url)
    first = await line.stub.user_says(USER, "một")
    await line.stub.webhook.wait_for_deliveries(2)
    second = await line.stub.user_says(USER, "hai")
    other = await line.stub.user_says(USER + 1, "ba")
    ids = [json.loads(heard.body)["update_id"] for heard in await ear.wait_for(3)]
    assert ids == [first.id, first.id, other.id]
    await line.stub.webhook.wait_for_deliveries(3)
    line.stub.clock.advance(2)
    ids = [json.loads(heard.body)["update_id"] for heard in await ear.wait_for(5)]
    assert ids[3:] == [first.id, second.id]


async def test_a_webhook_may_answer_with_a_call_and_hear_things_twice(
    line: Line, ear: WebhookEar
) -> None:
    reply = {"method": "sendMessage", "chat_id": USER, "text": "Dạ"}
    ear.answers.append(web.json_response(reply))
    line.stub.webhook.send_twice = 1
    await line.call("setWebhook", url=ear.url)
    await line.stub.user_says(USER, "alo")
    heard = await ear.wait_for(2)
    assert heard[0].body == heard[1].body
    assert [sent.text for sent in line.stub.sent] == ["Dạ"]


async def test_another_process_can_play_the_users(line: Line) -> None:
    async with line.client.post("/_stub/say", json={"user": USER, "text": "alo"}) as answer:
        assert (await answer.json())["update_id"] > 0
    async with line.client.post(
        "/_stub/fail", json={"kind": "error_500", "method": "getMe"}
    ) as answer:
        assert answer.status == 200
    path = f"/bot{line.stub.token}/getMe"
    async with line.client.get(path) as answer:
        assert answer.status == 500
    await line.send("Dạ", reply_markup=keyboard(callback_data="x"))
    async with line.client.get("/_stub/sent", params={"count": 1}) as answer:
        sent = (await answer.json())["sent"][0]
    assert (sent["text"], sent["buttons"][0]["title"]) == ("Dạ", "Đồng ý")
    tap = {"to": sent["to"], "message_id": sent["message_id"], "button": "Đồng ý"}
    async with line.client.post("/_stub/tap", json=tap) as answer:
        assert answer.status == 200
    assert len(line.stub.queue.pending()) == 2
    async with line.client.get("/_stub/nothing") as answer:
        assert answer.status == 404
    async with line.client.post("/_stub/say", json={"user": USER}) as answer:
        assert answer.status == 400


async def test_only_the_chosen_kinds_of_updates_come(line: Line) -> None:
    await line.call("getUpdates", allowed_updates=["callback_query"])
    await line.stub.user_says(USER, "alo", chat=GROUP)
    assert (await line.call("getUpdates")).list == []


async def test_a_new_poll_ends_the_old_one(line: Line) -> None:
    async with asyncio.TaskGroup() as group:
        old = group.create_task(line.call("getUpdates", timeout=30))
        await line.stub.calls.wait_for("getUpdates", 1)
        new = group.create_task(line.call("getUpdates", timeout=30))
        await asyncio.wait({old}, timeout=5)
        await line.stub.user_says(USER, "alo")
    assert (old.result().status, new.result().status) == (409, 200)
    assert len(new.result().list) == 1


async def test_only_the_last_updates_can_be_asked_for(line: Line) -> None:
    last = [await line.stub.user_says(USER, text) for text in ("một", "hai", "ba")][-1]
    assert [u["update_id"] for u in (await line.call("getUpdates", offset=-1)).list] == [last.id]
    line.stub.push_again(last)
    assert len(line.stub.queue.pending()) == 1
    await line.call("deleteWebhook", drop_pending_updates=True)
    assert line.stub.queue.pending() == []


async def test_old_updates_are_dropped(line: Line) -> None:
    await line.stub.user_says(USER, "alo")
    line.stub.clock.advance(24 * 3600)
    assert (await line.call("getUpdates")).list == []


async def test_a_link_tells_the_bot_nothing_and_a_lost_button_is_an_error(line: Line) -> None:
    await line.send(reply_markup=keyboard(url="https://example.org/"))
    sent = line.stub.sent[0]
    assert await line.stub.user_taps(sent, sent.buttons[0]) is None
    with pytest.raises(LookupError):
        await line.stub.user_taps(sent, "Không có")


async def test_a_webhook_that_is_gone_is_told_in_the_info(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(web.Response(status=503, headers={"Retry-After": "90"}))
    await line.call("setWebhook", url=ear.url, allowed_updates=["message"])
    await line.stub.user_says(USER, "alo")
    await line.stub.webhook.wait_for_deliveries(1)
    info = (await line.call("getWebhookInfo")).result
    assert (info["last_error_message"], info["allowed_updates"]) == (
        "Wrong response from the webhook: 503 Service Unavailable",
        ["message"],
    )
    line.stub.clock.advance(90)
    await line.stub.webhook.wait_for_deliveries(2)
    assert (await line.call("setWebhook", url="")).body["result"] is True


async def test_a_person_who_blocks_the_bot_tells_it_so(line: Line) -> None:
    await line.stub.user_blocks(USER)
    assert (await line.send()).status == 403
    await line.stub.user_blocks(USER, is_over=True)
    assert (await line.send()).status == 200
    changes = [cast(Json, u["my_chat_member"]) for u in (await line.call("getUpdates")).list]
    states = [cast(Json, change["new_chat_member"])["status"] for change in changes]
    assert states == ["kicked", "member"]
