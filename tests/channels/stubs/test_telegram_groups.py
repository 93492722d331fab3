"""Groups on the stand-in of Telegram: the bot comes, leads, hears little, moves, and goes."""

from typing import cast

import pytest

from tests.channels.stubs.telegram_chats import ChatKind, ChatState
from tests.channels.stubs.telegram_groups import TelegramGroups
from tests.channels.stubs.telegram_line import GROUP, USER, Json, Line
from tests.channels.stubs.telegram_updates import Update

NEW = -4_000_000_002
SUPERGROUP = -1_002_000_000_001
CHANNEL = -1_003_000_000_001


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


@pytest.fixture
def groups(line: Line) -> TelegramGroups:
    return line.stub.groups


async def heard(line: Line) -> list[Json]:
    """Return what the bot has been told so far."""
    return (await line.call("getUpdates")).list


def places(update: Update) -> tuple[object, object]:
    """Return the bot's place before and after."""
    change = cast(Json, update.body["my_chat_member"])
    before, after = (cast(Json, change[f"{when}_chat_member"]) for when in ("old", "new"))
    return before["status"], after["status"]


async def test_a_bot_that_is_added_hears_of_its_place_and_the_notice(
    line: Line, groups: TelegramGroups
) -> None:
    groups.make(NEW, creator=USER, title="Tổ 3")
    said = await line.call("sendMessage", chat_id=NEW, text="a")
    assert said.body["description"] == "Forbidden: bot is not a member of the group chat"
    told = groups.add_bot(NEW, by=USER)
    assert places(told[0]) == ("left", "member")
    notice = cast(Json, told[1].body["message"])
    assert cast(list[Json], notice["new_chat_members"])[0]["id"] == line.stub.bot["id"]
    assert cast(Json, notice["from"])["id"] == USER
    assert [update["update_id"] for update in await heard(line)] == [u.id for u in told]
    assert told[0].lane != told[1].lane
    assert (await line.call("sendMessage", chat_id=NEW, text="a")).status == 200


async def test_a_startgroup_link_brings_its_payload_into_the_group(
    line: Line, groups: TelegramGroups
) -> None:
    groups.make(NEW, creator=USER)
    url = "https://t.me/thu_nghiem_bot?startgroup=to3-abc&admin=delete_messages+invite_users"
    told = await groups.user_opens_link(USER, url, chat_id=NEW)
    said = cast(Json, told[2].body["message"])
    assert said["text"] == "/start@thu_nghiem_bot to3-abc"
    assert places(told[0]) == ("left", "administrator")
    change = cast(Json, told[0].body["my_chat_member"])
    assert cast(Json, change["new_chat_member"])["can_delete_messages"] is True
    assert line.stub.broken_rules == []


async def test_a_group_may_begin_with_the_bot_in_it(line: Line, groups: TelegramGroups) -> None:
    place, made = groups.create_with_bot(NEW, by=USER)
    assert places(place) == ("left", "member")
    assert cast(Json, made.body["message"])["group_chat_created"] is True


async def test_the_bot_is_promoted_and_demoted(line: Line, groups: TelegramGroups) -> None:
    update = groups.promote_bot(GROUP, by=USER, rights=["can_delete_messages"])
    change = cast(Json, update.body["my_chat_member"])
    shown = cast(Json, change["new_chat_member"])
    assert places(update) == ("member", "administrator")
    assert (shown["can_delete_messages"], shown["can_invite_users"]) == (True, False)
    assert places(groups.demote_bot(GROUP, by=USER)) == ("administrator", "member")


@pytest.mark.parametrize(("chat", "kind"), [(GROUP, "group"), (SUPERGROUP, "supergroup")])
async def test_a_bot_that_is_thrown_out_hears_of_it_and_nothing_more(
    line: Line, groups: TelegramGroups, chat: int, kind: str
) -> None:
    line.stub.chats.seen(chat)
    told = groups.remove_bot(chat, by=USER)
    assert places(told[0]) == ("member", "left" if chat == GROUP else "kicked")
    await line.stub.user_says(USER, "/start", chat=chat)
    assert [update["update_id"] for update in await heard(line)] == [u.id for u in told]
    said = await line.call("sendMessage", chat_id=chat, text="a")
    assert said.status == 403
    assert said.body["description"] == f"Forbidden: bot was kicked from the {kind} chat"
    assert line.stub.broken_rules == []


