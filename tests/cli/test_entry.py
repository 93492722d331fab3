"""Exit statuses, one document in JSON, one sentence otherwise, and never a traceback."""

import asyncio
import json
import signal
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli.entry import PLACES
from tests.cli.conftest import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCase:
    id: str
    line: tuple[str, ...]
    status: int
    says: str


LINES = [
    LineCase(id="no word", line=(), status=2, says="Missing command"),
    LineCase(id="unknown word", line=("nope",), status=2, says="No such command 'nope'"),
    LineCase(id="unknown verb", line=("unit", "nope"), status=2, says="No such command"),
    LineCase(id="missing option", line=("unit", "add"), status=2, says="--code"),
    LineCase(id="unknown unit", line=("tip", "list", "--unit", "Z"), status=1, says="code Z"),
    LineCase(id="unknown id", line=("announcement", "show", "z"), status=1, says="Not found"),
    LineCase(id="unknown channel", line=("channel", "check", "z"), status=1, says="the id z"),
    LineCase(id="no database", line=("db", "check"), status=1, says="binhyen db upgrade"),
    LineCase(
        id="no such file", line=("household", "import", "none.csv"), status=2, says="none.csv"
    ),
]


@pytest.mark.parametrize("case", LINES, ids=lambda case: case.id)
def test_what_cannot_be_done_is_one_sentence_and_a_status(
    binhyen: Machine, case: LineCase
) -> None:
    ended = binhyen(*case.line)
    assert ended.status == case.status
    assert ended.out == ""
    assert case.says in ended.err.splitlines()[0]
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("case", LINES, ids=lambda case: case.id)
def test_with_json_the_error_is_the_one_document(binhyen: Machine, case: LineCase) -> None:
    ended = binhyen(*case.line, "--json")
    assert ended.status == case.status
    assert case.says in ended.document["error"]
    assert ended.err == ""


@pytest.mark.parametrize(
    "line",
    [("--json", "unit", "list"), ("unit", "--json", "list"), ("unit", "list", "--json")],
    ids=["before", "between", "after"],
)
def test_json_may_be_asked_for_anywhere(commune: Machine, line: tuple[str, ...]) -> None:
    codes = [unit["code"] for unit in commune(*line).document["units"]]
    assert codes == ["X1", "T1"]


@pytest.mark.parametrize("word", PLACES)
def test_every_command_explains_itself(binhyen: Machine, word: str) -> None:
    ended = binhyen(word, "--help")
    assert ended.status == 0
    assert "--json" in ended.out


def test_every_command_is_listed(binhyen: Machine) -> None:
    said = binhyen("--help").out
    assert [word for word in PLACES if f"\n  {word} " not in said] == []
    assert binhyen("--version").out.startswith("binhyen ")


