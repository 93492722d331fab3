"""What each event is to us, and which requests are believed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.channels.zalo.account import SignedWith, ZaloAccount
from bot.channels.zalo.adapter import Surroundings, ZaloChannel
from bot.channels.zalo.bodies import read_event
from bot.channels.zalo.signature import SIGNATURE_HEADER
from bot.core.channels import WebhookRequest
from bot.core.errors import BadSignature, NotForMe
from bot.core.ids import ChannelId
from bot.core.messages import IncomingKind
from tests.channels.rigs_zalo import PAYLOADS, filled, signed_by
from tests.channels.stand_ins import (
    MemoryAttachments,
    MemoryCredentials,
    NoChance,
    PlatformTime,
    say_key,
)
from tests.channels.stubs.stub_clock import StubClock

PERSON = "2345678901234567890"
GROUP = "0a1b2c3d4e5f60718293"
VISITOR = "anonymous:conv-1:anon-5001"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = ZaloAccount(
    id=ChannelId("za1"),
    app_id="1111111111111111111",
    oa_id="4567890123456789012",
    app_secret="invented app secret",
    oa_secret="invented account secret",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    kind: IncomingKind
    chat: str = PERSON
    sender: str = PERSON
    text: str = ""


ROWS = [
    Row(name="text", kind=IncomingKind.TEXT, text="báo cháy gọi số nào"),
    Row(name="quoted_text", kind=IncomingKind.TEXT, text="đúng rồi"),
    Row(name="image", kind=IncomingKind.MEDIA, text="xem giúp"),
    Row(name="file", kind=IncomingKind.MEDIA),
    Row(name="location", kind=IncomingKind.MEDIA),
    Row(name="sticker", kind=IncomingKind.MEDIA),
    Row(name="business_card", kind=IncomingKind.MEDIA, text="Người Thử"),
    Row(name="follow", kind=IncomingKind.START),
    Row(name="click_chatnow", kind=IncomingKind.START),
    Row(name="unfollow", kind=IncomingKind.STOPPED),
    Row(name="withdraw", kind=IncomingKind.WITHDREW),
    Row(name="echo_of_ours", kind=IncomingKind.ECHO, sender="", text="Chào bạn"),
    Row(name="echo_by_hand", kind=IncomingKind.ECHO, sender="6001"),
    Row(name="seen", kind=IncomingKind.IGNORED, chat="", sender=""),
    Row(name="received", kind=IncomingKind.IGNORED, chat="", sender=""),
    Row(name="reacted", kind=IncomingKind.IGNORED, chat="", sender=""),
    Row(name="group_text", kind=IncomingKind.TEXT, chat=GROUP, text="/khancap"),
    Row(name="group_image", kind=IncomingKind.MEDIA, chat=GROUP),
    Row(name="group_echo", kind=IncomingKind.ECHO, chat=GROUP, sender="", text="Thông báo"),
    Row(name="group_join", kind=IncomingKind.GROUP, chat=GROUP, sender=""),
    Row(name="anonymous", kind=IncomingKind.TEXT, chat=VISITOR, sender="anon-5001", text="Alo"),
    Row(name="submit_info", kind=IncomingKind.CONTACT),
    Row(name="quota_change", kind=IncomingKind.ACCOUNT, chat="", sender=""),
    Row(name="unknown", kind=IncomingKind.IGNORED, chat="", sender=""),
]


@pytest.fixture
async def surroundings() -> AsyncIterator[Surroundings]:
    clock = StubClock(started_at=NOON, frozen=True)
    async with aiohttp.ClientSession() as session:
        yield Surroundings(
            session=session,
            store=MemoryCredentials({}),
            clock=PlatformTime(clock),
            chance=NoChance(),
            say=say_key,
            attachments=MemoryAttachments(),
        )


@pytest.fixture
def channel(surroundings: Surroundings) -> ZaloChannel:
    return ZaloChannel(ACCOUNT, surroundings)


def body_of(name: str, *, at: datetime = NOON) -> bytes:
    now = str(round(at.timestamp() * 1000))
    ids = {"APP_ID": ACCOUNT.app_id, "OA_ID": ACCOUNT.oa_id, "NOW": now}
    return filled(PAYLOADS / f"{name}.json", ids)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_an_event_is_read_as_what_it_is(channel: ZaloChannel, row: Row) -> None:
    (incoming,) = channel.parse(signed_by(ACCOUNT, body_of(row.name)))

    assert (incoming.kind, incoming.chat, incoming.sender, incoming.text) == (
        row.kind,
        row.chat,
        row.sender,
        row.text,
    )
    assert incoming.is_group == (row.chat == GROUP)
    assert incoming.at == NOON
    assert PERSON not in incoming.event_id


def test_every_payload_has_a_row() -> None:
    assert sorted(path.stem for path in PAYLOADS.glob("*.json")) == sorted(r.name for r in ROWS)


async def test_ids_sent_as_numbers_are_kept_as_strings(channel: ZaloChannel) -> None:
    body = body_of("text").replace(f'"{PERSON}"'.encode(), PERSON.encode())

    assert channel.parse(signed_by(ACCOUNT, body))[0].chat == PERSON


async def test_a_timestamp_sent_as_a_number_is_signed_as_its_digits(
    channel: ZaloChannel,
) -> None:
    now = str(round(NOON.timestamp() * 1000))
    body = body_of("text").replace(f'"{now}"'.encode(), now.encode())

    assert channel.parse(signed_by(ACCOUNT, body))[0].at == NOON


@pytest.mark.parametrize("name", ["text", "follow", "echo_of_ours", "group_text", "quota_change"])
async def test_an_event_of_another_account_of_the_app_is_left_to_it(
    surroundings: Surroundings, name: str
) -> None:
    other = replace(ACCOUNT, oa_id="9999999999999999999")

    with pytest.raises(NotForMe):
        ZaloChannel(other, surroundings).parse(signed_by(ACCOUNT, body_of(name)))


async def test_the_signature_may_stand_without_its_prefix(channel: ZaloChannel) -> None:
    request = signed_by(ACCOUNT, body_of("text"))
    bare = request.headers[SIGNATURE_HEADER].removeprefix("mac=")

    channel.parse(WebhookRequest(headers={SIGNATURE_HEADER: bare}, body=request.body))


async def test_either_secret_signs_by_setting_but_never_both(surroundings: Surroundings) -> None:
    by_app = replace(ACCOUNT, signed_with=SignedWith.APP_SECRET)
    body = body_of("text")

    ZaloChannel(by_app, surroundings).parse(signed_by(by_app, body))
    with pytest.raises(BadSignature):
        ZaloChannel(by_app, surroundings).parse(signed_by(ACCOUNT, body))
    with pytest.raises(BadSignature):
        ZaloChannel(ACCOUNT, surroundings).parse(signed_by(by_app, body))


async def test_the_last_repeat_is_believed_and_a_later_replay_is_not(
    channel: ZaloChannel,
) -> None:
    last_repeat = NOON - timedelta(hours=1, minutes=50, seconds=30)

    channel.parse(signed_by(ACCOUNT, body_of("text", at=last_repeat)))
    replayed = signed_by(ACCOUNT, body_of("text", at=NOON - timedelta(hours=2, minutes=6)))
    with pytest.raises(BadSignature):
        channel.parse(replayed)


async def test_events_without_a_message_are_told_apart_by_whom_and_when(
    channel: ZaloChannel,
) -> None:
    follow, again = body_of("follow"), body_of("follow", at=NOON - timedelta(seconds=1))
    other = follow.replace(PERSON.encode(), b"2345678901234567999")

    ids = [
        channel.parse(signed_by(ACCOUNT, body))[0].event_id
        for body in (follow, follow, again, other)
    ]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_half_an_emoji_costs_no_words() -> None:
    event = read_event(
        rb'{"event_name":"user_send_text","timestamp":"1","sender":{"id":"7001"},'
        rb'"recipient":{"id":"9001"},"message":{"msg_id":"a","text":"\ud83d ch\u00e1y nh\u00e0"}}'
    )
    assert event.message is not None
    assert event.message.text == "? cháy nhà"
