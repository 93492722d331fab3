"""The languages the program speaks. Words themselves live in `content/`."""

from enum import StrEnum


class Language(StrEnum):
    """A language every resident text exists in."""

    VI = "vi"
    EN = "en"
