"""Changing and removing messages on the stand-in of Telegram: whose, how old, how often."""

from dataclasses import dataclass
from typing import cast

import pytest

from tests.channels.stubs.telegram_chats import ChatKind
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


async def sent_id(line: Line, text: str = "cũ", *, chat: int = USER, **params: object) -> int:
    """Send a message at a pace nobody minds and return its id."""
    line.stub.clock.advance(5)
    said = await line.call("sendMessage", chat_id=chat, text=text, **params)
    line.stub.clock.advance(5)
    message_id = said.result["message_id"]
    assert isinstance(message_id, int)
    return message_id


async def test_an_edited_message_shows_the_new_text_and_keeps_its_place(line: Line) -> None:
    ours = {"chat_id": USER, "message_id": await sent_id(line)}
    said = await line.call("editMessageText", text="mới", **ours)
    assert (said.result["text"], said.result["message_id"]) == ("mới", ours["message_id"])
    assert int(str(said.result["edit_date"])) > int(str(said.result["date"]))
    assert [edit.text for edit in line.stub.edited] == ["mới"]
    assert [sent.text for sent in line.stub.sent] == ["cũ"]


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
    ours = {"chat_id": USER, "message_id": await sent_id(line)}
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
    params = {"chat_id": USER, "message_id": await sent_id(line), **case.params}
    said = await line.call(case.method, **params)
    assert (said.status, case.says in str(said.body["description"])) == (400, True)
    assert line.stub.edited == []


async def test_a_message_with_a_reply_keyboard_cannot_be_edited(line: Line) -> None:
    number = await sent_id(line, reply_markup={"keyboard": [[{"text": "Có"}]]})
    said = await line.call("editMessageText", chat_id=USER, message_id=number, text="a")
    assert said.body["description"] == "Bad Request: message can't be edited"


async def test_edits_count_in_the_pace_of_a_group(line: Line) -> None:
    number = await sent_id(line, chat=GROUP)
    statuses = [
        (
            await line.call("editMessageText", chat_id=GROUP, message_id=number, text=f"lần {n}")
        ).status
        for n in range(20)
    ]
    assert statuses == [200] * 19 + [429]


async def test_edits_count_in_the_pace_of_one_chat(line: Line) -> None:
    ours = {"chat_id": USER, "message_id": await sent_id(line)}
    statuses = [
        (await line.call("editMessageText", text=f"lần {n}", **ours)).status for n in range(3)
    ]
    assert statuses == [200, 200, 429]


async def test_deleted_messages_are_gone_for_good(line: Line) -> None:
    number = await sent_id(line)
    assert (await line.call("deleteMessage", chat_id=USER, message_id=number)).status == 200
    assert line.stub.deleted == [(str(USER), str(number))]
    again = await line.call("deleteMessage", chat_id=USER, message_id=number)
    assert again.body["description"] == "Bad Request: message to delete not found"
    edit = await line.call("editMessageText", chat_id=USER, message_id=number, text="a")
    assert edit.body["description"] == "Bad Request: message to edit not found"
    assert line.stub.broken_rules == []


async def test_what_a_person_wrote_in_private_can_be_deleted(line: Line) -> None:
    theirs = id_of(await line.stub.user_says(USER, "alo"))
    assert (await line.call("deleteMessage", chat_id=USER, message_id=theirs)).status == 200


async def test_others_words_in_a_group_need_the_right_to_delete(
    line: Line, groups: TelegramGroups
) -> None:
    groups.make(SUPERGROUP, creator=USER)
    groups.add_bot(SUPERGROUP, by=USER)
    wanted = {"chat_id": SUPERGROUP, "message_id": id_of(await says(line, SUPERGROUP))}
    cannot = "Bad Request: message can't be deleted"
    assert (await line.call("deleteMessage", **wanted)).body["description"] == cannot
    groups.promote_bot(SUPERGROUP, by=USER, rights=["can_manage_chat", "can_invite_users"])
    assert (await line.call("deleteMessage", **wanted)).body["description"] == cannot
    groups.promote_bot(SUPERGROUP, by=USER, rights=["can_manage_chat", "can_delete_messages"])
    assert (await line.call("deleteMessage", **wanted)).status == 200
    assert line.stub.broken_rules == []


async def says(line: Line, chat: int) -> Update:
    return await line.stub.user_says(USER, "xin kể chuyện này", chat=chat)


async def test_in_a_channel_the_right_to_post_is_the_right_to_take_back(
    line: Line, groups: TelegramGroups
) -> None:
    groups.make(CHANNEL, creator=USER, kind=ChatKind.CHANNEL)
    groups.add_bot(CHANNEL, by=USER, as_admin=["can_post_messages"])
    ours = await sent_id(line, chat=CHANNEL)
    theirs = cast(Json, groups.posts(CHANNEL, "bài").body["channel_post"])["message_id"]
    for number, status in ((ours, 200), (theirs, 400)):
        said = await line.call("deleteMessage", chat_id=CHANNEL, message_id=number)
        assert said.status == status


async def test_a_notice_of_a_groups_beginning_stays(line: Line, groups: TelegramGroups) -> None:
    _, made = groups.create_with_bot(SUPERGROUP, by=USER)
    groups.promote_bot(SUPERGROUP, by=USER)
    said = await line.call("deleteMessage", chat_id=SUPERGROUP, message_id=id_of(made))
    assert said.body["description"] == "Bad Request: message can't be deleted"


