"""The command that trains the model of danger."""

import shutil
from pathlib import Path

from content.book import OWN_FOLDER
from content.danger_weights import FILE
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
