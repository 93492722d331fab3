"""A real HTTP server on 127.0.0.1 that can vanish and come back on the same port."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LARGEST_BODY_BYTES = 64 * 1024 * 1024


class LoopbackServer:
    """One handler behind one port; the port is chosen at the first start and kept."""

    def __init__(self, handler: Handler, *, port: int = 0) -> None:
        self._handler = handler
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Return the bare base: scheme, host, port."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen; does nothing if it already does."""
        if self._runner is not None:
            return
        app = web.Application(client_max_size=LARGEST_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", self._port), backlog=1024)
        self._port = listener.getsockname()[1]
        await web.SockSite(runner, listener).start()
        self._runner = runner

    async def stop(self) -> None:
        """Close the port and every connection: from now on a client cannot connect."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
            await asyncio.sleep(0)  # lets the transports say goodbye before a loop closes
