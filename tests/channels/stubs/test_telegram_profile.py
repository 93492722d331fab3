"""A bot introduces itself to the stand-in of Telegram, and asks about chats and their people."""

from typing import cast

import pytest

from tests.channels.stubs.telegram_groups import TelegramGroups
from tests.channels.stubs.telegram_line import GROUP, USER, Json, Line

SUPERGROUP = -1_002_000_000_001
BOT = 123_456


@pytest.fixture
def line(telegram_line: Line) -> Line:
    return telegram_line


@pytest.fixture
def groups(line: Line) -> TelegramGroups:
    return line.stub.groups


def command(name: str, text: str = "Bắt đầu") -> Json:
    return {"command": name, "description": text}


async def test_commands_are_kept_by_language_and_scope(line: Line) -> None:
    vi = [command("batdau")]
    en = [command("start", "Begin")]
    group = [command("khancap")]
    await line.call("setMyCommands", commands=vi)
    await line.call("setMyCommands", commands=en, language_code="en")
    await line.call("setMyCommands", commands=group, scope={"type": "all_group_chats"})
    assert (await line.call("getMyCommands")).list == vi
    assert (await line.call("getMyCommands", language_code="en")).list == en
    assert (await line.call("getMyCommands", language_code="fr")).list == []
    shown = line.stub.profile.commands_shown
    assert [shown("vi"), shown("en"), shown("en", is_group=True)] == [vi, en, group]
    assert shown("vi", is_group=True, is_admin=True) == group
    await line.call("deleteMyCommands")
    assert shown("vi") == []
    assert line.stub.broken_rules == []


async def test_descriptions_fall_back_on_the_one_for_everybody(line: Line) -> None:
    for name, method in [
        ("name", "MyName"),
        ("description", "MyDescription"),
        ("short_description", "MyShortDescription"),
    ]:
        await line.call(f"set{method}", **{name: "Bình Yên"})
        await line.call(f"set{method}", **{name: "At peace", "language_code": "en"})
        said = [
            (await line.call(f"get{method}", language_code=code)).result[name]
            for code in ("en", "vi")
        ]
        assert said == ["At peace", "Bình Yên"]


async def test_the_menu_button_and_the_wanted_rights_are_kept(line: Line) -> None:
    assert (await line.call("getChatMenuButton")).result == {"type": "commands"}
    assert (await line.call("setChatMenuButton", menu_button={"type": "default"})).status == 200
    assert (await line.call("getChatMenuButton", chat_id=USER)).result == {"type": "default"}
    rights: Json = {"can_delete_messages": True}
    await line.call("setMyDefaultAdministratorRights", rights=rights)
    assert (await line.call("getMyDefaultAdministratorRights")).result == rights


