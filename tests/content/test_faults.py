from pathlib import Path

import pytest

from content.book import Book
from content.faults import ContentError
from tests.content.conftest import Breaker
from tests.content.spoilt import SpoiltFile

JOIN_VI = "sentences/vi/join.yaml"
JOIN_EN = "sentences/en/join.yaml"
TOPIC = "topics/pledge.yaml"
TEMPLATE = "announcements/meeting_invitation.yaml"
INTERESTS = "interests.yaml"


SPOILT = [
    SpoiltFile(
        id="broken YAML",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new="agree: [",
        reason="not readable as YAML",
        lines_on=2,
    ),
    SpoiltFile(
        id="a key only one language has",
        file=JOIN_VI,
        old="agree: Đồng ý\n",
        new="",
        reason="'agree' is missing in the language vi",
        seen_in=JOIN_EN,
    ),
    SpoiltFile(
        id="a key that stands twice",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new="decline: Thôi",
        reason="'decline' stands here for the second time",
        lines_on=1,
    ),
    SpoiltFile(
        id="places that differ",
        file=JOIN_EN,
        old="{code}",
        new="{number}",
        reason="places that only one language has: {code}, {number}",
        lines_on=-1,
    ),
    SpoiltFile(
        id="a brace alone",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new='agree: "Đồng ý {"',
        reason="a brace stands alone",
    ),
    SpoiltFile(
        id="an empty text",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new='agree: ""',
        reason="the text is empty",
    ),
    SpoiltFile(
        id="a text too long",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new=f"agree: {'Đồng ý ' * 100}",
        reason="699 characters; a message has at most 600",
    ),
    SpoiltFile(
        id="not in NFC",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new="agree: Đồng y\u0301",
        reason="not in Unicode form NFC",
    ),
    SpoiltFile(
        id="an invisible character",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new="agree: Đồng\u202e ý",
        reason="invisible characters: U+202E",
    ),
    SpoiltFile(
        id="a bare abbreviation",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new="agree: Đồng ý với UBND",
        reason="UBND stands without its words",
    ),
    SpoiltFile(
        id="a fact that does not exist",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new='agree: "Đồng ý {fact:nothing}"',
        reason="there is no fact 'nothing'",
    ),
    SpoiltFile(
        id="a fact without a day",
        file="facts.yaml",
        old="checked_on: 2026-11-22, ",
        new="",
        reason="'checked_on' is missing",
    ),
    SpoiltFile(
        id="a fact of an impossible day",
        file="facts.yaml",
        old="checked_on: 2026-11-22",
        new="checked_on: 2026-11-32",
        reason="'2026-11-32' is not a day",
    ),
    SpoiltFile(
        id="an unsure fact",
        file="facts.yaml",
        old="mark: sure, checked_on",
        new="mark: unsure, checked_on",
        reason="'unsure' is none of: sure, likely",
    ),
    SpoiltFile(
        id="a topic without its flag",
        file=TOPIC,
        old="hand_over: no\n",
        new="",
        reason="'hand_over' is missing",
        lines_on=-1,
    ),
    SpoiltFile(
        id="an unknown key of a topic",
        file=TOPIC,
        old="hand_over: no",
        new="hand_over: no\nhandover: no",
        reason="'handover' is not known here",
        lines_on=1,
    ),
    SpoiltFile(
        id="a related topic that does not exist",
        file=TOPIC,
        old="related: [join_group,",
        new="related: [join_grup,",
        reason="there is no other topic 'join_grup'",
    ),
    SpoiltFile(
        id="a law that is no fact",
        file=TOPIC,
        old="law: [standard_circular]",
        new="law: [standard]",
        reason="there is no fact 'standard'",
    ),
    SpoiltFile(
        id="an example twice",
        file=TOPIC,
        old="        - xin mẫu bản cam kết\n",
        new="        - xin mẫu bản cam kết\n        - xin mẫu bản cam kết\n",
        reason="stands in this list for the second time",
        lines_on=1,
    ),
    SpoiltFile(
        id="a topic without a main answer",
        file=TOPIC,
        old="  main:",
        new="  other:",
        reason="'main' is missing",
    ),
    SpoiltFile(
        id="a word of two commands",
        file="words.yaml",
        old="alone: [bỏ qua, skip]",
        new="alone: [bỏ qua, quay lại]",
        reason="'quay lai' already stands for the command",
        lines_on=4,
    ),
    SpoiltFile(
        id="an unreadable pattern",
        file="danger.yaml",
        old="      - đang cháy",
        new='      - "đang (cháy"',
        reason="the pattern cannot be read",
    ),
    SpoiltFile(
        id="an unreadable sign of what betrays a writer",
        file="revealing.yaml",
        old="'0\\d\\d(?:[ .-]\\d{3}){2,3}'",
        new="'0\\d\\d(?:[ .-]\\d{3}{2,3}'",
        reason="the line cannot be read",
    ),
    SpoiltFile(
        id="a field the text lacks",
        file=TEMPLATE,
        old="{place}",
        new="{palce}",
        reason="the field 'palce' does not stand both in the text and among the fields",
        lines_on=-3,
    ),
    SpoiltFile(
        id="an impossible day of the calendar",
        file="calendar.yaml",
        old="day: 06-26",
        new="day: 06-31",
        reason="'06-31' is not a month and day",
    ),
    SpoiltFile(
        id="an unknown theme of the calendar",
        file="calendar.yaml",
        old="theme: drugs",
        new="theme: drug",
        reason="'drug' is none of",
    ),
    SpoiltFile(
        id="an unknown template of the calendar",
        file="calendar.yaml",
        old="template: fire_season",
        new="template: fire",
        reason="'fire' is none of",
    ),
    SpoiltFile(
        id="a weekday that comes too often",
        file="calendar.yaml",
        old="nth: 3,",
        new="nth: 7,",
        reason="'7' is not a number from 1 to 4",
    ),
    SpoiltFile(
        id="a short form in capitals",
        file="shorthand.yaml",
        old="  ntn:",
        new="  NTN:",
        reason="'NTN' must be one word in small letters",
    ),
    SpoiltFile(
        id="an English word in capitals",
        file="english.yaml",
        old="  - his\n",
        new="  - HIS\n",
        reason="'HIS' must be one English word in small letters",
    ),
    SpoiltFile(
        id="a danger without its number",
        file="danger.yaml",
        old="    number: fire_number\n",
        new="",
        reason="'number' is missing",
        lines_on=-2,
    ),
    SpoiltFile(
        id="a danger whose number is no fact",
        file="danger.yaml",
        old="number: fire_number",
        new="number: fire_line",
        reason="there is no fact 'fire_line'",
    ),
    SpoiltFile(
        id="a list where a text belongs",
        file=JOIN_VI,
        old="agree: Đồng ý",
        new="agree: [Đồng ý]",
        reason="a text is expected here",
    ),
    SpoiltFile(
        id="a text where a list belongs",
        file="words.yaml",
        old="alone: [bỏ qua, skip]",
        new="alone: bỏ qua",
        reason="a list is expected here",
    ),
    SpoiltFile(
        id="a lunar day without its solar days",
        file="calendar.yaml",
        old="day: 12-23",
        new="day: 12-24",
        reason="lunar_days has no days for 'kitchen_gods'",
    ),
    SpoiltFile(
        id="an interest that is no topic",
        file=INTERESTS,
        old="  traffic:",
        new="  trafic:",
        reason="there is no topic 'trafic'",
    ),
    SpoiltFile(
        id="an interest in nothing",
        file=INTERESTS,
        old="  traffic:",
        new="  out_of_scope:",
        reason="there is no topic 'out_of_scope'",
    ),
    SpoiltFile(
        id="an interest in one language",
        file=INTERESTS,
        old=", en: Road safety",
        new="",
        reason="'en' is missing",
    ),
    SpoiltFile(
        id="two interests of one name",
        file=INTERESTS,
        old="en: Road safety",
        new="en: fire  SAFETY",
        reason="'fire  SAFETY' already stands for 'fire_safety'",
    ),
    SpoiltFile(
        id="an interest with a bare abbreviation",
        file=INTERESTS,
        old="vi: Phòng trộm cắp",
        new="vi: UBND",
        reason="UBND stands without its words",
    ),
    SpoiltFile(
        id="interests that fill more than a message",
        file=INTERESTS,
        old="en: Road safety",
        new=f"en: {'Road safety ' * 20}",
        reason="together they have at most 200 characters",
    ),
]


