"""The command that trains the model of danger."""

import shutil
from pathlib import Path

from content.book import OWN_FOLDER, Book
from content.danger_weights import FILE
from content.topic_weights import read_topic_weights
from tests.cli.conftest import Machine


def test_nothing_is_learned_from_a_folder_with_mistakes(binhyen: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "content"
    shutil.copytree(OWN_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    before = (folder / FILE).read_bytes()
    (folder / "dangers" / "training" / "fire.yaml").write_text("fire: [1, 1]\n", encoding="utf-8")
    ended = binhyen("content", "learn", str(folder))
    assert ended.status != 0
    assert "dangers/training/fire.yaml:1" in ended.out + ended.err
    assert (folder / FILE).read_bytes() == before


def test_topics_alone_are_learned_for_the_set_up(binhyen: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "content"
    shutil.copytree(OWN_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "*.bin"))
    before = (folder / FILE).stat().st_mtime_ns
    ended = binhyen("content", "learn", str(folder), "--topics")
    assert ended.status == 0
    assert read_topic_weights(folder) == Book.load().topic_weights
    assert (folder / FILE).stat().st_mtime_ns == before
    assert binhyen("content", "learn", "--topics", "--compare").status == 2
