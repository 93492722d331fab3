"""The doctor looks at everything and changes nothing; the files of words are checked."""

import shutil
import sqlite3
from collections import namedtuple
from pathlib import Path

import pytest

from bot.app.program import open_program
from bot.clock import RealChance
from bot.config import load_config
from tests.cli.conftest import ROOT, Machine
from tests.fakes import FakeClock

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil has it


def unwell(machine: Machine) -> dict[str, str]:
    """Return what the doctor finds to be mended, with the fix."""
    checks = machine("doctor", "--json").document["checks"]
    return {one["name"]: one["what"] + one["fix"] for one in checks if not one["is_well"]}


def test_a_fresh_machine_is_well_and_left_as_it_was(binhyen: Machine) -> None:
    ended = binhyen("doctor")
    assert ended.status == 0
    assert ended.err == ""
    assert all(line.startswith("ok") for line in ended.out.splitlines())
    assert list(binhyen.folder.iterdir()) == []
    (binhyen.folder / "data").mkdir(mode=0o700)
    assert binhyen("doctor").status == 0
    assert list((binhyen.folder / "data").iterdir()) == []


def test_a_machine_in_use_is_well(commune: Machine) -> None:
    document = commune("doctor", "--json").document
    assert document["is_well"]
    names = [one["name"] for one in document["checks"]]
    assert names[:6] == ["configuration", "data directory", "disk", "clock", "words", "database"]
    assert "keys" in names


def test_an_open_data_directory_is_to_be_closed(commune: Machine) -> None:
    (commune.folder / "data").chmod(0o755)
    assert "chmod 700" in unwell(commune)["data directory"]
    assert commune("doctor").status == 1


def test_a_file_in_the_place_of_the_data_directory_is_told(binhyen: Machine) -> None:
    binhyen.file("data", "a file")
    assert "BINHYEN_DATA_DIR" in unwell(binhyen)["data directory"]


def test_a_full_disk_is_told(commune: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10, 9, 1))
    assert "Free some space" in unwell(commune)["disk"]


def test_an_old_schema_is_told(commune: Machine) -> None:
    with sqlite3.connect(commune.folder / "data" / "binhyen.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    database.close()
    assert "binhyen db upgrade" in unwell(commune)["database"]


async def test_a_clock_that_ran_back_is_told(binhyen: Machine) -> None:
    config = load_config({"BINHYEN_DATA_DIR": binhyen.environment["BINHYEN_DATA_DIR"]})
    clock = FakeClock()
    clock.advance(366 * 86_400 * 100)
    async with open_program(config, clock=clock, chance=RealChance(), cheap=True) as program:
        commune = await program.units.ensure_commune(code="X1", name="Xã thử")
        await program.units.set_contacts(commune.id, "Xã", {}, by="test")
    ended = await binhyen.typed("doctor", "--json")
    [history] = [one for one in ended.document["checks"] if one["name"] == "history"]
    assert "Set the clock" in history["fix"]


def test_the_files_of_words_are_checked(binhyen: Machine) -> None:
    assert binhyen("content", "check", "--json").document["topics"] > 20
    assert binhyen("content", "check").out.startswith("No mistakes")


def test_every_mistake_in_words_is_listed_with_file_and_line(binhyen: Machine) -> None:
    folder = Path(shutil.copytree(ROOT / "content", binhyen.folder / "words"))
    (folder / "facts.yaml").write_text("a: [\n", encoding="utf-8")
    (folder / "topics" / "traffic.yaml").unlink()
    ended = binhyen("content", "check", str(folder))
    assert ended.status == 1
    assert "facts.yaml:" in ended.err
    assert "traffic" in ended.err


def test_the_doctor_tells_of_backups_and_of_a_key_that_waits(
    commune: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(name: str) -> dict[str, object]:
        checks = commune("doctor", "--json").document["checks"]
        return next(one for one in checks if one["name"] == name)

    assert "binhyen audit key" in str(said("audit key")["what"])
    assert "BINHYEN_BACKUP_DIR" in str(said("backups")["what"])
    folder = commune.folder / "backups"
    monkeypatch.setenv("BINHYEN_BACKUP_DIR", str(folder))
    assert said("backups")["is_well"] is False
    folder.mkdir()
    assert said("backups")["is_well"] is True
    assert commune("backup", "make").status == 0
    assert "the newest of 1" in str(said("backups")["what"])
    [file] = folder.glob("*.backup")
    file.rename(folder / "binhyen-20260101-010203Z.backup")
    assert said("backups")["is_well"] is False
    [shown] = commune("audit", "key", "--json").document["keys"]
    assert commune("audit", "key", "--kept", "-", stdin=shown["key"].encode()).status == 0
    assert said("audit key")["what"] == "not on this machine"
