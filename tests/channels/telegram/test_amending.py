"""Correcting and recalling what stands on people's screens."""

from collections.abc import Sequence

import pytest

from bot.channels.telegram.adapter import TelegramChannel
from bot.core.messages import Attachment, Choice, Outgoing
from bot.core.sending import MessageRefused, SlowedDown
from tests.channels.rigs_telegram import PERSON
from tests.channels.stand_ins import MemoryAttachments
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.rule_book import BrokenRule
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.places import GROUP, OFFICER, PNG, TO, TO_GROUP, kept

TWO_DAYS_S = 48 * 3600
LONG = "🔥" * 3000


@pytest.fixture
def picture(attachments: MemoryAttachments) -> Attachment:
    return kept(attachments)


def standing(stub: TelegramStub, chat: int = PERSON) -> list[tuple[str, str]]:
    """Return number and words of everything of ours that stands in a chat."""
    return [
        (str(number), stored.sent.text)
        for number, stored in stub.chats.seen(chat).messages.items()
        if stored.sent is not None
    ]


def replacing(text: str, ids: Sequence[str], **more: object) -> Outgoing:
    return Outgoing(text=text, replaces=tuple(ids), **more)  # type: ignore[arg-type] # fields by name


async def test_a_text_is_corrected_where_it_stands(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = await channel.send(TO, Outgoing(text="Họp lúc 7 giờ."))
    choices = (Choice(label="Đã rõ", word="vâng"),)

    after = await channel.send(TO, replacing("Họp lúc 19 giờ.", ids, choices=choices))

    assert after == ids
    assert standing(stub) == [(ids[0], "Họp lúc 19 giờ.")]
    assert [button.title for button in stub.edited[-1].buttons] == ["Đã rõ"]


async def test_an_edit_that_changes_nothing_is_done(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = await channel.send(TO, Outgoing(text="một"))

    assert await channel.send(TO, replacing("một", ids)) == ids


async def test_the_words_under_a_picture_are_corrected_and_the_picture_stays(
    channel: TelegramChannel, stub: TelegramStub, picture: Attachment
) -> None:
    ids = await channel.send(TO, Outgoing(text="sai", attachment=picture))

    after = await channel.send(TO, replacing("đúng", ids, attachment=picture))

    assert after == ids
    assert standing(stub) == [(ids[0], "đúng")]
    assert stub.edited[-1].file is not None
    assert len(stub.sent) == 1


async def test_words_that_grew_too_long_for_a_caption_follow_the_picture(
    channel: TelegramChannel, stub: TelegramStub, picture: Attachment
) -> None:
    ids = await channel.send(TO, Outgoing(text="sai", attachment=picture))

    after = await channel.send(TO, replacing("đ" * 2000, ids, attachment=picture))

    assert after[:1] == ids
    assert [text for _, text in standing(stub)] == ["", "đ" * 2000]


async def test_long_words_after_a_picture_are_corrected_there(
    channel: TelegramChannel, stub: TelegramStub, picture: Attachment
) -> None:
    ids = await channel.send(TO, Outgoing(text="s" * 2000, attachment=picture))
    stub.clock.advance(3)

    after = await channel.send(TO, replacing("đ" * 2000, ids, attachment=picture))

    assert after == ids
    assert [text for _, text in standing(stub)] == ["", "đ" * 2000]


async def test_words_that_became_fewer_leave_nothing_of_the_old_ones(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = await channel.send(TO, Outgoing(text=LONG))
    stub.clock.advance(3)

    after = await channel.send(TO, replacing("ngắn", ids))

    assert (len(ids), after) == (2, ids[:1])
    assert standing(stub) == [(ids[0], "ngắn")]


async def test_what_is_left_over_and_too_old_to_delete_says_nothing_any_more(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = await channel.send(TO, Outgoing(text=LONG))
    stub.clock.advance(TWO_DAYS_S)

    await channel.send(TO, replacing("ngắn", ids))

    assert standing(stub) == [(ids[0], "ngắn"), (ids[1], "…")]
    forgive_the_age(stub)


async def test_words_that_became_more_go_on_in_a_new_message(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = await channel.send(TO, Outgoing(text="ngắn"))
    stub.clock.advance(1)

    after = await channel.send(TO, replacing(LONG, ids))

    assert (after[0], len(after)) == (ids[0], 2)
    assert "".join(text for _, text in standing(stub)) == LONG


async def test_a_correction_of_what_is_gone_is_a_new_message(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = await channel.send(TO, Outgoing(text="một"))
    del stub.chats.seen(PERSON).messages[int(ids[0])]
    stub.clock.advance(1)

    after = await channel.send(TO, replacing("hai", ids))

    assert after != ids
    assert standing(stub) == [(after[0], "hai")]


@pytest.mark.parametrize("earlier", ["không phải số", "4711"])
async def test_a_number_that_is_none_of_ours_is_a_new_message(
    channel: TelegramChannel, stub: TelegramStub, earlier: str
) -> None:
    (after,) = await channel.send(TO, replacing("hai", [earlier]))

    assert standing(stub) == [(after, "hai")]


async def test_a_message_with_buttons_below_the_field_stays_and_is_followed(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    choices = (Choice(label="Số khẩn cấp", word="/khancap"),)
    ids = await channel.send(TO, Outgoing(text="một", choices=choices, stays=True))
    stub.clock.advance(1)

    after = await channel.send(TO, replacing("hai", ids))

    assert standing(stub) == [(ids[0], "một"), (after[0], "hai")]


async def test_a_picture_that_did_not_stand_there_is_sent(
    channel: TelegramChannel, stub: TelegramStub, picture: Attachment
) -> None:
    ids = await channel.send(TO, Outgoing(text="một"))
    stub.clock.advance(1)

    after = await channel.send(TO, replacing("hai", ids, attachment=picture))

    assert after[0] == ids[0]
    assert stub.sent[-1].method == "sendPhoto"
    assert len(after) == 2


async def test_another_picture_takes_the_place_of_the_one_that_stood_there(
    channel: TelegramChannel,
    stub: TelegramStub,
    attachments: MemoryAttachments,
    picture: Attachment,
) -> None:
    ids = await channel.send(TO, Outgoing(text="sai", attachment=picture))
    stub.clock.advance(1)
    right = kept(attachments, PNG + b"y", name="dung.png")

    after = await channel.send(TO, replacing("đúng", ids, attachment=right))

    assert standing(stub) == [(after[0], "đúng")]
    assert after != ids
    assert stub.sent[-1].file is not None
    assert stub.sent[-1].file.name == "dung.png"


async def test_another_picture_is_put_there_even_after_a_pause_in_between(
    channel: TelegramChannel,
    stub: TelegramStub,
    attachments: MemoryAttachments,
    picture: Attachment,
) -> None:
    ids = await channel.send(TO, Outgoing(text="sai", attachment=picture))
    stub.clock.advance(1)
    right = kept(attachments, PNG + b"y", name="dung.png")
    stub.fail_next(FaultKind.REFUSED, method="sendPhoto", code=429, retry_after_s=9)
    with pytest.raises(SlowedDown):
        await channel.send(TO, replacing("đúng", ids, attachment=right))
    stub.clock.advance(9)

    after = await channel.send(TO, replacing("đúng", ids, attachment=right))

    assert standing(stub) == [(after[0], "đúng")]
    assert after != ids


async def test_a_picture_that_was_taken_out_disappears(
    channel: TelegramChannel, stub: TelegramStub, picture: Attachment
) -> None:
    ids = await channel.send(TO, Outgoing(text="sai", attachment=picture))
    stub.clock.advance(1)

    after = await channel.send(TO, replacing("đúng", ids))

    assert standing(stub) == [(after[0], "đúng")]
    assert stub.sent[-1].file is None


async def test_a_wrong_picture_too_old_to_delete_loses_its_words(
    channel: TelegramChannel, stub: TelegramStub, picture: Attachment
) -> None:
    ids = await channel.send(TO, Outgoing(text="sai", attachment=picture))
    stub.clock.advance(TWO_DAYS_S)

    after = await channel.send(TO, replacing("đúng", ids))

    assert standing(stub) == [(ids[0], "…"), (after[0], "đúng")]
    forgive_the_age(stub)


async def test_a_pause_during_a_correction_is_told_and_it_can_be_made_again(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = await channel.send(TO, Outgoing(text="một"))
    stub.fail_next(FaultKind.REFUSED, method="editMessageText", code=429, retry_after_s=9)
    with pytest.raises(SlowedDown) as caught:
        await channel.send(TO, replacing("hai", ids))
    stub.clock.advance(9)

    assert caught.value.after_s == 9
    assert await channel.send(TO, replacing("hai", ids)) == ids


async def test_a_recalled_message_disappears(channel: TelegramChannel, stub: TelegramStub) -> None:
    ids = await channel.send(TO, Outgoing(text=LONG))
    stub.clock.advance(3)

    after = await channel.send(TO, replacing("Tin này đã thu hồi.", ids, is_recall=True))

    assert (after, standing(stub)) == ((), [])


async def test_what_is_gone_already_is_recalled(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    assert await channel.send(TO, replacing("", ["71", "72", "lạ"], is_recall=True)) == ()


async def test_a_message_too_old_to_delete_says_that_it_was_recalled(
    channel: TelegramChannel, stub: TelegramStub, picture: Attachment
) -> None:
    ids = (
        *await channel.send(TO, Outgoing(text="một")),
        *await channel.send(TO, Outgoing(text="hai", attachment=picture)),
    )
    stub.clock.advance(TWO_DAYS_S)

    after = await channel.send(TO, replacing("Đã thu hồi.", ids, is_recall=True))

    assert after == ids
    assert [text for _, text in standing(stub)] == ["Đã thu hồi.", "Đã thu hồi."]
    forgive_the_age(stub)


async def test_one_that_cannot_be_deleted_does_not_keep_the_others(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    (old,) = await channel.send(TO, Outgoing(text="một"))
    stub.clock.advance(TWO_DAYS_S)
    (young,) = await channel.send(TO, Outgoing(text="hai"))
    stub.clock.advance(1)

    after = await channel.send(TO, replacing("Đã thu hồi.", [old, young], is_recall=True))

    assert after == (old,)
    assert standing(stub) == [(old, "Đã thu hồi.")]
    forgive_the_age(stub)


async def test_a_recall_without_words_that_is_not_allowed_is_refused(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = await channel.send(TO, Outgoing(text="một"))
    stub.clock.advance(TWO_DAYS_S)

    with pytest.raises(MessageRefused):
        await channel.send(TO, replacing("", ids, is_recall=True))
    forgive_the_age(stub)


async def test_a_hundred_and_one_messages_are_recalled_in_two_calls(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    ids = [str(number) for number in range(1, 102)]

    await channel.send(TO, replacing("", ids, is_recall=True))

    assert stub.calls["deleteMessages"] == 2


@pytest.mark.parametrize("can_delete", [True, False])
async def test_what_somebody_wrote_in_a_group_is_deleted_where_we_may(
    channel: TelegramChannel, stub: TelegramStub, *, can_delete: bool
) -> None:
    stub.groups.make(GROUP, creator=OFFICER)
    stub.groups.add_bot(GROUP, by=OFFICER, as_admin=["can_delete_messages"] * can_delete)
    update = await stub.user_says(PERSON, "tin riêng", chat=GROUP)
    message = update.body["message"]
    assert isinstance(message, dict)
    recall = replacing("", [str(message["message_id"])], is_recall=True)

    if can_delete:
        assert await channel.send(TO_GROUP, recall) == ()
        assert message["message_id"] not in stub.chats.seen(GROUP).messages
    else:
        with pytest.raises(MessageRefused):
            await channel.send(TO_GROUP, recall)


def forgive_the_age(stub: TelegramStub) -> None:
    """Take the one rule off the list that nobody can keep who does not know a message's age."""
    assert stub.broken_rules
    assert {rule.rule for rule in stub.broken_rules} == {"deleted within 48 hours"}
    assert isinstance(stub.broken_rules[0], BrokenRule)
    stub.broken_rules.clear()
