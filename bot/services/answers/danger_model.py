"""Whether a message tells of danger now, and of which: weights that were learned, and the rules.

A linear model over the features of `danger_features`, trained by `danger_training`. A message is
read as a whole, because its beginning may say that all of it is long past; a long one also by
sentences, so that much small talk does not cover one cry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from bot.services.answers.danger_features import (
    FARTHEST,
    LONGEST_MESSAGE,
    RULED,
    SHARE_SIGNS,
    Part,
    features_of,
    part_of,
)
from bot.services.answers.wordings import Sentence
from content.danger import Danger, DangerRule, EmergencyKind
from content.danger_signs import LONGEST, Signs
from content.danger_weights import DangerWeights

# Weights are stored in hundredths. The limits are in the same unit, found by trying: see
# docs/understanding.md, "Danger".
LIMIT: Final = -10
# Where only sure danger counts: with a rule that is sure, and without one.
LIMIT_SURE_RULED: Final = 5
LIMIT_SURE: Final = 100
LIMIT_SENTENCE: Final = 150
# A few words that say little either way and fit no rule ("ngõ cụt sau miếu") are a place or a
# time, not a cry.
LIMIT_SHORT: Final = 30
SHORT_WORDS: Final = 6
# A message of more words is a long one.
LONG_WORDS: Final = 80


@dataclass(frozen=True, slots=True)
class DangerModel:
    """Finds danger in prepared sentences."""

    danger: Danger
    signs: Signs
    weights: DangerWeights

    def find(self, said: Sequence[Sentence], *, only_sure: bool = False) -> DangerRule | None:
        """Return the rule of the danger someone is in, or None.

        With `only_sure`, only danger that the words name by themselves.
        """
        if not said:
            # What says nothing tells of no danger, whatever the weights start from.
            return None
        parts = [part_of(sentence, self.danger, self.signs) for sentence in said]
        ruled = [
            rule
            for part in parts
            for look in part.looks
            if (rule := look.rule(only_sure=only_sure)) is not None
        ]
        if not self.weights.danger:
            return next(iter(ruled), None)
        features = features_of(parts, self.signs)
        if only_sure:
            limit = LIMIT_SURE_RULED if ruled else LIMIT_SURE
            heard = features if self.score(features) > limit else None
        else:
            heard = self._heard(features, parts)
        return None if heard is None else self.danger.rule_for(self.kind(heard))

    def _heard(self, features: frozenset[str], parts: Sequence[Part]) -> frozenset[str] | None:
        """Return the features of the message, or of a sentence, that tell of danger, or None."""
        words = sum(part.words for part in parts)
        is_bare = words <= SHORT_WORDS and RULED not in features
        if self.score(features) > (LIMIT_SHORT if is_bare else LIMIT):
            return features
        if words <= LONG_WORDS:
            return None
        sentences = (features_of([part], self.signs) for part in parts)
        return next((one for one in sentences if self.score(one) > LIMIT_SENTENCE), None)

    def for_pages(self) -> Mapping[str, object]:
        """Return the weights and groups by which the script of a page finds the same danger."""
        return {
            "danger": self.weights.danger,
            "kinds": self.weights.kinds,
            "groups": self.signs.groups,
            "frames": sorted(self.signs.frames),
            "longest": LONGEST,
            "share_signs": SHARE_SIGNS,
            "farthest": FARTHEST,
            "longest_message": LONGEST_MESSAGE,
            "limit": LIMIT,
            "limit_sentence": LIMIT_SENTENCE,
            "limit_short": LIMIT_SHORT,
            "short_words": SHORT_WORDS,
            "long_words": LONG_WORDS,
        }

    def score(self, features: frozenset[str]) -> float:
        """Return how much `features` speak for danger; a half more or less than 0 is sure."""
        return weigh(self.weights.danger, features)

    def kind(self, features: frozenset[str]) -> EmergencyKind:
        """Return the kind of danger that `features` speak for most."""
        kinds = self.weights.kinds
        return max(kinds, key=lambda kind: weigh(kinds[kind], features))


def weigh(weights: Mapping[str, int], features: frozenset[str]) -> float:
    """Return the sum of the weights of `features`, less for the many of a long message."""
    return sum(weights.get(feature, 0) for feature in features) / sqrt(max(len(features), 1))
