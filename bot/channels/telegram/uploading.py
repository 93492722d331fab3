"""Pictures and documents on their way out: uploaded once, afterwards named by their handle.

Telegram's handles (file_id) do not run out, but are good for one bot and one way of showing only,
so what is remembered is both, and by what the same file is known again: `photo:AgAC…:AQAD…`.
Sending is left to `writing`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from telegram import Document, InputFile, Message, PhotoSize

from bot.core.channels import AttachmentStore
from bot.core.errors import NotFound, StorageTrouble
from bot.core.ids import AttachmentId, ChannelId
from bot.core.messages import Attachment, AttachmentKind
from bot.core.sending import MessageRefused, PlatformTrouble, SlowedDown
from bot.core.time import Clock

log: Final = logging.getLogger(__name__)

PHOTO_LIMIT_BYTES: Final = 10 * 1024 * 1024
DOCUMENT_LIMIT_BYTES: Final = 50 * 1024 * 1024
HANDLE_LASTS: Final = timedelta(days=3650)
# Somebody else uploads the same; after this the message steps back and lets others go first.
WAIT_FOR_UPLOAD_S: Final = 2.0
STEP_BACK_S: Final = 3.0
_KNOWN_AT_MOST: Final = 500


class Shown(StrEnum):
    """How Telegram shows a file."""

    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cargo:
    """A file ready to be put into a call: its handle, or its bytes for the first time.

    `mark` is the same for the same file in every message, unlike its handle.
    """

    shown: Shown
    file: str | InputFile = field(repr=False)
    mark: str = field(default="", repr=False)

    @property
    def is_upload(self) -> bool:
        """Tell whether the bytes go along."""
        return not isinstance(self.file, str)


class Uploads:
    """What one bot has uploaded."""

    def __init__(self, channel_id: ChannelId, *, store: AttachmentStore, clock: Clock) -> None:
        self._channel_id = channel_id
        self._store = store
        self._clock = clock
        self._known: dict[AttachmentId, Cargo] = {}
        self._under_way: dict[AttachmentId, asyncio.Event] = {}
        # Pictures that Telegram will not show as such, and files it does not take at all.
        self._as_documents: set[AttachmentId] = set()
        self._refused: dict[AttachmentId, str] = {}

    @asynccontextmanager
    async def taken(self, attachment: Attachment) -> AsyncIterator[Cargo]:
        """Give the file to send; while its bytes are on their way nobody else uploads them.

        Raise `MessageRefused` for a file Telegram will not take, `SlowedDown` while somebody
        else takes long over the same upload, `PlatformTrouble` if it cannot be read just now.
        """
        try:
            cargo = await self._take(attachment)
        except StorageTrouble as error:
            raise PlatformTrouble("the attachment cannot be read") from error
        try:
            yield cargo
        finally:
            if cargo.is_upload:
                self._make_way(attachment.id)

    async def landed(self, attachment: Attachment, cargo: Cargo, message: Message) -> None:
        """Remember the handle of what was uploaded just now."""
        file = file_in(message)
        if cargo.is_upload and file is not None:
            handle, mark = file.file_id, file.file_unique_id
            self._remember(attachment.id, Cargo(shown=cargo.shown, file=handle, mark=mark))
            await self._note(attachment.id, f"{cargo.shown}:{handle}:{mark}")

    async def is_shown_in(self, message: Message, attachment: Attachment) -> bool:
        """Tell whether `message` shows just this file; what was never uploaded is nowhere."""
        try:
            known = await self._found(attachment)
        except StorageTrouble as error:
            raise PlatformTrouble("the attachment cannot be looked up") from error
        file = file_in(message)
        return known is not None and file is not None and known.mark == file.file_unique_id

    async def forget(self, attachment: Attachment) -> None:
        """Forget a handle that is of no use any more; the next one uploads again."""
        self._known.pop(attachment.id, None)
        await self._note(attachment.id, "")

    def show_as_document(self, attachment: Attachment) -> None:
        """Send a picture as a document from now on: Telegram cannot make a photo of it."""
        self._as_documents.add(attachment.id)

    def refuse(self, attachment: Attachment, why: str) -> None:
        """Do not upload again what Telegram has refused for what it is."""
        if len(self._refused) >= _KNOWN_AT_MOST:
            self._refused.clear()
        self._refused[attachment.id] = why

    async def _take(self, attachment: Attachment) -> Cargo:
        while (known := await self._found(attachment)) is None:
            if attachment.id in self._refused:
                raise MessageRefused(self._refused[attachment.id])
            if attachment.id not in self._under_way:
                return await self._loaded(attachment)
            await self._wait_for(self._under_way[attachment.id])
        return known

    async def _found(self, attachment: Attachment) -> Cargo | None:
        if attachment.id in self._known:
            return self._known[attachment.id]
        stored = await self._store.uploaded(self._channel_id, attachment.id) or ""
        shown, _, rest = stored.partition(":")
        handle, _, mark = rest.partition(":")
        if not handle or shown not in set(Shown):
            return None
        cargo = Cargo(shown=Shown(shown), file=handle, mark=mark)
        self._remember(attachment.id, cargo)
        return cargo

    async def _loaded(self, attachment: Attachment) -> Cargo:
        self._under_way[attachment.id] = asyncio.Event()
        try:
            return await self._read(attachment)
        except BaseException:
            self._make_way(attachment.id)
            raise

    async def _read(self, attachment: Attachment) -> Cargo:
        try:
            body = await self._store.read(attachment.id)
        except NotFound:
            raise MessageRefused("the attachment is not there any more") from None
        if not 0 < len(body) <= DOCUMENT_LIMIT_BYTES:
            raise MessageRefused(f"an attachment of {len(body)} bytes")
        is_photo = (
            attachment.kind is AttachmentKind.PICTURE
            and len(body) <= PHOTO_LIMIT_BYTES
            and attachment.id not in self._as_documents
        )
        return Cargo(
            shown=Shown.PHOTO if is_photo else Shown.DOCUMENT,
            file=InputFile(body, filename=attachment.name),
        )

    async def _wait_for(self, upload: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(WAIT_FOR_UPLOAD_S):
                await upload.wait()
        except TimeoutError:
            raise SlowedDown(
                STEP_BACK_S, whole_channel=False, text="its attachment is being uploaded"
            ) from None

    def _remember(self, attachment_id: AttachmentId, cargo: Cargo) -> None:
        if len(self._known) >= _KNOWN_AT_MOST:
            self._known.clear()
        self._known[attachment_id] = cargo

    async def _note(self, attachment_id: AttachmentId, token: str) -> None:
        until = self._clock.now() + HANDLE_LASTS
        try:
            await self._store.note_upload(self._channel_id, attachment_id, token, until=until)
        except StorageTrouble:
            # The message has arrived all the same; the next process uploads once more.
            log.warning("telegram.upload_not_noted", extra={"channel_id": self._channel_id})

    def _make_way(self, attachment_id: AttachmentId) -> None:
        upload = self._under_way.pop(attachment_id, None)
        if upload is not None:
            upload.set()


def file_in(message: Message) -> PhotoSize | Document | None:
    """Return the picture or document a message shows, the picture in its largest size."""
    # Telegram shows a document with a moving picture as an animation, and fills both fields.
    return message.photo[-1] if message.photo else message.document
