"""Templates for what officers announce: a text with places, and the fields that fill them.

Says nothing of who gets an announcement or when; the calendar names the days a template suits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.languages import Language
from content.facts import Fact, put_facts
from content.faults import ContentError
from content.filling import fill, is_optional, places
from content.items import Item
from content.wording import Wording

FOLDER: Final = "announcements"

_TEMPLATE_FIELDS: Final = ("title", "urgent", "fields", "text")
_FIELD_FIELDS: Final = ("required", "kind", "label")


class FieldKind(StrEnum):
    """What an officer enters; a date is shown as dd/mm/yyyy by whoever fills it in."""

    TEXT = "text"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateField:
    """One thing an officer fills in, with its label in every language."""

    required: bool
    kind: FieldKind
    label: Mapping[Language, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementTemplate:
    """A text an officer can start from. `fields` keep the order of the file."""

    key: str
    title: Mapping[Language, str]
    urgent: bool
    fields: Mapping[str, TemplateField]
    text: Mapping[Language, str]

    def written(
        self, language: Language, values: Mapping[str, str], *, unit: Mapping[str, str]
    ) -> str:
        """Return the text with `values` by field and the unit's own facts (`unit_…`) filled in.

        Lines of optional fields without a value are left out. Raises `ContentError` that names
        the required fields without a value.
        """
        missing = [
            name
            for name, field in self.fields.items()
            if field.required and not values.get(name, "").strip()
        ]
        if missing:
            raise ContentError(f"the template {self.key!r} lacks: {', '.join(missing)}")
        optional = [name for name, field in self.fields.items() if not field.required]
        return fill(self.text[language], {**unit, **values}, optional=optional)


def read_announcements(
    files: Mapping[str, Item], *, facts: Mapping[str, Fact], wording: Wording
) -> Mapping[str, AnnouncementTemplate]:
    """Return the templates of all files; fields and places of a text must agree."""
    return {key: _template(key, item, facts=facts, wording=wording) for key, item in files.items()}


def _template(
    key: str, item: Item, *, facts: Mapping[str, Fact], wording: Wording
) -> AnnouncementTemplate:
    entries = item.fields(_TEMPLATE_FIELDS)
    named = entries["fields"].mapping() if "fields" in entries else {}
    text = entries["text"].fields(tuple(Language)) if "text" in entries else {}
    spoken = {Language(language): entry for language, entry in text.items()}
    texts = {language: entry.text() for language, entry in spoken.items()}
    wording.check_pair(spoken, texts)
    for language, entry in spoken.items():
        texts[language] = put_facts(entry, texts[language], language=language, facts=facts)
        wording.check_message(entry, texts[language], language)
        used = {name for name in places(texts[language]) if not is_optional(name)}
        for name in sorted(used ^ named.keys()):
            entry.fault(f"the field {name!r} does not stand both in the text and among the fields")
    return AnnouncementTemplate(
        key=key,
        title=_spoken(entries.get("title")),
        urgent="urgent" in entries and entries["urgent"].flag(),
        fields={name: _field(entry) for name, entry in named.items()},
        text=texts,
    )


def _field(item: Item) -> TemplateField:
    entries = item.fields(_FIELD_FIELDS)
    return TemplateField(
        required="required" in entries and entries["required"].flag(),
        kind=FieldKind(
            entries["kind"].choice(tuple(FieldKind)) if "kind" in entries else FieldKind.TEXT
        ),
        label=_spoken(entries.get("label")),
    )


def _spoken(item: Item | None) -> Mapping[Language, str]:
    entries = item.fields(tuple(Language)) if item else {}
    return {Language(language): entry.text() for language, entry in entries.items()}
