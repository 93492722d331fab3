"""What goes out beyond a text: pictures, files, quotes, keyboards that stay, several parts."""

import asyncio
from datetime import timedelta

import pytest

from bot.channels.telegram.adapter import TelegramChannel
from bot.core.ids import AttachmentId
from bot.core.messages import Attachment, AttachmentKind, Choice, Code, Outgoing
from bot.core.sending import (
    MessageRefused,
    NoAnswer,
    PersonUnreachable,
    PlatformTrouble,
    SendError,
    SlowedDown,
)
from tests.channels.rigs_telegram import CHANNEL_ID, PERSON
from tests.channels.stand_ins import MemoryAttachments
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.telegram.places import GROUP, PNG, TO, TO_GROUP, kept

MARKUP = "<b>*_[x](http://y.invalid)&amp; `q` ||z||"


async def test_a_picture_comes_with_its_words(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments
) -> None:
    picture = kept(attachments)

    ids = await channel.send(TO, Outgoing(text="Cổng nhà văn hóa", attachment=picture))

    (sent,) = stub.sent
    assert (sent.method, sent.text, ids) == ("sendPhoto", "Cổng nhà văn hóa", (sent.message_id,))
    assert sent.file is not None
    assert (sent.file.name, sent.file.size_bytes) == ("anh.png", len(PNG))


async def test_a_document_keeps_its_name(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments
) -> None:
    file = kept(attachments, b"%PDF-1.7 x", kind=AttachmentKind.FILE, name="lich họp.pdf")

    await channel.send(TO, Outgoing(text="", attachment=file))

    (sent,) = stub.sent
    assert sent.method == "sendDocument"
    assert sent.file is not None
    assert sent.file.name == "lich họp.pdf"


@pytest.mark.parametrize("mark", ["a", "🔥"])
async def test_words_too_long_for_a_caption_follow_their_picture(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments, mark: str
) -> None:
    choices = (Choice(label="Đồng ý", word="vâng"),)
    text = mark * 1025

    await channel.send(TO, Outgoing(text=text, attachment=kept(attachments), choices=choices))

    picture, words = stub.sent
    assert (picture.text, picture.buttons) == ("", ())
    assert (words.text, len(words.buttons)) == (text, 1)
    assert words.at_s - picture.at_s >= 1.0


@pytest.mark.parametrize("mark", ["a", "ệ"])
async def test_the_longest_caption_stays_with_its_picture(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments, mark: str
) -> None:
    await channel.send(TO, Outgoing(text=mark * 1024, attachment=kept(attachments)))

    assert [sent.text for sent in stub.sent] == [mark * 1024]


async def test_nothing_in_a_text_or_caption_is_markup(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments
) -> None:
    ids = await channel.send(TO, Outgoing(text=MARKUP))
    await channel.send(TO, Outgoing(text=MARKUP, attachment=kept(attachments)))
    stub.clock.advance(3)
    await channel.send(TO, Outgoing(text=MARKUP + "!", replaces=ids))

    assert [sent.text for sent in stub.sent] == [MARKUP, MARKUP]
    assert [edit.text for edit in stub.edited] == [MARKUP + "!"]


async def test_a_file_is_uploaded_once_and_named_afterwards(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments
) -> None:
    picture = kept(attachments)
    for chat in range(3):
        stub.person(PERSON + chat)

    for chat in range(3):
        to = type(TO)(channel_id=CHANNEL_ID, chat=str(PERSON + chat))
        await channel.send(to, Outgoing(text="một", attachment=picture))

    files = [sent.file for sent in stub.sent if sent.file is not None]
    assert [bool(file.reference) for file in files] == [False, True, True]
    ((token, until),) = attachments.tokens.values()
    assert token.startswith(f"photo:{files[1].reference}:")
    assert until - stub.clock.now() > timedelta(days=3000)


async def test_many_at_once_wait_for_one_upload(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments
) -> None:
    picture = kept(attachments, PNG + b"x" * 200_000)
    chats = [stub.person(PERSON + number).id for number in range(20)]

    async with asyncio.TaskGroup() as group:
        for chat in chats:
            to = type(TO)(channel_id=CHANNEL_ID, chat=str(chat))
            group.create_task(channel.send(to, Outgoing(text="", attachment=picture)))

    uploads = [sent for sent in stub.sent if sent.file and not sent.file.reference]
    assert (len(stub.sent), len(uploads)) == (20, 1)