def test_all_faults_of_the_settings_are_said_at_once(
    binhyen: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BINHYEN_PORT", "far")
    monkeypatch.setenv("BINHYEN_TIMEZONE", "Mars/Olympus")
    for line in (("unit", "list"), ("doctor",), ("serve",), ("db", "upgrade")):
        ended = binhyen(*line, "--json")
        assert ended.status == 3
        assert "BINHYEN_PORT" in ended.document["error"]
        assert "BINHYEN_TIMEZONE" in ended.document["error"]


def test_an_env_file_that_is_not_utf8_is_a_bad_configuration(binhyen: Machine) -> None:
    binhyen.file(".env", b"BINHYEN_PORT=\xff\xfe")
    ended = binhyen("unit", "list")
    assert (ended.status, ".env" in ended.err) == (3, True)


def test_a_data_directory_that_is_a_file_is_a_bad_configuration(binhyen: Machine) -> None:
    binhyen.file("data", "not a directory")
    ended = binhyen("unit", "list")
    assert ended.status == 3
    assert "BINHYEN_DATA_DIR" in ended.err


def test_a_damaged_database_is_one_sentence(binhyen: Machine) -> None:
    (binhyen.folder / "data").mkdir()
    binhyen.file("data/binhyen.db", b"this is no database " * 500)
    for line in (("unit", "list"), ("db", "check"), ("db", "upgrade"), ("doctor",)):
        ended = binhyen(*line)
        assert ended.status == 1
        assert "restore a backup" in ended.err + ended.out
        assert "Traceback" not in ended.err


def test_the_keys_of_another_installation_are_refused(commune: Machine) -> None:
    (commune.folder / "data" / "keys" / "lasting.key").write_bytes(bytes(range(32)))
    ended = commune("unit", "list")
    assert (ended.status, "lasting.key" in ended.err) == (1, True)
    checks = {one["name"]: one for one in commune("doctor", "--json").document["checks"]}
    assert not checks["keys"]["is_well"]


def test_a_cut_key_file_is_refused(commune: Machine) -> None:
    (commune.folder / "data" / "keys" / "lasting.key").write_bytes(b"short")
    ended = commune("unit", "list")
    assert (ended.status, "damaged" in ended.err) == (1, True)


def test_the_database_is_made_and_looked_at(binhyen: Machine) -> None:
    assert binhyen("db", "check", "--json").document["current"] is None
    assert not (binhyen.folder / "data").exists()
    made = binhyen("db", "upgrade", "--json").document
    assert (made["from"], made["is_changed"]) == (None, True)
    again = binhyen("db", "upgrade", "--json").document
    assert again == {"from": made["to"], "to": made["to"], "is_changed": False}
    assert binhyen("db", "check").status == 0
    assert "up to date already" in binhyen("db", "upgrade").out


def test_a_database_of_a_newer_program_is_refused(commune: Machine) -> None:
    with sqlite3.connect(commune.folder / "data" / "binhyen.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for line in (("db", "check"), ("db", "upgrade"), ("unit", "list")):
        ended = commune(*line)
        assert (ended.status, "newer" in ended.err) == (1, True)


# --- as a process of its own -------------------------------------------------------------------


@pytest.mark.parametrize(
    "locale",
    [{"LANG": "C"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}],
    ids=["C", "C for good"],
)
async def test_vietnamese_is_written_whatever_the_locale(
    commune: Machine, locale: dict[str, str]
) -> None:
    ended = await commune.child("unit", "list", environment=locale)
    assert ended.status == 0
    assert "Xã thử" in ended.out
    documents = await commune.child("unit", "list", "--json", environment=locale)
    assert documents.document["units"][0]["name"] == "Xã thử"


async def test_help_and_mistakes_import_nothing_slow(binhyen: Machine) -> None:
    heavy = "{'telegram', 'alembic', 'aiohttp', 'sqlalchemy', 'openpyxl', 'nacl', 'yaml'}"
    code = (
        "import sys; from bot.cli.entry import run\n"
        "for line in (['--help'], ['nope'], ['serve', '--help'], ['db', '--help']): run(line)\n"
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert said.decode().splitlines()[-1] == "[]"


async def test_a_reader_that_had_enough_is_no_trouble(binhyen: Machine) -> None:
    process = await binhyen.started("ask")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps({"id": 1, "text": "chào"}).encode() + b"\n")
    await process.stdout.readline()
    process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined] # no public way
    # The pipe closes in the loop's next turn; the answer must not be quicker.
    await asyncio.sleep(0)
    process.stdin.write(json.dumps({"id": 2, "text": "chào"}).encode() + b"\n")
    process.stdin.close()
    assert await process.stderr.read() == b""
    assert await process.wait() == 1


async def test_an_interrupt_is_quiet(binhyen: Machine) -> None:
    process = await binhyen.started("ask")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps({"id": 1, "text": "chào"}).encode() + b"\n")
    assert await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert await process.stderr.read() == b""
    assert await process.wait() == 130


@pytest.mark.parametrize("line", [("--help",), ("ask", "chào"), ("db", "upgrade")])
@pytest.mark.parametrize("where", ["import", "finalizer"])
async def test_an_interrupt_while_importing_is_quiet(
    binhyen: Machine, line: tuple[str, ...], where: str
) -> None:
    slow = {"--help": "bot.cli.entry", "ask": "bot.services.answers.answers", "db": "alembic"}
    # The interrupt comes where the module is looked for: there, or in what Python cleans up.
    code = (
        "import signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {slow[line[0]]!r}:\n"
        f"            Last() if {where == 'finalizer'} else signal.raise_signal(signal.SIGINT)\n"
        "class Last:\n"
        "    def __del__(self):\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from bot.__main__ import main\n"
        "main()"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, *line),
        cwd=binhyen.folder,
        env=binhyen.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert said == b""
    assert process.returncode == 130


async def test_a_full_disk_behind_standard_output_is_one_sentence(binhyen: Machine) -> None:
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", f"{sys.executable} -m bot db upgrade > /dev/full"),
        cwd=binhyen.folder,
        env=binhyen.environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 1
    assert said.decode() == "binhyen: No space left on device\n"


async def test_without_standard_output_a_command_still_works(binhyen: Machine) -> None:
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", f"{sys.executable} -m bot db upgrade >&-"),
        cwd=binhyen.folder,
        env=binhyen.environment,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert (process.returncode, said) == (0, b"")
