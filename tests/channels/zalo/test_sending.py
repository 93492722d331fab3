"""What only Zalo does: buttons that may be refused, groups, the rate in the answers' headers."""

from datetime import UTC, datetime

import pytest

from bot.channels.zalo.account import SENTENCES, ZaloAccount
from bot.channels.zalo.calls import Answer
from bot.channels.zalo.errors import BROKEN, ONLY_PARTS, error_of
from bot.core.ids import ChannelId
from bot.core.messages import Address, Choice, Outgoing
from bot.core.sending import ChannelBroken, MessageRefused, NotNow, Reason, SlowedDown
from tests.channels.rigs_zalo import CHANNEL_ID, MESSAGES, ZaloRig
from tests.channels.stand_ins import say_key
from tests.channels.stubs.fault_script import FaultKind

CHOICES = (
    Choice(label="Báo tin", word="/togiac"),
    Choice(label="Gọi 113", phone="113"),
    Choice(label="Mở trang", url="https://example.invalid/"),
)
NUMBERED = "Chọn:\n\n1. Báo tin\n2. Gọi 113\n3. Mở trang: https://example.invalid/"


def group_of(rig: ZaloRig) -> Address:
    group = rig.stub.group()
    return Address(channel_id=CHANNEL_ID, chat=group.group_id, is_group=True)


async def test_buttons_do_what_they_are_for(rig: ZaloRig) -> None:
    await rig.channel.send(rig.address, Outgoing(text="Chọn:", choices=CHOICES))

    (sent,) = rig.stub.sent
    assert sent.text == "Chọn:"
    assert [(button.title, button.kind, button.payload) for button in sent.buttons] == [
        ("Báo tin", "oa.query.hide", "/togiac"),
        ("Gọi 113", "oa.open.phone", "113"),
        ("Mở trang", "oa.open.url", "https://example.invalid/"),
    ]


@pytest.mark.parametrize("code", [-201, -210, -223, -224, -233, -235])
async def test_refused_buttons_go_out_as_numbered_lines(rig: ZaloRig, code: int) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=MESSAGES, code=code)

    await rig.channel.send(rig.address, Outgoing(text="Chọn:", choices=CHOICES))

    (sent,) = rig.stub.sent
    assert sent.text == NUMBERED
    assert sent.buttons == ()


@pytest.mark.parametrize("code", sorted(ONLY_PARTS))
async def test_what_is_refused_with_and_without_buttons_breaks_the_channel(
    rig: ZaloRig, code: int
) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=MESSAGES, code=code, times=2)

    with pytest.raises(ChannelBroken):
        await rig.channel.send(rig.address, Outgoing(text="Chọn:", choices=CHOICES))

    assert rig.stub.sent == []


@pytest.mark.parametrize("code", sorted(ONLY_PARTS))
async def test_an_answer_to_a_visitor_that_is_not_permitted_breaks_nothing(
    rig: ZaloRig, code: int
) -> None:
    visitor = rig.stub.visitor()
    chat = f"anonymous:{visitor.conversation_id}:{visitor.anonymous_id}"
    rig.stub.fail_next(FaultKind.REFUSED, method="/v2.0/oa/message", code=code)

    with pytest.raises(MessageRefused):
        await rig.channel.send(Address(channel_id=CHANNEL_ID, chat=chat), Outgoing(text="một"))

    await rig.channel.send(rig.address, Outgoing(text="hai"))
    assert [sent.text for sent in rig.stub.sent] == ["hai"]


async def test_a_title_too_long_for_a_button_makes_all_choices_lines(rig: ZaloRig) -> None:
    choices = (Choice(label="Một việc có tên rất dài", word="a"), Choice(label="Thôi", word="b"))

    await rig.channel.send(rig.address, Outgoing(text="Chọn:", choices=choices))

    assert rig.stub.sent[0].text == "Chọn:\n\n1. Một việc có tên rất dài\n2. Thôi"


async def test_a_group_gets_numbered_lines_and_nobody_is_called_by_other_peoples_words(
    rig: ZaloRig,
) -> None:
    address = group_of(rig)

    await rig.channel.send(address, Outgoing(text="[@123] Chọn:", choices=CHOICES))

    (sent,) = rig.stub.sent
    assert sent.to == address.chat
    assert sent.text == "[ @123] " + NUMBERED