async def test_a_deleted_group_cannot_be_written_to(line: Line, groups: TelegramGroups) -> None:
    groups.delete(GROUP, by=USER)
    said = await line.call("sendMessage", chat_id=GROUP, text="a")
    assert said.body["description"] == "Forbidden: the group chat was deleted"


async def test_a_group_where_members_may_not_write_refuses_the_text(line: Line) -> None:
    line.stub.set_state(GROUP, ChatState.MUTED)
    said = await line.call("sendMessage", chat_id=GROUP, text="a")
    assert (said.status, "send text messages" in str(said.body["description"])) == (400, True)
    photo = line.stub.files.keep("photo").file_id
    said = await line.call("sendPhoto", chat_id=GROUP, photo=photo)
    assert "not enough rights to send photos" in str(said.body["description"])


async def test_a_group_that_grows_gets_another_id(line: Line, groups: TelegramGroups) -> None:
    old = await line.call("sendMessage", chat_id=GROUP, text="cũ")
    leaves, arrives = groups.migrate(GROUP, to=SUPERGROUP)
    assert cast(Json, leaves.body["message"])["migrate_to_chat_id"] == SUPERGROUP
    assert cast(Json, arrives.body["message"])["migrate_from_chat_id"] == GROUP
    message = {"message_id": old.result["message_id"]}
    calls: list[tuple[str, Json]] = [
        ("sendMessage", {"text": "a"}),
        ("editMessageText", {"text": "a", **message}),
        ("deleteMessage", message),
        ("sendChatAction", {"action": "typing"}),
    ]
    for method, params in calls:
        said = await line.call(method, chat_id=GROUP, **params)
        assert said.status == 400
        assert said.body["parameters"] == {"migrate_to_chat_id": SUPERGROUP}
    assert (await line.call("getChat", chat_id=GROUP)).status == 200
    said = await line.call("sendMessage", chat_id=SUPERGROUP, text="mới")
    assert cast(Json, said.result["chat"])["type"] == "supergroup"
    assert line.stub.broken_rules == []


SAID_IN_A_GROUP = [
    ("bà con ơi", 0),
    ("/khancap", 1),
    ("/khancap@thu_nghiem_bot", 1),
    ("/khancap@ai_khac_bot", 0),
    ("hỏi @Thu_nghiem_bot, chút", 1),
    ("hỏi @thu_nghiem_botx", 0),
]


@pytest.mark.parametrize(("text", "times"), SAID_IN_A_GROUP)
async def test_privacy_mode_hides_what_is_not_meant_for_the_bot(
    line: Line, groups: TelegramGroups, text: str, times: int
) -> None:
    await line.stub.user_says(USER, text, chat=GROUP)
    assert len(await heard(line)) == times


async def test_without_privacy_mode_everything_is_heard(line: Line) -> None:
    assert (await line.call("getMe")).result["can_read_all_group_messages"] is False
    line.stub.privacy_mode = False
    assert (await line.call("getMe")).result["can_read_all_group_messages"] is True
    await line.stub.user_says(USER, "bà con ơi", chat=GROUP)
    assert len(await heard(line)) == 1


async def test_an_answer_to_the_bot_is_heard(line: Line) -> None:
    said = await line.call("sendMessage", chat_id=GROUP, text="Bà con cần gì ạ?")
    number = int(str(said.result["message_id"]))
    await line.stub.user_says(USER, "cần số công an", chat=GROUP, answers_to=number)
    assert len(await heard(line)) == 1


async def test_a_command_for_whom_it_may_concern_goes_to_the_bot_that_spoke_last(
    line: Line,
) -> None:
    line.stub.chats.seen(GROUP).last_bot_is_ours = False
    await line.stub.user_says(USER, "/start", chat=GROUP)
    assert await heard(line) == []


