"""Reading a form whose words may come with pictures: bounded, cleaned, never laid into a file.

Shared by the form on which tips are told and the page on which they are followed.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from bot.core.cleaning import FileCleaning, NotCleaned
from bot.core.languages import Language
from bot.core.text import clean
from bot.services.tips.receiving.pictures import MOST_PICTURES
from bot.web.forms import read_form
from bot.web.tip_door import BUSY_S, TipDoor
from bot.web.uploads import MULTIPART, UPLOAD_S, Bounds, Part, parts_of

# The name of the field, and of its fault.
PICTURES: Final = "pictures"
_MANY: Final = "tip_pictures_many"
_FILE_BYTES: Final = 20_000_000
_FIELD_BYTES: Final = 32 * 1024
_BOUNDS: Final = Bounds(
    most_parts=40,
    all_bytes=100_000_000,
    most_bytes=lambda _name, is_file: _FILE_BYTES if is_file else _FIELD_BYTES,
)
# Tells whether the words of a form are right.
Ready = Callable[[Mapping[str, str]], bool]


@dataclass(slots=True, kw_only=True)
class Sent:
    """What came with a form: words, cleaned pictures, and why files were not taken."""

    fields: dict[str, str] = field(default_factory=dict, repr=False)
    pictures: list[bytes] = field(default_factory=list, repr=False)
    had_files: bool = False
    refused: str = ""
    wait_s: int | None = None


class PictureForms:
    """Reads such forms."""

    def __init__(self, *, door: TipDoor, cleaning: FileCleaning) -> None:
        self._door = door
        self._cleaning = cleaning

    async def read(self, request: web.Request, is_ready: Ready) -> Sent:
        """Return what was sent; files are cleaned only if `is_ready` says so of the words.

        Raise `HTTPBadRequest`, `HTTPRequestEntityTooLarge`.
        """
        if request.content_type != MULTIPART:
            return Sent(fields=dict(await read_form(request)))
        sent = Sent()
        has_place = False
        try:
            async with asyncio.timeout(UPLOAD_S):
                async for part in parts_of(request, _BOUNDS):
                    if not part.is_file:
                        _note(sent, part)
                        continue
                    if not sent.had_files:
                        sent.had_files = True
                        has_place = self._begin(request, sent, is_ready)
                    await self._take(sent, part, has_place=has_place)
        except TimeoutError:
            sent.refused = "tip_pictures_slow"
        except web.HTTPRequestEntityTooLarge:
            sent.refused = "tip_pictures_large"
        finally:
            if has_place:
                self._door.end_upload()
        if not sent.fields:
            raise web.HTTPBadRequest
        is_dropped = sent.had_files and not (sent.pictures or sent.refused or sent.wait_s)
        if is_dropped and is_ready(sent.fields):
            # The words came after the files, as no browser sends them.
            sent.refused = "tip_pictures_again"
        return sent

    def _begin(self, request: web.Request, sent: Sent, is_ready: Ready) -> bool:
        """Tell whether files are worth cleaning: the words, which come first, are right."""
        if not is_ready(sent.fields):
            return False
        sent.wait_s = self._door.wait_s(request)
        if sent.wait_s:
            return False
        has_place = self._door.begin_upload()
        if not has_place:
            sent.wait_s = BUSY_S
        return has_place

    async def _take(self, sent: Sent, part: Part, *, has_place: bool) -> None:
        if not has_place or sent.refused:
            return
        if part.is_too_large:
            sent.refused = "tip_pictures_large"
            return
        try:
            cleaned = await self._cleaning.clean_all(part.body)
        except NotCleaned as error:
            sent.refused = error.reason.value
            return
        sent.pictures.extend(one.body for one in cleaned)
        if len(sent.pictures) > MOST_PICTURES:
            sent.refused = _MANY

    def fault(self, key: str, language: Language) -> str:
        """Return the sentence for why pictures were refused; `key` may be empty."""
        if not key:
            return ""
        if key == _MANY:
            return self._door.pages.say(key, language, most=MOST_PICTURES)
        say = self._door.pages.say if key.startswith("tip_") else self._door.pages.tips
        return say(key, language)


def _note(sent: Sent, part: Part) -> None:
    sent.fields.setdefault(part.name, clean(part.body.decode("utf-8", "replace")))
