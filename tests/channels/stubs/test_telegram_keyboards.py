"""Keyboards, taps and links on the stand-in of Telegram."""

from typing import cast

import pytest

from tests.channels.stubs.telegram_line import GROUP, USER, Json, Line, keyboard
from tests.channels.stubs.telegram_updates import Update


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


def said(update: Update | None) -> Json:
    assert update is not None
    return cast(Json, update.body["message"])


async def test_a_reply_keyboard_says_its_titles_and_shares_what_was_asked(line: Line) -> None:
    rows = [
        [{"text": "Gọi 113"}, "Trợ giúp"],
        [{"text": "Số của tôi", "request_contact": True}],
        [{"text": "Tôi ở đây", "request_location": True}],
    ]
    markup: Json = {"keyboard": rows, "resize_keyboard": True, "input_field_placeholder": "Chọn"}
    await line.send(reply_markup=markup)
    sent = line.stub.sent[0]
    assert (sent.markup, len(sent.buttons)) == ("keyboard", 4)
    assert said(await line.stub.user_taps(sent, "Gọi 113"))["text"] == "Gọi 113"
    assert said(await line.stub.user_taps(sent, "Trợ giúp"))["text"] == "Trợ giúp"
    shared = said(await line.stub.user_taps(sent, "Số của tôi"))
    assert cast(Json, shared["contact"])["user_id"] == USER
    assert "location" in said(await line.stub.user_taps(sent, "Tôi ở đây"))
    assert line.stub.broken_rules == []


async def test_a_keyboard_can_be_taken_away_and_an_answer_asked_for(line: Line) -> None:
    for kind in ("remove_keyboard", "force_reply"):
        assert (await line.send(reply_markup={kind: True})).status == 200
        assert line.stub.sent[-1].markup == kind
        line.stub.clock.advance(5)


