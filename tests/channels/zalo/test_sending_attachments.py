"""Pictures and files: uploaded once, renewed when they run out, refused in words before that."""

import asyncio
import struct
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.zalo.errors import ONLY_PARTS
from bot.channels.zalo.uploads import (
    FORMS,
    NAME_LIMIT,
    UploadKind,
    check_bytes,
    gif_size,
    kind_of,
    upload_name,
)
from bot.core.ids import AttachmentId
from bot.core.messages import Address, Attachment, AttachmentKind, Choice, Outgoing
from bot.core.sending import MessageRefused, NotNow, PlatformTrouble, Reason, SlowedDown
from tests.channels.rigs_zalo import CHANNEL_ID, MESSAGES, ZaloRig
from tests.channels.stubs.fault_script import FaultKind

JPG = b"\xff\xd8\xff\xe0" + b"j" * 100
PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 100
GIF = b"GIF89a" + struct.pack("<HH", 320, 240) + b"g" * 50
PDF = b"%PDF-1.4\n%%EOF\n"
IMAGES = "/v2.0/oa/upload/image"
FILES = "/v2.0/oa/upload/file"
TEXT = "Bà con xem sơ đồ kèm theo."


def picture(rig: ZaloRig, name: str = "so-do.jpg", body: bytes = JPG) -> Attachment:
    return rig.attachments.put(name, body)


def document(rig: ZaloRig, name: str = "Thông báo số 5.pdf") -> Attachment:
    return rig.attachments.put(name, PDF, media_type="application/pdf")


def someone(rig: ZaloRig) -> Address:
    person = rig.stub.person()
    person.last_interaction_at = rig.stub.clock.now()
    return Address(channel_id=CHANNEL_ID, chat=person.user_id)


def a_group(rig: ZaloRig) -> Address:
    return Address(channel_id=CHANNEL_ID, chat=rig.stub.group().group_id, is_group=True)


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("a.jpg", JPG, "image"),
        ("a.JPEG", JPG, "image"),
        ("a.png", PNG, "image"),
        ("a.gif", GIF, "gif"),
    ],
)
async def test_a_picture_goes_out_with_its_words_below(
    rig: ZaloRig, name: str, body: bytes, kind: str
) -> None:
    message = Outgoing(text=TEXT, attachment=picture(rig, name, body))

    ids = await rig.channel.send(rig.address, message)

    (sent,) = rig.stub.sent
    assert sent.file is not None
    assert (sent.text, sent.file.kind, sent.file.size_bytes) == (TEXT, kind, len(body))
    assert ids == (sent.message_id,)
    assert rig.channel.echoes(rig.address, message) == [TEXT]


async def test_a_picture_goes_out_alone(rig: ZaloRig) -> None:
    message = Outgoing(text="", attachment=picture(rig))

    await rig.channel.send(rig.address, message)

    assert [(sent.text, sent.file is not None) for sent in rig.stub.sent] == [("", True)]
    assert rig.channel.echoes(rig.address, message) == [""]


async def test_a_file_follows_its_words_and_keeps_its_name(rig: ZaloRig) -> None:
    message = Outgoing(text=TEXT, attachment=document(rig))

    ids = await rig.channel.send(rig.address, message)

    words, file = rig.stub.sent
    assert (words.text, words.file) == (TEXT, None)
    assert file.file is not None
    assert (file.text, file.file.kind, file.file.name) == ("", "file", "Thông báo số 5.pdf")
    assert ids == (words.message_id, file.message_id)
    assert rig.channel.echoes(rig.address, message) == [TEXT]


@pytest.mark.parametrize("is_group", [False, True], ids=["visitor", "group"])
async def test_groups_and_visitors_get_pictures_and_files_too(
    rig: ZaloRig, *, is_group: bool
) -> None:
    visitor = rig.stub.visitor()
    chat = f"anonymous:{visitor.conversation_id}:{visitor.anonymous_id}"
    to = a_group(rig) if is_group else Address(channel_id=CHANNEL_ID, chat=chat)

    await rig.channel.send(to, Outgoing(text="[@1] xem", attachment=picture(rig)))
    await rig.channel.send(to, Outgoing(text="tệp", attachment=document(rig)))

    kinds = [sent.file.kind if sent.file else sent.text for sent in rig.stub.sent]
    assert kinds == ["image", "tệp", "file"]
    assert rig.stub.sent[0].text == ("[ @1] xem" if is_group else "[@1] xem")