@pytest.mark.parametrize("spoilt", SPOILT, ids=lambda spoilt: spoilt.id)
def test_a_mistake_is_named_with_file_line_and_reason(
    spoilt: SpoiltFile, folder: Path, spoil: Breaker
) -> None:
    spoilt.check(folder, spoil)


def test_all_mistakes_are_listed_at_once(folder: Path, spoil: Breaker) -> None:
    for spoilt in (SPOILT[5], SPOILT[11], SPOILT[16]):
        spoil(spoilt.file, spoilt.old, spoilt.new)
    with pytest.raises(ContentError) as caught:
        Book.load(folder)
    for spoilt in (SPOILT[5], SPOILT[11], SPOILT[16]):
        assert spoilt.reason in str(caught.value)


@pytest.mark.parametrize("name", ["facts.yaml", "words.yaml", "sentences/en/menu.yaml", TOPIC])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ContentError, match=f"{name}:1: the file"):
        Book.load(folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "the file is empty"), (b"a: 1\nb: \xff", "2: the file is not UTF-8")],
    ids=["empty", "not UTF-8"],
)
def test_an_unreadable_file_is_named(folder: Path, content: bytes, reason: str) -> None:
    (folder / "facts.yaml").write_bytes(content)
    with pytest.raises(ContentError, match=reason):
        Book.load(folder)


@pytest.mark.parametrize(
    "name",
    [
        "facts.yaml",
        "words.yaml",
        "danger.yaml",
        "reporting.yaml",
        "revealing.yaml",
        "shorthand.yaml",
        "english.yaml",
        "calendar.yaml",
        "abbreviations.yaml",
        INTERESTS,
        "sentences/vi/menu.yaml",
        TOPIC,
        TEMPLATE,
    ],
)
@pytest.mark.parametrize("content", ["just words", "- a\n- list", "a: {b: [c, {d: e}]}", "1: [2]"])
def test_a_file_of_another_shape_is_refused_and_never_crashes(
    folder: Path, name: str, content: str
) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(ContentError, match=name):
        Book.load(folder)


def test_an_unknown_topic_is_refused(folder: Path) -> None:
    (folder / TOPIC).rename(folder / "topics/weather.yaml")
    with pytest.raises(ContentError) as caught:
        Book.load(folder)
    assert "topics/weather.yaml:1: there is no topic 'weather'" in str(caught.value)
    assert f"{TOPIC}:1: the file of this topic is missing" in str(caught.value)
