"""Whole updates of every kind, invented, in the shapes the Bot API documents; to iterate.

`update_examples()` gives each with an id to name a test case by; hand one over with
`stub.push(example.kind, example.content, lane=...)` or post `example.body` to a webhook.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.channels.stubs.telegram_bodies import (
    BOT,
    CHANNEL,
    CHATS,
    CONTENTS,
    DATE,
    GROUP,
    NOTICES,
    PERSON,
    PRIVATE,
    SUPERGROUP,
)
from tests.channels.stubs.telegram_events import ANONYMOUS_ADMIN, CHANNEL_VOICE, TELEGRAM_ITSELF
from tests.channels.stubs.telegram_members import Body, Member, MemberStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateExample:
    """One whole update; `kind` is the field that is not `update_id`."""

    id: str
    kind: str
    body: Body

    @property
    def content(self) -> Body:
        """Return what `stub.push` takes."""
        content = self.body[self.kind]
        assert isinstance(content, dict)
        return content


def message(chat: Body, content: Body, *, sender: Body | None = None, number: int = 5) -> Body:
    """Return a Message in one of the chats; in a channel nobody is named."""
    head: Body = {"message_id": number, "chat": chat, "date": DATE}
    if chat["type"] == "channel":
        return {**head, "sender_chat": chat, **content}
    return {**head, "from": sender or PERSON, **content}


def update_examples() -> list[UpdateExample]:
    """Return whole updates of every kind, numbered from one; the same at each call."""
    kinds = [*_messages(), *_places(), *_taps(), *_rarities()]
    return [
        UpdateExample(
            id=name,
            kind=kind,
            body={"update_id": 800_000_001 + at, kind: content},
        )
        for at, (name, kind, content) in enumerate(kinds)
    ]


def _messages() -> Iterator[tuple[str, str, Body]]:
    for where, chat in CHATS.items():
        kind = "channel_post" if where == "channel" else "message"
        for name, content in CONTENTS.items():
            yield f"{where} {name}", kind, message(chat, content)
        edited = {"text": "Sửa lại", "edit_date": DATE + 60}
        yield f"{where} edited", f"edited_{kind}", message(chat, edited)
        caption = {**CONTENTS["photo"], "caption": "Sửa lại", "edit_date": DATE + 60}
        yield f"{where} edited caption", f"edited_{kind}", message(chat, caption)
    for where in ("group", "supergroup"):
        for name, content in NOTICES.items():
            yield f"{where} notice {name}", "message", message(CHATS[where], content)
    said: Body = {"text": "tôi đây", "sender_chat": SUPERGROUP}
    yield "anonymous admin", "message", message(SUPERGROUP, said, sender=ANONYMOUS_ADMIN)
    channel: Body = {"text": "kênh đây", "sender_chat": CHANNEL}
    yield "in a channel's name", "message", message(SUPERGROUP, channel, sender=CHANNEL_VOICE)
    post = channel | {"is_automatic_forward": True}
    yield "linked channel's post", "message", message(SUPERGROUP, post, sender=TELEGRAM_ITSELF)
    quoted: Body = {"text": "vâng", "reply_to_message": message(GROUP, {"text": "ạ"}, sender=BOT)}
    yield "answer to the bot", "message", message(GROUP, quoted)
    topic: Body = {"text": "hỏi", "message_thread_id": 3, "is_topic_message": True}
    yield "in a topic", "message", message({**SUPERGROUP, "is_forum": True}, topic)
    yield (
        "person without a language",
        "message",
        message(
            PRIVATE,
            {"text": "alo"},
            sender={"id": 7_000_000_001, "is_bot": False, "first_name": "Người Thử"},
        ),
    )


def _places() -> Iterator[tuple[str, str, Body]]:
    for before, after in (
        ("left", "member"),
        ("member", "administrator"),
        ("administrator", "member"),
        ("member", "left"),
        ("member", "kicked"),
        ("kicked", "member"),
        ("left", "administrator"),
    ):
        for where, chat in CHATS.items():
            if where == "private" and {before, after} != {"member", "kicked"}:
                continue
            for kind, user in (("my_chat_member", BOT), ("chat_member", PERSON)):
                if where == "private" and kind == "chat_member":
                    continue
                yield (
                    f"{where} {kind} {before} to {after}",
                    kind,
                    {
                        "chat": chat,
                        "from": PERSON,
                        "date": DATE,
                        "old_chat_member": _member(user, before),
                        "new_chat_member": _member(user, after),
                    },
                )
    yield (
        "join request",
        "chat_join_request",
        {
            "chat": SUPERGROUP,
            "from": PERSON,
            "user_chat_id": PERSON["id"],
            "date": DATE,
        },
    )


def _member(user: Body, status: str) -> Body:
    rights = frozenset({"can_manage_chat", "can_delete_messages"})
    return Member(user=user, status=MemberStatus(status), rights=rights).as_object()


def _taps() -> Iterator[tuple[str, str, Body]]:
    asked: Body = {
        "text": "Đồng ý?",
        "reply_markup": {"inline_keyboard": [[{"text": "Có", "callback_data": "yes"}]]},
    }
    lost: Body = {"message_id": 5, "chat": PRIVATE, "date": 0}
    for name, shown in (
        ("tap in private", message(PRIVATE, asked, sender=BOT)),
        ("tap in a group", message(GROUP, asked, sender=BOT)),
        ("tap on a lost message", lost),
    ):
        yield (
            name,
            "callback_query",
            {
                "id": "4611686018427000001",
                "from": PERSON,
                "message": shown,
                "chat_instance": "-1",
                "data": "yes",
            },
        )
    yield (
        "tap on an inline message",
        "callback_query",
        {
            "id": "4611686018427000002",
            "from": PERSON,
            "inline_message_id": "AAAA",
            "chat_instance": "-1",
            "data": "yes",
        },
    )
    yield (
        "tap on a game",
        "callback_query",
        {
            "id": "4611686018427000003",
            "from": PERSON,
            "message": message(
                PRIVATE, {"game": {"title": "Cờ", "description": "Cờ", "photo": []}}, sender=BOT
            ),
            "chat_instance": "-1",
            "game_short_name": "co",
        },
    )


def _rarities() -> Iterator[tuple[str, str, Body]]:
    yield (
        "inline query",
        "inline_query",
        {
            "id": "1",
            "from": PERSON,
            "query": "số công an",
            "offset": "",
        },
    )
    yield (
        "chosen inline result",
        "chosen_inline_result",
        {
            "result_id": "1",
            "from": PERSON,
            "query": "",
        },
    )
    poll = CONTENTS["poll"]["poll"]
    assert isinstance(poll, dict)
    yield "poll", "poll", {**poll, "is_closed": True}
    yield (
        "poll answer",
        "poll_answer",
        {
            "poll_id": "1",
            "user": PERSON,
            "option_ids": [0],
            "option_persistent_ids": ["1"],
        },
    )
    yield (
        "reaction",
        "message_reaction",
        {
            "chat": GROUP,
            "message_id": 5,
            "user": PERSON,
            "date": DATE,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "👍"}],
        },
    )
    yield (
        "reaction count",
        "message_reaction_count",
        {
            "chat": CHANNEL,
            "message_id": 5,
            "date": DATE,
            "reactions": [],
        },
    )
    yield (
        "business message",
        "business_message",
        message(PRIVATE, {"text": "alo", "business_connection_id": "b1"}),
    )
    yield "kind of tomorrow", "telepathy", {"from": PERSON, "thought": "?"}
