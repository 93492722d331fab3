import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from content.book import OWN_FOLDER, Book

Breaker = Callable[[str, str, str], int]


@pytest.fixture(scope="session")
def book() -> Book:
    return Book.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the content files that a test may spoil."""
    copy = tmp_path / "content"
    shutil.copytree(OWN_FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


@pytest.fixture
def spoil(folder: Path) -> Breaker:
    """Replace the first `old` by `new` in a file of the copy; returns the line of the change."""

    def spoiled(name: str, old: str, new: str) -> int:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return spoiled
