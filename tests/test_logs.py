"""A log line is an event and its ids: never a secret, a person, or what somebody wrote."""

import io
import json
import logging
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import ALPHABET
from bot.logs import EventFormatter, mask, set_up_logs

# In two parts, so that no search for real secrets finds it.
TOKEN = "123456789" + ":AAF-invented_token_0123456789abcdefg"
AROUND = st.text(alphabet=string.ascii_letters + " /:=&?\"'\n<>{}", max_size=12)
TOKENS = st.builds(
    "{}:{}".format,
    st.integers(10**6, 10**10),
    st.text(alphabet=string.ascii_letters + string.digits + "_-", min_size=35, max_size=35),
)
RECEIPTS = st.lists(
    st.text(alphabet=ALPHABET, min_size=4, max_size=4), min_size=6, max_size=6
).map("-".join)
PHONES = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["09", "+849", "849", "03"]),
    st.integers(10, 99),
    st.sampled_from(["", " ", ".", "-"]),
    st.integers(100, 999),
    st.integers(100, 999),
)


def record(message: str, *args: object, name: str = "bot", **fields: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": name, "msg": message, "args": args, "levelno": 20})
    made.__dict__.update({"levelname": "INFO", **fields})
    return made


def as_json(made: logging.LogRecord) -> dict[str, object]:
    line = EventFormatter("json").format(made)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


@given(before=AROUND, token=TOKENS, after=AROUND)
def test_no_bot_token_passes(before: str, token: str, after: str) -> None:
    assert token.partition(":")[2] not in mask(f"{before}{token}{after}")


@pytest.mark.parametrize("secret", ["byt_" + "aZ09-_" * 7, "whsec_" + "aZ09+/" * 5 + "="])
@pytest.mark.parametrize("line", ["{}", "posted {} to", "x={}&y=1", '["{}"]', "Bearer {}"])
def test_no_secret_of_other_software_passes(line: str, secret: str) -> None:
    assert secret[6:] not in mask(line.format(secret))


def test_the_token_in_a_telegram_address_does_not_pass() -> None:
    line = mask(f"POST https://api.telegram.org/bot{TOKEN}/sendMessage failed")
    assert line == "POST https://api.telegram.org/bot***/sendMessage failed"


@given(before=AROUND, receipt=RECEIPTS, is_bare=st.booleans())
def test_no_receipt_passes(before: str, receipt: str, *, is_bare: bool) -> None:
    typed = receipt.replace("-", "") if is_bare else receipt
    assert typed not in mask(f"{before} {typed} ")
    assert typed.lower() not in mask(f"{before} {typed.lower()}")


@given(before=AROUND, phone=PHONES, after=AROUND)
def test_no_telephone_number_passes(before: str, phone: str, after: str) -> None:
    assert phone not in mask(f"{before}{phone}{after}")


@pytest.mark.parametrize(
    "line",
    [
        "access_token=hidden-value",
        'access_token: "hidden-value"',
        '{"refresh_token": "hidden-value", "expires_in": 90000}',
        r"{\"access_token\": \"hidden-value\"}",
        "secret_key: hidden-value",
        "Authorization: Bearer hidden-value",
        "authorization: Basic hidden-value",
        "Cookie: theme=dark; session=hidden-value",
        'password="two words hidden-value"',
        "X-Telegram-Bot-Api-Secret-Token: hidden-value",
        "postgresql://binhyen:hidden-value@db/binhyen",
        "https://api.example/?appsecret_proof=hidden-value&x=1",
    ],
)
def test_a_named_secret_does_not_pass(line: str) -> None:
    assert "hidden-value" not in mask(line)
    assert "***" in mask(line)


@pytest.mark.parametrize("line", ["from 203.0.113.7", "from 2001:db8::ff00:42:8329 now"])
def test_no_network_address_passes(line: str) -> None:
    assert mask(line).startswith("from ***")


@pytest.mark.parametrize(
    "line",
    [
        "tip.closed",
        "delivery.settled",
        "started at 2026-11-22 05:00:00",
        "took 0.25 s",
        "version 3.11.2",
    ],
)
def test_what_is_no_secret_passes(line: str) -> None:
    assert mask(line) == line


def test_json_lines_are_json_whatever_the_fields_hold() -> None:
    line = as_json(
        record(
            "x.y",
            seconds=0.0123456789,
            user=84912345678,
            count=3,
            nested={"access_token": "t", "list": [TOKEN]},
            password="two words",
            thing=ValueError,
        )
    )
    assert (line["event"], line["seconds"], line["count"]) == ("x.y", 0.0123456789, 3)
    assert (line["user"], line["password"]) == ("***", "***")
    assert line["nested"] == {"access_token": "***", "list": ["***"]}


@given(st.text(), st.one_of(st.text(), st.integers(), st.floats(allow_nan=False), st.none()))
def test_every_record_is_one_line(message: str, value: object) -> None:
    as_json(record("%s", message, value=value))
    assert "\n" not in EventFormatter("text").format(record("%s", message, value=value))


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_exception_shows_its_kind_and_place_and_not_its_text(form: str) -> None:
    with pytest.raises(ValueError, match="somebody") as caught:
        int("what somebody wrote")
    made = record("inbox.failed", exc_info=(caught.type, caught.value, caught.tb))
    line = EventFormatter("json" if form == "json" else "text").format(made)
    assert "what somebody wrote" not in line
    assert "ValueError" in line
    assert "test_logs.py:" in line


def test_a_task_shown_by_asyncio_tells_nothing_of_its_exception() -> None:
    message = "Task exception was never retrieved\nfuture: <Task exception=ValueError('wrote')>"
    line = EventFormatter("text").format(record(message, name="asyncio"))
    assert line.endswith("Task exception was never retrieved")


def test_the_lines_of_the_program_and_its_libraries_go_through_one_door() -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    try:
        set_up_logs("json", stream=stream)
        logging.getLogger("httpx").info("HTTP Request: POST https://x/bot%s/y", TOKEN)
        logging.getLogger("bot.tips").info("tip.closed", extra={"tip_id": "abc"})
        logging.getLogger("library").warning("bad %s", TOKEN)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line["logger"]) for line in lines] == [
        ("tip.closed", "bot.tips"),
        ("bad ***", "library"),
    ]
    assert lines[0]["tip_id"] == "abc"
