"""Reading what a form sent: bounded, decoded leniently, cleaned of invisible characters.

A form that takes a file comes in parts (RFC 7578); `console.uploads` reads those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from bot.core.text import clean
from console.moments import number

LONGEST_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 100
_URLENCODED: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file somebody picked. Its name is what their machine calls it; nothing of it is proven."""

    name: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of one form; a missing field reads as empty, a file not picked is not there."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    files: Mapping[str, Upload] = field(default_factory=dict, repr=False)

    def raw(self, name: str) -> str:
        """Return the first value exactly as it was typed: for passwords and tokens."""
        return self.fields.get(name, ("",))[0]

    def text(self, name: str) -> str:
        """Return the first value in NFC, trimmed, without invisible characters."""
        return clean(self.raw(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that may be picked several times."""
        return tuple(clean(value) for value in self.fields.get(name, ()))

    def is_ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self.raw(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a field: the key of a sentence in `templates/words.html`."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def told(self) -> Mapping[str, object]:
        """What the sentence is filled with: numbers as people write them."""
        return {
            name: number(one) if isinstance(one, int) else one for name, one in self.values.items()
        }


async def read_form(request: web.Request) -> Form:
    """Return the form of a request.

    Raise `HTTPRequestEntityTooLarge`, `HTTPUnsupportedMediaType` or `HTTPBadRequest`.
    """
    if request.content_type != _URLENCODED:
        raise web.HTTPUnsupportedMediaType
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LONGEST_BYTES:
            raise web.HTTPRequestEntityTooLarge(LONGEST_BYTES, len(body))
    try:
        fields = parse_qs(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise web.HTTPBadRequest from error
    return Form(fields={name: tuple(values) for name, values in fields.items()})
