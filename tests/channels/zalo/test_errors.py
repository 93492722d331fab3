"""Every row of Zalo's table of codes, with what comes next, on the way to people and to groups.

The table is written from Zalo's pages, not from the program. A row that is missing here would be
a code nobody thought about.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.zalo.calls import ECHO_WITHIN_S, Answer
from bot.channels.zalo.errors import (
    BROKEN,
    LAPSED,
    NOT_NOW,
    REFUSED,
    SLOW_DOWN_CODE,
    TOKEN_CODES,
    TRANSIENT,
    UNREACHABLE,
    error_of,
)
from bot.core.messages import Address, Outgoing
from bot.core.sending import (
    ChannelBroken,
    MessageRefused,
    NextStep,
    NotNow,
    PersonUnreachable,
    PlatformTrouble,
    Reason,
    SendError,
    SlowedDown,
)
from tests.channels.rigs_zalo import CHANNEL_ID, MESSAGES, ZaloRig, open_zalo_rig
from tests.channels.stand_ins import say_key
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_errors import APP_LIMIT_TEXT, ERRORS, OA_LIMIT_TEXT

GROUP_MESSAGES = "/v3.0/oa/group/message"
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One code: what it means to a message to a person, and to a group where that differs."""

    code: int
    meaning: str
    raises: type[SendError]
    reason: Reason = Reason.REFUSED
    after_s: tuple[float, float] | None = None
    in_group: type[SendError] | None = None
    reason_in_group: Reason | None = None
    text: str = ""


def never(code: int, meaning: str, **more: object) -> Row:
    """Return the row of a code that no repeat mends."""
    return Row(code=code, meaning=meaning, raises=MessageRefused, **more)  # type: ignore[arg-type] # fields by name


def broken(code: int, meaning: str, *, is_also_of_groups: bool = True) -> Row:
    """Return the row of a code that an officer must see to."""
    return Row(
        code=code,
        meaning=meaning,
        raises=ChannelBroken,
        reason=Reason.PLATFORM_ERROR,
        in_group=ChannelBroken if is_also_of_groups else MessageRefused,
        reason_in_group=Reason.PLATFORM_ERROR if is_also_of_groups else Reason.REFUSED,
    )


def skipped(code: int, meaning: str, reason: Reason, **more: object) -> Row:
    """Return the row of a code that passes one person over until something changes."""
    return Row(code=code, meaning=meaning, raises=NotNow, reason=reason, **more)  # type: ignore[arg-type] # fields by name


