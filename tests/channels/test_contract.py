"""What every channel must do. Each runs the same rows on its own stub.

A new channel adds one row to `PLATFORMS`, or to `ROWS` if no platform stands behind it; a new duty
is one test here and holds for all at once.
"""

import logging
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings

from bot.core.errors import WebhookRefused
from bot.core.messages import Choice, Code, IncomingKind, Outgoing
from bot.core.sending import MessageRefused, NoConnection, SendError
from tests.channels.mutations import mutated
from tests.channels.rigs import FailureCase, PlatformRig, PlatformRow, Rig, RigRow
from tests.channels.rigs_telegram import FAILURES as TELEGRAM_FAILURES
from tests.channels.rigs_telegram import open_telegram
from tests.channels.rigs_web import open_web
from tests.channels.rigs_zalo import FAILURES as ZALO_FAILURES
from tests.channels.rigs_zalo import open_zalo

PLATFORMS = [
    PlatformRow(id="telegram", open=open_telegram, failures=TELEGRAM_FAILURES),
    PlatformRow(id="zalo", open=open_zalo, failures=ZALO_FAILURES),
]
ROWS = [
    *(RigRow(id=row.id, open=row.open) for row in PLATFORMS),
    RigRow(id="web", open=open_web),
]
TEXT = "Bà con chú ý: tối nay mất điện từ 19 giờ."
WORDS = ("/togiac", "/khancap", "vâng")
CHOICES = (
    Choice(label="Báo tin", word=WORDS[0]),
    Choice(label="Khẩn cấp", word=WORDS[1]),
    Choice(label="Đồng ý", word=WORDS[2]),
)


@pytest.fixture(params=ROWS, ids=lambda row: row.id)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    row: RigRow = request.param
    async with row.open() as opened:
        yield opened
        assert list(opened.complaints()) == []


@pytest.fixture(params=PLATFORMS, ids=lambda row: row.id)
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[PlatformRig]:
    row: PlatformRow = request.param
    async with row.open() as opened:
        yield opened
        assert list(opened.complaints()) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param("<b>*_[x](http://y)&amp; {z} `q`", id="what other platforms call markup"),
        pytest.param("một\n\nhai", id="paragraphs"),
        pytest.param("🚒🔥👨‍👩‍👧", id="only emoji"),
    ],
)
async def test_a_text_arrives_as_it_was_written(rig: Rig, text: str) -> None:
    ids = await rig.channel.send(rig.address, Outgoing(text=text))

    assert [shown.text for shown in rig.shown()] == [text]
    assert len(ids) == 1
    assert ids[0] != ""


async def test_words_arrive_whatever_they_answer_or_ask_for(rig: Rig) -> None:
    await rig.channel.send(rig.address, Outgoing(text="một", quotes="4711"))
    await rig.channel.send(rig.address, Outgoing(text="hai", asks_contact=True))

    assert [shown.text for shown in rig.shown() if shown.text in {"một", "hai"}] == ["một", "hai"]


@pytest.mark.parametrize("choices", [(), CHOICES], ids=["alone", "with choices"])
@pytest.mark.parametrize(
    "file",
    [
        ("anh.jpg", b"\xff\xd8\xff\xe0" + bytes(100), "image/jpeg"),
        ("anh.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png"),
        ("Thông báo.pdf", b"%PDF-1.4", "application/pdf"),
    ],
    ids=["jpg", "png", "pdf"],
)
async def test_what_goes_along_arrives_with_its_words(
    platform: PlatformRig, file: tuple[str, bytes, str], choices: tuple[Choice, ...]
) -> None:
    name, body, media_type = file
    attachment = platform.attachments.put(name, body, media_type=media_type)
    message = Outgoing(text=TEXT, attachment=attachment, choices=choices)

    ids = await platform.channel.send(platform.address, message)

    assert [shown.has_file for shown in platform.shown()].count(True) == 1
    assert [shown.text for shown in platform.shown() if shown.text] == [TEXT]
    assert len(ids) == len(platform.shown())


async def test_what_is_not_there_is_refused_and_nothing_is_said(platform: PlatformRig) -> None:
    attachment = platform.attachments.put("anh.jpg", b"\xff\xd8\xff")
    platform.attachments.bodies.clear()

    with pytest.raises(MessageRefused):
        await platform.channel.send(platform.address, Outgoing(text=TEXT, attachment=attachment))

    assert list(platform.shown()) == []


