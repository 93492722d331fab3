"""Reading a form that brings files: in parts (RFC 7578), each bounded, all of it in memory.

Nothing is laid into a temporary file, as aiohttp's own reading of forms would do.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp import web

from bot.web.small_parts import small_parts

# Before the gate's own limit for uploads, so that what was typed can be given back, and no log
# tells when somebody's tip did not come through.
UPLOAD_S: Final = 110.0
MULTIPART: Final = "multipart/form-data"
_CHUNK_BYTES: Final = 64 * 1024
# What comes at one stroke; more than any words, and no file of note.
_SMALL_BYTES: Final = 64 * 1024
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One field or file; `body` is empty if `is_too_large`."""

    name: str
    is_file: bool
    body: bytes = field(repr=False)
    is_too_large: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`most_bytes` says how large the part of a name may be, given whether it is a file."""

    most_parts: int
    all_bytes: int
    most_bytes: Callable[[str, bool], int]


async def parts_of(request: web.Request, bounds: Bounds) -> AsyncIterator[Part]:
    """Yield the parts in the order they come; a file without contents is none.

    What is too large is read to its end and dropped, so that the rest can still be answered.
    Raise `HTTPBadRequest`, or `HTTPRequestEntityTooLarge` for all parts together.
    """
    if 0 < (request.content_length or 0) <= _SMALL_BYTES:
        for whole in _of_small(request, await request.read(), bounds):
            yield whole
        return
    room = bounds.all_bytes
    reader = await _begun(request)
    for _ in range(bounds.most_parts):
        try:
            part = await reader.next()
            if part is None:
                return
            if not isinstance(part, aiohttp.BodyPartReader) or not part.name:
                raise web.HTTPBadRequest
            is_file = part.filename is not None
            most = bounds.most_bytes(part.name, is_file)
            body, is_too_large = bytearray(), False
            while not part.at_eof():
                chunk = await part.read_chunk(_CHUNK_BYTES)
                room -= len(chunk)
                if room < 0:
                    raise web.HTTPRequestEntityTooLarge(bounds.all_bytes, bounds.all_bytes - room)
                is_too_large = is_too_large or len(body) + len(chunk) > most
                if is_too_large:
                    body.clear()
                else:
                    body += chunk
        except _RUBBISH as error:
            raise web.HTTPBadRequest from error
        if body or is_too_large or not is_file:
            yield Part(
                name=part.name, is_file=is_file, body=bytes(body), is_too_large=is_too_large
            )
    raise web.HTTPBadRequest


def _of_small(request: web.Request, body: bytes, bounds: Bounds) -> Iterator[Part]:
    boundary = aiohttp.helpers.parse_mimetype(request.headers["Content-Type"]).parameters
    try:
        found = list(small_parts(body, boundary["boundary"]))
    except (KeyError, ValueError) as error:
        raise web.HTTPBadRequest from error
    if len(found) >= bounds.most_parts or not all(name for name, _, _ in found):
        raise web.HTTPBadRequest
    for name, is_file, contents in found:
        is_too_large = len(contents) > bounds.most_bytes(name, is_file)
        if contents or not is_file:
            kept = b"" if is_too_large else contents
            yield Part(name=name, is_file=is_file, body=kept, is_too_large=is_too_large)


async def _begun(request: web.Request) -> aiohttp.MultipartReader:
    try:
        return await request.multipart()
    except _RUBBISH as error:
        raise web.HTTPBadRequest from error
