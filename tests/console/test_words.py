"""The words of the templates cover everything they may be asked for."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, nodes

from bot.core.announcements import AnnouncementState
from bot.core.api_tokens import Scope
from bot.core.audit_check import ChainFault
from bot.core.channels import ChannelKind
from bot.core.deliveries import DeliveryState
from bot.core.hooks import OFFERED
from bot.core.officers import Role
from bot.core.sending import Reason
from bot.core.tips import TipCategory, TipState
from console.fields import CONTACTS
from console.moments import Day, moment, number, read_moment

CONSOLE = Path(__file__).parents[2] / "console"
WORDS = Environment(loader=FileSystemLoader(CONSOLE / "templates"), autoescape=True)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _table(name: str) -> set[str]:
    found = getattr(WORDS.get_template("words.html").module, name)
    return set(found)


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ("tip_states", set(TipState)),
        ("tip_moves", set(TipState) - {TipState.NEW}),
        ("categories", set(TipCategory)),
        ("announcement_states", {*AnnouncementState, "finished"}),
        ("outcomes", set(DeliveryState)),
        ("reasons", set(Reason)),
        ("channel_kinds", set(ChannelKind)),
        ("roles", set(Role)),
        ("chain_faults", set(ChainFault)),
        ("contact_words", set(CONTACTS)),
        ("scopes", set(Scope)),
        ("hook_events", set(OFFERED)),
    ],
)
def test_everything_has_its_word(table: str, wanted: set[str]) -> None:
    assert _table(table) == {str(one) for one in wanted}


def test_every_rule_and_act_of_the_services_has_its_sentence() -> None:
    services = CONSOLE.parent / "bot" / "services"
    texts = "".join(path.read_text() for path in services.rglob("*.py"))
    # Of residents and of files, which never reach a page of the console.
    others = {"tips.no_reader", "follow_wait"} | set(re.findall(r'"(unit_\w+)"', texts))
    assert set(re.findall(r'RuleBroken\(\s*"([\w.]+)"', texts)) - others <= _table("faults")
    assert set(re.findall(r'note\(\s*work,\s*"([\w.]+)"', texts)) <= _table("acts")
    tips = "".join(path.read_text() for path in (services / "tips").rglob("*.py"))
    assert set(re.findall(r'"(tip\.\w+)"', tips)) <= _table("acts")


def test_no_python_file_of_the_console_speaks_vietnamese() -> None:
    speaking = [
        path.name for path in CONSOLE.rglob("*.py") if re.search(r"[À-ỹĐđ]", path.read_text())
    ]
    assert speaking == []


def test_every_template_can_be_read_and_marks_nothing_safe_but_the_qr_code() -> None:
    safe: list[str] = []
    for name in WORDS.list_templates():
        source = (CONSOLE / "templates" / name).read_text()
        tree = WORDS.parse(source)
        safe += [name for found in tree.find_all(nodes.Filter) if found.name == "safe"]
        assert " style=" not in source
        assert "<script>" not in source
    assert safe == ["group.html", "unit.html"]


def test_moments_are_named_by_the_local_day() -> None:
    # 20:00 UTC is 3 in the morning of the next day over there.
    assert moment(NOON + timedelta(hours=8), now=NOON, zone=ZONE).day is Day.TOMORROW
    assert moment(NOON - timedelta(hours=20), now=NOON, zone=ZONE).day is Day.YESTERDAY
    shown = moment(NOON - timedelta(days=2), now=NOON, zone=ZONE)
    assert (shown.day, shown.date, shown.time) == (Day.OTHER, "20/11/2026", "19:00")


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9000, 1, 1)))  # noqa: DTZ001 - a zone is added
def test_a_moment_that_was_shown_is_read_back(local: datetime) -> None:
    at = local.replace(second=0, microsecond=0, tzinfo=UTC)
    shown = moment(at, now=NOON, zone=ZONE)
    assert read_moment(shown.input, zone=ZONE) == at
    assert read_moment(f"{shown.date} {shown.time}", zone=ZONE) == at


@given(st.text())
def test_what_is_no_moment_is_refused_as_such(typed: str) -> None:
    try:
        assert read_moment(typed, zone=ZONE).tzinfo is UTC
    except ValueError:
        return


def test_numbers_have_dots_between_thousands() -> None:
    assert [number(one) for one in (0, 999, 1_234, 1_234_567)] == [
        "0",
        "999",
        "1.234",
        "1.234.567",
    ]
