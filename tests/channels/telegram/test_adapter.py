"""What only Telegram does: webhooks, lines where no button can be, taps, checks."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.channels.telegram.account import Mode, Surroundings, TelegramAccount
from bot.channels.telegram.adapter import SECRET_HEADER, TelegramChannel
from bot.channels.telegram.updates import ALLOWED_UPDATES
from bot.core.channels import WebhookRequest
from bot.core.errors import BadSignature
from bot.core.messages import Address, Choice, Incoming, Outgoing
from bot.core.sending import NoAnswer, SlowedDown
from tests.channels.rigs_telegram import CHANNEL_ID, PERSON, SECRET, account_on
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.telegram_webhook import WebhookTarget

TO = Address(channel_id=CHANNEL_ID, chat=str(PERSON))
PUBLIC_URL = "http://127.0.0.1:8080"


async def nobody(arrived: Sequence[Incoming]) -> None:
    raise AssertionError("nothing is fetched")


def on_webhook(stub: TelegramStub, public_url: str = PUBLIC_URL) -> TelegramAccount:
    return account_on(stub, mode=Mode.WEBHOOK, public_url=public_url)


async def test_the_webhook_is_set_with_its_secret_and_the_kinds_we_read(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    channel = TelegramChannel(on_webhook(stub), surroundings)

    await channel.run(nobody)

    assert stub.webhook.target == WebhookTarget(
        url=f"{PUBLIC_URL}/webhooks/telegram/{CHANNEL_ID}", secret_token=SECRET, max_connections=40
    )
    assert stub.queue.allowed == set(ALLOWED_UPDATES)
    assert channel.webhook_path == f"/webhooks/telegram/{CHANNEL_ID}"


async def test_setting_the_webhook_outlives_trouble_over_there(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    stub.fail_next(FaultKind.HTML_502, method="setWebhook", times=3)

    await TelegramChannel(on_webhook(stub), surroundings).run(nobody)

    assert stub.webhook.target is not None


async def test_an_address_that_telegram_will_never_take_is_said_by_the_check(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    account = replace(on_webhook(stub), api_url=None)
    channel = TelegramChannel(account, surroundings)

    await channel.run(nobody)

    assert [finding.fix for finding in await channel.check()] == ["telegram_needs_https_fix"]
    assert not account.can_have_webhook
    for port in ("", ":443", ":80", ":88", ":8443"):
        assert replace(account, public_url=f"https://example.invalid{port}").can_have_webhook
    for url in ("https://example.invalid:9443", "http://example.invalid:443", "https://a:b"):
        assert not replace(account, public_url=url).can_have_webhook
    assert stub.calls.total() == 0


async def test_a_refused_webhook_ends_the_trying(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    stub.fail_next(
        FaultKind.REFUSED, method="setWebhook", code=400, text="Bad Request: bad webhook"
    )

    await TelegramChannel(on_webhook(stub), surroundings).run(nobody)

    assert stub.webhook.target is None


async def test_the_check_finds_updates_going_elsewhere(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    channel = TelegramChannel(on_webhook(stub), surroundings)
    stub.webhook.point_at(WebhookTarget(url="https://example.invalid/hook"))

    findings = await channel.check()

    assert [finding.what for finding in findings if not finding.is_well] == [
        "telegram_webhook_elsewhere"
    ]
    assert findings[-1].fix == "telegram_webhook_elsewhere_fix"


async def test_the_check_finds_a_webhook_that_fails(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    channel = TelegramChannel(on_webhook(stub), surroundings)
    await channel.run(nobody)
    stub.webhook.last_error = "Wrong response from the webhook: 502"

    findings = await channel.check()

    assert [finding.what for finding in findings if not finding.is_well] == [
        "telegram_webhook_failing waiting=0"
    ]


async def test_the_check_names_a_refused_token(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    channel = TelegramChannel(replace(account_on(stub), token="123456:other"), surroundings)

    (finding,) = await channel.check()

    assert (finding.is_well, finding.fix) == (False, "telegram_token_refused")


async def test_a_polling_account_has_no_path_and_needs_none(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    channel = TelegramChannel(account_on(stub), surroundings)

    assert channel.webhook_path is None
    assert [finding.what for finding in await channel.check()] == [
        "telegram_answers bot=@thu_nghiem_bot",
        "telegram_polling",
    ]


async def test_without_a_secret_of_its_own_no_request_is_believed(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    channel = TelegramChannel(replace(on_webhook(stub), secret_token=""), surroundings)

    with pytest.raises(BadSignature):
        channel.parse(WebhookRequest(headers={SECRET_HEADER: ""}, body=b'{"update_id":1}'))


async def test_numbers_and_plain_http_pages_become_lines(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    choices = (
        Choice(label="Gọi 113", phone="113"),
        Choice(label="Trạm y tế", phone="0200 000 000"),
        Choice(label="Trang của xã", url="http://127.0.0.1:8080/"),
        Choice(label="Mở trang", url="https://example.invalid/"),
        Choice(label="Thôi", word="/huy"),
    )

    await TelegramChannel(account_on(stub), surroundings).send(
        TO, Outgoing(text="Chọn:", choices=choices)
    )

    (sent,) = stub.sent
    assert sent.text == (
        "Chọn:\n\nGọi 113\nTrạm y tế: 0200 000 000\nTrang của xã: http://127.0.0.1:8080/"
    )
    assert [(b.title, b.kind, b.payload) for b in sent.buttons] == [
        ("Mở trang", "url", "https://example.invalid/"),
        ("Thôi", "callback_data", "/huy"),
    ]


async def test_a_tap_is_answered(stub: TelegramStub, surroundings: Surroundings) -> None:
    channel = TelegramChannel(account_on(stub), surroundings)
    await channel.send(TO, Outgoing(text="Chọn:", choices=(Choice(label="A", word="a"),)))
    update = await stub.user_taps(stub.sent[0], "A")
    assert update is not None
    tap_id = str(next(iter(stub.callbacks)))

    await channel.answer_tap(tap_id)

    assert stub.unanswered_callbacks == []


async def test_a_429_says_how_long_to_the_second(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    stub.fail_next(FaultKind.REFUSED, code=429, retry_after_s=17)

    with pytest.raises(SlowedDown) as caught:
        await TelegramChannel(account_on(stub), surroundings).send(TO, Outgoing(text="một"))

    assert caught.value.after_s == 17
    assert caught.value.whole_channel


async def test_parts_of_one_text_keep_the_pace_of_a_chat(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    await TelegramChannel(account_on(stub), surroundings).send(TO, Outgoing(text="🔥" * 4096))

    gaps = [late.at_s - early.at_s for early, late in zip(stub.sent, stub.sent[1:], strict=False)]
    assert [gap for gap in gaps if gap < 1.0] == []


async def test_a_success_nobody_can_read_is_not_repeated(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    stub.fail_next(FaultKind.RUBBISH, accepted=True)

    with pytest.raises(NoAnswer):
        await TelegramChannel(account_on(stub), surroundings).send(TO, Outgoing(text="một"))

    assert len(stub.sent) == 1


async def test_a_message_in_a_group_is_answered_there(
    stub: TelegramStub, surroundings: Surroundings
) -> None:
    group = -1_002_003_004_005
    stub.person(group, name="Tổ thử")
    address = Address(channel_id=CHANNEL_ID, chat=str(group), is_group=True)

    await TelegramChannel(account_on(stub), surroundings).send(address, Outgoing(text="một"))

    assert stub.sent[0].to == str(group)
