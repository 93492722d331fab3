"""Putting messages on people's screens. Changing and taking them away is in `amending`."""

import logging
from collections.abc import Sequence
from typing import Final

from telegram import InputFile, LinkPreviewOptions, Message, ReplyParameters

from bot.channels.telegram.calls import Calls
from bot.channels.telegram.errand import Errand
from bot.channels.telegram.errors import Standing, standing_after
from bot.channels.telegram.rendering import Part
from bot.channels.telegram.request import ApiRefusal
from bot.channels.telegram.uploading import Cargo, Shown, Uploads
from bot.core.messages import Attachment, Code
from bot.core.sending import SendError
from bot.services.qr_codes import picture

log: Final = logging.getLogger(__name__)

NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_NO_PREVIEW: Final = NO_PREVIEW.to_dict()
# A handle that went bad, then a picture that is none: more than that is not to be mended.
_MOST_TRIES: Final = 3


class Writer:
    """Sends parts: texts, pictures, documents."""

    def __init__(self, calls: Calls, uploads: Uploads) -> None:
        self._calls = calls
        self._bot = calls.bot
        self._uploads = uploads

    async def send(
        self, errand: Errand, parts: Sequence[Part], *, quotes: str | None = None
    ) -> tuple[str, ...]:
        """Send `parts`; return Telegram's ids of them. Raise a `SendError`."""
        ids: list[str] = []
        for part in parts:
            message_id = errand.earlier_part()
            if message_id is None:
                message_id = await self._part(errand, part, None if ids else _quoted(quotes))
                errand.note(message_id)
            if message_id:
                ids.append(message_id)
        return tuple(ids)

    async def _part(self, errand: Errand, part: Part, answered: ReplyParameters | None) -> str:
        if part.code is not None:
            return await self._code(errand, part, part.code)
        if part.attachment is None:
            return str(await self._text(errand, part, answered))
        sent = await self._file(errand, part, part.attachment, answered)
        return str(sent.message_id)

    async def _text(self, errand: Errand, part: Part, answered: ReplyParameters | None) -> int:
        fields: dict[str, object] = {
            "chat_id": errand.to.chat,
            "text": part.text,
            "link_preview_options": _NO_PREVIEW,
        }
        if part.keyboard is not None:
            fields["reply_markup"] = part.keyboard.to_dict()
        if answered is not None:
            fields["reply_parameters"] = answered.to_dict()
        try:
            return await errand.request(lambda: self._calls.send_text(fields))
        except ApiRefusal as refusal:
            raise errand.error_of(refusal) from refusal

    async def _code(self, errand: Errand, part: Part, code: Code) -> str:
        """Send a QR code; return "" if it cannot be: the words it says stand there already."""
        drawn = InputFile(picture(code.content), filename="ma-qr.png")
        try:
            sent = await errand.request(
                lambda: self._bot.send_photo(
                    chat_id=errand.to.chat, photo=drawn, caption=part.text or None
                )
            )
        except (ApiRefusal, SendError) as error:
            log.warning("telegram.code_not_sent", extra={"error": type(error).__name__})
            return ""
        return str(sent.message_id)

    async def _file(
        self,
        errand: Errand,
        part: Part,
        attachment: Attachment,
        answered: ReplyParameters | None,
    ) -> Message:
        tries = 0
        while True:
            tries += 1
            async with self._uploads.taken(attachment) as cargo:
                try:
                    sent = await errand.request(lambda: self._shown(errand, part, cargo, answered))
                except ApiRefusal as refusal:
                    if tries == _MOST_TRIES or not await self._mended(attachment, cargo, refusal):
                        raise errand.error_of(refusal) from refusal
                else:
                    await self._uploads.landed(attachment, cargo, sent)
                    return sent

    async def _mended(self, attachment: Attachment, cargo: Cargo, refusal: ApiRefusal) -> bool:
        """Tell whether the file can be tried in another way after `refusal`."""
        match standing_after(refusal):
            case Standing.FILE_UNKNOWN if not cargo.is_upload:
                await self._uploads.forget(attachment)
                return True
            case Standing.NO_PHOTO if cargo.shown is Shown.PHOTO:
                self._uploads.show_as_document(attachment)
                if not cargo.is_upload:
                    await self._uploads.forget(attachment)
                return True
            case _:
                return False

    async def _shown(
        self, errand: Errand, part: Part, cargo: Cargo, answered: ReplyParameters | None
    ) -> Message:
        if cargo.shown is Shown.PHOTO:
            return await self._bot.send_photo(
                chat_id=errand.to.chat,
                photo=cargo.file,
                caption=part.text or None,
                reply_markup=part.keyboard,
                reply_parameters=answered,
            )
        return await self._bot.send_document(
            chat_id=errand.to.chat,
            document=cargo.file,
            caption=part.text or None,
            reply_markup=part.keyboard,
            reply_parameters=answered,
        )


def _quoted(message_id: str | None) -> ReplyParameters | None:
    """Return what makes a message an answer; one that was deleted meanwhile is left out."""
    if message_id is None or not is_number(message_id):
        return None
    return ReplyParameters(message_id=int(message_id), allow_sending_without_reply=True)


def is_number(text: str) -> bool:
    """Tell whether an id of a message is one of Telegram's."""
    return text.isascii() and text.isdigit()
