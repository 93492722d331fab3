"""Reading what software sent: bounded, JSON only, every field that is wrong named at once."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from bot.web.api.refusals import Refusal

BODY_MOST_BYTES: Final = 32 * 1024
_JSON: Final = "application/json"
_MISSING: Final = "missing"
_UNKNOWN: Final = "unknown field"
_MOST_NAMED: Final = 20
_NAME_LONGEST: Final = 60

Shape = TypeVar("Shape", bound=msgspec.Struct)


async def read_body(request: web.Request, shape: type[Shape]) -> Shape:
    """Return the body as `shape`. Raise `Refusal`."""
    if request.content_type != _JSON:
        raise Refusal(415, "body_not_json")
    body = await _bounded(request)
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, "body_unreadable") from error
    if not isinstance(sent, dict):
        raise Refusal(400, "body_unreadable")
    return checked(sent, shape)


def read_query(request: web.Request, shape: type[Shape]) -> Shape:
    """Return the query of the address as `shape`. Raise `Refusal`."""
    return checked(dict(request.query), shape, is_text=True)


def checked(sent: Mapping[str, Any], shape: type[Shape], *, is_text: bool = False) -> Shape:
    """Return `sent` as `shape`; `is_text`: numbers and the like stand as text.

    Raise `Refusal` that names every field that is unknown, missing or wrong.
    """
    known = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    wrong = {name[:_NAME_LONGEST]: _UNKNOWN for name in sent if name not in known}
    for name, field in known.items():
        if name not in sent:
            if field.required:
                wrong[name] = _MISSING
            continue
        try:
            msgspec.convert(sent[name], type=field.type, strict=not is_text)
        except msgspec.ValidationError as error:
            wrong[name] = str(error)
    if wrong:
        named = dict(sorted(wrong.items())[:_MOST_NAMED])
        raise Refusal(422, "fields_wrong", fields=named)
    return msgspec.convert(sent, type=shape, strict=not is_text)


async def _bounded(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_MOST_BYTES:
        raise Refusal(413, "body_too_large")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_MOST_BYTES:
            raise Refusal(413, "body_too_large")
    return bytes(body)
