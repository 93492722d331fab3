"""Every wording of a refusal that is known, and what comes next after each."""

from dataclasses import dataclass

import pytest

from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.errors import STANDING_PHRASES, UNREACHABLE_PHRASES
from bot.core.messages import Outgoing
from bot.core.sending import (
    ChannelBroken,
    ChatMoved,
    MessageRefused,
    NoAnswer,
    PersonUnreachable,
    PlatformTrouble,
    Reason,
    SendError,
    SlowedDown,
)
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.telegram_wordings import WORDINGS, About, Wording
from tests.channels.telegram.places import GROUP, OFFICER, TO, TO_GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    raises: type[SendError]
    reason: Reason = Reason.REFUSED


LEFT = Row(raises=PersonUnreachable, reason=Reason.LEFT)
NOT_FOUND = Row(raises=PersonUnreachable, reason=Reason.NOT_FOUND)
DEACTIVATED = Row(raises=PersonUnreachable, reason=Reason.DEACTIVATED)
BROKEN = Row(raises=ChannelBroken, reason=Reason.PLATFORM_ERROR)
TROUBLE = Row(raises=PlatformTrouble, reason=Reason.PLATFORM_ERROR)
ROWS = {
    "blocked": Row(raises=PersonUnreachable, reason=Reason.BLOCKED),
    "deactivated": DEACTIVATED,
    "never started": NOT_FOUND,
    "is a bot": NOT_FOUND,
    "chat not found": NOT_FOUND,
    "user not found": NOT_FOUND,
    "peer id invalid": NOT_FOUND,
    "deactivated peer": DEACTIVATED,
    "kicked from group": LEFT,
    "kicked from supergroup": LEFT,
    "kicked from channel": LEFT,
    "not in group": LEFT,
    "not in supergroup": LEFT,
    "not in channel": LEFT,
    "group deleted": DEACTIVATED,
    "migrated": Row(raises=ChatMoved, reason=Reason.NOT_FOUND),
    "slow down": Row(raises=SlowedDown, reason=Reason.SLOWED_DOWN),
    "wrong token": BROKEN,
    "logged out": BROKEN,
    "token of nobody": BROKEN,
    # Of other methods; a send never hears them, and would try again.
    "webhook is set": TROUBLE,
    "another poller": TROUBLE,
    "server error": TROUBLE,
    "bad gateway": TROUBLE,
    "unavailable": TROUBLE,
    "gateway timeout": Row(raises=NoAnswer, reason=Reason.NO_ANSWER),
}
# What Telegram will never take, whoever it is for.
REFUSED = {About.RIGHTS, About.MESSAGE}


def row_of(wording: Wording) -> Row:
    is_refused = wording.about in REFUSED or wording.id == "webhook refused"
    return Row(raises=MessageRefused) if is_refused else ROWS[wording.id]


@pytest.mark.parametrize("to", [TO, TO_GROUP], ids=["person", "group"])
@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.id)
async def test_every_wording_says_what_comes_next(
    channel: TelegramChannel, stub: TelegramStub, wording: Wording, to: object
) -> None:
    assert to in (TO, TO_GROUP)
    address = TO if to is TO else TO_GROUP
    stub.fail_next(FaultKind.REFUSED, **wording.as_fault())

    with pytest.raises(SendError) as caught:
        await channel.send(address, Outgoing(text="một"))

    assert (type(caught.value), caught.value.reason) == (
        row_of(wording).raises,
        row_of(wording).reason,
    )


def test_every_phrase_we_look_for_is_one_telegram_says() -> None:
    said = [wording.text.lower() for wording in WORDINGS]
    phrases = [*STANDING_PHRASES, *(one for some in UNREACHABLE_PHRASES.values() for one in some)]

    # Told by the server's source and by operators; the list of wordings has no row for them.
    elsewhere = {
        "group chat was deactivated",
        "upgraded to a supergroup",
        "message_delete_forbidden",
        "wrong remote file identifier",
        "file_reference_expired",
        "photo_ext_invalid",
        "too big for a photo",
    }
    assert {one for one in phrases if not any(one in text for text in said)} <= elsewhere


async def test_a_pause_for_a_group_holds_no_other_chat(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.person(GROUP, name="Tổ thử")
    stub.fail_next(FaultKind.REFUSED, code=429, retry_after_s=35, to=str(GROUP))

    with pytest.raises(SlowedDown) as caught:
        await channel.send(TO_GROUP, Outgoing(text="một"))

    assert (caught.value.after_s, caught.value.whole_channel) == (35, False)
    await channel.send(TO, Outgoing(text="hai"))


async def test_a_group_that_moved_says_where_to(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    old, new = -4_002_003_004, -1_004_002_003_004
    stub.groups.create_with_bot(old, by=OFFICER)
    stub.groups.migrate(old, to=new)
    address = type(TO_GROUP)(channel_id=TO.channel_id, chat=str(old), is_group=True)

    with pytest.raises(ChatMoved) as caught:
        await channel.send(address, Outgoing(text="một"))

    assert caught.value.moved_to == str(new)
    moved = type(TO_GROUP)(channel_id=TO.channel_id, chat=str(new), is_group=True)
    assert await channel.send(moved, Outgoing(text="một"))


async def test_a_pause_is_kept_by_the_answers_to_taps_too(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.fail_next(FaultKind.REFUSED, method="sendMessage", code=429, retry_after_s=7)
    with pytest.raises(SlowedDown):
        await channel.send(TO, Outgoing(text="một"))

    await channel.answer_tap("4611686018427000001")

    assert stub.calls["answerCallbackQuery"] == 0