async def test_an_upload_that_takes_long_makes_others_step_back(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments
) -> None:
    picture = kept(attachments)
    other = type(TO)(channel_id=CHANNEL_ID, chat=str(stub.person(PERSON + 1).id))
    stub.fail_next(FaultKind.SLOW, method="sendPhoto", delay_s=4)

    async with asyncio.TaskGroup() as group:
        first = group.create_task(channel.send(TO, Outgoing(text="", attachment=picture)))
        while not stub.calls["sendPhoto"]:  # noqa: ASYNC110 - the stub tells by its log
            await asyncio.sleep(0)
        with pytest.raises(SlowedDown) as caught:
            await channel.send(other, Outgoing(text="", attachment=picture))
        stub.clock.advance(4)

    assert not caught.value.whole_channel
    assert first.result()
    assert await channel.send(other, Outgoing(text="", attachment=picture))


async def test_a_handle_that_went_bad_is_forgotten_and_the_file_sent_again(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments
) -> None:
    picture = kept(attachments)
    await attachments.note_upload(
        CHANNEL_ID, picture.id, "photo:AgAC-cua-bot-khac", until=stub.clock.now()
    )
    stub.fail_next(
        FaultKind.REFUSED,
        method="sendPhoto",
        code=400,
        text="Bad Request: wrong file identifier/HTTP URL specified",
    )

    await channel.send(TO, Outgoing(text="một", attachment=picture))

    (sent,) = stub.sent
    assert sent.file is not None
    assert sent.file.reference == ""
    assert attachments.tokens[CHANNEL_ID, picture.id][0] != "photo:AgAC-cua-bot-khac"


async def test_an_upload_that_failed_is_tried_by_the_next_one(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments
) -> None:
    picture = kept(attachments)
    blocked = "Forbidden: bot was blocked by the user"
    stub.fail_next(FaultKind.REFUSED, method="sendPhoto", code=403, text=blocked)
    with pytest.raises(PersonUnreachable):
        await channel.send(TO, Outgoing(text="một", attachment=picture))

    await channel.send(TO, Outgoing(text="một", attachment=picture))

    assert [sent.file is not None for sent in stub.sent] == [True]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(PNG + b"x" * (10 * 1024 * 1024), id="over 10 MB"),
        pytest.param(b"no picture at all", id="no picture"),
    ],
)
async def test_a_picture_telegram_cannot_show_goes_as_a_document(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments, body: bytes
) -> None:
    picture = kept(attachments, body)
    if not body.startswith(PNG):
        stub.fail_next(
            FaultKind.REFUSED,
            method="sendPhoto",
            code=400,
            text="Bad Request: IMAGE_PROCESS_FAILED",
        )

    await channel.send(TO, Outgoing(text="một", attachment=picture))
    stub.clock.advance(1)
    await channel.send(TO, Outgoing(text="hai", attachment=picture))

    assert [(sent.method, sent.text) for sent in stub.sent] == [
        ("sendDocument", "một"),
        ("sendDocument", "hai"),
    ]


@pytest.mark.parametrize("size_bytes", [0, 50 * 1024 * 1024 + 1])
async def test_what_no_message_can_carry_is_refused_before_telegram_sees_it(
    channel: TelegramChannel, stub: TelegramStub, attachments: MemoryAttachments, size_bytes: int
) -> None:
    file = kept(attachments, bytes(size_bytes), kind=AttachmentKind.FILE, name="to.pdf")

    with pytest.raises(MessageRefused):
        await channel.send(TO, Outgoing(text="một", attachment=file))

    assert stub.calls.total() == 0


async def test_an_attachment_that_is_gone_is_refused(channel: TelegramChannel) -> None:
    gone = Attachment(
        id=AttachmentId("gone"),
        kind=AttachmentKind.FILE,
        name="x.pdf",
        media_type="application/pdf",
        size_bytes=1,
    )
    with pytest.raises(MessageRefused):
        await channel.send(TO, Outgoing(text="một", attachment=gone))


