"""Answers that are exchanged while they are being asked: whoever keeps them has the newest."""

from bot.services.answers.answers import Answers


class LiveAnswers(Answers):
    """Answers whose inside is that of the newest edition of the book."""

    def __init__(self, first: Answers) -> None:
        """Begin with what `first` knows."""
        self.exchange(first)

    def exchange(self, newer: Answers) -> None:
        """Answer like `newer` from now on."""
        # One assignment: whatever is asked sees all of the old or all of the new. Copied, because
        # `newer` stays what it is.
        self.__dict__ = dict(newer.__dict__)
