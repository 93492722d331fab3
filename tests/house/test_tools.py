import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PIN = re.compile(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ;]+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    """Return package -> version of one lock file."""
    return dict(PIN.findall(lock.read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_pins_contents_and_never_a_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert not re.search(r"https?://|--index-url|--find-links|file:", text)
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("extra", ["", "-postgres", "-speed", "-build"])
def test_what_is_tested_is_what_is_installed(extra: str) -> None:
    tested = pins(ROOT / "requirements-dev.lock")
    installed = pins(ROOT / f"requirements{extra}.lock")
    assert installed
    assert installed.items() <= tested.items()


def test_the_page_lock_pins_contents_and_never_a_place() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = [entry for path, entry in lock["packages"].items() if path]
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages)
    assert not any("resolved" in entry for entry in packages)


def test_page_assets_are_the_recorded_ones() -> None:
    recorded = (ROOT / "tools" / "page_assets.sha256").read_text(encoding="utf-8").splitlines()
    vendor = ROOT / "bot" / "web" / "static" / "vendor"
    made = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}"
        for path in sorted(vendor.iterdir())
        # Packed copies are made here, by whatever zlib there is.
        if path.suffix != ".gz"
    ]
    assert made == recorded


def test_every_package_of_the_wheel_says_that_it_is_typed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert [name for name in packages if not (ROOT / name / "py.typed").exists()] == []


def test_make_alone_names_the_commands_people_rely_on() -> None:
    said = subprocess.run(["make", "-C", ROOT], capture_output=True, check=True, text=True).stdout
    for target in ("run", "test", "install", "check", "bench"):
        assert f"make {target} " in said


@pytest.mark.parametrize(
    "secret",
    ["123456789:" + "A" * 35, "-----BEGIN PRIVATE KEY" + "-" * 5, "byt_" + "A" * 43],
    ids=["bot token", "private key", "token of the api"],
)
def test_a_secret_in_a_file_fails_the_check(tmp_path: Path, secret: str) -> None:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "no_secrets", tmp_path / "tools" / "no_secrets")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    check = [tmp_path / "tools" / "no_secrets"]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 0

    (tmp_path / "notes.txt").write_text(f"token = {secret}\n", encoding="utf-8")
    found = subprocess.run(check, check=False, capture_output=True, text=True)
    assert found.returncode == 1
    assert "notes.txt:1" in found.stdout