async def test_a_quote_is_shown_and_a_deleted_one_is_left_out(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    await stub.user_says(PERSON, "báo cháy gọi số nào")

    for quoted in ("1", "77", "tin của nền tảng khác"):
        await channel.send(TO, Outgoing(text="Gọi 114.", quotes=quoted))
        stub.clock.advance(1)

    assert [sent.quotes for sent in stub.sent] == ["1", "", ""]


async def test_choices_that_stay_are_buttons_below_the_typing_field(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    choices = (
        Choice(label="Số khẩn cấp", word="/khancap"),
        Choice(label="Xem cách dùng", word="/trogiup"),
        Choice(label="Báo tin cho công an phường", word="/togiac"),
        Choice(label="Mở trang", url="https://example.invalid/"),
    )

    await channel.send(TO, Outgoing(text="Chọn:", choices=choices, stays=True))

    (sent,) = stub.sent
    assert sent.markup == "keyboard"
    assert [button.title for button in sent.buttons] == [
        "Số khẩn cấp",
        "Xem cách dùng",
        "Báo tin cho công an phường",
    ]
    assert sent.text.endswith("Mở trang: https://example.invalid/")
    update = await stub.user_taps(sent, "Số khẩn cấp")
    assert update is not None


async def test_in_a_group_nothing_stays_below_everybodys_typing_field(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    stub.person(GROUP, name="Tổ thử")
    choices = (Choice(label="Số khẩn cấp", word="/khancap"),)

    await channel.send(TO_GROUP, Outgoing(text="Chọn:", choices=choices, stays=True))

    assert stub.sent[0].markup == "inline_keyboard"


@pytest.mark.parametrize(
    ("trouble", "raises"),
    [
        pytest.param(
            {"kind": FaultKind.REFUSED, "code": 429, "retry_after_s": 60}, SlowedDown, id="pause"
        ),
        pytest.param(
            {"kind": FaultKind.REFUSED, "code": 429, "retry_after_s": 3600},
            SlowedDown,
            id="long pause",
        ),
        pytest.param({"kind": FaultKind.ERROR_500}, PlatformTrouble, id="500"),
        pytest.param({"kind": FaultKind.CLOSE_BEFORE}, NoAnswer, id="no answer"),
    ],
)
async def test_what_stopped_half_way_goes_on_where_it_stopped(
    channel: TelegramChannel,
    stub: TelegramStub,
    attachments: MemoryAttachments,
    *,
    trouble: dict[str, object],
    raises: type[SendError],
) -> None:
    message = Outgoing(text="🔥" * 1000, attachment=kept(attachments))
    stub.fail_next(method="sendMessage", **trouble)  # type: ignore[arg-type] # fields by name
    with pytest.raises(raises) as caught:
        await channel.send(TO, message)
    stub.clock.advance((caught.value.after_s or 60) + 1)

    ids = await channel.send(TO, message)

    assert [(sent.method, sent.text) for sent in stub.sent] == [
        ("sendPhoto", ""),
        ("sendMessage", message.text),
    ]
    assert ids == tuple(sent.message_id for sent in stub.sent)


async def test_the_same_words_later_are_a_message_of_their_own(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    message = Outgoing(text="🔥" * 4000)
    for _ in range(2):
        await channel.send(TO, message)
        stub.clock.advance(3)

    assert len(stub.sent) == 4


async def test_what_stopped_half_way_and_never_came_again_is_forgotten(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    message = Outgoing(text="🔥" * 4000)
    stub.fail_next(FaultKind.ERROR_500, method="sendMessage", skip=1)
    with pytest.raises(PlatformTrouble):
        await channel.send(TO, message)
    stub.clock.advance(3600)

    await channel.send(TO, message)

    assert len(stub.sent) == 3


async def test_parts_do_not_go_out_faster_than_messages(
    channel: TelegramChannel, stub: TelegramStub
) -> None:
    chats = [stub.person(PERSON + number).id for number in range(8)]

    for chat in chats:
        to = type(TO)(channel_id=CHANNEL_ID, chat=str(chat))
        await channel.send(to, Outgoing(text="🔥" * 4000))
        with pytest.raises(SlowedDown):
            await channel.send(to, Outgoing(text="ngay sau"))

    assert len(stub.sent) == 2 * len(chats)


@pytest.mark.parametrize(
    "trouble", [FaultKind.ERROR_500, FaultKind.CLOSE_BEFORE, FaultKind.REFUSED]
)
async def test_a_code_that_cannot_be_sent_costs_no_word_and_repeats_none(
    channel: TelegramChannel, stub: TelegramStub, trouble: FaultKind
) -> None:
    text = "Bad Request: not enough rights to send photos"
    stub.fail_next(trouble, method="sendPhoto", code=400, text=text)
    code = Code(content="ABCD-EFGH", label="Mã QR")

    ids = await channel.send(TO, Outgoing(text="Mã tin: ABCD-EFGH", is_secret=True, code=code))

    (sent,) = stub.sent
    assert (sent.text, ids) == ("Mã tin: ABCD-EFGH", (sent.message_id,))
