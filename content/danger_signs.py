"""Words that mean alike when danger is told, in groups: `danger_signs.yaml`.

What is learned of one word then counts for its whole group. Finds the groups in prepared words;
what they weigh is left to `bot.services`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.text import fold
from content.items import Item
from content.patterns import sounded

LONGEST: Final = 4
"""Words of the longest phrase."""

_PARTS: Final = ("frames", "dangers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One phrase found: from word `start` up to word `end`, and the groups it belongs to."""

    start: int
    end: int
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """All groups of words; `frames` say how something is told: past, asked, played, sold.

    `sounded` and `folded` hold the groups of each phrase, for text with tones as figures and for
    text without marks.
    """

    groups: Mapping[str, tuple[str, ...]]
    frames: Collection[str]
    sounded: Mapping[str, tuple[str, ...]]
    folded: Mapping[str, tuple[str, ...]]

    @property
    def phrases(self) -> Iterator[str]:
        """All phrases as they are written in the file, in small letters."""
        return (phrase for phrases in self.groups.values() for phrase in phrases)

    def find(self, words: Sequence[str], *, with_marks: bool) -> list[Sign]:
        """Return the signs in `words`, the longest first at each place; none overlap."""
        known = self.sounded if with_marks else self.folded
        found, at = [], 0
        while at < len(words):
            sign = next(
                (
                    Sign(start=at, end=end, groups=groups)
                    for end in range(min(at + LONGEST, len(words)), at, -1)
                    if (groups := known.get(" ".join(words[at:end]))) is not None
                ),
                None,
            )
            at += 1 if sign is None else sign.end - at
            if sign is not None:
                found.append(sign)
        return found


def read_signs(item: Item | None) -> Signs:
    """Return the groups of `danger_signs.yaml`, noting phrases that are too long."""
    parts = item.fields(_PARTS) if item else {}
    groups: dict[str, tuple[str, ...]] = {}
    frames: set[str] = set()
    for part, entry in parts.items():
        for name, rows in entry.mapping().items():
            if name in groups:
                rows.fault(f"the group {name!r} stands here for the second time")
            groups[name] = tuple(phrase.casefold() for phrase in rows.texts())
            for row in rows.items():
                if len(row.text().split()) > LONGEST:
                    row.fault(f"a phrase has at most {LONGEST} words")
            if part == "frames":
                frames.add(name)
    return Signs(
        groups=groups,
        frames=frozenset(frames),
        sounded=_by_phrase(groups, with_marks=True),
        folded=_by_phrase(groups, with_marks=False),
    )


def _by_phrase(
    groups: Mapping[str, tuple[str, ...]], *, with_marks: bool
) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for name, phrases in groups.items():
        for phrase in phrases:
            plain = phrase.replace("'", "")
            found.setdefault(sounded(plain) if with_marks else fold(plain), set()).add(name)
    return {phrase: tuple(sorted(names)) for phrase, names in found.items()}
