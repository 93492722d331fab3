"""What breaks a rule for messages is refused by Zalo's stand-in and written down."""

from dataclasses import dataclass

import pytest

from tests.channels.stubs.zalo_line import ASK, CS, LINK, Json, Line, buttons, media


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    id: str
    message: object
    code: int
    to: object = None


WRONG = [
    Wrong(id="2001 code points", message={"text": "đ" * 2001}, code=-210),
    Wrong(id="no text", message={"text": ""}, code=-201),
    Wrong(id="text is a number", message={"text": 5}, code=-201),
    Wrong(id="a message that is none", message="Chào", code=-201),
    Wrong(id="id as a number", message={"text": "a"}, to=2_345_678_901_234_567_891, code=-201),
    Wrong(id="unknown key", message={"text": "a", "parse_mode": "HTML"}, code=-201),
    Wrong(id="six buttons", message=buttons(*[ASK] * 6), code=-210),
    Wrong(id="button without a title", message=buttons(ASK | {"title": ""}), code=-201),
    Wrong(id="button of no kind", message=buttons(ASK | {"type": "oa.dance"}), code=-201),
    Wrong(id="payload too long", message=buttons(ASK | {"payload": "a" * 1001}), code=-210),
    Wrong(id="link as a string", message=buttons(LINK | {"payload": "https://a.vn"}), code=-201),
    Wrong(id="buttons alone", message=buttons(ASK, text=""), code=-201),
    Wrong(
        id="image without its wrapper",
        message={"attachment": {"type": "image", "payload": {"url": "https://a.vn/a.jpg"}}},
        code=-201,
    ),
    Wrong(
        id="gif without measures",
        message=media({"media_type": "gif", "url": "https://a.vn/a.gif"}),
        code=-201,
    ),
    Wrong(
        id="file by attachment id",
        message={"attachment": {"type": "file", "payload": {"attachment_id": "1"}}},
        code=-201,
    ),
    Wrong(
        id="a list",
        message={
            "attachment": {
                "type": "template",
                "payload": {"template_type": "list", "elements": [{"title": "a"}]},
            }
        },
        code=-233,
    ),
    Wrong(
        id="text beside a file",
        message={"text": "a", "attachment": {"type": "file", "payload": {"token": "1"}}},
        code=-201,
    ),
    Wrong(id="elements empty", message=media({}) | {"text": 1}, code=-201),
    Wrong(id="media of no kind", message=media({"media_type": "film", "url": "a"}), code=-201),
    Wrong(id="sticker by url", message=media({"media_type": "sticker", "url": "a"}), code=-201),
    Wrong(
        id="two elements",
        message={
            "attachment": {
                "type": "template",
                "payload": {"template_type": "media", "elements": [{}, {}]},
            }
        },
        code=-210,
    ),
    Wrong(
        id="no elements",
        message={"attachment": {"type": "template", "payload": {"elements": []}}},
        code=-201,
    ),
    Wrong(
        id="buttons that are no list",
        message={"text": "a", "attachment": {"type": "template", "payload": {"buttons": {}}}},
        code=-201,
    ),
    Wrong(id="button to nowhere", message=buttons(LINK | {"payload": {"url": "nha"}}), code=-201),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
async def test_what_breaks_a_rule_is_refused_and_written_down(line: Line, case: Wrong) -> None:
    said = await line.send(case.message, to=case.to)
    assert (said["error"], "data" in said) == (case.code, False)
    assert [rule.method for rule in line.stub.broken_rules] == [CS]
    assert line.stub.sent == []


async def test_two_thousand_code_points_and_five_buttons_are_allowed(line: Line) -> None:
    said = await line.send(buttons(*[ASK] * 5, text="😀" * 2000))
    assert said["error"] == 0


SENDABLE = [
    media({"media_type": "image", "url": "https://example.org/a.jpg"}),
    media({"media_type": "gif", "url": "https://a.vn/a.gif", "width": 10, "height": 10}),
    media({"media_type": "sticker", "attachment_id": "bfe458bf64fa8da4d4eb"}),
    {"text": "Dạ", "quote_message_id": "0f1e2d3c4b5a69788"},
    buttons({"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "113"}}),
    {
        "attachment": {
            "type": "template",
            "payload": {
                "template_type": "request_user_info",
                "elements": [{"title": "a", "subtitle": "b", "image_url": "https://a.vn/a"}],
            },
        }
    },
]


@pytest.mark.parametrize("message", SENDABLE)
async def test_other_forms_of_messages_are_taken(line: Line, message: Json) -> None:
    assert (await line.send(message))["error"] == 0
    assert line.stub.broken_rules == []


async def test_a_body_must_be_json(line: Line) -> None:
    for kind in ("application/json", "text/plain"):
        headers = line.headers() | {"Content-Type": kind}
        async with line.client.post(CS, data=b"{", headers=headers) as answer:
            assert (await answer.json())["error"] == -201
    assert len(line.stub.broken_rules) == 2