WRONG: list[tuple[str, int, Json, str]] = [
    ("no buttons", USER, {"keyboard": []}, "must have buttons"),
    ("no rows", USER, {"keyboard": ["a"]}, "must be rows"),
    ("empty title", USER, {"keyboard": [[""]]}, "must be non-empty"),
    ("number for a button", USER, {"keyboard": [[1]]}, "String or an Object"),
    (
        "two deeds",
        USER,
        {"keyboard": [[{"text": "a", "request_contact": True, "request_location": True}]]},
        "one thing",
    ),
    (
        "number asked in a group",
        GROUP,
        {"keyboard": [[{"text": "a", "request_contact": True}]]},
        "private chats only",
    ),
    ("kept keyboard", USER, {"remove_keyboard": False}, "must be true"),
    ("long hint", USER, {"force_reply": True, "input_field_placeholder": "a" * 65}, "placeholder"),
    ("unknown keyboard", USER, {"piano": []}, "no known kind"),
    ("301 buttons", USER, {"keyboard": [["a"] * 301]}, "too long"),
    ("link without a host", USER, keyboard(url="https://localhost/a"), "BUTTON_URL_INVALID"),
    ("link with a space", USER, keyboard(url="https://example.org/a b"), "BUTTON_URL_INVALID"),
    ("script", USER, keyboard(url="javascript:alert(1)"), "BUTTON_URL_INVALID"),
    ("two kinds", USER, keyboard(url="https://example.org", callback_data="a"), "Text buttons"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[0])
async def test_a_keyboard_that_cannot_be_is_refused(
    line: Line, case: tuple[str, int, Json, str]
) -> None:
    _, chat, markup, says = case
    answer = await line.call("sendMessage", chat_id=chat, text="a", reply_markup=markup)
    assert (answer.status, says in str(answer.body["description"])) == (400, True)
    assert len(line.stub.broken_rules) == 1


@pytest.mark.parametrize("url", ["https://example.org/a?b=c", "tg://user?id=1", "http://1.2.3.4"])
async def test_links_people_can_open_are_taken(line: Line, url: str) -> None:
    assert (await line.send(reply_markup=keyboard(url=url))).status == 200


async def test_a_tap_is_answered_once(line: Line) -> None:
    await line.send(reply_markup=keyboard(callback_data="a"))
    update = await line.stub.user_taps(line.stub.sent[0], 0)
    assert update is not None
    query = cast(Json, update.body["callback_query"])
    answer = {"callback_query_id": query["id"]}
    assert (await line.call("answerCallbackQuery", text="a" * 201, **answer)).status == 400
    assert (await line.call("answerCallbackQuery", **answer)).status == 200
    again = await line.call("answerCallbackQuery", **answer)
    assert "query is too old" in str(again.body["description"])


async def test_a_tap_can_be_answered_until_its_last_second(line: Line) -> None:
    await line.send(reply_markup=keyboard(callback_data="a"))
    for waits_s, status in ((150, 200), (151, 400)):
        update = await line.stub.user_taps(line.stub.sent[0], 0)
        assert update is not None
        query = cast(Json, update.body["callback_query"])
        line.stub.clock.advance(waits_s)
        said = await line.call("answerCallbackQuery", callback_query_id=query["id"])
        assert said.status == status


async def test_a_tap_on_a_message_that_is_gone_shows_no_more_than_its_place(line: Line) -> None:
    await line.send(reply_markup=keyboard(callback_data="a"))
    sent = line.stub.sent[0]
    await line.call("deleteMessage", chat_id=USER, message_id=int(sent.message_id))
    update = await line.stub.user_taps(sent, 0)
    assert update is not None
    message = cast(Json, cast(Json, update.body["callback_query"])["message"])
    assert (message["date"], "text" in message) == (0, False)


async def test_a_tap_in_a_group_names_who_tapped(line: Line) -> None:
    markup = keyboard(callback_data="a")
    await line.call("sendMessage", chat_id=GROUP, text="a", reply_markup=markup)
    update = await line.stub.user_taps(line.stub.sent[0], 0, user=USER + 3)
    assert update is not None
    query = cast(Json, update.body["callback_query"])
    assert (cast(Json, query["from"])["id"], update.lane) == (USER + 3, f"taps of {USER + 3}")


async def test_a_link_carries_its_payload_to_the_bot(line: Line) -> None:
    url = f"https://t.me/thu_nghiem_bot?start={'a' * 60}-_Z9"
    update = await line.stub.user_opens_link(USER + 4, url)
    assert said(update)["text"] == f"/start {'a' * 60}-_Z9"
    bare = await line.stub.user_opens_link(USER + 4, "https://t.me/thu_nghiem_bot")
    assert said(bare)["text"] == "/start"
    assert line.stub.broken_rules == []


@pytest.mark.parametrize(
    "url",
    [
        f"https://t.me/thu_nghiem_bot?start={'a' * 65}",
        "https://t.me/thu_nghiem_bot?start=a.b",
        "https://t.me/thu_nghiem_bot?start=%C4%91",
        "https://t.me/bot_khac?start=abc",
        "https://example.org/thu_nghiem_bot?start=abc",
    ],
)
async def test_a_link_the_platform_would_not_carry_is_written_down(line: Line, url: str) -> None:
    await line.stub.user_opens_link(USER, url)
    assert [rule.method for rule in line.stub.broken_rules] == ["link"]


async def test_what_a_person_changed_comes_as_an_edit(line: Line) -> None:
    update = await line.stub.user_says(USER, "cũ")
    edited = line.stub.user_edits(update, "mới")
    body = cast(Json, edited.body["edited_message"])
    assert (body["text"], body["message_id"]) == ("mới", said(update)["message_id"])
    photo = line.stub.user_sends_file(USER, line.stub.files.keep("photo"), caption="cũ")
    body = cast(Json, line.stub.user_edits(photo, "mới").body["edited_message"])
    assert (body["caption"], "text" in body) == ("mới", False)
