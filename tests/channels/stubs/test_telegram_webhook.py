"""How the stand-in of Telegram hands updates over in its own time: ladders, limits, lanes."""

import asyncio
import json
from typing import cast

import pytest
from aiohttp import web

from tests.channels.stubs.telegram_line import GROUP, USER, Json, Line, keyboard
from tests.channels.stubs.webhook_ear import WebhookEar

HOUR_S = 3600


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


def heard_ids(ear: WebhookEar) -> list[int]:
    return [json.loads(heard.body)["update_id"] for heard in ear.heard]


def failures(count: int, status: int = 500, **headers: str) -> list[web.Response]:
    return [web.Response(status=status, headers=headers) for _ in range(count)]


async def pass_pauses(line: Line, *pauses_s: float) -> list[float]:
    """Move time on by each pause as soon as the next try waits; return when all were made."""
    for pause_s in pauses_s:
        await line.stub.clock.wait_for_sleepers(1)
        line.stub.clock.advance(pause_s)
        await line.stub.webhook.wait_for_deliveries(len(line.stub.webhook.deliveries) + 1)
    return [delivery.at_s for delivery in line.stub.webhook.deliveries]


async def test_repeats_come_at_once_then_after_twice_the_time_each(
    line: Line, ear: WebhookEar
) -> None:
    ear.answers.extend(failures(9))
    await line.call("setWebhook", url=ear.url)
    await line.stub.user_says(USER, "alo")
    await line.stub.webhook.wait_for_deliveries(2)
    tried_at_s = await pass_pauses(line, 2, 4, 8, 16, 32, 60, 60)
    assert tried_at_s == [0, 0, 2, 6, 14, 30, 62, 122, 182]


async def test_a_wanted_pause_is_kept_up_to_an_hour(line: Line, ear: WebhookEar) -> None:
    for wanted_s in ("5000", "90"):
        ear.answers.extend(failures(1, 503, **{"Retry-After": wanted_s}))
    await line.call("setWebhook", url=ear.url)
    await line.stub.user_says(USER, "alo")
    await line.stub.webhook.wait_for_deliveries(1)
    assert await pass_pauses(line, HOUR_S, 90) == [0, HOUR_S, HOUR_S + 90]


