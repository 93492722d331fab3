"""The program started and stopped at the command line, and commands while it runs."""

import asyncio
import gc
import json
import os
import signal
import socket
from pathlib import Path

from bot.app.locking import ServeRole
from bot.app.program import open_program
from bot.app.serving import Serving
from bot.clock import RealChance, RealClock
from bot.config import load_config
from tests.cli.conftest import Machine


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_serve_says_where_refuses_a_second_and_stops_when_told(commune: Machine) -> None:
    port = {"BINHYEN_PORT": str(free_port()), "BINHYEN_LOG_FORMAT": "text"}
    serving = await commune.started("serve", "--json", environment=port)
    assert serving.stdout is not None
    assert json.loads(await serving.stdout.readline())["message"]
    draining = asyncio.gather(serving.communicate())

    second = await commune.child("serve", environment=port)
    assert second.status == 1
    assert "another process already serves" in second.err.splitlines()[-1]
    assert "Traceback" not in second.err

    named = ("unit", "add", "--code", "T2", "--name", "Tổ 2", "--kind", "neighbourhood")
    assert (await commune.child(*named)).status == 0
    assert "T2" in (await commune.child("unit", "list")).out

    serving.send_signal(signal.SIGTERM)
    await draining
    assert serving.returncode == 0


async def test_a_port_in_use_is_one_sentence(binhyen: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = await binhyen.child("serve", environment={"BINHYEN_PORT": port})
    assert ended.status == 1
    assert port in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err


async def test_rubbish_is_collected_again_once_the_program_serves(tmp_path: Path) -> None:
    config = load_config(
        {"BINHYEN_DATA_DIR": str(tmp_path / "data"), "BINHYEN_PORT": str(free_port())},
        is_demo=True,
    )
    seen: list[bool] = []

    def say(_line: str) -> None:
        seen.append(gc.isenabled())
        os.kill(os.getpid(), signal.SIGTERM)

    gc.disable()
    try:
        async with open_program(
            config, clock=RealClock(), chance=RealChance(), cheap=True
        ) as program:
            await program.prepare()
            await Serving(program, ServeRole.GATEWAY, is_demo=False).run(say)
    finally:
        gc.enable()
        gc.unfreeze()
    assert seen
    assert all(seen)
