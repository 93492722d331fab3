"""The stand-in of Telegram keeps the platform's rules: tried with a plain HTTP client."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast

import aiohttp
import pytest
from aiohttp import web

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.sent_log import SentButton, TooFewSent
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_chats import ChatState
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.webhook_ear import WebhookEar

USER = 7_000_000_001
GROUP = -4_000_000_001
Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer of the Bot API."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def result(self) -> Json:
        return cast(Json, self.body["result"])

    @property
    def list(self) -> list[Json]:
        return cast(list[Json], self.body["result"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stub with somebody in it, and a client that talks to it."""

    stub: TelegramStub
    client: aiohttp.ClientSession

    async def call(self, method: str, **params: object) -> Said:
        path = f"/bot{self.stub.token}/{method}"
        async with self.client.post(path, json=params) as answer:
            return Said(
                status=answer.status, body=await answer.json(), headers=dict(answer.headers)
            )

    async def send(self, text: str = "Chào bà con", **params: object) -> Said:
        return await self.call("sendMessage", chat_id=USER, text=text, **params)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    stub = TelegramStub(clock=StubClock(frozen=True))
    async with stub, aiohttp.ClientSession(stub.url) as client:
        stub.person(USER)
        stub.person(GROUP)
        yield Line(stub=stub, client=client)


@pytest.fixture
async def ear() -> AsyncIterator[WebhookEar]:
    async with WebhookEar() as listening:
        yield listening


def keyboard(**button: object) -> Json:
    return {"inline_keyboard": [[{"text": "Đồng ý", **button}]]}


async def test_a_message_is_shown_and_recorded(line: Line) -> None:
    said = await line.send("<b>Xin chào</b> &amp; cảm ơn", parse_mode="HTML")
    sent = (await line.stub.wait_for_sent(1))[0]
    assert (sent.to, sent.text) == (str(USER), "Xin chào & cảm ơn")
    assert said.result["message_id"] == int(sent.message_id)
    assert line.stub.broken_rules == []