async def test_an_administrator_hears_everything(line: Line, groups: TelegramGroups) -> None:
    groups.promote_bot(GROUP, by=USER)
    update = await line.stub.user_says(USER, "bà con ơi", chat=GROUP)
    assert (await heard(line))[-1]["update_id"] == update.id


async def test_people_known_from_a_group_only_cannot_be_written_to(line: Line) -> None:
    await line.stub.user_says(USER + 5, "/start", chat=GROUP)
    said = await line.call("sendMessage", chat_id=USER + 5, text="a")
    assert said.status == 403
    assert "can't initiate conversation" in str(said.body["description"])
    await line.stub.user_says(USER + 5, "/start")
    assert (await line.call("sendMessage", chat_id=USER + 5, text="a")).status == 200


async def test_comings_and_goings_are_told_as_notices(line: Line, groups: TelegramGroups) -> None:
    groups.member_joins(GROUP, USER + 1, by=USER)
    groups.member_leaves(GROUP, USER + 1)
    groups.rename(GROUP, "Tổ 4", by=USER)
    messages = [cast(Json, update["message"]) for update in await heard(line)]
    assert [name for message in messages for name in message if name.endswith(MARKS)] == [
        *("new_chat_members", "left_chat_member", "new_chat_title")
    ]


MARKS = ("chat_members", "left_chat_member", "chat_title")


async def test_places_of_others_are_told_to_administrators_who_ask(
    line: Line, groups: TelegramGroups
) -> None:
    await line.call("getUpdates", allowed_updates=["chat_member"])
    groups.make_admin(GROUP, USER, by=USER)
    assert await heard(line) == []
    groups.promote_bot(GROUP, by=USER)
    groups.make_admin(GROUP, USER, by=USER, is_anonymous=True)
    change = cast(Json, (await heard(line))[0]["chat_member"])
    assert cast(Json, change["new_chat_member"])["is_anonymous"] is True


async def test_who_hides_behind_a_group_or_a_channel_is_not_named(
    line: Line, groups: TelegramGroups
) -> None:
    groups.promote_bot(GROUP, by=USER)
    updates = [
        groups.says_anonymously(GROUP, "tôi đây"),
        groups.says_as_channel(GROUP, "kênh đây", channel=CHANNEL),
        groups.forwards_post(GROUP, "bài mới", channel=CHANNEL),
    ]
    messages = [cast(Json, update.body["message"]) for update in updates]
    voices = [cast(Json, message["from"]).get("username") for message in messages]
    assert voices == ["GroupAnonymousBot", "Channel_Bot", None]
    assert [cast(Json, m["sender_chat"])["id"] for m in messages] == [GROUP, CHANNEL, CHANNEL]


async def test_a_channel_speaks_for_itself(line: Line, groups: TelegramGroups) -> None:
    groups.make(CHANNEL, creator=USER, kind=ChatKind.CHANNEL)
    said = await line.call("sendMessage", chat_id=CHANNEL, text="a")
    assert said.body["description"] == "Forbidden: bot is not a member of the channel chat"
    groups.add_bot(CHANNEL, by=USER, as_admin=["can_manage_chat"])
    said = await line.call("sendMessage", chat_id=CHANNEL, text="a")
    assert (said.status, "need administrator rights" in str(said.body["description"])) == (
        400,
        True,
    )
    groups.promote_bot(CHANNEL, by=USER, rights=["can_manage_chat", "can_post_messages"])
    said = await line.call("sendMessage", chat_id=CHANNEL, text="a")
    assert ("from" in said.result, "sender_chat" in said.result) == (False, True)
    post = groups.posts(CHANNEL, "bài mới")
    assert "from" not in cast(Json, post.body["channel_post"])
    edited = line.stub.user_edits(post, "bài sửa")
    assert cast(Json, edited.body["edited_channel_post"])["text"] == "bài sửa"


async def test_a_group_that_never_was_is_not_found(line: Line) -> None:
    said = await line.call("sendMessage", chat_id=-5, text="a")
    assert said.body["description"] == "Bad Request: chat not found"