@pytest.mark.parametrize("choices", [(), CHOICES], ids=["alone", "with choices"])
async def test_a_code_never_takes_the_place_of_its_words(
    rig: Rig, caplog: pytest.LogCaptureFixture, choices: tuple[Choice, ...]
) -> None:
    code = Code(content="ABCD-EFGH-JKMN", label="Mã QR của mã tin")
    message = Outgoing(text=TEXT, choices=choices, is_secret=True, code=code)

    ids = await rig.channel.send(rig.address, message)

    first, *more = rig.shown()
    assert first.text == TEXT
    assert not first.has_file
    # Drawn in a message of its own, or in the page, or not at all.
    assert [(shown.text, shown.has_file) for shown in more] in ([], [(code.label, True)])
    assert len(ids) == len(rig.shown())
    assert code.content not in caplog.text + repr(message)


@pytest.mark.parametrize("mark", ["a", "ệ", "🔥"])
async def test_the_longest_text_arrives_whole(rig: Rig, mark: str) -> None:
    limit = rig.channel.capabilities.text_limit

    await rig.channel.send(rig.address, Outgoing(text=mark * limit))

    assert "".join(shown.text for shown in rig.shown()) == mark * limit


async def test_a_text_of_nothing_is_refused_before_the_platform_sees_it(rig: Rig) -> None:
    with pytest.raises(SendError):
        await rig.channel.send(rig.address, Outgoing(text=" \n"))
    assert list(rig.shown()) == []


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.word)
async def test_a_choice_comes_back_as_its_word(rig: Rig, choice: Choice) -> None:
    await rig.channel.send(rig.address, Outgoing(text=TEXT, choices=CHOICES))

    incoming = await rig.person_taps(choice.label)

    assert incoming.text == choice.word
    assert incoming.address == rig.address
    assert incoming.kind in {IncomingKind.CHOICE, IncomingKind.TEXT}


@pytest.mark.parametrize("count", [1, 5, 6, 12])
async def test_every_choice_can_be_read(rig: Rig, count: int) -> None:
    choices = tuple(Choice(label=f"Mục số {n}", word=f"muc{n}") for n in range(count))

    await rig.channel.send(rig.address, Outgoing(text=TEXT, choices=choices))

    (shown,) = rig.shown()
    seen = "\n".join([shown.text, *shown.buttons])
    assert [choice.label for choice in choices if choice.label not in seen] == []
    assert shown.text.startswith(TEXT)


async def test_a_word_too_long_for_a_button_is_offered_as_a_number(rig: Rig) -> None:
    choices = (Choice(label="Rất dài", word="ă" * 1001), Choice(label="Ngắn", word="ngan"))

    await rig.channel.send(rig.address, Outgoing(text=TEXT, choices=choices))

    (shown,) = rig.shown()
    assert shown.buttons == ()
    assert "1. Rất dài\n2. Ngắn" in shown.text


async def test_a_number_to_call_and_a_page_to_open_are_shown(rig: Rig) -> None:
    choices = (
        Choice(label="Gọi công an", phone="113"),
        Choice(label="Mở trang", url="https://example.invalid/tham-gia"),
    )

    await rig.channel.send(rig.address, Outgoing(text=TEXT, choices=choices))

    (shown,) = rig.shown()
    seen = "\n".join([shown.text, *shown.buttons])
    assert "Gọi công an" in seen
    assert "Mở trang" in seen


async def test_a_text_too_long_for_its_numbered_lines_loses_nothing(rig: Rig) -> None:
    text = "x" * rig.channel.capabilities.text_limit
    choices = tuple(Choice(label=f"Mục số {n}", word="ă" * 1001) for n in range(7))

    await rig.channel.send(rig.address, Outgoing(text=text, choices=choices))

    everything = "".join(shown.text for shown in rig.shown())
    assert text in everything
    assert "7. Mục số 6" in everything


async def test_what_a_person_writes_comes_in_once_and_says_where_to_answer(rig: Rig) -> None:
    incoming = await rig.person_writes("báo cháy gọi số nào")

    assert incoming.kind is IncomingKind.TEXT
    assert incoming.text == "báo cháy gọi số nào"
    assert incoming.address == rig.address
    assert incoming.sender == rig.address.chat
    assert incoming.channel_id == rig.channel.id
    assert incoming.at is not None
    assert incoming.at.tzinfo is not None


async def test_decomposed_letters_and_null_characters_are_cleaned(rig: Rig) -> None:
    incoming = await rig.person_writes("bo\u0301\u00e1o\x00 \u202echa\u0301y")

    assert incoming.text == "bóáo cháy"


async def test_a_repeated_request_has_the_same_event_id(platform: PlatformRig) -> None:
    request = await platform.posted("một")
    other = await platform.posted("một")

    ids = [platform.channel.parse(r)[0].event_id for r in (request, request, other)]

    assert ids[0] == ids[1]
    assert ids[0] != ids[2]


