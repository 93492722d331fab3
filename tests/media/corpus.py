"""All files of the corpus, always the same for a seed. Nothing of it is kept in the repository."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from tests.media import boxes, films, jpegs, others, pdfs, pngs, riffs, tiffs
from tests.media.cases import Case, Chest, Maker

SEED: Final = "1"
MAKERS: Final[Sequence[Maker]] = (
    jpegs.cases,
    pngs.cases,
    riffs.webps,
    riffs.gifs,
    riffs.bmps,
    tiffs.cases,
    boxes.cases,
    pdfs.cases,
    films.cases,
    others.cases,
)


def corpus(seed: str = SEED) -> Sequence[Case]:
    """Return every file."""
    chest = Chest(seed)
    return [case for make in MAKERS for case in make(chest)]


def formats(cases: Sequence[Case]) -> Sequence[str]:
    """Return the formats of some files, those with most files first."""
    return [name for name, _ in Counter(one.format for one in cases).most_common()]
