"""Takes a multipart form apart that was read as bytes, so that it can be looked into twice."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from aiohttp import web

_PARAMETER: Final = re.compile(r';\s*([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_PERCENT: Final = re.compile(r"%(22|0D|0A)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPart:
    """One field of a form; `filename` is None unless it is a file."""

    name: str
    data: bytes
    filename: str | None = None
    content_type: str = ""


class BadMultipart(ValueError):
    """The body is not what its Content-Type says."""


async def multipart_parts(request: web.Request) -> list[FormPart]:
    """Return the parts of a multipart request; BadMultipart if it has no boundary or end."""
    boundary = request.headers.get("Content-Type", "").partition("boundary=")[2].strip().strip('"')
    pieces = (b"\r\n" + await request.read()).split(b"\r\n--" + boundary.encode())
    if not boundary or len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise BadMultipart("no boundary, or no end")
    return [_part_of(piece) for piece in pieces[1:-1]]


def _part_of(piece: bytes) -> FormPart:
    head, blank, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not blank:
        raise BadMultipart("a part without a head")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.decode().split("\r\n"))
    }
    said = {
        match[1].lower(): _unescaped(match[2]) if match[2] is not None else match[3]
        for match in _PARAMETER.finditer(headers.get("content-disposition", ""))
    }
    if "name" not in said:
        raise BadMultipart("a part without a name")
    filename = said.get("filename")
    if "filename*" in said:
        filename = unquote(said["filename*"].rpartition("''")[2])
    return FormPart(
        name=said["name"],
        data=data,
        filename=filename,
        content_type=headers.get("content-type", ""),
    )


def _unescaped(quoted: str) -> str:
    """Return a quoted value as it was meant, in the two ways browsers and clients write it."""
    plain = re.sub(r"\\(.)", r"\1", quoted)
    return _PERCENT.sub(lambda sign: chr(int(sign[1], 16)), plain)
