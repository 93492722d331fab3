from datetime import date

from content.book import Book


def test_lunar_days_follow_the_table(book: Book) -> None:
    tet = {
        days.first_on
        for year in (2027, 2028, 2029, 2030)
        for days in book.calendar.year(year)
        if days.occasion.key == "tet"
    }
    assert tet == {date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 2)}


def test_a_lunar_day_beyond_the_table_is_left_out(book: Book) -> None:
    assert "tet" not in {days.occasion.key for days in book.calendar.year(2031)}


def test_the_third_sunday_of_november_is_computed(book: Book) -> None:
    found = {
        days.first_on
        for year in (2027, 2028, 2029, 2030)
        for days in book.calendar.year(year)
        if days.occasion.key == "traffic_victims"
    }
    assert found == {
        date(2027, 11, 21),
        date(2028, 11, 19),
        date(2029, 11, 18),
        date(2030, 11, 17),
    }


def test_a_range_over_new_year_reaches_the_next_year(book: Book) -> None:
    assert "tet_campaign" in {days.occasion.key for days in book.calendar.on(date(2028, 1, 10))}
    assert "tet_campaign" not in {days.occasion.key for days in book.calendar.on(date(2028, 3, 1))}


def test_the_days_of_a_year_stand_in_order(book: Book) -> None:
    days = [entry.first_on for entry in book.calendar.year(2027)]
    assert days == sorted(days)
    assert len(days) == len(book.calendar.occasions)
