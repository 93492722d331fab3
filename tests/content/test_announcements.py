import pytest

from bot.core.languages import Language
from content.book import Book
from content.faults import ContentError


def test_at_least_eight_templates_are_there(book: Book) -> None:
    assert len(book.announcements) >= 8


@pytest.mark.parametrize("language", Language)
def test_every_template_can_be_written_with_and_without_optional_fields(
    book: Book, language: Language
) -> None:
    for template in book.announcements.values():
        needed = {name: "abc" for name, field in template.fields.items() if field.required}
        bare = template.written(language, needed, unit={})
        full = template.written(
            language, dict.fromkeys(template.fields, "abc"), unit={"unit_duty_phone": "0000"}
        )
        assert "{" not in bare + full
        assert len(full) >= len(bare) > 50


def test_a_template_names_what_is_missing(book: Book) -> None:
    template = book.announcements["meeting_invitation"]
    with pytest.raises(ContentError, match="lacks: subject, place"):
        template.written(Language.VI, {"time": "19:00", "place": " "}, unit={})