ROWS = [
    Row(
        code=-32,
        meaning="the app's limit of a minute",
        raises=SlowedDown,
        reason=Reason.SLOWED_DOWN,
        after_s=(1, 64),
        text=APP_LIMIT_TEXT,
    ),
    Row(
        code=-32,
        meaning="the account's limit of a minute",
        raises=SlowedDown,
        reason=Reason.SLOWED_DOWN,
        after_s=(1, 64),
        text=OA_LIMIT_TEXT,
    ),
    never(-100, "attachment expired or unknown"),
    Row(
        code=-200,
        meaning="send failed",
        raises=PlatformTrouble,
        reason=Reason.PLATFORM_ERROR,
        after_s=(10, 120),
    ),
    never(-201, "a parameter is invalid"),
    broken(-204, "account disabled"),
    broken(-205, "account does not exist"),
    broken(-209, "app not activated"),
    never(-210, "parameter above its limit"),
    skipped(-211, "quota used up", Reason.NO_QUOTA),
    broken(-212, "app not registered"),
    skipped(-213, "does not follow, never interacted", Reason.NO_WINDOW),
    Row(
        code=-214,
        meaning="article still processing",
        raises=PlatformTrouble,
        reason=Reason.PLATFORM_ERROR,
        after_s=(30, 300),
    ),
    Row(
        code=-217,
        meaning="blocked the invitations",
        raises=PersonUnreachable,
        reason=Reason.BLOCKED,
    ),
    skipped(-218, "cannot receive more", Reason.TOO_MANY, after_s=(HOUR_S, 24 * HOUR_S)),
    broken(-219, "app removed or disabled"),
    broken(-221, "account not verified"),
    broken(-223, "permission not given", is_also_of_groups=False),
    broken(-224, "a higher tier is needed", is_also_of_groups=False),
    Row(
        code=-227,
        meaning="banned, or inactive over 45 days",
        raises=PersonUnreachable,
        reason=Reason.DEACTIVATED,
    ),
    skipped(-230, "no interaction in 7 days", Reason.NO_WINDOW),
    skipped(-232, "interaction lapsed", Reason.NO_WINDOW),
    never(-233, "kind of message unsupported"),
    Row(
        code=-234,
        meaning="night hours",
        raises=SlowedDown,
        reason=Reason.SLOWED_DOWN,
        after_s=(0, 24 * HOUR_S),
    ),
    broken(-235, "not offered to this type of account", is_also_of_groups=False),
    never(-237, "group disabled", in_group=NotNow, reason_in_group=Reason.NO_QUOTA),
    never(-238, "asset already used"),
    never(-240, "old message API closed"),
    never(-241, "asset disabled", in_group=NotNow, reason_in_group=Reason.NO_QUOTA),
    broken(-242, "bad proof of the secret"),
    skipped(-244, "refuses this type of message", Reason.OPTED_OUT),
    never(-248, "breaks the rules of content"),
    never(-249, "template cannot go out by id"),
    skipped(-320, "no cloud account linked", Reason.NO_QUOTA),
    skipped(-321, "cloud account out of money", Reason.NO_QUOTA),
    Row(
        code=-403,
        meaning="not in that group",
        raises=PersonUnreachable,
        reason=Reason.NOT_FOUND,
    ),
    never(-1340, "form error"),
    never(-1341, "form error"),
    skipped(
        -1472, "promotion limit of the person", Reason.TOO_MANY, after_s=(HOUR_S, 24 * HOUR_S)
    ),
    never(-7777, "unknown"),
]
# These two have tests of their own: they are renewed and repeated once (`test_tokens`).
RENEWED = {-216, -220}


@asynccontextmanager
async def rig_that_refuses(row: Row, path: str) -> AsyncIterator[ZaloRig]:
    async with open_zalo_rig() as rig:
        rig.stub.clock.freeze()
        # An attachment that is gone is uploaded again once; a message of words has none.
        rig.stub.fail_next(FaultKind.REFUSED, method=path, code=row.code, text=row.text)
        yield rig
        assert list(rig.complaints()) == []


def named(row: Row) -> str:
    return f"{row.code} {row.meaning}"


@pytest.mark.parametrize("row", ROWS, ids=named)
async def test_a_code_says_what_comes_next_for_a_person(row: Row) -> None:
    async with rig_that_refuses(row, MESSAGES) as rig:
        with pytest.raises(SendError) as caught:
            await rig.channel.send(rig.address, Outgoing(text="một"))

        assert (type(caught.value), caught.value.reason) == (row.raises, row.reason)
        assert rig.stub.calls[MESSAGES] == 1
        if row.after_s is not None:
            assert caught.value.after_s is not None
            assert row.after_s[0] <= caught.value.after_s <= row.after_s[1]
        if row.text:
            assert row.text in str(caught.value)


@pytest.mark.parametrize("row", ROWS, ids=named)
async def test_a_code_says_what_comes_next_for_a_group(row: Row) -> None:
    async with rig_that_refuses(row, GROUP_MESSAGES) as rig:
        chat = rig.stub.group().group_id
        with pytest.raises(SendError) as caught:
            await rig.channel.send(
                Address(channel_id=CHANNEL_ID, chat=chat, is_group=True), Outgoing(text="một")
            )

        raises, reason = row.in_group or row.raises, row.reason_in_group or row.reason
        assert (type(caught.value), caught.value.reason) == (raises, reason)
        assert rig.stub.calls[GROUP_MESSAGES] == 1


