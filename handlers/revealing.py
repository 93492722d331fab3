"""Saying what in somebody's words may betray who they are; asked wherever a tip is written."""

from collections.abc import Sequence

from bot.core.languages import Language
from content.revealing import Hint
from content.sentences import Voice


def revealed(say: Voice, language: Language, hints: Sequence[Hint]) -> str:
    """Return the question whether to change or keep it; `say` is the voice of section `tips`."""
    places = (
        say("reveals_place", language, found=hint.found, what=say(hint.kind.sentence, language))
        for hint in hints
    )
    return say("may_reveal", language, found="\n".join(places))