async def test_an_answer_that_takes_a_minute_comes_too_late(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(None)
    await line.call("setWebhook", url=ear.url)
    update = await line.stub.user_says(USER, "alo")
    await ear.wait_for(1)
    line.stub.clock.advance(59)
    await asyncio.sleep(0)
    assert line.stub.webhook.deliveries == []
    line.stub.clock.advance(1)
    await ear.wait_for(2)
    await line.stub.webhook.wait_for_deliveries(2)
    assert heard_ids(ear) == [update.id, update.id]
    assert [delivery.status for delivery in line.stub.webhook.deliveries] == [0, 200]


async def test_a_tap_and_a_text_of_one_person_can_overtake_each_other(
    line: Line, ear: WebhookEar
) -> None:
    await line.send(reply_markup=keyboard(callback_data="a"))
    ear.answers.append(None)
    await line.call("setWebhook", url=ear.url)
    text = await line.stub.user_says(USER, "alo")
    await ear.wait_for(1)
    tap = await line.stub.user_taps(line.stub.sent[0], 0)
    assert tap is not None
    await ear.wait_for(2)
    assert heard_ids(ear) == [text.id, tap.id]
    await line.stub.webhook.wait_for_deliveries(1)
    assert [update.id for update in line.stub.queue.pending()] == [text.id]


async def test_the_place_of_the_bot_travels_apart_from_the_groups_talk(
    line: Line, ear: WebhookEar
) -> None:
    ear.answers.append(None)
    await line.call("setWebhook", url=ear.url)
    groups = line.stub.groups
    groups.make(-4_000_000_009, creator=USER)
    place, notice = groups.add_bot(-4_000_000_009, by=USER)
    await ear.wait_for(2)
    assert sorted(heard_ids(ear)) == [place.id, notice.id]


async def test_old_taps_and_messages_are_dropped_on_their_way(line: Line, ear: WebhookEar) -> None:
    await line.send(reply_markup=keyboard(callback_data="a"))
    ear.answers.extend(failures(4))
    await line.call("setWebhook", url=ear.url)
    await line.stub.user_says(USER, "alo")
    await line.stub.user_taps(line.stub.sent[0], 0)
    await line.stub.webhook.wait_for_deliveries(4)
    assert len(line.stub.queue.pending()) == 2
    line.stub.clock.advance(150)
    assert ["message" in update.body for update in line.stub.queue.pending()] == [True]
    line.stub.clock.advance(24 * HOUR_S)
    assert line.stub.queue.pending() == []


async def test_a_receiver_in_trouble_gets_one_update_at_a_time(
    line: Line, ear: WebhookEar
) -> None:
    ear.answers.extend([web.Response(status=500), web.Response(status=500), None])
    await line.call("setWebhook", url=ear.url)
    await line.stub.user_says(USER, "một")
    await line.stub.webhook.wait_for_deliveries(2)
    await line.stub.clock.wait_for_sleepers(1)
    line.stub.clock.advance(11)
    await ear.wait_for(3)
    other = await line.stub.user_says(USER + 1, "hai")
    for _ in range(20):
        await asyncio.sleep(0)
    assert other.id not in heard_ids(ear)
    line.stub.clock.advance(60)
    await ear.wait_for(4)


async def test_a_webhook_that_is_gone_for_a_day_is_taken_away(line: Line, ear: WebhookEar) -> None:
    ear.answers.extend(failures(24, 410, **{"Retry-After": str(HOUR_S)}))
    await line.call("setWebhook", url=ear.url)
    await line.stub.user_says(USER, "alo")
    await line.stub.webhook.wait_for_deliveries(1)
    await pass_pauses(line, *[HOUR_S] * 22)
    assert line.stub.webhook.target is not None
    await pass_pauses(line, HOUR_S)
    assert (await line.call("getWebhookInfo")).result["url"] == ""


async def test_where_a_webhook_points_on_is_not_followed(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(web.Response(status=307, headers={"Location": ear.url}))
    await line.call("setWebhook", url=ear.url)
    await line.stub.user_says(USER, "alo")
    await line.stub.webhook.wait_for_deliveries(2)
    assert [delivery.status for delivery in line.stub.webhook.deliveries] == [307, 200]


async def test_a_wrong_call_in_an_answer_is_written_down(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(web.json_response({"method": "sendTelepathy", "chat_id": USER}))
    await line.call("setWebhook", url=ear.url)
    await line.stub.user_says(USER, "alo")
    await line.stub.webhook.wait_for_deliveries(1)
    assert [rule.method for rule in line.stub.broken_rules] == ["sendTelepathy"]


async def test_a_call_in_an_answer_may_find_the_person_gone(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(
        web.json_response({"method": "sendMessage", "chat_id": USER + 9, "text": "a"})
    )
    ear.answers.append(
        web.json_response({"method": "sendMessage", "chat_id": USER, "text": "a" * 4097})
    )
    await line.call("setWebhook", url=ear.url)
    for text in ("một", "hai"):
        await line.stub.user_says(USER, text)
    await line.stub.webhook.wait_for_deliveries(2)
    assert [rule.rule for rule in line.stub.broken_rules] == ["text at most 4096"]


async def test_a_long_poll_ends_in_the_time_of_the_stub(line: Line) -> None:
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(line.call("getUpdates", timeout=50))
        await line.stub.clock.wait_for_limits(1)
        line.stub.clock.advance(49)
        await asyncio.sleep(0)
        assert not polling.done()
        line.stub.clock.advance(1)
    assert polling.result().list == []


async def test_a_poll_waits_no_longer_than_the_platform(line: Line) -> None:
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(line.call("getUpdates", timeout=3600))
        await line.stub.clock.wait_for_limits(1)
        line.stub.clock.advance(50)
    assert polling.result().list == []


async def test_a_hundred_updates_come_at_most_and_numbers_may_start_anew(line: Line) -> None:
    for number in range(101):
        await line.stub.user_says(USER, str(number))
    first = (await line.call("getUpdates", limit=500)).list
    assert len(first) == 100
    last = int(str(first[-1]["update_id"]))
    assert len((await line.call("getUpdates", offset=last + 1)).list) == 1
    await line.call("getUpdates", offset=last + 2)
    line.stub.queue.restart_ids(17)
    await line.stub.user_says(USER, "mới")
    assert [update["update_id"] for update in (await line.call("getUpdates")).list] == [17]


async def test_setting_a_webhook_ends_an_open_poll(line: Line, ear: WebhookEar) -> None:
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(line.call("getUpdates", timeout=30))
        await line.stub.clock.wait_for_limits(1)
        await line.call("setWebhook", url=ear.url)
    assert polling.result().status == 409
    await line.stub.user_says(USER, "cũ")
    await line.call("deleteWebhook", drop_pending_updates=True)
    assert (await line.call("getUpdates")).list == []


DEEDS: list[tuple[str, Json, list[str]]] = [
    ("say", {"user": USER, "text": "alo"}, ["message"]),
    ("send", {"user": USER, "content": {"dice": {"emoji": "🎲", "value": 1}}}, ["message"]),
    (
        "file",
        {"user": USER, "kind": "document", "base64": "JVBERg=="},
        ["message"],
    ),
    ("album", {"user": USER, "count": 2, "caption": "Hai"}, ["message", "message"]),
    ("block", {"user": USER}, ["my_chat_member"]),
    ("link", {"user": USER, "url": "https://t.me/thu_nghiem_bot?start=a"}, ["message"]),
    ("push", {"kind": "telepathy", "content": {"a": 1}}, ["telepathy"]),
    ("promote_bot", {"chat": GROUP, "by": USER}, ["my_chat_member"]),
    ("demote_bot", {"chat": GROUP, "by": USER}, ["my_chat_member"]),
    ("remove_bot", {"chat": GROUP, "by": USER}, ["my_chat_member", "message"]),
    ("delete_group", {"chat": GROUP, "by": USER}, ["my_chat_member"]),
    ("migrate", {"chat": GROUP}, ["message", "message"]),
    ("joins", {"chat": GROUP, "user": USER + 1, "by": USER}, ["message"]),
    ("leaves", {"chat": GROUP, "user": USER + 1}, ["message"]),
    ("rename", {"chat": GROUP, "title": "Tổ 3", "by": USER}, ["message"]),
    ("anonymous", {"chat": GROUP, "text": "/start"}, ["message"]),
    ("post", {"chat": -1_003_000_000_001, "text": "bài"}, ["channel_post"]),
]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed[0])
async def test_another_process_can_play_everything(
    line: Line, deed: tuple[str, Json, list[str]]
) -> None:
    name, order, kinds = deed
    async with line.client.post(f"/_stub/{name}", json=order) as answer:
        told = await answer.json()
        assert answer.status == 200
    updates = (await line.call("getUpdates")).list
    assert [next(kind for kind in update if kind != "update_id") for update in updates] == kinds
    assert [update["update_id"] for update in updates] == told["update_ids"]


async def order(line: Line, door: str, **details: object) -> object:
    async with line.client.post(f"/_stub/{door}", json=details) as answer:
        assert answer.status == 200
        return cast(object, await answer.json())


async def test_another_process_can_make_groups_and_look_at_what_became_of_messages(
    line: Line,
) -> None:
    await order(line, "group", chat=-4_000_000_009, creator=USER, members=[USER + 1])
    link = "https://t.me/thu_nghiem_bot?startgroup=abc"
    made = cast(Json, await order(line, "link", user=USER, url=link, chat=-4_000_000_009))
    assert len(cast(list[int], made["update_ids"])) == 3
    await order(line, "add_bot", chat=GROUP, by=USER, rights=["can_delete_messages"])
    said = await line.call("sendMessage", chat_id=GROUP, text="a")
    ours = {"chat_id": GROUP, "message_id": said.result["message_id"]}
    await line.call("editMessageText", text="b", **ours)
    assert len(cast(list[Json], await order(line, "screen", chat=GROUP))) == 1
    await line.call("deleteMessage", **ours)
    assert [edit["text"] for edit in cast(list[Json], await order(line, "edited"))] == ["b"]
    assert len(cast(list[Json], await order(line, "deleted"))) == 1
    told = cast(Json, await order(line, "say", user=USER, text="cũ"))
    await order(line, "edit", update_id=told["update_id"], text="mới")
    again = await order(line, "again", update_id=told["update_id"])
    assert again == told
    assert await order(line, "expire_links") == {"ok": True}
    assert await order(line, "person", id=USER, state="blocked") == {"ok": True}
    state = cast(Json, await order(line, "state"))
    assert state["unanswered_callbacks"] == []
    assert await order(line, "reset") == {"ok": True}
    assert (line.stub.edited, line.stub.deleted) == ([], [])
    async with line.client.post("/_stub/again", json={"update_id": 1}) as answer:
        assert answer.status == 400
    async with line.client.post("/_stub/send", json={"user": USER, "content": []}) as answer:
        assert answer.status == 400
    async with line.client.post("/_stub/file", json={"kind": "photo", "base64": "?"}) as answer:
        assert answer.status == 400
