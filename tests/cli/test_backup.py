"""Backups at the command line: made, listed, checked, put back; and what must never be in them."""

import gzip
import io
import sqlite3
import tarfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bot.app.backup_files import KEPT_KEYS
from bot.app.locking import ServeRole, held
from tests.cli.conftest import Machine

WORDS = "bốn từ ghép lại dễ nhớ"


@pytest.fixture
def folder(commune: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = commune.folder / "backups"
    path.mkdir()
    monkeypatch.setenv("BINHYEN_BACKUP_DIR", str(path))
    return path


def names_in(file: Path) -> Sequence[str]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(file.read_bytes()))) as tar:
        return sorted(tar.getnames())


def elsewhere(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = machine.folder / "elsewhere"
    monkeypatch.setenv("BINHYEN_DATA_DIR", str(data))
    return data


def units(machine: Machine) -> list[str]:
    return [unit["code"] for unit in machine("unit", "list", "--json").document["units"]]


def test_a_backup_goes_into_an_empty_folder_and_says_so_in_the_chain(
    commune: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = units(commune)
    file = str(commune.folder / "one.backup")
    made = commune("backup", "make", file, "--json")
    assert (made.status, made.document["is_whole"]) == (0, True)
    data = elsewhere(commune, monkeypatch)
    put = commune("backup", "restore", file)
    assert (put.status, "audit key" in put.out) == (0, True)
    assert units(commune) == before
    assert commune("audit", "verify").status == 0
    with closing(sqlite3.connect(data / "binhyen.db")) as plain:
        acts = [row[0] for row in plain.execute("SELECT act FROM audit ORDER BY number")]
    assert acts[-2:] == ["audit.key_begin", "backup.restore"]


def test_no_key_of_days_routes_or_the_audit_chain_is_in_a_backup(commune: Machine) -> None:
    keys = commune.folder / "data" / "keys"
    for name in ("passing/2026-11-22.key", "routes/2026-11-16.key", "audit/moving.key", "new.key"):
        (keys / name).parent.mkdir(exist_ok=True)
        if not (keys / name).exists():
            (keys / name).write_bytes(bytes(32))
    (keys / "setup").mkdir(exist_ok=True)
    (keys / "setup" / "founding.key").write_bytes(bytes(64))
    file = commune.folder / "one.backup"
    assert commune("backup", "make", str(file)).status == 0
    assert names_in(file) == [
        "binhyen.db",
        "keys/attested",
        "keys/lasting.key",
        "keys/receipt-pepper.key",
        "keys/setup/founding.key",
        "manifest.json",
    ]


def test_of_every_key_it_is_known_whether_backups_hold_it(commune: Machine) -> None:
    """A new key that a restored program needs is named in `KEPT_KEYS`, any other one here."""
    left_out = {"audit", "passing", "routes", "handovers"}
    keys = {path.name for path in (commune.folder / "data" / "keys").iterdir()}
    assert keys - left_out <= {name.partition("/")[0] for name in KEPT_KEYS}


def test_a_made_backup_leaves_no_copy_behind_and_is_closed_to_others(
    commune: Machine, folder: Path
) -> None:
    (commune.folder / "data" / ".backup-abandoned").mkdir()
    assert commune("backup", "make").status == 0
    assert not list((commune.folder / "data").glob(".backup-*"))
    names = sorted(path.suffix for path in folder.iterdir())
    assert names == [".backup", ".sha256"]
    [file] = folder.glob("*.backup")
    assert file.stat().st_mode & 0o077 == 0
    digest, name = (folder / f"{file.name}.sha256").read_text().split()
    assert (len(digest), name) == (64, file.name)


def test_the_newest_are_kept_and_what_is_no_backup_stays(
    commune: Machine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BINHYEN_BACKUP_KEEP", "2")
    for day in (1, 2, 3):
        (folder / f"binhyen-2026010{day}-010203Z.backup").write_bytes(b"old")
    (folder / "notes.txt").write_bytes(b"mine")
    assert commune("backup", "make").status == 0
    listed = commune("backup", "list", "--json").document["backups"]
    assert [one["is_locked"] for one in listed] == [False, False]
    assert listed[1]["file"].endswith("binhyen-20260103-010203Z.backup")
    assert (folder / "notes.txt").exists()
    assert "2026-01-03 01:02:03 UTC" in commune("backup", "list").out


def test_a_locked_backup_opens_with_its_passphrase_only(
    commune: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = commune.file("right.txt", f"{WORDS}\n")
    wrong = commune.file("wrong.txt", "another\n")
    file = str(commune.folder / "locked.backup")
    made = commune("backup", "make", file, "--passphrase-file", right, "--json")
    assert made.document["is_locked"] is True
    assert b"SQLite format" not in Path(file).read_bytes()
    assert commune("backup", "check", file, "--passphrase-file", right).status == 0
    refused = commune("backup", "check", file, "--passphrase-file", wrong)
    assert (refused.status, "passphrase does not open" in refused.err) == (1, True)
    asked = commune("backup", "check", file)
    assert (asked.status, "--passphrase-file" in asked.err) == (1, True)
    before = units(commune)
    elsewhere(commune, monkeypatch)
    monkeypatch.setenv("BINHYEN_BACKUP_PASSPHRASE_FILE", right)
    assert commune("backup", "restore", file).status == 0
    assert units(commune) == before


def test_nothing_is_put_over_what_is_there_unless_told(commune: Machine) -> None:
    file = str(commune.folder / "one.backup")
    before = units(commune)
    assert commune("backup", "make", file).status == 0
    assert commune("unit", "add", "--code", "T9", "--name", "M", "--kind", "neighbourhood",
                   "--parent", "X1").status == 0  # fmt: skip
    refused = commune("backup", "restore", file)
    assert (refused.status, "--over" in refused.err) == (1, True)
    assert units(commune) != before
    assert commune("backup", "restore", file, "--over").status == 0
    assert units(commune) == before
    assert commune("audit", "verify").status == 0


def test_nothing_is_put_over_a_running_program(commune: Machine) -> None:
    file = str(commune.folder / "one.backup")
    assert commune("backup", "make", file).status == 0
    with held(commune.folder / "data", ServeRole.CONSOLE):
        refused = commune("backup", "restore", file, "--over")
    assert (refused.status, "stop it first" in refused.err) == (1, True)


def test_a_changed_backup_is_refused_with_and_without_its_checksum(commune: Machine) -> None:
    file = commune.folder / "one.backup"
    assert commune("backup", "make", str(file)).status == 0
    whole = file.read_bytes()
    for content in (whole[:-1], whole[:40], b"", b"x" * 100, whole[:-2000] + b"y" * 2000):
        file.write_bytes(content)
        said = commune("backup", "check", str(file))
        assert (said.status, "checksum" in said.err or "sha256" in said.err) == (1, True)
        (file.parent / "bare.backup").write_bytes(content)
        assert commune("backup", "check", str(file.parent / "bare.backup")).status == 1
        assert commune("backup", "restore", str(file.parent / "bare.backup"), "--over").status == 1
    assert units(commune)


def test_a_broken_audit_chain_in_a_backup_is_said(commune: Machine) -> None:
    with closing(sqlite3.connect(commune.folder / "data" / "binhyen.db")) as plain:
        plain.execute("UPDATE audit SET act = 'x' WHERE number = 2")
        plain.commit()
    file = str(commune.folder / "one.backup")
    made = commune("backup", "make", file, "--json")
    assert (made.status, made.document["broken_at"]) == (1, 2)
    assert Path(file).exists()


WRONG = {
    "no folder": (("backup", "make", "/nowhere/one.backup"), "disk mounted"),
    "no place": (("backup", "make"), "BINHYEN_BACKUP_DIR"),
    "no file": (("backup", "check", "/nowhere/one.backup"), "there is no file"),
    "no passphrase": (("backup", "make", "x", "--passphrase-file", "/nowhere"), "passphrase"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_line_says_what_is_wrong(
    commune: Machine, words: tuple[str, ...], said: str
) -> None:
    ended = commune(*words)
    assert (ended.status, said in ended.err) == (1, True), ended.err
