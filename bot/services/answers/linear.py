"""Which topic a message means, by one weight for each feature and topic.

How the weights are found is left to `linear_training` beside this.
"""

from collections.abc import Sequence
from typing import Final

from bot.services.answers.linear_training import HUNDREDTHS, summed
from content.topic_weights import TopicWeights, whole


class Linear:
    """Weighs messages; asking it changes nothing."""

    def __init__(self, weights: TopicWeights) -> None:
        """Weigh by `weights`, which are looked at and not copied."""
        self.topics: Final = weights.topics
        self._rows = whole(weights.rows)
        # How many features have weights: the first.
        self.weighed: Final = len(self._rows) // max(len(self.topics), 1)

    def scores(self, features: Sequence[int]) -> list[float] | None:
        """Return a score for each of `topics`, None if not one of `features` has weights.

        Features come as their numbers. Differences count, not sizes; they do not grow with the
        length of the message.
        """
        width = len(self.topics)
        starts = [width * number for number in features if number < self.weighed]
        rows = [self._rows[at : at + width].tolist() for at in starts]
        return summed(rows, len(rows) ** -0.5 / HUNDREDTHS) if rows else None
