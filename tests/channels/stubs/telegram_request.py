"""Reads a Bot API call however it was written: query, JSON, form, multipart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qsl

from aiohttp import web

from tests.channels.stubs.multipart_body import FormPart, multipart_parts


class TelegramRefusal(Exception):
    """The Bot API says no; `rule` is set if the caller broke one, None if the world just is so."""

    def __init__(
        self,
        code: int,
        description: str,
        *,
        rule: str | None = None,
        parameters: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.rule = rule
        self.parameters = dict(parameters or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came in a multipart body."""

    name: str
    data: bytes

    @property
    def size_bytes(self) -> int:
        """Return how long it is."""
        return len(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The parameters of one call; forms write everything as strings, JSON does not."""

    values: Mapping[str, object]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """Return a string, or None if it is not there."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise TelegramRefusal(
            400, f'Bad Request: field "{name}" must be of type String', rule=f"{name} is a string"
        )

    def integer(self, name: str, default: int | None = None) -> int | None:
        """Return a whole number, or `default` if it is not there."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            if isinstance(value, int | str) and not isinstance(value, bool):
                return int(value)
        except ValueError:
            pass
        raise TelegramRefusal(
            400, f'Bad Request: field "{name}" must be a Number', rule=f"{name} is a number"
        )

    def flag(self, name: str) -> bool:
        """Return a yes or no; absent is no."""
        return self.values.get(name) in {True, "true", "True", "1"}

    def structure(self, name: str) -> object:
        """Return a list or an object; a string holds it as JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return cast(object, json.loads(value))
        except ValueError:
            raise TelegramRefusal(
                400, f"Bad Request: can't parse {name} JSON object", rule=f"{name} is JSON"
            ) from None


async def read_params(request: web.Request) -> Params:
    """Return the parameters of a call; TelegramRefusal if the body cannot be read."""
    values: dict[str, object] = dict(request.query)
    uploads: dict[str, Upload] = {}
    match request.content_type if request.body_exists else "":
        case "application/json":
            values |= _json_object(await request.read())
        case "application/x-www-form-urlencoded":
            values |= dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        case "multipart/form-data":
            for part in await _parts(request):
                if part.filename is None:
                    values[part.name] = part.data.decode()
                else:
                    uploads[part.name] = Upload(name=part.filename, data=part.data)
        case _:
            pass  # no body, or one the server does not look into
    return Params(values=values, uploads=uploads)


async def raw_of(request: web.Request) -> bytes:
    """Return what a fault may look into to find its chat: everything but the files."""
    if request.content_type != "multipart/form-data":
        return request.query_string.encode() + b" " + await request.read()
    plain = [part.data for part in await _parts(request) if part.filename is None]
    return b" ".join([request.query_string.encode(), *plain])


async def _parts(request: web.Request) -> list[FormPart]:
    try:
        return await multipart_parts(request)
    except ValueError:
        raise TelegramRefusal(
            400, "Bad Request: can't parse multipart form", rule="a multipart body is whole"
        ) from None


def _json_object(raw: bytes) -> dict[str, object]:
    try:
        body: object = json.loads(raw or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise TelegramRefusal(
            400, "Bad Request: can't parse JSON object", rule="the body is a JSON object"
        )
    return cast(dict[str, object], body)


def refused_page(refusal: TelegramRefusal) -> web.Response:
    """Return a refusal as the Bot API sends it."""
    body: dict[str, object] = {
        "ok": False,
        "error_code": refusal.code,
        "description": refusal.description,
    }
    headers = {}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.Response(
        status=refusal.code,
        text=json.dumps(body),
        content_type="application/json",
        headers=headers,
    )
