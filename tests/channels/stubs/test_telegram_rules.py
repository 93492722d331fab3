"""What breaks a rule of the Bot API is refused by its stand-in and written down."""

from dataclasses import dataclass

import pytest

from tests.channels.stubs.telegram_line import USER, Json, Line, keyboard


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


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
        id="span of no kind",
        method="sendMessage",
        params={"text": "<span>a</span>", "parse_mode": "HTML"},
        says="must have class",
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
        id="commands as an object", method="setMyCommands", params={"commands": {}}, says="Array"
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


async def test_a_body_that_is_not_json_is_refused(line: Line) -> None:
    path = f"/bot{line.stub.token}/sendMessage"
    headers = {"Content-Type": "application/json"}
    async with line.client.post(path, data=b"[1", headers=headers) as answer:
        assert answer.status == 400
    assert len(line.stub.broken_rules) == 1


async def test_an_unknown_method_is_not_found(line: Line) -> None:
    assert (await line.call("sendTelepathy")).status == 404
