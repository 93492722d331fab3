"""What the model of danger sees in a message: words, groups of words, and what the rules say.

Only finds; what a feature weighs stands in `content/danger_weights.json`. The script of the tip
page finds the same ones (`bot/web/static/warn.js`), a test compares the two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import Final

from bot.services.answers.wordings import Sentence
from content.danger import Danger, Look
from content.danger_signs import Sign, Signs

# Below this part of marked words a message counts as typed without marks; between the two
# limits both readings are tried, for people who set marks now and then.
SHARE_UNMARKED: Final = 0.25
SHARE_MARKED: Final = 0.55
# Signs are read once: with marks from this part of marked words on.
SHARE_SIGNS: Final = 0.4
# Two signs with more words between them have nothing to do with each other.
FARTHEST: Final = 8
LONGEST_MESSAGE: Final = 6
"""Logarithm to 2 of the words from which on a message is simply long."""


RULED: Final = "!rule"
"""The feature of a sentence that a rule calls danger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One sentence with its features, the groups of words in it, and what the rules say of it.

    `looks` holds one for each reading, with marks and without.
    """

    features: frozenset[str]
    groups: frozenset[str]
    words: int
    looks: tuple[Look, ...]


def forms(sentence: Sentence, sounded: str) -> list[tuple[str, bool]]:
    """Return the readings of a sentence, each with whether marks count in it."""
    found = []
    if sentence.share_marked >= SHARE_UNMARKED:
        found.append((sounded, True))
    if sentence.share_marked < SHARE_MARKED:
        found.append((sentence.folded, False))
    return found


def part_of(sentence: Sentence, danger: Danger, signs: Signs) -> Part:
    """Return what can be seen in one sentence."""
    sounded = sentence.sounded
    looks = tuple(
        danger.look(f" {form} ", with_marks=with_marks)
        for form, with_marks in forms(sentence, sounded)
    )
    plain, marked = sentence.folded.split(), sounded.split()
    with_marks = sentence.share_marked >= SHARE_SIGNS
    found = signs.find(marked if with_marks else plain, with_marks=with_marks)
    features = {
        *_word_features(plain, marked if sentence.share_marked >= SHARE_UNMARKED else ()),
        *_sign_features(found),
        *(feature for look in looks for feature in _rule_features(look)),
    }
    return Part(
        features=frozenset(features),
        groups=frozenset(group for sign in found for group in sign.groups),
        words=len(plain),
        looks=looks,
    )


def features_of(parts: Sequence[Part], signs: Signs) -> frozenset[str]:
    """Return the features of all `parts` of a message, and how they are told together."""
    groups = frozenset(group for part in parts for group in part.groups)
    frames = groups & frozenset(signs.frames)
    length = min(LONGEST_MESSAGE, int(log2(1 + sum(part.words for part in parts))))
    together = {
        f"x{frame}&{group}"
        for frame in frames
        for group in groups
        # Of two frames, in the order of the alphabet.
        if group not in frames or frame < group
    }
    return frozenset({f"#{length}", *together}.union(*(part.features for part in parts)))


def _word_features(plain: Sequence[str], marked: Sequence[str]) -> Iterator[str]:
    framed = ("<", *plain, ">")
    yield from (f"1{word}" for word in framed)
    yield from (f"2{one} {two}" for one, two in pairwise(framed))
    yield from (f"s{word}" for word in marked)
    yield from (f"t{one} {two}" for one, two in pairwise(marked))


def _sign_features(found: Sequence[Sign]) -> Iterator[str]:
    for at, first in enumerate(found):
        yield from (f"g{group}" for group in first.groups)
        for second in found[at + 1 :]:
            if second.start - first.end > FARTHEST:
                break
            for one in first.groups:
                for two in second.groups:
                    yield f"p{one}>{two}"
                    if second.start == first.end:
                        yield f"a{one}>{two}"


def _rule_features(look: Look) -> Iterator[str]:
    yield from (f"!{name}" for name in look.contexts)
    yield from (f"!sure:{rule.kind}" for rule in look.sure)
    if look.sure:
        yield "!sure"
    if look.likely:
        yield "!likely"
    if look.rule() is not None:
        yield RULED
