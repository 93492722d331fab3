"""What we sent comes back as an echo, and is known by its words whatever form it was sent in."""

import pytest

from bot.core.messages import Address, Choice, IncomingKind, Outgoing
from tests.channels.rigs_zalo import CHANNEL_ID, MESSAGES, ZaloRig
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_stub import EchoTiming

CHOICES = (Choice(label="Có", word="co"), Choice(label="Không", word="khong"))
LONG = "\n".join(["Mục này dài đúng bốn mươi chữ cái, kể cả dấu."] * 60)


async def echoed(rig: ZaloRig, to: Address, message: Outgoing) -> list[str]:
    """Send a message; return the words of its echoes as the program reads them."""
    rig.stub.echo = EchoTiming.BEFORE_ANSWER
    ids = await rig.channel.send(to, message)
    read = []
    for _ in ids:
        (incoming,) = rig.channel.parse(await rig.next_post())
        assert incoming.kind is IncomingKind.ECHO
        assert incoming.address == to
        assert incoming.message_id in ids
        # Nobody wrote it by hand.
        assert incoming.sender == ""
        read.append(incoming.text)
    return read


MESSAGES_SENT = [
    pytest.param(Outgoing(text="  Một dòng.\n\nHai dòng. "), id="plain"),
    pytest.param(Outgoing(text="Decomposed: bo\u0301a 👨\u200d👩 \u200bx"), id="odd letters"),
    pytest.param(Outgoing(text=LONG), id="long"),
    pytest.param(Outgoing(text="Chọn:", choices=CHOICES), id="buttons"),
    pytest.param(Outgoing(text="Số nào?", asks_contact=True), id="form"),
    pytest.param(Outgoing(text="Dạ.", quotes="m1"), id="quote"),
]


@pytest.mark.parametrize("message", MESSAGES_SENT)
async def test_every_echo_of_a_message_is_one_we_expect(rig: ZaloRig, message: Outgoing) -> None:
    read = await echoed(rig, rig.address, message)

    assert read
    assert set(read) <= set(rig.channel.echoes(rig.address, message))


@pytest.mark.parametrize("message", MESSAGES_SENT)
async def test_so_are_those_in_a_group(rig: ZaloRig, message: Outgoing) -> None:
    to = Address(channel_id=CHANNEL_ID, chat=rig.stub.group().group_id, is_group=True)

    read = await echoed(rig, to, message)

    assert read
    assert set(read) <= set(rig.channel.echoes(to, message))


async def test_and_those_to_a_visitor(rig: ZaloRig) -> None:
    visitor = rig.stub.visitor()
    chat = f"anonymous:{visitor.conversation_id}:{visitor.anonymous_id}"
    to = Address(channel_id=CHANNEL_ID, chat=chat)
    message = Outgoing(text="Chọn:", choices=CHOICES)

    assert await echoed(rig, to, message) == list(rig.channel.echoes(to, message))


async def test_and_those_that_went_out_in_another_form(rig: ZaloRig) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=MESSAGES, code=-233)
    message = Outgoing(text="Chọn:", choices=CHOICES)

    (read,) = await echoed(rig, rig.address, message)

    assert read == "Chọn:\n\n1. Có\n2. Không"
    assert read in rig.channel.echoes(rig.address, message)


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.jpg", "Xem ảnh."), ("a.jpg", ""), ("a.pdf", "Xem tệp.")],
    ids=["caption", "picture alone", "file"],
)
async def test_what_goes_along_comes_back_with_its_words_or_with_none(
    rig: ZaloRig, name: str, text: str
) -> None:
    body = b"%PDF-1.4" if name.endswith("pdf") else b"\xff\xd8\xff"
    attachment = rig.attachments.put(name, body)
    message = Outgoing(text=text, attachment=attachment)

    read = await echoed(rig, rig.address, message)

    assert text in read
    assert set(read) - {""} <= set(rig.channel.echoes(rig.address, message))