async def test_a_forged_request_is_refused(platform: PlatformRig) -> None:
    request = await platform.posted("một")

    for forgery in platform.forgeries(request):
        with pytest.raises(WebhookRefused):
            platform.channel.parse(forgery)


async def test_every_payload_of_real_shape_is_one_event_with_an_id_of_its_own(
    platform: PlatformRig,
) -> None:
    incoming = [
        event
        for body in platform.payloads
        for event in platform.channel.parse(platform.signed(body))
    ]

    assert len(incoming) == len(platform.payloads) > 20
    assert len({event.event_id for event in incoming}) == len(incoming)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"{}", id="empty object"),
        pytest.param(b'"text"', id="string"),
        pytest.param(b"\xff\xfe", id="no text at all"),
        pytest.param(b"[" * 100_000, id="deep lists"),
        pytest.param(b'{"a":' * 100_000, id="deep objects"),
        pytest.param(b'{"update_id": ' + b"9" * 5000 + b"}", id="number of 5000 digits"),
        pytest.param(
            b'{"event_name": "follow", "timestamp": "' + b"9" * 5000 + b'"}', id="far future"
        ),
        pytest.param(
            '{"event_name": "follow", "timestamp": "١٢٣"}'.encode(), id="digits of another script"
        ),
    ],
)
async def test_a_body_that_is_none_is_refused(platform: PlatformRig, body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        platform.channel.parse(platform.signed(body))


async def test_a_damaged_payload_never_raises_anything_but_a_refusal(
    platform: PlatformRig,
) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(body=mutated(platform.payloads))
    def holds(body: bytes) -> None:
        try:
            for incoming in platform.channel.parse(platform.signed(body)):
                assert incoming.event_id
                assert "\x00" not in incoming.text
                incoming.text.encode()
        except WebhookRefused:
            pass

    holds()


FAILURES = [
    pytest.param(row, case, id=f"{row.id}: {case.id}")
    for row in PLATFORMS
    for case in row.failures
]


@pytest.mark.parametrize(("row", "case"), FAILURES)
async def test_a_failed_send_says_what_comes_next(row: PlatformRow, case: FailureCase) -> None:
    async with row.open() as rig:
        case.happens(rig.stub)

        with pytest.raises(SendError) as caught:
            await rig.channel.send(rig.address, Outgoing(text=TEXT))

        assert type(caught.value) is case.raises
        assert caught.value.reason is case.reason
        assert [secret for secret in rig.secrets if secret in str(caught.value)] == []
        assert list(rig.complaints()) == []


async def test_a_platform_off_the_net_is_told_from_one_that_does_not_answer(
    platform: PlatformRig,
) -> None:
    await platform.channel.send(platform.address, Outgoing(text=TEXT))
    await platform.vanish()

    with pytest.raises(NoConnection):
        await platform.channel.send(platform.address, Outgoing(text=TEXT))


async def test_a_check_of_a_good_account_finds_nothing_wrong(rig: Rig) -> None:
    findings = await rig.channel.check()

    assert findings
    assert [finding for finding in findings if not finding.is_well] == []


async def test_a_check_without_a_platform_says_so_instead_of_failing(
    platform: PlatformRig,
) -> None:
    await platform.vanish()

    findings = await platform.channel.check()

    assert [finding.is_well for finding in findings] == [False]
    assert findings[0].fix.startswith("no_connection_fix detail=")


async def test_a_tap_that_cannot_be_answered_is_no_trouble(platform: PlatformRig) -> None:
    await platform.vanish()

    await platform.channel.answer_tap("4611686018427000001")


async def test_no_secret_and_no_text_reaches_a_log_or_a_repr(
    platform: PlatformRig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    request = await platform.posted("lời khai riêng")
    incoming = platform.channel.parse(request)
    await platform.channel.send(platform.address, Outgoing(text=TEXT, choices=CHOICES))
    for forgery in platform.forgeries(request):
        with pytest.raises(WebhookRefused):
            platform.channel.parse(forgery)
    await platform.channel.check()
    await platform.vanish()
    with pytest.raises(NoConnection):
        await platform.channel.send(platform.address, Outgoing(text=TEXT))
    await platform.channel.check()

    told = [
        *(f"{record.getMessage()} {vars(record)}" for record in caplog.records),
        *(repr(value) for value in (platform.channel, vars(platform.channel), incoming, request)),
    ]
    hidden = [*platform.secrets, TEXT, "lời khai riêng", platform.address.chat]

    assert [line for line in told if any(secret in line for secret in hidden)] == []
