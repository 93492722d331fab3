"""The stand-in of Zalo sends events: signed, repeated, shuffled, echoed."""

import hashlib
import json

import aiohttp
import pytest
from aiohttp import web

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.webhook_ear import Heard, WebhookEar
from tests.channels.stubs.zalo_line import ASK, CS, LINK, Json, Line, buttons
from tests.channels.stubs.zalo_signing import Signature
from tests.channels.stubs.zalo_stub import EchoTiming
from tests.channels.stubs.zalo_webhook import (
    LADDER_S,
    RepeatOn,
    WebhookManners,
)


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


def is_signed(line: Line, heard: Heard) -> bool:
    stamp = json.loads(heard.body)["timestamp"]
    parts = [line.stub.app.app_id.encode(), heard.body, stamp.encode()]
    mac = hashlib.sha256(b"".join(parts) + line.stub.app.webhook_secret.encode()).hexdigest()
    return heard.headers["X-ZEvent-Signature"] == f"mac={mac}"


async def test_events_are_signed_over_odd_bytes(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    for text in ("một", "hai", "ba"):
        assert (await line.stub.user_says(line.person, text)).status == 200
    for heard in ear.heard:
        body = json.loads(heard.body)
        assert is_signed(line, heard)
        assert heard.body != json.dumps(body).encode()
        assert body["event_name"] == "user_send_text"
        assert body["recipient"]["id"] == line.stub.oa.oa_id
        assert heard.headers["User-Agent"] == "ZaloWebhook"
    assert len({json.loads(heard.body)["message"]["msg_id"] for heard in ear.heard}) == 3


@pytest.mark.parametrize("kind", sorted(set(Signature) - {Signature.GOOD}))
async def test_signatures_can_be_spoiled(line: Line, ear: WebhookEar, kind: Signature) -> None:
    line.stub.webhook.url = ear.url
    line.stub.webhook.manners = WebhookManners(signature=kind)
    await line.stub.user_says(line.person, "alo")
    heard = ear.heard[0]
    assert "X-ZEvent-Signature" not in heard.headers or not is_signed(line, heard)


async def test_an_event_that_fails_climbs_the_ladder_until_the_webhook_is_off(
    line: Line, ear: WebhookEar
) -> None:
    ear.answers.extend([web.Response(status=500) for _ in range(6)])
    line.stub.webhook.url = ear.url
    await line.stub.user_says(line.person, "alo")
    for number, pause_s in enumerate(LADDER_S, start=2):
        line.stub.clock.advance(pause_s - 1)
        assert len(ear.heard) == number - 1
        line.stub.clock.advance(1)
        await ear.wait_for(number)
        await line.stub.webhook.wait_for_attempts(number)
    assert [heard.headers.get("num_retry") for heard in ear.heard] == [None, *"12345"]
    assert len({heard.body for heard in ear.heard}) == 1
    assert line.stub.webhook.is_on is False
    assert {rule.rule for rule in line.stub.broken_rules} == {"the answer is 200"}


async def test_an_answer_that_takes_too_long_counts_as_none(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.webhook.manners = WebhookManners(repeat_on=RepeatOn.NO_CONNECTION)
    line.stub.webhook.answer_within_s = 0.05
    ear.answers.append(None)
    assert (await line.stub.user_says(line.person, "alo")).status == 0
    assert [rule.rule for rule in line.stub.broken_rules] == ["an answer within 2 s"]


async def test_events_can_be_held_shuffled_and_doubled(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.webhook.hold()
    for text in ("một", "hai"):
        await line.stub.user_says(line.person, text)
    assert ear.heard == []
    await line.stub.webhook.release(copies=2)
    texts = [json.loads(heard.body)["message"]["text"] for heard in ear.heard]
    assert texts == ["hai", "hai", "một", "một"]


async def test_a_tap_on_a_question_comes_back_as_a_text(line: Line, ear: WebhookEar) -> None:
    line.stub.echo = EchoTiming.NEVER
    line.stub.webhook.url = ear.url
    await line.send(buttons(ASK, LINK))
    await line.stub.user_taps(line.stub.sent[0], "Trợ giúp")
    assert await line.stub.user_taps(line.stub.sent[0], "Mở") is None
    assert [json.loads(heard.body)["message"]["text"] for heard in ear.heard] == ["/trogiup"]


@pytest.mark.parametrize("timing", [EchoTiming.BEFORE_ANSWER, EchoTiming.AFTER_ANSWER])
async def test_our_own_sends_are_echoed(line: Line, ear: WebhookEar, timing: EchoTiming) -> None:
    line.stub.echo = timing
    line.stub.api.sends_receipts = True
    assert line.stub.world.sending.sends_receipts is line.stub.api.sends_receipts
    line.stub.webhook.url = ear.url
    await line.send()
    echo, receipt = [json.loads(heard.body) for heard in await ear.wait_for(2)]
    assert (echo["event_name"], echo["sender"]["id"]) == ("oa_send_text", line.stub.oa.oa_id)
    assert echo["message"]["msg_id"] == line.stub.sent[0].message_id
    assert receipt["event_name"] == "user_received_message"


async def test_a_lost_answer_leaves_only_the_echo(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.fail_next(FaultKind.CLOSE_AFTER, method=CS)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await line.send()
    echo = json.loads((await ear.wait_for(1))[0].body)
    assert echo["message"]["msg_id"] == line.stub.sent[0].message_id


KINDS = ["image", "gif", "link", "audio", "video", "sticker", "location", "file", "business_card"]


async def test_people_follow_send_things_and_leave(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    await line.stub.user_follows(line.person)
    for kind in KINDS:
        await line.stub.user_sends(line.person, kind, url="https://f1.zdn.vn/a")
    await line.stub.user_says_in_group(line.person, line.stub.group(), "Chào nhóm")
    await line.stub.unknown_event()
    await line.stub.user_unfollows(line.person)
    names = [json.loads(heard.body)["event_name"] for heard in ear.heard]
    sends = [f"user_send_{kind}" for kind in KINDS]
    assert names == ["follow", *sends, "user_send_group_text", "oa_new_thing", "unfollow"]


async def test_a_url_is_saved_only_if_it_answers_200(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(web.Response(status=401))
    assert await line.stub.webhook.save(ear.url) is False
    assert line.stub.webhook.url == ""
    assert await line.stub.webhook.save(ear.url) is True
    assert line.stub.webhook.url == ear.url


async def test_another_process_can_play_the_users(line: Line, ear: WebhookEar) -> None:
    orders: list[tuple[str, Json]] = [
        ("webhook", {"url": ear.url, "test": True}),
        ("say", {"user": line.person.user_id, "text": "alo"}),
        ("follow", {"user": line.person.user_id}),
        ("person", {"id": line.person.user_id, "bar": "-218"}),
    ]
    for door, order in orders:
        async with line.client.post(f"/_stub/{door}", json=order) as answer:
            assert answer.status == 200
    assert len(ear.heard) == 3
    assert (await line.send())["error"] == -218
    async with line.client.get("/_stub/state") as answer:
        state = await answer.json()
    assert state["access_token"] == line.stub.tokens.access_token
    async with line.client.get("/_stub/broken_rules") as answer:
        assert await answer.json() == []


async def test_events_can_be_switched_off_and_filtered(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.webhook.manners = WebhookManners(
        only_hash_texts=True, switched_off=frozenset({"follow"}), copies=2
    )
    await line.stub.user_follows(line.person)
    await line.stub.user_says(line.person, "alo")
    await line.stub.user_says(line.person, "#alo")
    assert len(ear.heard) == 2


async def test_an_event_nobody_hears_is_repeated_later(line: Line) -> None:
    async with WebhookEar() as ear:
        line.stub.webhook.url = ear.url
    event = await line.stub.user_says(line.person, "alo")
    assert (event.status, event.was_connected) == (0, False)
    line.stub.clock.advance(30)
    await line.stub.webhook.wait_for_attempts(2)
    line.stub.webhook.manners = WebhookManners(repeat_on=RepeatOn.NEVER)
    await line.stub.webhook.send_again(event)
    assert len(line.stub.webhook.attempts) == 3
    assert line.stub.broken_rules == []


async def test_a_repeat_that_is_heard_ends_the_ladder(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(web.Response(status=500))
    line.stub.webhook.url = ear.url
    await line.stub.user_says(line.person, "alo")
    line.stub.clock.advance(30)
    await line.stub.webhook.wait_for_attempts(2)
    assert line.stub.webhook.attempts[-1].status == 200
    assert line.stub.webhook.is_on


async def test_another_process_can_tap_and_leave(line: Line, ear: WebhookEar) -> None:
    line.stub.echo = EchoTiming.NEVER
    await line.send(buttons(ASK))
    message_id = line.stub.sent[0].message_id
    orders: list[tuple[str, Json, int]] = [
        ("webhook", {"url": ear.url}, 200),
        ("tap", {"message_id": message_id, "button": "Trợ giúp"}, 200),
        ("tap", {"message_id": "0", "button": "Trợ giúp"}, 400),
        ("follow", {"user": line.person.user_id, "over": True}, 200),
    ]
    for door, order, status in orders:
        async with line.client.post(f"/_stub/{door}", json=order) as answer:
            assert answer.status == status
    names = [json.loads(heard.body)["event_name"] for heard in ear.heard]
    assert names == ["user_send_text", "unfollow"]


async def test_what_an_admin_writes_is_told_with_the_admins_id(
    line: Line, ear: WebhookEar
) -> None:
    line.stub.webhook.url = ear.url
    await line.stub.admin_says(line.person, "Chào chị")
    echo = json.loads(ear.heard[0].body)
    assert echo["event_name"] == "oa_send_text"
    assert set(echo["sender"]) == {"id", "admin_id"}
    assert line.stub.sent == []