@pytest.mark.parametrize("form", ["json", "urlencoded", "multipart"])
async def test_a_body_may_be_json_or_a_form(line: Line, form: str) -> None:
    markup = json.dumps(keyboard(callback_data="đ"))
    path = f"/bot{line.stub.token}/sendMessage"
    values = {"chat_id": str(USER), "text": "Chào", "reply_markup": markup}
    data: object = values
    if form == "multipart":
        data = aiohttp.FormData(values, default_to_multipart=True)
    how = {"json": values} if form == "json" else {"data": data}
    async with line.client.post(path, **how) as answer:
        assert answer.status == 200
    assert line.stub.sent[0].buttons == (
        SentButton(title="Đồng ý", kind="callback_data", payload="đ"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    id: str
    method: str
    params: Json
    says: str


WRONG = [
    Wrong(
        id="text too long",
        method="sendMessage",
        params={"text": "a" * 4097},
        says="message is too long",
    ),
    Wrong(
        id="emoji count twice",
        method="sendMessage",
        params={"text": "😀" * 2049},
        says="message is too long",
    ),
    Wrong(id="no text", method="sendMessage", params={"text": " \n"}, says="text is empty"),
    Wrong(
        id="open tag",
        method="sendMessage",
        params={"text": "<b>a", "parse_mode": "HTML"},
        says="can't parse entities",
    ),
    Wrong(
        id="bare angle bracket",
        method="sendMessage",
        params={"text": "1 < 2", "parse_mode": "HTML"},
        says="can't parse entities",
    ),
    Wrong(
        id="tags crossed",
        method="sendMessage",
        params={"text": "<b><i>a</b></i>", "parse_mode": "HTML"},
        says="can't parse entities",
    ),
    Wrong(
        id="callback data of 65 bytes",
        method="sendMessage",
        params={"text": "a", "reply_markup": keyboard(callback_data="đ" * 32 + "a")},
        says="BUTTON_DATA_INVALID",
    ),
    Wrong(
        id="empty callback data",
        method="sendMessage",
        params={"text": "a", "reply_markup": keyboard(callback_data="")},
        says="BUTTON_DATA_INVALID",
    ),
    Wrong(
        id="url of nothing",
        method="sendMessage",
        params={"text": "a", "reply_markup": keyboard(url="khong-phai-link")},
        says="BUTTON_URL_INVALID",
    ),
    Wrong(
        id="button without a deed",
        method="sendMessage",
        params={"text": "a", "reply_markup": keyboard()},
        says="Text buttons",
    ),
    Wrong(
        id="entity outside of the text",
        method="sendMessage",
        params={"text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
        says="can't parse entities",
    ),
    Wrong(
        id="caption too long",
        method="sendPhoto",
        params={"photo": "file-1", "caption": "a" * 1025},
        says="caption is too long",
    ),
    Wrong(id="no picture", method="sendPhoto", params={}, says="no photo"),
    Wrong(
        id="unknown tap",
        method="answerCallbackQuery",
        params={"callback_query_id": "1"},
        says="query is too old",
    ),
    Wrong(
        id="webhook without TLS",
        method="setWebhook",
        params={"url": "http://example.org/x"},
        says="HTTPS",
    ),
    Wrong(
        id="webhook on a strange port",
        method="setWebhook",
        params={"url": "https://example.org:8081/x"},
        says="ports",
    ),
    Wrong(
        id="webhook secret with a space",
        method="setWebhook",
        params={"url": "https://example.org/x", "secret_token": "a b"},
        says="secret token",
    ),
    Wrong(
        id="command in capitals",
        method="setMyCommands",
        params={"commands": [{"command": "Start", "description": "a"}]},
        says="BOT_COMMAND_INVALID",
    ),
    Wrong(
        id="markdown",
        method="sendMessage",
        params={"text": "*a*", "parse_mode": "MarkdownV2"},
        says="unsupported parse_mode",
    ),
    Wrong(
        id="too many tags",
        method="sendMessage",
        params={"text": "<b>a</b>" * 101, "parse_mode": "HTML"},
        says="too many entities",
    ),
    Wrong(
        id="entities that are no list",
        method="sendMessage",
        params={"text": "a", "entities": {}},
        says="can't parse entities",
    ),
    Wrong(
        id="entity without a place",
        method="sendMessage",
        params={"text": "a", "entities": [{"type": "bold"}]},
        says="can't parse entities",
    ),
    Wrong(
        id="keyboard as a list",
        method="sendMessage",
        params={"text": "a", "reply_markup": []},
        says="object expected",
    ),
    Wrong(
        id="keyboard that is not JSON",
        method="sendMessage",
        params={"text": "a", "reply_markup": "{"},
        says="can't parse reply_markup",
    ),
    Wrong(
        id="keyboard without rows",
        method="sendMessage",
        params={"text": "a", "reply_markup": {"inline_keyboard": [1]}},
        says="must be rows",
    ),
    Wrong(
        id="button without a text",
        method="sendMessage",
        params={
            "text": "a",
            "reply_markup": {"inline_keyboard": [[{"text": "", "callback_data": "a"}]]},
        },
        says="Text buttons",
    ),
    Wrong(
        id="chat that is a word",
        method="sendMessage",
        params={"text": "a", "chat_id": "ba con"},
        says="must be a Number",
    ),
    Wrong(id="no chat", method="sendMessage", params={"text": "a", "chat_id": None}, says="empty"),
    Wrong(id="text as a list", method="sendMessage", params={"text": ["a"]}, says="String"),
    Wrong(id="unknown action", method="sendChatAction", params={"action": "dance"}, says="action"),
    Wrong(
        id="no webhook connections",
        method="setWebhook",
        params={"url": "https://example.org/x", "max_connections": 0},
        says="max_connections",
    ),
    Wrong(
        id="kinds of updates as an object",
        method="getUpdates",
        params={"allowed_updates": {}},
        says="allowed_updates",
    ),
    Wrong(
        id="commands as an object", method="setMyCommands", params={"commands": {}}, says="list"
    ),
    Wrong(
        id="command without a word about it",
        method="setMyCommands",
        params={"commands": [{"command": "start", "description": ""}]},
        says="DESCRIPTION_INVALID",
    ),
    Wrong(
        id="description too long",
        method="setMyDescription",
        params={"description": "a" * 513},
        says="too long",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
async def test_what_breaks_a_rule_is_refused_and_written_down(line: Line, case: Wrong) -> None:
    said = await line.call(case.method, **{"chat_id": USER, **case.params})
    assert said.status == 400
    assert case.says in str(said.body["description"])
    assert [rule.method for rule in line.stub.broken_rules] == [case.method]
    assert line.stub.sent == []


async def test_limits_themselves_are_still_allowed(line: Line) -> None:
    assert (await line.send("a" * 4096)).status == 200
    said = await line.send("a", reply_markup=keyboard(callback_data="đ" * 32))
    assert said.status == 200
    assert line.stub.broken_rules == []


async def test_a_wrong_token_is_not_authorised(line: Line) -> None:
    async with line.client.get("/bot123456:wrong/getMe") as answer:
        body = await answer.json()
    assert (answer.status, body["error_code"], body["ok"]) == (401, 401, False)


STATES = [
    (ChatState.BLOCKED, 403, "bot was blocked by the user"),
    (ChatState.DEACTIVATED, 403, "user is deactivated"),
    (ChatState.GONE, 400, "chat not found"),
]


@pytest.mark.parametrize(("state", "code", "says"), STATES, ids=[row[0] for row in STATES])
async def test_people_out_of_reach_are_refused_without_blame(
    line: Line, state: ChatState, code: int, says: str
) -> None:
    line.stub.set_state(USER, state)
    said = await line.send()
    assert said.body["error_code"] == code
    assert says in str(said.body["description"])
    assert line.stub.broken_rules == []


async def test_an_upgraded_group_tells_its_new_id(line: Line) -> None:
    line.stub.migrate(GROUP, to=-1_004_000_000_001)
    said = await line.call("sendMessage", chat_id=GROUP, text="Chào")
    assert said.body["parameters"] == {"migrate_to_chat_id": -1_004_000_000_001}


async def test_one_chat_bears_a_short_burst_and_then_says_how_long_to_wait(line: Line) -> None:
    assert [(await line.send()).status for _ in range(3)] == [200, 200, 429]
    said = await line.send()
    assert said.body["parameters"] == {"retry_after": 1}
    assert said.headers["Retry-After"] == "1"
    line.stub.clock.advance(1)
    assert (await line.send()).status == 200
    assert {rule.rule for rule in line.stub.broken_rules} == {"pace"}


async def test_asking_again_too_early_makes_the_wait_longer(line: Line) -> None:
    line.stub.fail_next(FaultKind.REFUSED, to=str(USER), code=429, retry_after_s=10)
    assert (await line.send()).body["parameters"] == {"retry_after": 10}
    line.stub.clock.advance(9)
    assert (await line.send()).body["parameters"] == {"retry_after": 10}
    assert [rule.rule for rule in line.stub.broken_rules] == ["retry_after"]
    line.stub.clock.advance(10)
    assert (await line.send()).status == 200


async def test_a_group_takes_twenty_a_minute_and_the_bot_thirty_a_second(line: Line) -> None:
    group = [await line.call("sendMessage", chat_id=GROUP, text="a") for _ in range(21)]
    assert [said.status for said in group] == [200] * 20 + [429]
    line.stub.clock.advance(1)
    people = [line.stub.person(USER + 10 + n).id for n in range(31)]
    bulk = [await line.call("sendMessage", chat_id=person, text="a") for person in people]
    assert [said.status for said in bulk] == [200] * 30 + [429]


async def test_typing_has_a_measure_of_its_own(line: Line) -> None:
    statuses = [
        (await line.call("sendChatAction", chat_id=USER, action="typing")).status
        for _ in range(21)
    ]
    assert statuses == [200] * 20 + [429]


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


async def test_an_edit_needs_something_new(line: Line) -> None:
    said = await line.send("cũ")
    ours = {"chat_id": USER, "message_id": said.result["message_id"]}
    line.stub.clock.advance(5)
    same = await line.call("editMessageText", text="cũ", **ours)
    assert "message is not modified" in str(same.body["description"])
    assert (await line.call("editMessageText", text="mới", **ours)).status == 200
    assert [edit.text for edit in line.stub.edited] == ["mới"]
    assert line.stub.broken_rules == []


async def test_a_message_can_be_deleted_for_two_days(line: Line) -> None:
    said = await line.send()
    ours = {"chat_id": USER, "message_id": said.result["message_id"]}
    line.stub.clock.advance(48 * 3600)
    assert (await line.call("deleteMessage", **ours)).status == 400
    fresh = await line.send()
    ours["message_id"] = fresh.result["message_id"]
    assert (await line.call("deleteMessage", **ours)).body["result"] is True


async def test_a_document_arrives_with_its_name_and_size(line: Line) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("chat_id", str(USER))
    form.add_field("document", b"x" * 300, filename="Báo cáo.docx")
    async with line.client.post(f"/bot{line.stub.token}/sendDocument", data=form) as answer:
        assert answer.status == 200
    file = line.stub.sent[0].file
    assert file is not None
    assert (file.kind, file.name, file.size_bytes) == ("document", "Báo cáo.docx", 300)


FAULTS = [
    (FaultKind.ERROR_500, 500),
    (FaultKind.HTML_502, 502),
    (FaultKind.RUBBISH, 200),
]


@pytest.mark.parametrize(("kind", "status"), FAULTS, ids=[row[0] for row in FAULTS])
async def test_a_scripted_trouble_happens_once(line: Line, kind: FaultKind, status: int) -> None:
    line.stub.fail_next(kind, method="sendMessage")
    path = f"/bot{line.stub.token}/sendMessage"
    async with line.client.post(path, json={"chat_id": USER, "text": "a"}) as answer:
        assert answer.status == status
        assert await answer.text() != ""
    assert line.stub.sent == []
    assert (await line.send()).status == 200


@pytest.mark.parametrize(
    ("kind", "shown"), [(FaultKind.CLOSE_BEFORE, 0), (FaultKind.CLOSE_AFTER, 1)]
)
async def test_a_cut_line_may_hide_a_message_that_was_delivered(
    line: Line, kind: FaultKind, shown: int
) -> None:
    line.stub.fail_next(kind)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await line.send()
    assert len(line.stub.sent) == shown


async def test_a_server_that_is_down_refuses_connections_until_it_is_back(line: Line) -> None:
    await line.stub.go_down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await line.send()
    await line.stub.come_back()
    assert (await line.send()).status == 200


async def test_waiting_for_too_much_ends_with_a_count(line: Line) -> None:
    await line.send()
    with pytest.raises(TooFewSent, match="1 of 2"):
        await line.stub.wait_for_sent(2, 0.01)


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


async def test_a_body_that_is_not_json_is_refused(line: Line) -> None:
    path = f"/bot{line.stub.token}/sendMessage"
    headers = {"Content-Type": "application/json"}
    async with line.client.post(path, data=b"[1", headers=headers) as answer:
        assert answer.status == 400
    assert len(line.stub.broken_rules) == 1


async def test_an_unknown_method_is_not_found(line: Line) -> None:
    assert (await line.call("sendTelepathy")).status == 404


async def test_a_bot_introduces_itself(line: Line) -> None:
    commands = [{"command": "batdau", "description": "Bắt đầu"}]
    assert (await line.call("setMyCommands", commands=commands)).status == 200
    assert (await line.call("setMyDescription", description="Bình yên")).status == 200
    assert (await line.call("setMyShortDescription", short_description="BY")).status == 200
    assert line.stub.profile == {
        "commands": commands,
        "description": "Bình yên",
        "short_description": "BY",
    }
    assert (await line.call("getChat", chat_id=GROUP)).result["type"] == "group"


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


async def test_messages_of_others_are_not_ours_to_change(line: Line) -> None:
    await line.stub.user_says(USER, "alo", chat=GROUP)
    theirs = {"chat_id": GROUP, "message_id": 1}
    assert "can't be edited" in str(
        (await line.call("editMessageText", text="a", **theirs)).body["description"]
    )
    assert (await line.call("deleteMessage", **theirs)).status == 400
    assert (await line.call("deleteMessage", chat_id=GROUP, message_id=9)).status == 400
    assert line.stub.broken_rules == []


async def test_a_picture_sent_by_its_handle_has_no_text_to_edit(line: Line) -> None:
    said = await line.call("sendPhoto", chat_id=USER, photo="file-1", caption="Ảnh")
    edited = await line.call(
        "editMessageText", chat_id=USER, message_id=said.result["message_id"], text="a"
    )
    assert "no text" in str(edited.body["description"])
    assert said.result["caption"] == "Ảnh"


async def test_an_empty_document_is_refused(line: Line) -> None:
    form = aiohttp.FormData({"chat_id": str(USER)})
    form.add_field("document", b"", filename="rong.pdf")
    async with line.client.post(f"/bot{line.stub.token}/sendDocument", data=form) as answer:
        assert answer.status == 400


async def test_a_link_tells_the_bot_nothing_and_a_lost_button_is_an_error(line: Line) -> None:
    await line.send(reply_markup=keyboard(url="https://example.org/"))
    sent = line.stub.sent[0]
    assert await line.stub.user_taps(sent, sent.buttons[0]) is None
    with pytest.raises(LookupError):
        await line.stub.user_taps(sent, "Không có")


async def test_characters_written_as_entities_are_read(line: Line) -> None:
    await line.send("&lt;&#273;&#x111;&nope; &#xzz;", parse_mode="HTML")
    assert line.stub.sent[0].text == "<đđ&nope; &#xzz;"


async def test_a_webhook_that_is_gone_is_told_in_the_info(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(web.Response(status=503, headers={"Retry-After": "90"}))
    await line.call("setWebhook", url=ear.url, allowed_updates=["message"])
    await line.stub.user_says(USER, "alo")
    await line.stub.webhook.wait_for_deliveries(1)
    info = (await line.call("getWebhookInfo")).result
    assert (info["last_error_message"], info["allowed_updates"]) == (
        "Wrong response from the webhook: 503",
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
