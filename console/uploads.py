"""Reading a form that brings a file: in parts (RFC 7578), each bounded while it arrives.

What a file is and whether it may be kept is for `bot.services.announcements.attachments`.
"""

from typing import Final

import aiohttp
from aiohttp import web

from console.forms import LONGEST_BYTES, Form, Upload

MULTIPART: Final = "multipart/form-data"
# A box for each neighbourhood of a large commune, twice, and what else stands in a form.
_MOST_PARTS: Final = 500
_CHUNK_BYTES: Final = 64 * 1024
# What aiohttp raises on parts that are none: it checks them partly with assertions.
_RUBBISH: Final = (
    AssertionError,
    KeyError,
    RuntimeError,
    RuntimeWarning,  # of a head nobody can read; an error only where warnings are
    ValueError,
    aiohttp.ClientError,
    aiohttp.http.HttpProcessingError,
)


async def read_parts(request: web.Request, *, file_most_bytes: int) -> Form:
    """Return the fields and files of a request.

    Raise `HTTPRequestEntityTooLarge` or `HTTPBadRequest`.
    """
    most = file_most_bytes + LONGEST_BYTES
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    fields: dict[str, tuple[str, ...]] = {}
    files: dict[str, Upload] = {}
    # For all words together, so that many small parts are bounded too.
    room = LONGEST_BYTES
    try:
        reader = await request.multipart()
        for _ in range(_MOST_PARTS):
            part = await reader.next()
            if part is None:
                return Form(fields=fields, files=files)
            if not isinstance(part, aiohttp.BodyPartReader) or not part.name:
                raise web.HTTPBadRequest
            if part.filename is None:
                words = await _whole(part, room)
                room -= len(words)
                kept = fields.get(part.name, ())
                fields[part.name] = (*kept, words.decode("utf-8", "replace"))
                continue
            body = await _whole(part, file_most_bytes)
            # A browser sends a field without a file as one without name and contents.
            if body or part.filename:
                files.setdefault(part.name, Upload(name=part.filename, body=body))
    except _RUBBISH as error:
        raise web.HTTPBadRequest from error
    raise web.HTTPBadRequest


async def _whole(part: aiohttp.BodyPartReader, most_bytes: int) -> bytes:
    body = bytearray()
    while not part.at_eof():
        body += await part.read_chunk(_CHUNK_BYTES)
        if len(body) > most_bytes:
            raise web.HTTPRequestEntityTooLarge(most_bytes, len(body))
    return bytes(body)
