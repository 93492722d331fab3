"""One mistake in one file of words, and where and how the one who made it is told."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from content.book import Book
from content.faults import ContentError
from tests.content.conftest import Breaker


@dataclass(frozen=True, kw_only=True)
class SpoiltFile:
    id: str
    file: str
    old: str
    new: str
    reason: str
    # Where the fault is seen, in lines from the place that was changed, and in another file.
    lines_on: int = 0
    seen_in: str | None = None

    def check(self, folder: Path, spoil: Breaker) -> None:
        """Make the mistake; check that it is named with file, line and reason."""
        line = spoil(self.file, self.old, self.new)
        with pytest.raises(ContentError) as caught:
            Book.load(folder)
        fault = next(row for row in str(caught.value).splitlines() if self.reason in row)
        place = f"{self.seen_in}:" if self.seen_in else f"{self.file}:{line + self.lines_on}: "
        assert fault.startswith(place)