@pytest.mark.parametrize("row", ROWS, ids=named)
async def test_only_codes_of_people_are_not_written_down(
    row: Row, caplog: pytest.LogCaptureFixture
) -> None:
    async with rig_that_refuses(row, MESSAGES) as rig:
        with pytest.raises(SendError):
            await rig.channel.send(rig.address, Outgoing(text="một"))

    told = [vars(one)["code"] for one in caplog.records if one.message == "zalo.refused"]
    is_odd = row.raises in {MessageRefused, ChannelBroken, PlatformTrouble}
    assert told == ([row.code] if is_odd else [])


def test_the_table_has_every_code_the_program_knows() -> None:
    known = {*UNREACHABLE, *NOT_NOW, *BROKEN, *LAPSED, *REFUSED, *TRANSIENT, SLOW_DOWN_CODE, -234}

    assert {row.code for row in ROWS} - {-7777} == known
    assert RENEWED <= TOKEN_CODES


def test_the_table_has_every_code_of_zalos_pages() -> None:
    assert {row.code for row in ROWS} - {-7777} | RENEWED == set(ERRORS)


def test_each_code_stands_in_one_table() -> None:
    tables = [set(UNREACHABLE), set(NOT_NOW), set(BROKEN), set(LAPSED), REFUSED, set(TRANSIENT)]

    assert sum(len(table) for table in tables) == len(set().union(*tables))


async def test_an_unknown_code_is_written_down_without_ids(
    rig: ZaloRig, caplog: pytest.LogCaptureFixture
) -> None:
    text = f"Something new about {rig.address.chat}"
    rig.stub.fail_next(FaultKind.REFUSED, method=MESSAGES, code=-7777, text=text)

    with pytest.raises(MessageRefused) as caught:
        await rig.channel.send(rig.address, Outgoing(text="một"))

    (record,) = [one for one in caplog.records if one.message == "zalo.refused"]
    assert (vars(record)["code"], vars(record)["wording"]) == (-7777, "Something new about …")
    assert str(caught.value) == "-7777 Something new about …"
    assert caught.value.next_step is NextStep.FAIL


@settings(deadline=None)
@given(code=st.integers(-99_999, 99_999), is_group=st.booleans(), wording=st.text(max_size=80))
def test_every_code_means_something(code: int, is_group: bool, wording: str) -> None:  # noqa: FBT001 - pytest names them
    if code == 0:
        return
    error = error_of(
        Answer(code=code, wording=wording),
        is_group=is_group,
        now=datetime(2026, 11, 22, 5, 0, 0, tzinfo=UTC),
        jitter_s=0.5,
        say=say_key,
    )

    assert isinstance(error, SendError)
    known = {*UNREACHABLE, *NOT_NOW, *BROKEN, *LAPSED, *TRANSIENT, SLOW_DOWN_CODE, -234}
    if code not in known:
        assert error.next_step is NextStep.FAIL


@pytest.mark.parametrize(
    ("kind", "next_step"),
    [
        (FaultKind.ERROR_500, NextStep.RETRY),
        (FaultKind.HTML_502, NextStep.RETRY),
        (FaultKind.HTML_504, NextStep.LEAVE_UNKNOWN),
        (FaultKind.CLOSE_AFTER, NextStep.LEAVE_UNKNOWN),
    ],
)
async def test_what_may_have_been_delivered_is_proved_by_its_echo(
    rig: ZaloRig, kind: FaultKind, next_step: NextStep
) -> None:
    rig.stub.fail_next(kind, method=MESSAGES, accepted=True)

    with pytest.raises(SendError) as caught:
        await rig.channel.send(rig.address, Outgoing(text="một"))

    assert caught.value.next_step is next_step
    if next_step is NextStep.RETRY:
        assert caught.value.after_s == ECHO_WITHIN_S
    assert [sent.text for sent in rig.stub.sent] == ["một"]
    assert list(rig.channel.echoes(rig.address, Outgoing(text="một"))) == ["một"]
