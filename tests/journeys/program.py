"""The real program in a child process, and its command line beside it."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_S = 30.0
ROOT = Path(__file__).parents[2]
_URL = re.compile(r"http://\S+")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(slots=True)
class Installation:
    """One data directory with its settings; `serve` runs the program on it."""

    folder: Path
    port: int
    database_url: str = ""
    # A mail server on this machine, for notices to officers.
    mail_port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        own = {
            "BINHYEN_DATA_DIR": str(self.folder),
            "BINHYEN_PORT": str(self.port),
            "BINHYEN_LOG_FORMAT": "json",
            # The tests run at any hour.
            "BINHYEN_QUIET_HOURS": "none",
        }
        if self.database_url:
            own["BINHYEN_DATABASE_URL"] = self.database_url
        if self.mail_port:
            own["BINHYEN_SMTP_URL"] = f"smtp://127.0.0.1:{self.mail_port}"
            own["BINHYEN_MAIL_FROM"] = "binh-yen@example.vn"
        return {**os.environ, **own}  # noqa: TID251 - the child starts as from a shell

    async def command(self, *words: str, status: int = 0, stdin: str = "") -> Any:  # noqa: ANN401 - JSON
        """Run `binhyen WORDS --json` and return its document."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            "--json",
            cwd=ROOT,
            env=self.env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin.encode())
        assert process.returncode == status, (words, out.decode(), err.decode())
        return json.loads(out) if out.strip() else None

    async def printed(self, *words: str) -> bytes:
        """Run `binhyen WORDS`; return all it printed, however it ended."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=ROOT,
            env=self.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        return out

    @asynccontextmanager
    async def serving(self, *words: str) -> AsyncIterator["Serving"]:
        """Serve while the block runs; end with SIGTERM unless it was killed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "serve",
            "--demo",
            *words,
            cwd=ROOT,
            env=self.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        served = Serving(process)
        try:
            async with asyncio.timeout(READY_S):
                await served.wait_for_event("serve.ready")
            yield served
        finally:
            await served.stop()


class Serving:
    """A running program: what it printed, what it logged, and how to end it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said: list[str] = []
        self.log: list[dict[str, Any]] = []
        self.raw_log: list[str] = []
        self._changed = asyncio.Condition()
        self._readers = [
            asyncio.get_running_loop().create_task(self._read_said()),
            asyncio.get_running_loop().create_task(self._read_log()),
        ]

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    @property
    def links(self) -> list[str]:
        """Return the links that were printed at start."""
        return [found.group() for line in self.said for found in [_URL.search(line)] if found]

    @property
    def setup_link(self) -> str:
        return next(link for link in self.links if "/khoi-tao/" in link)

    async def _read_said(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.said.append(line.decode().rstrip())

    async def _read_log(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            text = line.decode().rstrip()
            self.raw_log.append(text)
            async with self._changed:
                with contextlib.suppress(json.JSONDecodeError):
                    self.log.append(json.loads(text))
                self._changed.notify_all()

    async def wait_for_event(self, event: str, *, within_s: float = READY_S) -> dict[str, Any]:
        """Return the first log line of `event`."""

        def found() -> bool:
            ended = self._readers[1].done()
            return ended or any(line.get("event") == event for line in self.log)

        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(found)
        return next(line for line in self.log if line.get("event") == event)

    async def kill(self) -> None:
        """End the program as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> int:
        """End the program as an operator would; return its exit status."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            status = await self._process.wait()
            await asyncio.gather(*self._readers)
        return status
