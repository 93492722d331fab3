"""What each kind of update is to us: one row for each payload."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.channels.telegram.updates import read_batch, read_update
from bot.core.errors import BadBody
from bot.core.languages import Language
from bot.core.messages import IncomingKind
from tests.channels.rigs_telegram import CHANNEL_ID, PAYLOADS

PERSON = "5100200301"
GROUP = "-1002003004005"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    kind: IncomingKind
    chat: str = PERSON
    text: str = ""
    tap_id: str | None = None


ROWS = [
    Row(name="text", kind=IncomingKind.TEXT, text="báo cháy gọi số nào"),
    Row(name="text_in_group", kind=IncomingKind.TEXT, chat=GROUP, text="chào bà con"),
    Row(name="command_in_group", kind=IncomingKind.TEXT, chat=GROUP, text="/khancap"),
    Row(name="start_with_payload", kind=IncomingKind.START, text="THAMGIA_7K2M9Q"),
    Row(name="start_bare", kind=IncomingKind.START),
    Row(name="photo_with_caption", kind=IncomingKind.MEDIA, text="cổng nhà văn hóa"),
    Row(name="sticker", kind=IncomingKind.MEDIA),
    Row(name="voice", kind=IncomingKind.MEDIA),
    Row(name="location", kind=IncomingKind.MEDIA),
    Row(name="contact", kind=IncomingKind.MEDIA),
    Row(name="members_joined", kind=IncomingKind.IGNORED, chat=GROUP),
    Row(name="tap", kind=IncomingKind.CHOICE, text="/togiac", tap_id="4611686018427000001"),
    Row(
        name="tap_on_a_lost_message",
        kind=IncomingKind.IGNORED,
        chat="",
        tap_id="4611686018427000002",
    ),
    Row(
        name="tap_in_group",
        kind=IncomingKind.CHOICE,
        chat=GROUP,
        text="vâng",
        tap_id="4611686018427000003",
    ),
    Row(name="blocked", kind=IncomingKind.STOPPED),
    Row(name="unblocked", kind=IncomingKind.IGNORED),
    Row(name="added_to_group", kind=IncomingKind.START, chat=GROUP),
    Row(name="removed_from_group", kind=IncomingKind.STOPPED, chat=GROUP),
    Row(name="made_admin", kind=IncomingKind.IGNORED, chat=GROUP),
    Row(name="edited", kind=IncomingKind.IGNORED, chat=""),
    Row(name="channel_post", kind=IncomingKind.IGNORED, chat=""),
    Row(name="unknown_kind", kind=IncomingKind.IGNORED, chat=""),
    Row(name="text_of_a_new_shape", kind=IncomingKind.IGNORED, chat=""),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_update_is_read_as_what_it_is(row: Row) -> None:
    incoming = read_update((PAYLOADS / f"{row.name}.json").read_bytes(), CHANNEL_ID)

    assert (incoming.kind, incoming.chat, incoming.text, incoming.tap_id) == (
        row.kind,
        row.chat,
        row.text,
        row.tap_id,
    )
    assert incoming.is_group == (row.chat == GROUP)
    assert incoming.event_id.startswith("8100")


def test_every_payload_has_a_row() -> None:
    assert sorted(path.stem for path in PAYLOADS.glob("*.json")) == sorted(r.name for r in ROWS)


def test_a_message_tells_language_moment_and_number() -> None:
    incoming = read_update((PAYLOADS / "text.json").read_bytes(), CHANNEL_ID)

    assert incoming.language is Language.VI
    assert incoming.at == datetime.fromtimestamp(1795348800, UTC)
    assert incoming.message_id == "11"


@pytest.mark.parametrize(
    ("code", "language"),
    [("en-GB", Language.EN), ("VI", Language.VI), ("fr", None), ("", None)],
)
def test_a_language_we_do_not_speak_is_left_open(code: str, language: Language | None) -> None:
    raw = (PAYLOADS / "text.json").read_text(encoding="utf-8").replace('"vi"', f'"{code}"')

    assert read_update(raw.encode(), CHANNEL_ID).language is language


def test_one_unreadable_update_does_not_hold_up_the_others() -> None:
    strange = (PAYLOADS / "text_of_a_new_shape.json").read_bytes()
    good = (PAYLOADS / "text.json").read_bytes()
    batch = b'{"ok":true,"result":[' + strange + b"," + good + b"]}"

    events, offset = read_batch(batch, CHANNEL_ID)

    assert [event.kind for event in events] == [IncomingKind.IGNORED, IncomingKind.TEXT]
    assert offset == max(int(event.event_id) for event in events) + 1


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"ok":true}', b'{"result":[{}]}'])
def test_an_answer_that_holds_no_updates_is_refused(raw: bytes) -> None:
    with pytest.raises(BadBody):
        read_batch(raw, CHANNEL_ID)


def test_an_empty_batch_acknowledges_nothing() -> None:
    assert read_batch(b'{"ok":true,"result":[]}', CHANNEL_ID) == ([], None)
