"""Changing messages on the stand-in of Telegram: whose, what, how often."""

from dataclasses import dataclass

import pytest

from tests.channels.stubs.telegram_groups import TelegramGroups
from tests.channels.stubs.telegram_line import GROUP, USER, Json, Line, keyboard
from tests.channels.stubs.telegram_updates import Update

SUPERGROUP = -1_002_000_000_001
CHANNEL = -1_003_000_000_001
DAY_S = 86_400


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


@pytest.fixture
def groups(line: Line) -> TelegramGroups:
    return line.stub.groups


def id_of(update: Update) -> int:
    """Return the message id of an update about a message."""
    message = update.body["message"]
    assert isinstance(message, dict)
    return int(message["message_id"])


async def test_an_edited_message_shows_the_new_text_and_keeps_its_place(line: Line) -> None:
    ours = {"chat_id": USER, "message_id": await line.sent_id()}
    said = await line.call("editMessageText", text="mới", **ours)
    assert (said.result["text"], said.result["message_id"]) == ("mới", ours["message_id"])
    assert int(str(said.result["edit_date"])) > int(str(said.result["date"]))
    assert [edit.text for edit in line.stub.edited] == ["mới"]
    assert [sent.text for sent in line.stub.sent] == ["cũ"]
    assert [sent.text for sent in line.stub.screen(USER)] == ["mới"]
    await line.call("deleteMessage", **ours)
    assert line.stub.screen(USER) == []


async def test_a_caption_is_edited_as_a_caption(line: Line) -> None:
    photo = line.stub.files.keep("photo").file_id
    said = await line.call("sendPhoto", chat_id=USER, photo=photo, caption="cũ")
    ours = {"chat_id": USER, "message_id": said.result["message_id"]}
    line.stub.clock.advance(5)
    said = await line.call("editMessageCaption", caption="mới", **ours)
    assert (said.result["caption"], "photo" in said.result) == ("mới", True)
    same = await line.call("editMessageCaption", caption="mới", **ours)
    assert "message is not modified" in str(same.body["description"])
    line.stub.clock.advance(5)
    long = await line.call("editMessageCaption", caption="a" * 1025, **ours)
    assert "caption is too long" in str(long.body["description"])


async def test_buttons_alone_can_be_changed_and_taken_away(line: Line) -> None:
    ours = {"chat_id": USER, "message_id": await line.sent_id()}
    markup = keyboard(callback_data="a")
    said = await line.call("editMessageReplyMarkup", reply_markup=markup, **ours)
    assert (said.result["reply_markup"], said.result["text"]) == (markup, "cũ")
    same = await line.call("editMessageReplyMarkup", reply_markup=markup, **ours)
    assert "message is not modified" in str(same.body["description"])
    line.stub.clock.advance(5)
    said = await line.call("editMessageReplyMarkup", **ours)
    assert "reply_markup" not in said.result


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    id: str
    method: str
    params: Json
    says: str


REFUSED_EDITS = [
    Refused(
        id="no such message",
        method="editMessageText",
        params={"message_id": 99, "text": "a"},
        says="message to edit not found",
    ),
    Refused(
        id="caption of a text",
        method="editMessageCaption",
        params={"caption": "a"},
        says="no caption in the message",
    ),
    Refused(
        id="keyboard of the input field",
        method="editMessageText",
        params={"text": "a", "reply_markup": {"keyboard": [["a"]]}},
        says="inline keyboard expected",
    ),
    Refused(
        id="empty text",
        method="editMessageText",
        params={"text": " "},
        says="message text is empty",
    ),
    Refused(
        id="no message named",
        method="editMessageText",
        params={"text": "a", "message_id": None},
        says="identifier is not specified",
    ),
]


@pytest.mark.parametrize("case", REFUSED_EDITS, ids=lambda case: case.id)
async def test_an_edit_that_cannot_be_is_refused(line: Line, case: Refused) -> None:
    params = {"chat_id": USER, "message_id": await line.sent_id(), **case.params}
    said = await line.call(case.method, **params)
    assert (said.status, case.says in str(said.body["description"])) == (400, True)
    assert line.stub.edited == []


async def test_a_message_with_a_reply_keyboard_cannot_be_edited(line: Line) -> None:
    number = await line.sent_id(reply_markup={"keyboard": [[{"text": "Có"}]]})
    said = await line.call("editMessageText", chat_id=USER, message_id=number, text="a")
    assert said.body["description"] == "Bad Request: message can't be edited"


async def test_edits_count_in_the_pace_of_a_group(line: Line) -> None:
    number = await line.sent_id(chat=GROUP)
    statuses = [
        (
            await line.call("editMessageText", chat_id=GROUP, message_id=number, text=f"lần {n}")
        ).status
        for n in range(20)
    ]
    assert statuses == [200] * 19 + [429]


async def test_edits_count_in_the_pace_of_one_chat(line: Line) -> None:
    ours = {"chat_id": USER, "message_id": await line.sent_id()}
    statuses = [
        (await line.call("editMessageText", text=f"lần {n}", **ours)).status for n in range(3)
    ]
    assert statuses == [200, 200, 429]


async def test_another_dress_of_the_same_words_is_a_change(line: Line) -> None:
    ours = {"chat_id": USER, "message_id": await line.sent_id("Khẩn: 113")}
    bold = {"text": "<b>Khẩn</b>: 113", "parse_mode": "HTML", **ours}
    said = await line.call("editMessageText", **bold)
    assert said.result["entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    same = await line.call(
        "editMessageText",
        text="Khẩn: 113",
        entities=[{"type": "bold", "offset": 0, "length": 4}],
        **ours,
    )
    assert "message is not modified" in str(same.body["description"])


async def test_blanks_around_a_text_are_cut_and_its_dress_moves_along(line: Line) -> None:
    text = ' \n😀<a href="https://example.org/?a=1&amp;b=2">xem</a> <b> </b>'
    said = await line.send(text, parse_mode="HTML")
    assert said.result["text"] == "😀xem"
    assert said.result["entities"] == [
        {"type": "text_link", "offset": 2, "length": 3, "url": "https://example.org/?a=1&b=2"}
    ]


async def test_nobody_pays_for_speed(line: Line) -> None:
    assert (await line.send(allow_paid_broadcast=True)).status == 400
    assert [rule.rule for rule in line.stub.broken_rules] == ["nothing is paid for"]
