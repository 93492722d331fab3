"""Messages of several parts: quotes, forms, visitors, what cannot be edited, and going on."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.zalo.rendering import Place, place_of, recipient_of, render
from bot.core.messages import Address, Choice, Outgoing
from bot.core.sending import ChannelBroken, MessageRefused, NoAnswer, SendError, SlowedDown
from tests.channels.rigs_zalo import CHANNEL_ID, MESSAGES, ZaloRig
from tests.channels.stubs.fault_script import FaultKind

GROUP_MESSAGES = "/v3.0/oa/group/message"
FORM_TITLE = "zalo_form_title"
LONG = "\n".join(["Mục này dài đúng bốn mươi chữ cái, kể cả dấu." for _ in range(90)])


async def group_of(rig: ZaloRig) -> Address:
    return Address(channel_id=CHANNEL_ID, chat=rig.stub.group().group_id, is_group=True)


async def test_an_answer_quotes_what_it_answers(rig: ZaloRig) -> None:
    await rig.channel.send(rig.address, Outgoing(text="Dạ có ạ.", quotes="m1"))
    await rig.channel.send(await group_of(rig), Outgoing(text="Dạ có ạ.", quotes="m2"))

    assert [(sent.text, sent.quotes) for sent in rig.stub.sent] == [
        ("Dạ có ạ.", "m1"),
        ("Dạ có ạ.", "m2"),
    ]


@pytest.mark.parametrize("code", [-201, -233])
@pytest.mark.parametrize("is_group", [False, True], ids=["person", "group"])
async def test_a_refused_quote_is_left_out(rig: ZaloRig, code: int, *, is_group: bool) -> None:
    to = await group_of(rig) if is_group else rig.address
    path = GROUP_MESSAGES if is_group else MESSAGES
    rig.stub.fail_next(FaultKind.REFUSED, method=path, code=code)

    ids = await rig.channel.send(to, Outgoing(text="Dạ có ạ.", quotes="m1"))

    (sent,) = rig.stub.sent
    assert (sent.text, sent.quotes, sent.message_id) == ("Dạ có ạ.", "", *ids)


async def test_only_the_first_of_many_parts_quotes(rig: ZaloRig) -> None:
    await rig.channel.send(rig.address, Outgoing(text=LONG, quotes="m1"))

    assert [sent.quotes for sent in rig.stub.sent] == ["m1", *[""] * (len(rig.stub.sent) - 1)]
    assert len(rig.stub.sent) > 1


async def test_somebody_is_asked_for_name_and_number_with_zalos_own_form(rig: ZaloRig) -> None:
    ids = await rig.channel.send(rig.address, Outgoing(text="Để lại số ạ.", asks_contact=True))

    assert [(sent.text, sent.markup) for sent in rig.stub.sent] == [
        ("Để lại số ạ.", ""),
        (FORM_TITLE, "request_user_info"),
    ]
    assert len(ids) == 2


@pytest.mark.parametrize("code", [-201, -210, -223, -224, -233, -235])
async def test_a_refused_form_is_left_out(rig: ZaloRig, code: int) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=MESSAGES, code=code, skip=1)

    ids = await rig.channel.send(rig.address, Outgoing(text="Để lại số ạ.", asks_contact=True))

    assert [sent.text for sent in rig.stub.sent] == ["Để lại số ạ."]
    assert len(ids) == 1


async def test_a_group_is_not_asked_for_numbers(rig: ZaloRig) -> None:
    await rig.channel.send(await group_of(rig), Outgoing(text="Chào", asks_contact=True))

    assert [sent.text for sent in rig.stub.sent] == ["Chào"]


async def test_a_visitor_is_answered_with_numbered_lines(rig: ZaloRig) -> None:
    visitor = rig.stub.visitor()
    chat = f"anonymous:{visitor.conversation_id}:{visitor.anonymous_id}"
    choices = (Choice(label="Báo tin", word="a"), Choice(label="Gọi 113", phone="113"))
    message = Outgoing(text="Chọn:", choices=choices, quotes="m1", asks_contact=True)

    ids = await rig.channel.send(Address(channel_id=CHANNEL_ID, chat=chat), message)

    (sent,) = rig.stub.sent
    assert (sent.to, sent.text) == (visitor.anonymous_id, "Chọn:\n\n1. Báo tin\n2. Gọi 113")
    assert ids == (sent.message_id,)


@settings(deadline=None)
@given(conversation=st.text("0123456789abcdef-", min_size=1), visitor=st.text(min_size=1))
def test_a_visitors_address_is_taken_apart_again(conversation: str, visitor: str) -> None:
    to = Address(channel_id=CHANNEL_ID, chat=f"anonymous:{conversation}:{visitor}")

    assert place_of(to) is Place.VISITOR
    assert recipient_of(to) == {"anonymous_id": visitor, "conversation_id": conversation}


async def test_what_replaces_a_message_goes_out_as_a_new_one(rig: ZaloRig) -> None:
    first = await rig.channel.send(rig.address, Outgoing(text="Họp lúc 7 giờ."))
    second = await rig.channel.send(
        rig.address, Outgoing(text="Đính chính: họp lúc 8 giờ.", replaces=first)
    )

    assert [sent.text for sent in rig.stub.sent] == [
        "Họp lúc 7 giờ.",
        "Đính chính: họp lúc 8 giờ.",
    ]
    assert first != second


async def test_a_recall_without_words_is_nothing_to_do(rig: ZaloRig) -> None:
    first = await rig.channel.send(rig.address, Outgoing(text="một"))

    assert (
        await rig.channel.send(rig.address, Outgoing(text="", replaces=first, is_recall=True))
        == ()
    )
    assert len(rig.stub.sent) == 1


async def test_a_recall_with_words_says_them(rig: ZaloRig) -> None:
    first = await rig.channel.send(rig.address, Outgoing(text="một"))

    await rig.channel.send(
        rig.address, Outgoing(text="Tin trước đã thu hồi.", replaces=first, is_recall=True)
    )

    assert [sent.text for sent in rig.stub.sent] == ["một", "Tin trước đã thu hồi."]


async def test_nothing_to_say_is_refused_unless_it_is_a_recall(rig: ZaloRig) -> None:
    with pytest.raises(MessageRefused):
        await rig.channel.send(rig.address, Outgoing(text="", replaces=("m1",)))


@pytest.mark.parametrize(
    ("kind", "code", "raises"),
    [
        (FaultKind.REFUSED, -32, SlowedDown),
        (FaultKind.CLOSE_BEFORE, 0, NoAnswer),
        # Tried again every minute until somebody has mended the account.
        (FaultKind.REFUSED, -221, ChannelBroken),
    ],
    ids=["too fast", "no answer", "broken account"],
)
async def test_a_message_that_stopped_half_way_goes_on_where_it_stopped(
    rig: ZaloRig, kind: FaultKind, code: int, raises: type[SendError]
) -> None:
    rig.stub.fail_next(kind, method=MESSAGES, code=code, skip=1)
    message = Outgoing(text=LONG)
    with pytest.raises(raises):
        await rig.channel.send(rig.address, message)
    rig.stub.clock.advance(61)

    ids = await rig.channel.send(rig.address, message)

    assert "\n".join(sent.text for sent in rig.stub.sent) == LONG
    assert list(ids) == [sent.message_id for sent in rig.stub.sent]


async def test_a_message_that_comes_again_much_later_is_sent_whole(rig: ZaloRig) -> None:
    rig.stub.fail_next(FaultKind.CLOSE_BEFORE, method=MESSAGES, skip=1)
    with pytest.raises(NoAnswer):
        await rig.channel.send(rig.address, Outgoing(text=LONG))
    before = len(rig.stub.sent)
    rig.stub.clock.advance(601)

    await rig.channel.send(rig.address, Outgoing(text=LONG))

    assert "\n".join(sent.text for sent in rig.stub.sent[before:]) == LONG


async def test_a_message_sent_twice_on_purpose_is_sent_whole_twice(rig: ZaloRig) -> None:
    for _ in range(2):
        await rig.channel.send(rig.address, Outgoing(text=LONG))

    assert "\n".join(sent.text for sent in rig.stub.sent) == f"{LONG}\n{LONG}"


@settings(deadline=None)
@given(
    text=st.text(max_size=2000),
    labels=st.lists(st.text(min_size=1, max_size=25), max_size=7),
    place=st.sampled_from(Place),
    quotes=st.sampled_from([None, "m1"]),
)
def test_no_part_is_ever_longer_or_has_more_buttons_than_zalo_takes(
    text: str, labels: list[str], place: Place, quotes: str | None
) -> None:
    choices = tuple(Choice(label=label, word="w") for label in labels)
    message = Outgoing(text=text, choices=choices, quotes=quotes)

    for part in render(message, place=place):
        for body in (body for way in part.ways for body in way):
            assert len(body["text"]) <= 2000
            buttons = body.get("attachment", {}).get("payload", {}).get("buttons", [])
            assert len(buttons) <= 5
            assert not buttons or place is Place.PERSON
            assert all(0 < len(button["title"]) <= 20 for button in buttons)
            if place is Place.GROUP:
                assert "[@" not in body["text"]


async def test_the_echoes_of_a_message_are_the_texts_it_is_shown_as(rig: ZaloRig) -> None:
    choices = (Choice(label="Có", word="co"), Choice(label="Không", word="khong"))
    message = Outgoing(text="👨‍👩‍👧 Chọn:", choices=choices, asks_contact=True)

    texts = rig.channel.echoes(rig.address, message)

    assert texts == ["👨👩👧 Chọn:", "👨👩👧 Chọn:\n\n1. Có\n2. Không", FORM_TITLE]


async def test_many_at_once_are_sent_each_for_itself(rig: ZaloRig) -> None:
    people = [rig.stub.person() for _ in range(20)]
    async with asyncio.TaskGroup() as group:
        for number, person in enumerate(people):
            person.last_interaction_at = rig.stub.clock.now()
            to = Address(channel_id=CHANNEL_ID, chat=person.user_id)
            group.create_task(rig.channel.send(to, Outgoing(text=f"số {number}")))

    assert {sent.to: sent.text for sent in rig.stub.sent} == {
        person.user_id: f"số {number}" for number, person in enumerate(people)
    }
