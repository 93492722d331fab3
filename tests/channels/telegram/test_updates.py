"""What each kind of update is to us: one row for each payload."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.channels.telegram.updates import read_batch, read_update
from bot.core.errors import BadBody
from bot.core.languages import Language
from bot.core.messages import (
    Contact,
    GroupChange,
    GroupEvent,
    IncomingKind,
    Media,
    MediaKind,
)
from tests.channels.rigs_telegram import CHANNEL_ID, MYSELF, PAYLOADS

PERSON = "5100200301"
GROUP = "-1002003004005"
BASIC_GROUP = "-4002003004"
GROUP_NAME = "Tổ dân phố thử (bịa)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    kind: IncomingKind
    chat: str = PERSON
    text: str = ""
    tap_id: str | None = None
    is_for_bot: bool = True
    media: tuple[Media, ...] = ()
    group: GroupChange | None = None


def text(name: str, said: str, **more: object) -> Row:
    return Row(name=name, kind=IncomingKind.TEXT, text=said, **more)  # type: ignore[arg-type] # fields by name


def shown(name: str, *media: Media, said: str = "") -> Row:
    return Row(name=name, kind=IncomingKind.MEDIA, text=said, media=media)


def group(row: str, event: GroupEvent, *, chat: str = GROUP, **facts: object) -> Row:
    change = GroupChange(event=event, **facts)  # type: ignore[arg-type] # fields by name
    return Row(name=row, kind=IncomingKind.GROUP, chat=chat, group=change)


def ignored(name: str, *, chat: str = "") -> Row:
    return Row(name=name, kind=IncomingKind.IGNORED, chat=chat)


ROWS = [
    text("text", "báo cháy gọi số nào"),
    text("forwarded", "bấm vào đường dẫn để nhận quà"),
    text("text_in_group", "chào bà con", chat=GROUP, is_for_bot=False),
    text("command_in_group", "/khancap", chat=GROUP),
    text("command_without_name_in_group", "/trogiup", chat=GROUP),
    text("command_for_another_bot", "/khancap@bot_khac_bot", chat=GROUP, is_for_bot=False),
    text("mention_in_group", "cho hỏi báo cháy gọi số nào", chat=GROUP),
    text("mention_of_another", "hỏi @thu_nghiem_bot2 nhé", chat=GROUP, is_for_bot=False),
    text("answer_to_us_in_group", "thế gọi số nào", chat=GROUP),
    text("answer_to_another_in_group", "tôi cũng nghĩ vậy", chat=GROUP, is_for_bot=False),
    text("text_in_a_topic_of_ours", "chào bà con", chat=GROUP, is_for_bot=False),
    text("nameless_admin_in_group", "thông báo của ban quản trị", chat=GROUP, is_for_bot=False),
    Row(name="start_with_payload", kind=IncomingKind.START, text="THAMGIA_7K2M9Q"),
    Row(name="start_bare", kind=IncomingKind.START),
    Row(name="start_in_group", kind=IncomingKind.START, chat=GROUP, text="lienket_7K2M9Q"),
    shown(
        "photo_with_caption",
        Media(kind=MediaKind.PICTURE, handle="AgAC-lon", size_bytes=98_000),
        said="cổng nhà văn hóa",
    ),
    shown(
        "photo_of_an_album",
        Media(kind=MediaKind.PICTURE, handle="AgAC-thu", size_bytes=1200, album="14007"),
        said="hai ảnh",
    ),
    shown(
        "document",
        Media(kind=MediaKind.FILE, handle="BQAC-thu", name="don.pdf", size_bytes=5200),
    ),
    shown(
        "picture_as_document",
        Media(kind=MediaKind.PICTURE, handle="BQAC-anh", name="anh.png", size_bytes=70_000),
    ),
    shown("voice", Media(kind=MediaKind.VOICE, handle="AwAC-thu", size_bytes=4000)),
    shown("video", Media(kind=MediaKind.VIDEO, handle="BAAC-thu", size_bytes=900_000)),
    shown("location", Media(kind=MediaKind.PLACE, latitude=10.764, longitude=106.656)),
    shown(
        "venue",
        Media(
            kind=MediaKind.PLACE,
            name="Chợ thử (bịa), Đường số 0",
            latitude=10.764,
            longitude=106.656,
        ),
    ),
    shown("contact", Media(kind=MediaKind.OTHER)),
    shown("sticker", Media(kind=MediaKind.OTHER)),
    shown("photo_of_a_new_shape", Media(kind=MediaKind.OTHER), said="có ảnh"),
    Row(name="own_contact", kind=IncomingKind.CONTACT),
    Row(name="tap", kind=IncomingKind.CHOICE, text="/togiac", tap_id="4611686018427000001"),
    # It has to be answered like any other, so it is told like any other.
    Row(
        name="tap_on_a_lost_message",
        kind=IncomingKind.CHOICE,
        text="/togiac",
        tap_id="4611686018427000002",
    ),
    Row(name="tap_without_a_word", kind=IncomingKind.CHOICE, tap_id="4611686018427000004"),
    Row(
        name="tap_in_group",
        kind=IncomingKind.CHOICE,
        chat=GROUP,
        text="vâng",
        tap_id="4611686018427000003",
    ),
    Row(name="blocked", kind=IncomingKind.STOPPED),
    ignored("unblocked", chat=PERSON),
    group("added_to_group", GroupEvent.ADDED, name=GROUP_NAME, can_delete=False),
    group("added_to_group_as_admin", GroupEvent.ADDED, name=GROUP_NAME, can_delete=True),
    group("removed_from_group", GroupEvent.REMOVED, name=GROUP_NAME),
    group("made_admin", GroupEvent.RIGHTS, name=GROUP_NAME, can_delete=True),
    group("demoted", GroupEvent.RIGHTS, name=GROUP_NAME, can_delete=False),
    group("members_joined", GroupEvent.MEMBERS),
    group("member_left", GroupEvent.MEMBERS),
    # The bot's own place has told it already.
    ignored("bot_itself_joined", chat=GROUP),
    group("renamed", GroupEvent.RENAMED, name="Tổ dân phố mới (bịa)"),
    group("moved_from_the_old_group", GroupEvent.MOVED, chat=BASIC_GROUP, moved_to=GROUP),
    group("moved_to_the_new_group", GroupEvent.MOVED, chat=BASIC_GROUP, moved_to=GROUP),
    text("edited", "sửa lại"),
    ignored("edited_in_group"),
    ignored("live_location_moved"),
    ignored("copy_of_a_channel_post", chat=GROUP),
    ignored("added_to_channel", chat="-1009009009009"),
    ignored("channel_post"),
    ignored("unknown_kind"),
    ignored("text_of_a_new_shape"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_update_is_read_as_what_it_is(row: Row) -> None:
    incoming = read_update((PAYLOADS / f"{row.name}.json").read_bytes(), CHANNEL_ID, MYSELF)

    assert (incoming.kind, incoming.chat, incoming.text, incoming.tap_id) == (
        row.kind,
        row.chat,
        row.text,
        row.tap_id,
    )
    assert (incoming.is_for_bot, incoming.media, incoming.group) == (
        row.is_for_bot,
        row.media,
        row.group,
    )
    assert incoming.is_group == row.chat.startswith("-")
    assert incoming.event_id


def test_every_payload_has_a_row() -> None:
    assert sorted(path.stem for path in PAYLOADS.glob("*.json")) == sorted(r.name for r in ROWS)


def test_both_notices_of_a_move_are_one_event() -> None:
    old, new = (
        read_update((PAYLOADS / f"moved_{side}_group.json").read_bytes(), CHANNEL_ID, MYSELF)
        for side in ("from_the_old", "to_the_new")
    )

    assert old.event_id == new.event_id
    assert old == new


@pytest.mark.parametrize(
    "said", ["/togiac: nhà ở cuối ngõ", "/togiac!", "/togiac@thu_nghiem_bot, x"]
)
def test_a_sign_after_a_command_leaves_it_one(said: str) -> None:
    update = json.loads((PAYLOADS / "command_in_group.json").read_bytes())
    update["message"]["text"] = said
    read = read_update(json.dumps(update).encode(), CHANNEL_ID, MYSELF)
    assert read.is_for_bot
    assert read.text.startswith("/togiac")


def test_a_number_shared_by_its_owner_is_kept_and_nobody_elses() -> None:
    own = read_update((PAYLOADS / "own_contact.json").read_bytes(), CHANNEL_ID, MYSELF)
    others = read_update((PAYLOADS / "contact.json").read_bytes(), CHANNEL_ID, MYSELF)

    assert own.contact == Contact(name="Người Thử", phone="84900000000")
    assert others.contact is None


def test_what_was_passed_on_is_known_and_not_from_whom() -> None:
    passed_on = read_update((PAYLOADS / "forwarded.json").read_bytes(), CHANNEL_ID, MYSELF)
    own = read_update((PAYLOADS / "text.json").read_bytes(), CHANNEL_ID, MYSELF)

    assert (passed_on.is_forwarded, own.is_forwarded) == (True, False)
    assert "Người Lạ Thử" not in str(dataclasses.asdict(passed_on))


def test_nameless_administrators_are_told_by_their_group() -> None:
    raw = (PAYLOADS / "nameless_admin_in_group.json").read_bytes()

    assert read_update(raw, CHANNEL_ID, MYSELF).sender == GROUP


def test_who_let_the_bot_in_is_not_kept() -> None:
    raw = (PAYLOADS / "added_to_group.json").read_bytes()

    assert read_update(raw, CHANNEL_ID, MYSELF).sender == ""


def test_a_message_tells_language_moment_and_number() -> None:
    incoming = read_update((PAYLOADS / "text.json").read_bytes(), CHANNEL_ID, MYSELF)

    assert incoming.language is Language.VI
    assert incoming.at == datetime.fromtimestamp(1795348800, UTC)
    assert incoming.message_id == "11"


@pytest.mark.parametrize(
    ("code", "language"),
    [("en-GB", Language.EN), ("VI", Language.VI), ("fr", None), ("", None)],
)
def test_a_language_we_do_not_speak_is_left_open(code: str, language: Language | None) -> None:
    raw = (PAYLOADS / "text.json").read_text(encoding="utf-8").replace('"vi"', f'"{code}"')

    assert read_update(raw.encode(), CHANNEL_ID, MYSELF).language is language


def test_one_unreadable_update_does_not_hold_up_the_others() -> None:
    strange = (PAYLOADS / "text_of_a_new_shape.json").read_bytes()
    good = (PAYLOADS / "text.json").read_bytes()
    moved = (PAYLOADS / "moved_to_the_new_group.json").read_bytes()
    batch = b'{"ok":true,"result":[' + b",".join([strange, good, moved]) + b"]}"

    events, offset = read_batch(batch, CHANNEL_ID, MYSELF)

    assert [event.kind for event in events] == [
        IncomingKind.IGNORED,
        IncomingKind.TEXT,
        IncomingKind.GROUP,
    ]
    assert offset == 810_049 + 1


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"ok":true}', b'{"result":[{}]}'])
def test_an_answer_that_holds_no_updates_is_refused(raw: bytes) -> None:
    with pytest.raises(BadBody):
        read_batch(raw, CHANNEL_ID, MYSELF)


def test_an_empty_batch_acknowledges_nothing() -> None:
    assert read_batch(b'{"ok":true,"result":[]}', CHANNEL_ID, MYSELF) == ([], None)


HALF = (
    rb'{"update_id":7,"message":{"message_id":1,"date":1,"chat":{"id":5,"type":"private"},'
    rb'"from":{"id":5},"text":"\ud83d ch\u00e1y nh\u00e0"}}'
)


def test_half_an_emoji_costs_no_words() -> None:
    read = read_update(HALF, CHANNEL_ID, MYSELF)
    assert (read.kind, read.text) == (IncomingKind.TEXT, "? cháy nhà")


def test_half_an_emoji_holds_up_no_batch() -> None:
    events, offset = read_batch(b'{"ok":true,"result":[' + HALF + b"]}", CHANNEL_ID, MYSELF)
    assert [event.text for event in events] == ["? cháy nhà"]
    assert offset == 8