async def test_a_group_whose_asset_lapsed_does_not_break_the_channel(rig: ZaloRig) -> None:
    group = rig.stub.group()
    group.is_enabled = False
    address = Address(channel_id=CHANNEL_ID, chat=group.group_id, is_group=True)

    with pytest.raises(NotNow) as caught:
        await rig.channel.send(address, Outgoing(text="một"))

    assert caught.value.reason is Reason.NO_QUOTA


async def test_when_no_calls_are_left_the_next_waits_for_the_minute(rig: ZaloRig) -> None:
    rig.stub.clock.freeze()
    rig.stub.clock.advance(60 - rig.stub.clock.now().second)
    rig.stub.oa.limit_per_minute = 2
    for _ in range(2):
        await rig.channel.send(rig.address, Outgoing(text="một"))
        rig.stub.clock.advance(28)

    with pytest.raises(SlowedDown) as caught:
        await rig.channel.send(rig.address, Outgoing(text="một"))
    assert caught.value.whole_channel
    assert caught.value.after_s is not None
    assert 0 < caught.value.after_s <= 5

    rig.stub.clock.advance(caught.value.after_s)
    await rig.channel.send(rig.address, Outgoing(text="một"))
    assert len(rig.stub.sent) == 3


async def test_a_check_finds_a_token_of_another_account(rig: ZaloRig) -> None:
    other = rig.stub.add_oa("OA Khác (bịa)")
    rig.store.put({"access_token": rig.stub.oauth.current(other.oa_id).access_token})

    findings = await rig.channel.check()

    assert (findings[0].is_well, findings[0].fix) == (False, "zalo_other_account_fix")


async def test_accounts_of_one_app_share_a_path_but_not_a_channel(rig: ZaloRig) -> None:
    assert rig.channel.webhook_path == f"/webhooks/zalo/{rig.stub.app.app_id}"
    assert rig.channel.refusal_status == 200
    assert rig.channel.capabilities.pace.per_s == 60


def answer_means(code: int, *, at: datetime, is_group: bool = False, text: str = "") -> object:
    answer = Answer(code=code, wording=text)
    return error_of(answer, is_group=is_group, now=at, jitter_s=1.5, say=say_key)


def test_a_rate_limit_lasts_until_the_next_minute_with_jitter() -> None:
    error = answer_means(-32, at=datetime(2026, 11, 22, 5, 0, 50, tzinfo=UTC))

    assert isinstance(error, SlowedDown)
    assert (error.after_s, error.whole_channel) == (12.5, True)


@pytest.mark.parametrize(
    ("hour_utc", "wait_h"), [(15, 8), (22, 1), (23, 24)], ids=["22:00", "05:00", "06:00"]
)
def test_night_in_vietnam_ends_at_six_there(hour_utc: int, wait_h: int) -> None:
    error = answer_means(-234, at=datetime(2026, 11, 22, hour_utc, tzinfo=UTC))

    assert isinstance(error, SlowedDown)
    assert (error.after_s, error.whole_channel) == (wait_h * 3600, False)


@pytest.mark.parametrize("code", sorted(BROKEN))
def test_what_breaks_a_channel_has_a_sentence_and_groups_alone_break_nothing(code: int) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    assert BROKEN[code] in SENTENCES
    assert isinstance(answer_means(code, at=now), ChannelBroken)
    in_group = ChannelBroken if code not in ONLY_PARTS else MessageRefused
    assert isinstance(answer_means(code, at=now, is_group=True), in_group)


def test_a_wording_is_passed_on_without_ids_and_tokens() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    text = "user 2345678901234567890 and token at-abcdefghijklmnopqrstuvwx are bad"

    assert str(answer_means(-201, at=now, text=text)) == "-201 user … and token … are bad"


def test_an_account_hides_its_secrets_from_repr() -> None:
    account = ZaloAccount(
        id=ChannelId("z"), app_id="1", oa_id="2", app_secret="hidden1", oa_secret="hidden2"
    )

    assert "hidden" not in repr(account)
