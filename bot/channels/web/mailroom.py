"""The letters of a mailbox, opened for the browser that holds its key."""

import base64
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.core.ids import ConversationKey
from bot.core.messages import Attachment, AttachmentKind, Choice, Code
from bot.core.sealing import SealBroken
from bot.core.storage import Letter, Storage
from bot.services.envelopes import Envelopes
from bot.services.qr_codes import picture

log = logging.getLogger(__name__)

_BATCH: Final = 100
# A page that shows more takes a phone long to draw; older letters stay in the mailbox.
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLetter:
    """One letter as a page shows it."""

    number: int
    text: str = field(repr=False)
    choices: tuple[Choice, ...]
    is_secret: bool
    at: datetime
    attachment: Attachment | None = None
    code: Code | None = None

    @property
    def is_picture(self) -> bool:
        """Tell whether what came with the letter is to be looked at."""
        return self.attachment is not None and self.attachment.kind is AttachmentKind.PICTURE

    @property
    def drawn_code(self) -> str:
        """Return the QR code as the address of a picture that stands in the page, else ""."""
        if self.code is None:
            return ""
        return f"data:image/png;base64,{base64.b64encode(picture(self.code.content)).decode()}"

    def spelled(self) -> dict[str, object]:
        """Return the letter as JSON for the page's script."""
        return {
            "n": self.number,
            "text": self.text,
            "choices": [_spelled(choice) for choice in self.choices],
            "secret": self.is_secret,
            **self._enclosed(),
            **({"code": {"src": self.drawn_code, "label": self.code.label}} if self.code else {}),
        }

    def _enclosed(self) -> dict[str, object]:
        if self.attachment is None:
            return {}
        name, kind = self.attachment.name, self.attachment.kind.value
        return {"enclosed": {"id": self.attachment.id, "name": name, "kind": kind}}


class Mailroom:
    """Opens letters. `public_url` is the one place beside https: that a letter may link to."""

    def __init__(self, *, storage: Storage, envelopes: Envelopes, public_url: str) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._public_url = public_url

    async def after(self, mailbox: ConversationKey, number: int) -> tuple[list[OpenLetter], int]:
        """Return the next letters after `number`, at most a hundred, and how far that was."""
        async with self._storage.read() as work:
            letters = await work.mailboxes.after(mailbox, number, limit=_BATCH)
        return self._opened(mailbox, letters), letters[-1].number if letters else number

    async def newest(self, mailbox: ConversationKey) -> list[OpenLetter]:
        """Return the newest letters, oldest of them first."""
        letters: list[Letter] = []
        async with self._storage.read() as work:
            while True:
                last = letters[-1].number if letters else 0
                batch = await work.mailboxes.after(mailbox, last, limit=_BATCH)
                letters = [*letters, *batch][-_SHOWN:]
                if len(batch) < _BATCH:
                    break
        return self._opened(mailbox, letters)

    def _opened(self, mailbox: ConversationKey, letters: Sequence[Letter]) -> list[OpenLetter]:
        opened: list[OpenLetter] = []
        for letter in letters:
            try:
                message = self._envelopes.open_letter(mailbox, letter.sealed)
            except SealBroken:
                # One letter that nobody can read must not hide those after it.
                log.exception("letter.broken", extra={"number": letter.number})
                continue
            opened.append(
                OpenLetter(
                    number=letter.number,
                    text=message.text,
                    choices=tuple(one for one in message.choices if self._may_show(one)),
                    is_secret=message.is_secret,
                    at=letter.put_at,
                    attachment=message.attachment,
                    code=message.code,
                )
            )
        return opened

    def _may_show(self, choice: Choice) -> bool:
        if choice.url is None:
            return True
        return urlsplit(choice.url).scheme == "https" or choice.url.startswith(
            f"{self._public_url}/"
        )


def _spelled(choice: Choice) -> dict[str, str]:
    if choice.phone:
        return {"label": choice.label, "phone": choice.phone}
    if choice.url:
        return {"label": choice.label, "url": choice.url}
    return {"label": choice.label, "word": choice.word}
