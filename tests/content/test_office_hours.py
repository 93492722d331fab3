"""Office hours as people really write them, and when somebody comes next."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from content.book import Book

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WEEK = dict.fromkeys(range(5), "07:30-11:30 13:30-17:00")

UNDERSTOOD = [
    ("07:30 đến 11:30, 13:30 đến 17:00, thứ Hai đến thứ Sáu", WEEK),
    ("Thứ 2 - thứ 6: 7h30 - 11h30, 13h30 - 17h", WEEK),
    ("T2-T6 7:30-11:30 và 13:30-17:00 (trừ ngày lễ, Tết)", WEEK),
    ("Từ thứ hai đến thứ sáu, sáng 7 giờ 30 đến 11 giờ 30, chiều 13 giờ 30 tới 17 giờ", WEEK),
    ("Monday to Friday, 7:30 - 11:30 and 13:30 - 17:00", WEEK),
    (
        "T2-T6: 7h30-11h30, 13h30-17h; sáng thứ Bảy: 7h30-11h30",
        {**WEEK, 5: "07:30-11:30"},
    ),
    ("Hằng ngày 6:00-22:00", dict.fromkeys(range(7), "06:00-22:00")),
    ("Chủ nhật, thứ bảy 8h-24h", {5: "08:00-00:00", 6: "08:00-00:00"}),
    ("thứ sáu đến thứ hai 8h-9h", dict.fromkeys((4, 5, 6, 0), "08:00-09:00")),
]
LEFT_ALONE = [
    "",
    "giờ hành chính",
    "7:30-11:30",
    "thứ hai đến thứ sáu",
    "T2-T6 7:30-11:30, trừ chủ nhật và chiều thứ ba họp",
    "T2-T6 7:30-11:30, T7 8:00-10:00",
    "gọi trước, thứ hai 7:30-11:30",
    "thứ hai 17:00-7:30",
    "thứ hai 25:00-26:00",
    "nghỉ thứ hai 7:30-11:30",
]


@pytest.mark.parametrize(("text", "week"), UNDERSTOOD, ids=[text for text, _ in UNDERSTOOD])
def test_hours_are_read(book: Book, text: str, week: dict[int, str]) -> None:
    hours = book.office_hours.read(text)
    assert hours is not None
    told = {
        day: " ".join(f"{begins:%H:%M}-{ends:%H:%M}" for begins, ends in spans)
        for day, spans in hours.spans.items()
    }
    assert told == week


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_not_understood_whole_is_not_guessed_at(book: Book, text: str) -> None:
    assert book.office_hours.read(text) is None


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "is_open", "opens"),
    [
        ("2026-11-23 08:00", True, "2026-11-23 13:30"),
        ("2026-11-23 12:00", False, "2026-11-23 13:30"),
        ("2026-11-23 17:00", False, "2026-11-24 07:30"),
        ("2026-11-27 18:00", False, "2026-11-30 07:30"),
        # Closed from the eve of Tết (05/02/2027) to its fourth day, then a weekend is over.
        ("2027-02-04 20:00", False, "2027-02-10 07:30"),
        ("2027-01-01 09:00", False, "2027-01-04 07:30"),
    ],
)
def test_the_next_opening_leaves_out_nights_weekends_and_days_off(
    book: Book, now: str, *, is_open: bool, opens: str
) -> None:
    hours = book.office_hours.read(UNDERSTOOD[0][0])
    assert hours is not None
    moment = _at(now)
    off = book.office_hours.days_off(moment.year)
    assert hours.is_open(moment, off) is is_open
    assert hours.next_opening(moment, off) == _at(opens)


def test_a_desk_that_never_closes_is_open_at_tet(book: Book) -> None:
    hours = book.office_hours.read("Trực ban 24/24")
    assert hours is not None
    assert hours.is_open(_at("2027-02-06 03:00"), book.office_hours.days_off(2027))
