"""Counting what happens, for whoever watches the installation. Labels never name a person."""

from typing import Protocol


class Meter(Protocol):
    """Takes counts and durations."""

    def count(self, name: str, by: int = 1, **labels: str) -> None:
        """Add to the counter `binhyen_<name>_total`."""
        ...

    def took(self, name: str, seconds: float, **labels: str) -> None:
        """Note a duration in the histogram `binhyen_<name>_seconds`."""
        ...
