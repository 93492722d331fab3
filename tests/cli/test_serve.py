"""The program started and stopped at the command line, and commands while it runs."""

import asyncio
import json
import signal
import socket

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