async def test_words_too_long_for_a_caption_follow_the_picture(rig: ZaloRig) -> None:
    text = "x" * 1990
    choices = tuple(Choice(label=f"Mục có tên khá là dài số {n}", word="w") for n in range(3))

    await rig.channel.send(
        rig.address, Outgoing(text=text, choices=choices, attachment=picture(rig))
    )

    shown, *words = rig.stub.sent
    assert (shown.text, shown.file is not None) == ("", True)
    assert text in "".join(sent.text for sent in words)
    assert "số 2" in words[-1].text


async def test_buttons_stand_below_the_words_after_the_picture(rig: ZaloRig) -> None:
    choices = (Choice(label="Đồng ý", word="co"),)

    await rig.channel.send(
        rig.address, Outgoing(text=TEXT, choices=choices, attachment=picture(rig))
    )

    assert [(sent.text, len(sent.buttons)) for sent in rig.stub.sent] == [("", 0), (TEXT, 1)]


async def test_64_sends_at_once_upload_once(rig: ZaloRig) -> None:
    message = Outgoing(text=TEXT, attachment=picture(rig))
    people = [someone(rig) for _ in range(64)]

    async with asyncio.TaskGroup() as group:
        for to in people:
            group.create_task(rig.channel.send(to, message))

    assert rig.stub.calls[IMAGES] == 1
    assert rig.attachments.reads == 1
    assert len(rig.stub.sent) == 64


async def test_an_upload_that_failed_is_not_repeated_by_everybody_who_waits(rig: ZaloRig) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=IMAGES, code=-32)
    message = Outgoing(text=TEXT, attachment=picture(rig))
    people = [someone(rig) for _ in range(10)]

    failures = await asyncio.gather(
        *(rig.channel.send(to, message) for to in people), return_exceptions=True
    )

    assert {type(failure) for failure in failures} == {SlowedDown}
    assert rig.stub.calls[IMAGES] == 1


async def test_an_upload_is_remembered_by_the_store_and_used_for_a_week(rig: ZaloRig) -> None:
    message = Outgoing(text=TEXT, attachment=picture(rig))
    await rig.channel.send(rig.address, message)
    (until,) = (until for _, until in rig.attachments.tokens.values())

    assert until - rig.stub.clock.now() < timedelta(days=7)
    rig.stub.clock.advance(timedelta(days=6, hours=12).total_seconds())
    await rig.channel.send(someone(rig), message)
    assert rig.stub.calls[IMAGES] == 1

    rig.stub.clock.advance(timedelta(hours=10).total_seconds())
    await rig.channel.send(someone(rig), message)
    assert rig.stub.calls[IMAGES] == 2


@pytest.mark.parametrize("name", ["so-do.jpg", "so-do.gif"])
async def test_what_another_process_uploaded_is_used(rig: ZaloRig, name: str) -> None:
    body = GIF if name.endswith("gif") else JPG
    attachment = picture(rig, name, body)
    message = Outgoing(text=TEXT, attachment=attachment)
    await rig.channel.send(rig.address, message)

    async with rig.another() as other:
        await other.send(rig.address, message)

    assert rig.stub.calls[f"/v2.0/oa/upload/{kind_of(attachment)}"] == 1
    assert len(rig.stub.sent) == 2


async def test_an_upload_zalo_no_longer_knows_is_made_again_once(rig: ZaloRig) -> None:
    attachment = picture(rig)
    until = rig.stub.clock.now() + timedelta(days=1)
    rig.attachments.tokens[CHANNEL_ID, attachment.id] = ("an-upload-nobody-knows", until)
    message = Outgoing(text=TEXT, attachment=attachment)
    people = [someone(rig) for _ in range(20)]

    async with asyncio.TaskGroup() as group:
        for to in people:
            group.create_task(rig.channel.send(to, message))

    assert rig.stub.calls[IMAGES] == 1
    assert len(rig.stub.sent) == 20
    assert [token for token, _ in rig.attachments.tokens.values()] != ["an-upload-nobody-knows"]


@pytest.mark.parametrize("code", sorted(ONLY_PARTS))
async def test_an_upload_that_is_not_permitted_costs_its_message_and_no_other(
    rig: ZaloRig, code: int
) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=IMAGES, code=code)

    with pytest.raises(MessageRefused):
        await rig.channel.send(rig.address, Outgoing(text=TEXT, attachment=picture(rig)))

    await rig.channel.send(rig.address, Outgoing(text="Gọi ngay 114."))
    assert [sent.text for sent in rig.stub.sent] == ["Gọi ngay 114."]


async def test_an_upload_that_is_never_known_is_refused(rig: ZaloRig) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=MESSAGES, code=-100, times=2)

    with pytest.raises(MessageRefused):
        await rig.channel.send(rig.address, Outgoing(text=TEXT, attachment=picture(rig)))

    assert rig.stub.calls[IMAGES] == 2


