"""What a browser sends when its person says something: read, checked, in our words."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from aiohttp import web

from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind
from bot.core.text import clean

LONGEST: Final = 10_000
LONGEST_WORD: Final = 200
_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


class NotUnderstood(web.HTTPBadRequest):
    """The body is not what the page sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing said. `id` is made by the browser, so that saying it twice counts once."""

    id: str
    kind: IncomingKind
    text: str = field(repr=False)
    language: Language | None
    was_cut: bool

    def incoming(self, channel_id: ChannelId, chat: str, *, at: datetime) -> Incoming:
        """Return it as something that happened in `chat`."""
        # Bound to the chat: nobody can use up the ids of somebody else.
        name = hashlib.sha256(f"{chat}|{self.id}".encode()).hexdigest()[:32]
        return Incoming(
            channel_id=channel_id,
            event_id=name,
            kind=self.kind,
            chat=chat,
            sender=chat,
            text=self.text,
            language=self.language,
            at=at,
        )


async def read_fields(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a form or of a JSON object. Raise `NotUnderstood`."""
    try:
        if request.content_type == "application/json":
            sent = json.loads(await request.read())
        else:
            sent = dict(await request.post())
    except (ValueError, LookupError, AssertionError, RecursionError) as error:
        raise NotUnderstood from error
    if not isinstance(sent, dict):
        raise NotUnderstood
    return {str(name): value for name, value in sent.items() if isinstance(value, str)}


def read_said(fields: Mapping[str, str]) -> Said:
    """Return what was said: typed `text`, the `word` of a choice, or a `start`.

    Raise `NotUnderstood` if it is none of these or has no proper id.
    """
    if not _ID.fullmatch(fields.get("id", "")):
        raise NotUnderstood
    language = fields.get("lang", "")
    for name, kind, longest in (
        ("word", IncomingKind.CHOICE, LONGEST_WORD),
        ("start", IncomingKind.START, LONGEST_WORD),
        ("text", IncomingKind.TEXT, LONGEST),
    ):
        if name not in fields:
            continue
        text = clean(fields[name][: 2 * longest])
        if not text and kind is not IncomingKind.START:
            raise NotUnderstood
        return Said(
            id=fields["id"],
            kind=kind,
            text=text[:longest],
            language=Language(language) if language in set(Language) else None,
            was_cut=len(text) > longest,
        )
    raise NotUnderstood
