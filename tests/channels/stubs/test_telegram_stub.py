"""The stand-in of Telegram keeps the platform's rules: tried with a plain HTTP client."""

import json

import aiohttp
import pytest

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.sent_log import SentButton, TooFewSent
from tests.channels.stubs.telegram_chats import ChatState
from tests.channels.stubs.telegram_line import GROUP, USER, Line, keyboard


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


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


async def test_any_method_may_be_told_to_wait_and_the_others_go_on(line: Line) -> None:
    line.stub.fail_next(FaultKind.REFUSED, method="getMe", code=429, retry_after_s=10)
    assert (await line.call("getMe")).headers["Retry-After"] == "10"
    assert (await line.send()).status == 200
    line.stub.clock.advance(5)
    assert (await line.call("getMe")).body["parameters"] == {"retry_after": 10}
    assert [rule.rule for rule in line.stub.broken_rules] == ["retry_after"]
    line.stub.clock.advance(10)
    assert (await line.call("getMe")).status == 200


async def test_a_whole_bot_may_be_told_to_wait(line: Line) -> None:
    line.stub.fail_next(FaultKind.REFUSED, method="sendMessage", code=429, retry_after_s=10)
    assert [(await line.send()).status for _ in range(2)] == [429, 429]
    assert (await line.call("sendMessage", chat_id=GROUP, text="a")).status == 429
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
    for _ in range(2):
        line.stub.clock.advance(5)
        statuses = [
            (await line.call("sendChatAction", chat_id=USER, action="typing")).status
            for _ in range(10)
        ]
        assert statuses == [200] * 10
    line.stub.clock.advance(5)
    late = await line.call("sendChatAction", chat_id=USER, action="typing")
    assert late.body["parameters"] == {"retry_after": 15}


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


async def test_a_bot_introduces_itself(line: Line) -> None:
    commands = [{"command": "batdau", "description": "Bắt đầu"}]
    assert (await line.call("setMyCommands", commands=commands)).status == 200
    assert (await line.call("setMyDescription", description="Bình yên")).status == 200
    assert (await line.call("setMyShortDescription", short_description="BY")).status == 200
    assert line.stub.profile.as_object() == {
        "commands": commands,
        "description": "Bình yên",
        "short_description": "BY",
    }
    assert (await line.call("getChat", chat_id=GROUP)).result["type"] == "group"


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
    handle = line.stub.files.keep("photo").file_id
    said = await line.call("sendPhoto", chat_id=USER, photo=handle, caption="Ảnh")
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


async def test_characters_written_as_entities_are_read(line: Line) -> None:
    await line.send("&lt;&#273;&#x111;&nope; &#xzz;", parse_mode="HTML")
    assert line.stub.sent[0].text == "<đđ&nope; &#xzz;"