async def test_a_notice_cannot_be_copied(line: Line, groups: TelegramGroups) -> None:
    notice = id_of(groups.rename(GROUP, "Tổ 3", by=USER))
    said = await line.call("copyMessage", chat_id=USER, from_chat_id=GROUP, message_id=notice)
    assert said.body["description"] == "Bad Request: message can't be copied"


async def test_in_a_basic_group_every_administrator_may_delete(
    line: Line, groups: TelegramGroups
) -> None:
    groups.promote_bot(GROUP, by=USER, rights=[])
    wanted = id_of(await says(line, GROUP))
    assert (await line.call("deleteMessage", chat_id=GROUP, message_id=wanted)).status == 200


async def test_two_days_later_nothing_is_deleted_any_more(
    line: Line, groups: TelegramGroups
) -> None:
    groups.promote_bot(GROUP, by=USER)
    in_group = id_of(await says(line, GROUP))
    private = await sent_id(line)
    line.stub.clock.advance(2 * DAY_S)
    said = await line.call("deleteMessage", chat_id=GROUP, message_id=in_group)
    assert said.body["description"] == "Bad Request: message can't be deleted"
    said = await line.call("deleteMessage", chat_id=USER, message_id=private)
    assert said.body["description"] == "Bad Request: message can't be deleted for everyone"
    assert {rule.rule for rule in line.stub.broken_rules} == {"deleted within 48 hours"}


async def test_many_are_deleted_at_once_and_lost_ones_passed_over(line: Line) -> None:
    numbers = [await sent_id(line, f"tin {n}") for n in range(3)]
    said = await line.call("deleteMessages", chat_id=USER, message_ids=[*numbers, 999])
    assert said.body["result"] is True
    assert [int(number) for _, number in line.stub.deleted] == numbers


async def test_of_many_all_or_none_are_deleted(line: Line) -> None:
    ours = await sent_id(line, chat=GROUP)
    theirs = id_of(await says(line, GROUP))
    said = await line.call("deleteMessages", chat_id=GROUP, message_ids=[ours, theirs])
    assert said.body["description"] == "Bad Request: message can't be deleted"
    assert line.stub.deleted == []


WRONG_IDS: list[tuple[str, object, str]] = [
    ("none", [], "not specified"),
    ("nothing", None, "not specified"),
    ("101", list(range(1, 102)), "too many message identifiers"),
    ("no list", {"a": 1}, "expected an Array"),
    ("words", ["a"], "invalid message identifier"),
]


@pytest.mark.parametrize(("name", "ids", "says"), WRONG_IDS, ids=[row[0] for row in WRONG_IDS])
async def test_a_list_of_ids_has_one_to_a_hundred(
    line: Line, name: str, ids: object, says: str
) -> None:
    said = await line.call("deleteMessages", chat_id=USER, message_ids=ids)
    assert (said.status, says in str(said.body["description"])) == (400, True)
    assert len(line.stub.broken_rules) == 1


async def test_messages_are_copied_in_order_without_their_writer(line: Line) -> None:
    numbers = [id_of(await line.stub.user_says(USER, text)) for text in ("một", "hai")]
    where = {"chat_id": GROUP, "from_chat_id": USER}
    said = await line.call("copyMessages", message_ids=[*numbers, 999], **where)
    assert len(said.list) == 2
    assert [sent.text for sent in line.stub.sent] == ["một", "hai"]
    said = await line.call("copyMessage", message_id=numbers[0], **where)
    assert (said.status, line.stub.sent[2].text) == (200, "một")


WRONG_COPIES: list[tuple[str, Json, str]] = [
    ("falling ids", {"message_ids": [2, 1]}, "strictly increasing"),
    ("same id twice", {"message_ids": [1, 1]}, "strictly increasing"),
    ("nothing there", {"message_ids": [7, 8]}, "no messages to copy"),
]


@pytest.mark.parametrize(
    ("name", "params", "says"), WRONG_COPIES, ids=[row[0] for row in WRONG_COPIES]
)
async def test_copies_name_messages_that_are_there_in_order(
    line: Line, name: str, params: Json, says: str
) -> None:
    said = await line.call("copyMessages", chat_id=USER, from_chat_id=GROUP, **params)
    assert (said.status, says in str(said.body["description"])) == (400, True)


async def test_a_lost_message_cannot_be_copied_or_answered(line: Line) -> None:
    said = await line.call("copyMessage", chat_id=USER, from_chat_id=GROUP, message_id=5)
    assert said.body["description"] == "Bad Request: message to copy not found"
    quote = {"message_id": 99}
    said = await line.send("a", reply_parameters=quote)
    assert said.body["description"] == "Bad Request: message to be replied not found"
    said = await line.send("a", reply_parameters=quote | {"allow_sending_without_reply": True})
    assert said.status == 200
    number = said.result["message_id"]
    assert (await line.send("b", reply_parameters={"message_id": number})).status == 200
    assert line.stub.sent[1].quotes == str(number)


async def test_another_dress_of_the_same_words_is_a_change(line: Line) -> None:
    ours = {"chat_id": USER, "message_id": await sent_id(line, "Khẩn: 113")}
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
