"""Answers that are sent while they are made: numbers being watched, lists handed out."""

from collections.abc import AsyncIterable
from typing import Final

from aiohttp import web

from bot.core.errors import StorageTrouble
from console.headers import HEADERS

EVENTS: Final = "text/event-stream"
# The name of the event after which a page does not come back.
LAST: Final = "thoi"
_AGAIN_AFTER_MS: Final = 3_000


def event(html: str, *, mark: str = "") -> bytes:
    """Return a part of a page as a server-sent event; `mark` comes back as Last-Event-ID."""
    lines = [f"data: {line}" for line in html.splitlines() if line.strip()]
    head = [f"id: {mark}"] if mark else []
    return "\n".join([*head, f"retry: {_AGAIN_AFTER_MS}", *lines, "", ""]).encode()


def last_event() -> bytes:
    """Return the event that lets the page stop listening."""
    return f"event: {LAST}\ndata: .\n\n".encode()


def wants_events(request: web.Request) -> bool:
    """Tell whether a page is listening and cannot be led to another one."""
    return EVENTS in request.headers.get("Accept", "")


async def begin(
    request: web.Request, content_type: str, *, file_name: str = ""
) -> web.StreamResponse:
    """Begin an answer whose pieces follow; with `file_name` the browser keeps it as a file."""
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": content_type})
    # A proxy would hold pieces back until its buffer is full.
    response.headers["X-Accel-Buffering"] = "no"
    if file_name:
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    await response.prepare(request)
    return response


async def send_all(
    request: web.Request, response: web.StreamResponse, pieces: AsyncIterable[bytes]
) -> None:
    """Send pieces to the end. Whatever cuts them off cuts the connection, so that it shows."""
    try:
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
    except ConnectionResetError:
        # Whoever asked for it went away.
        return
    except StorageTrouble:
        # An answer that ends in good order would pass for a whole list.
        if request.transport is not None:
            request.transport.abort()
