"""A machine of one's own to type commands at: in this process, or in a child as people do."""

import asyncio
import io
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app.program import Program, open_program
from bot.cli.entry import run
from bot.config import load_config, read_environment
from tests.fakes import FakeClock, SteadyChance

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Return the one document on standard output."""
        return json.loads(self.out)


class Machine:
    """Types commands in this process, which is quick."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, streams: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._streams = streams

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Ended:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._streams.readouterr()
        status = run(arguments)
        said = self._streams.readouterr()
        return Ended(status=int(status), out=said.out, err=said.err)

    async def typed(self, *arguments: str, stdin: bytes = b"") -> Ended:
        """Type a command from a test that has a loop of its own, still in this process."""
        return await asyncio.to_thread(self, *arguments, stdin=stdin)

    def file(self, name: str, content: str | bytes) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    @property
    def environment(self) -> dict[str, str]:
        """Return what a child process is given."""
        return {
            "BINHYEN_DATA_DIR": str(self.folder / "data"),
            "PYTHONPATH": str(ROOT),
            # The tests run at any hour.
            "BINHYEN_QUIET_HOURS": "none",
        }

    @asynccontextmanager
    async def program(self) -> AsyncIterator[Program]:
        """Open the services over the machine's data, as `serve` would."""
        config = load_config({"BINHYEN_DATA_DIR": self.environment["BINHYEN_DATA_DIR"]})
        clock, chance = FakeClock(), SteadyChance()
        async with open_program(config, clock=clock, chance=chance, cheap=True) as program:
            yield program

    async def child(
        self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> Ended:
        """Run `python -m bot` as a process of its own and wait for its end."""
        process = await self.started(*arguments, environment=environment)
        out, err = await process.communicate(stdin)
        assert process.returncode is not None
        return Ended(status=process.returncode, out=out.decode(), err=err.decode())

    async def started(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> asyncio.subprocess.Process:
        """Start `python -m bot` as a process of its own."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
            env={"PATH": os.defpath, **self.environment, **(environment or {})},
        )


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """Take back the set-up of the log that a command makes for its process."""
    names = list(logging.root.manager.loggerDict)
    before = {name: logging.getLogger(name).level for name in names}
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).setLevel(before.get(name, logging.NOTSET))


@pytest.fixture
def binhyen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    logs_as_before: None,
) -> Machine:
    for name in read_environment(folder=tmp_path):
        monkeypatch.delenv(name)
    machine = Machine(tmp_path, monkeypatch, capsys)
    for name in ("BINHYEN_DATA_DIR", "BINHYEN_QUIET_HOURS"):
        monkeypatch.setenv(name, machine.environment[name])
    monkeypatch.chdir(tmp_path)
    return machine


@pytest.fixture
def commune(binhyen: Machine) -> Machine:
    """Return a machine with a commune X1 and its neighbourhood T1."""
    add = ("unit", "add", "--code")
    assert binhyen(*add, "X1", "--name", "Xã thử", "--kind", "commune").status == 0
    assert binhyen(*add, "T1", "--name", "Tổ 1", "--kind", "neighbourhood").status == 0
    return binhyen