async def test_words_are_not_repeated_when_the_file_behind_them_has_run_out(rig: ZaloRig) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=MESSAGES, code=-100, skip=1)

    await rig.channel.send(rig.address, Outgoing(text=TEXT, attachment=document(rig)))

    assert [sent.text for sent in rig.stub.sent] == [TEXT, ""]
    assert rig.stub.calls[FILES] == 2


async def test_the_months_last_upload_is_told(
    rig: ZaloRig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.stub.api.uploads.per_month = 0

    with pytest.raises(NotNow) as caught:
        await rig.channel.send(rig.address, Outgoing(text=TEXT, attachment=picture(rig)))

    assert caught.value.reason is Reason.NO_QUOTA
    assert "zalo.uploads_used_up" in caplog.messages


@pytest.mark.parametrize(
    "kind", [FaultKind.EMPTY, FaultKind.CLOSE_BEFORE, FaultKind.HTML_502, FaultKind.RUBBISH]
)
async def test_an_upload_without_an_id_sends_nothing_and_may_be_tried_again(
    rig: ZaloRig, kind: FaultKind
) -> None:
    rig.stub.fail_next(kind, method=IMAGES)
    message = Outgoing(text=TEXT, attachment=picture(rig))

    with pytest.raises(PlatformTrouble):
        await rig.channel.send(rig.address, message)
    assert list(rig.stub.sent) == []

    rig.stub.clock.advance(6)
    await rig.channel.send(rig.address, message)
    assert len(rig.stub.sent) == 1


def named(name: str, size_bytes: int = 10) -> Attachment:
    return Attachment(
        id=AttachmentId("a" * 32),
        kind=AttachmentKind.FILE,
        name=name,
        media_type="application/octet-stream",
        size_bytes=size_bytes,
    )


@pytest.mark.parametrize(
    "attachment",
    [
        named("anh.webp"),
        named("anh.heic"),
        named("phim.mp4"),
        named("khong-duoi"),
        named(".pdf"),
        named("bang.xlsx"),
        named("to.jpg", 1024 * 1024 + 1),
        named("to.gif", 5 * 1024 * 1024 + 1),
        named("to.pdf", 5 * 1024 * 1024 + 1),
    ],
    ids=lambda one: f"{one.name} {one.size_bytes}",
)
async def test_what_zalo_never_takes_is_refused_without_asking(
    rig: ZaloRig, attachment: Attachment
) -> None:
    with pytest.raises(MessageRefused):
        await rig.channel.send(rig.address, Outgoing(text=TEXT, attachment=attachment))

    assert rig.stub.calls.total() == 0
    assert list(rig.channel.echoes(rig.address, Outgoing(text=TEXT, attachment=attachment))) == []


async def test_bytes_that_are_not_what_their_name_says_are_refused(rig: ZaloRig) -> None:
    wrong = [
        picture(rig, "a.jpg", PNG),
        picture(rig, "a.gif", GIF[:6]),
        picture(rig, "a.png", b""),
    ]
    gone = replace(picture(rig), id=AttachmentId("b" * 32))
    grown = replace(picture(rig, "b.jpg", JPG + bytes(1024 * 1024)), size_bytes=10)

    for attachment in (*wrong, gone, grown):
        with pytest.raises(MessageRefused):
            await rig.channel.send(rig.address, Outgoing(text=TEXT, attachment=attachment))

    assert rig.stub.calls.total() == 0


@settings(deadline=None)
@given(st.binary(max_size=30))
def test_the_size_of_a_gif_is_read_or_refused(body: bytes) -> None:
    try:
        width, height = gif_size(body)
    except MessageRefused:
        assert len(body) < 10 or 0 in struct.unpack("<HH", body[6:10])
    else:
        assert (width, height) == struct.unpack("<HH", body[6:10])


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(["pdf", "DOCX", "csv", "jpg"]))
def test_an_upload_has_a_name_zalo_takes(stem: str, extension: str) -> None:
    name = upload_name(named(f"{stem}.{extension}"))

    assert len(name) <= NAME_LIMIT
    assert name.endswith(f".{extension}")
    assert not set(name) & set('\r\n"\\/\0')
    assert name.rpartition(".")[0].strip()


@settings(deadline=None)
@given(st.sampled_from(UploadKind), st.binary(max_size=40))
def test_no_bytes_pass_that_do_not_begin_as_their_form_does(kind: UploadKind, body: bytes) -> None:
    for extension, begins in FORMS[kind].begins.items():
        try:
            check_bytes(named(f"a.{extension}"), body)
        except MessageRefused:
            continue
        assert body.startswith(begins)