WRONG: list[tuple[str, str, Json, str]] = [
    ("101 commands", "setMyCommands", {"commands": [command("a")] * 101}, "TOO_MUCH"),
    ("33 letters", "setMyCommands", {"commands": [command("a" * 33)]}, "COMMAND_INVALID"),
    ("257 letters", "setMyCommands", {"commands": [command("a", "b" * 257)]}, "DESCRIPTION"),
    ("long language", "setMyCommands", {"commands": [], "language_code": "vie"}, "language"),
    ("capital language", "setMyDescription", {"language_code": "VI"}, "language"),
    ("unknown scope", "setMyCommands", {"commands": [], "scope": {"type": "world"}}, "type"),
    ("scope of no chat", "setMyCommands", {"commands": [], "scope": {"type": "chat"}}, "type"),
    (
        "scope of no member",
        "setMyCommands",
        {"commands": [], "scope": {"type": "chat_member", "chat_id": GROUP}},
        "user_id",
    ),
    ("short description", "setMyShortDescription", {"short_description": "a" * 121}, "too long"),
    ("long name", "setMyName", {"name": "a" * 65}, "too long"),
    ("menu of nothing", "setChatMenuButton", {"menu_button": {"type": "cake"}}, "menu button"),
    ("app without text", "setChatMenuButton", {"menu_button": {"type": "web_app"}}, "menu button"),
    ("member of nobody", "getChatMember", {"chat_id": GROUP}, "user_id"),
    ("admins in private", "getChatAdministrators", {"chat_id": USER}, "no administrators"),
    ("leaving a person", "leaveChat", {"chat_id": USER}, "private chats"),
    ("link to a person", "exportChatInviteLink", {"chat_id": USER}, "private chat"),
    ("long link name", "createChatInviteLink", {"chat_id": GROUP, "name": "a" * 33}, "too long"),
    ("no members", "createChatInviteLink", {"chat_id": GROUP, "member_limit": 0}, "USAGE_LIMIT"),
    (
        "limit and asking",
        "createChatInviteLink",
        {"chat_id": GROUP, "member_limit": 5, "creates_join_request": True},
        "can't be specified",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[0])
async def test_what_is_out_of_measure_is_refused(
    line: Line, case: tuple[str, str, Json, str]
) -> None:
    _, method, params, says = case
    said = await line.call(method, **params)
    assert (said.status, says in str(said.body["description"])) == (400, True)
    assert [rule.method for rule in line.stub.broken_rules] == [method]


async def test_a_group_is_shown_with_its_people(line: Line, groups: TelegramGroups) -> None:
    groups.make(SUPERGROUP, creator=USER, title="Tổ 3", members=[USER + 1, USER + 2])
    groups.add_bot(SUPERGROUP, by=USER)
    chat = (await line.call("getChat", chat_id=SUPERGROUP)).result
    assert (chat["title"], chat["type"]) == ("Tổ 3", "supergroup")
    assert (await line.call("getChatMemberCount", chat_id=SUPERGROUP)).body["result"] == 4
    admins = (await line.call("getChatAdministrators", chat_id=SUPERGROUP)).list
    assert [cast(Json, admin["user"])["id"] for admin in admins] == [USER]
    statuses = [
        (await line.call("getChatMember", chat_id=SUPERGROUP, user_id=user)).result["status"]
        for user in (USER, USER + 1, BOT)
    ]
    assert statuses == ["creator", "member", "member"]
    said = await line.call("getChatMember", chat_id=SUPERGROUP, user_id=USER + 9)
    assert said.body["description"] == "Bad Request: member not found"
    assert line.stub.broken_rules == []


async def test_a_private_chat_is_shown_with_its_person(line: Line) -> None:
    assert (await line.call("getChat", chat_id=USER)).result["type"] == "private"
    assert (await line.call("getChatMember", chat_id=USER, user_id=USER)).status == 200
    assert (await line.call("getChatMemberCount", chat_id=USER)).body["result"] == 2


async def test_a_bot_that_leaves_is_out(line: Line) -> None:
    line.stub.chats.seen(SUPERGROUP)
    for chat, kind in ((GROUP, "group"), (SUPERGROUP, "supergroup")):
        assert (await line.call("leaveChat", chat_id=chat)).body["result"] is True
        said = await line.call("sendMessage", chat_id=chat, text="a")
        assert said.body["description"] == f"Forbidden: bot is not a member of the {kind} chat"
    assert (await line.call("getChat", chat_id=SUPERGROUP)).status == 403
    assert (await line.call("getChat", chat_id=GROUP)).status == 200


async def test_invitations_need_the_right_to_invite(line: Line, groups: TelegramGroups) -> None:
    line.stub.chats.seen(SUPERGROUP)
    groups.promote_bot(SUPERGROUP, by=USER, rights=["can_manage_chat"])
    said = await line.call("exportChatInviteLink", chat_id=SUPERGROUP)
    assert "not enough rights" in str(said.body["description"])
    groups.promote_bot(SUPERGROUP, by=USER, rights=["can_invite_users"])
    first = (await line.call("exportChatInviteLink", chat_id=SUPERGROUP)).body["result"]
    main = (await line.call("exportChatInviteLink", chat_id=SUPERGROUP)).body["result"]
    assert first != main
    assert (await line.call("getChat", chat_id=SUPERGROUP)).result["invite_link"] == main
    link = await line.call(
        "createChatInviteLink", chat_id=SUPERGROUP, name="Tổ 3", member_limit=5, expire_date=2**31
    )
    assert (link.result["name"], link.result["member_limit"]) == ("Tổ 3", 5)
    gone = await line.call(
        "revokeChatInviteLink", chat_id=SUPERGROUP, invite_link=link.result["invite_link"]
    )
    assert gone.result["is_revoked"] is True
    said = await line.call("revokeChatInviteLink", chat_id=SUPERGROUP, invite_link="nope")
    assert said.status == 400
    assert line.stub.broken_rules == []
