"""Removing and copying messages on the stand-in of Telegram: whose, how old, how many."""

from typing import cast

import pytest

from tests.channels.stubs.telegram_chats import ChatKind
from tests.channels.stubs.telegram_groups import TelegramGroups
from tests.channels.stubs.telegram_line import GROUP, USER, Json, Line
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


async def test_deleted_messages_are_gone_for_good(line: Line) -> None:
    number = await line.sent_id()
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
    ours = await line.sent_id(chat=CHANNEL)
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
    private = await line.sent_id()
    line.stub.clock.advance(2 * DAY_S)
    said = await line.call("deleteMessage", chat_id=GROUP, message_id=in_group)
    assert said.body["description"] == "Bad Request: message can't be deleted"
    said = await line.call("deleteMessage", chat_id=USER, message_id=private)
    assert said.body["description"] == "Bad Request: message can't be deleted for everyone"
    assert {rule.rule for rule in line.stub.broken_rules} == {"deleted within 48 hours"}


async def test_many_are_deleted_at_once_and_lost_ones_passed_over(line: Line) -> None:
    numbers = [await line.sent_id(f"tin {n}") for n in range(3)]
    said = await line.call("deleteMessages", chat_id=USER, message_ids=[*numbers, 999])
    assert said.body["result"] is True
    assert [int(number) for _, number in line.stub.deleted] == numbers


async def test_of_many_all_or_none_are_deleted(line: Line) -> None:
    ours = await line.sent_id(chat=GROUP)
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
