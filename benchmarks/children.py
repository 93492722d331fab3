"""Programs that run beside a measurement: started, waited for, ended."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen


def free_port() -> int:
    """Return a port nobody listens on; several runs on one machine must not meet."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@contextmanager
def child(
    *command: str, env: dict[str, str] | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program beside us; what it notes goes to the file `log`."""
    with (log or Path(os.devnull)).open("wb") as notes:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(env or {})},
            stdout=subprocess.DEVNULL,
            stderr=notes,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def wait_until_noted(log: Path, event: str, *, at_most_s: float) -> float:
    """Return how many seconds it took until a program noted `event`."""
    began = time.perf_counter()
    while time.perf_counter() - began < at_most_s:
        if event.encode() in log.read_bytes():
            return time.perf_counter() - began
        time.sleep(1)
    raise TimeoutError(event)


def wait_until_ready(url: str, *, at_most_s: float = 30.0) -> float:
    """Return how many seconds it took until `url` answered 200."""
    began = time.perf_counter()
    while time.perf_counter() - began < at_most_s:
        try:
            with urlopen(url, timeout=1) as answer:  # noqa: S310 - loopback
                if answer.status == 200:
                    return time.perf_counter() - began
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(url)


def wait_until_listening(port: int, *, at_most_s: float = 30.0) -> None:
    """Return once somebody listens on `port`."""
    began = time.perf_counter()
    while time.perf_counter() - began < at_most_s:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"port {port}")
