"""Changing what stands on people's screens, and taking it away: corrections and recalls.

Words are changed where they stand. Which of the earlier messages is a picture is not kept
anywhere, so the text is tried first, and the caption after Telegram said that there is no text.
A message with another picture than it should have is taken away and sent anew.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from telegram import Message

from bot.channels.telegram.calls import Calls
from bot.channels.telegram.cutting import units
from bot.channels.telegram.errand import Errand
from bot.channels.telegram.errors import Standing, standing_after
from bot.channels.telegram.rendering import CAPTION_LIMIT, Part, render
from bot.channels.telegram.request import ApiRefusal
from bot.channels.telegram.uploading import Uploads
from bot.channels.telegram.writing import NO_PREVIEW, Writer, is_number
from bot.core.messages import Attachment, Outgoing
from bot.core.sending import MessageRefused

DELETED_AT_ONCE: Final = 100
# What is left of a message that nobody may take away any more.
_BLANK: Final = Part(text="…")


class Edit(StrEnum):
    """How an edit ended."""

    TEXT = "text"  # done
    CAPTION = "caption"  # done, below the right picture or file
    NO_ROOM = "no room"  # the right picture or file, but the words are too long to stand below
    OTHER_FILE = "other file"  # a picture or file that should not be there
    IMPOSSIBLE = "impossible"


_DONE: Final = frozenset({Edit.TEXT, Edit.CAPTION})
_KNOWN_AT_MOST: Final = 10_000


class Amender:
    """Corrects and recalls messages of one bot."""

    def __init__(self, calls: Calls, writer: Writer, uploads: Uploads) -> None:
        self._bot = calls.bot
        self._writer = writer
        self._uploads = uploads
        # Where another file stands than should: asked again, Telegram would tell only that the
        # words below it are right by now.
        self._other_files: set[tuple[str, str]] = set()

    async def correct(self, errand: Errand, message: Outgoing) -> tuple[str, ...]:
        """Put the words of `message` in the place of the earlier ones; return what stands now.

        What cannot be edited stays, and the words go out as a new message. Raise a `SendError`.
        """
        words = render(replace(message, attachment=None), is_group=errand.to.is_group)
        earlier = deque(message.replaces)
        standing: list[str] = []
        has_file = False
        for part in words:
            end = Edit.IMPOSSIBLE
            while earlier and end not in _DONE:
                message_id = earlier.popleft()
                end = await self._edited(errand, message_id, part, message.attachment)
                if end is Edit.OTHER_FILE:
                    return await self._sent_anew(errand, message)
                has_file = has_file or end in {Edit.CAPTION, Edit.NO_ROOM}
                if end is not Edit.IMPOSSIBLE:
                    standing.append(message_id)
            if end not in _DONE:
                standing += await self._writer.send(errand, [part])
        if message.attachment is not None and not has_file:
            file = Part(text="", attachment=message.attachment)
            standing += await self._writer.send(errand, [file])
        await self._blanked(errand, await self._deleted(errand, tuple(earlier)))
        return tuple(standing)

    async def _sent_anew(self, errand: Errand, message: Outgoing) -> tuple[str, ...]:
        parts = render(message, is_group=errand.to.is_group)
        ids = await self._writer.send(errand, parts)
        await self._blanked(errand, await self._deleted(errand, message.replaces))
        return ids

    async def recall(self, errand: Errand, message: Outgoing) -> tuple[str, ...]:
        """Take the earlier messages away; return what stands instead, often nothing.

        Where Telegram does not allow that (after 48 hours) the text takes their place. Raise
        `MessageRefused` if there is no text either.
        """
        left = await self._deleted(errand, message.replaces)
        if not left:
            return ()
        words = render(replace(message, attachment=None), is_group=errand.to.is_group)
        if not words:
            raise MessageRefused("it cannot be deleted")
        standing = [
            message_id for message_id in left if await self._worded(errand, message_id, words[0])
        ]
        if len(standing) < len(left):
            standing += await self._writer.send(errand, words)
        return tuple(standing)

    async def _deleted(self, errand: Errand, message_ids: Sequence[str]) -> list[str]:
        """Delete messages; return those that cannot be. What is not there is deleted."""
        numbers = [int(one) for one in message_ids if is_number(one)]
        left: list[str] = []
        for first in range(0, len(numbers), DELETED_AT_ONCE):
            some = numbers[first : first + DELETED_AT_ONCE]
            if await self._is_deleted(errand, some):
                continue
            # One that may not be deleted keeps all the others from it.
            alone = [number for number in some if len(some) == 1]
            left += [str(number) for number in alone]
            for number in some if not alone else ():
                if not await self._is_deleted(errand, [number]):
                    left.append(str(number))
        return left

    async def _is_deleted(self, errand: Errand, numbers: list[int]) -> bool:
        try:
            await errand.request(
                lambda: self._bot.delete_messages(chat_id=errand.to.chat, message_ids=numbers)
            )
        except ApiRefusal as refusal:
            match standing_after(refusal):
                case Standing.GONE:
                    return True
                case Standing.FIXED:
                    return False
                case _:
                    raise errand.error_of(refusal) from refusal
        return True

    async def _blanked(self, errand: Errand, message_ids: Sequence[str]) -> None:
        for message_id in message_ids:
            await self._worded(errand, message_id, _BLANK)

    async def _edited(
        self, errand: Errand, message_id: str, part: Part, attachment: Attachment | None
    ) -> Edit:
        """Edit one message, which should show `attachment` if it shows anything."""
        if not is_number(message_id):
            return Edit.IMPOSSIBLE
        standing = await self._text(errand, message_id, part)
        if standing is not Standing.NO_TEXT:
            return Edit.TEXT if standing is Standing.AS_WANTED else Edit.IMPOSSIBLE
        place = (errand.to.chat, message_id)
        if attachment is None or place in self._other_files:
            return Edit.OTHER_FILE
        standing, shown = await self._caption(errand, message_id, part)
        match standing:
            case Standing.AS_WANTED:
                if shown is not None and not await self._uploads.is_shown_in(shown, attachment):
                    self._remember(place)
                    return Edit.OTHER_FILE
                return Edit.CAPTION if _has_room(part) else Edit.NO_ROOM
            case Standing.NO_CAPTION:
                return Edit.OTHER_FILE
            case _:
                return Edit.IMPOSSIBLE

    async def _worded(self, errand: Errand, message_id: str, part: Part) -> bool:
        """Put words into one message, whatever it shows; tell whether they stand there."""
        standing = await self._text(errand, message_id, part)
        if standing is Standing.NO_TEXT:
            standing, _ = await self._caption(errand, message_id, part)
        return standing is Standing.AS_WANTED and _has_room(part)

    async def _text(self, errand: Errand, message_id: str, part: Part) -> Standing:
        standing, _ = await self._outcome(
            errand,
            lambda: self._bot.edit_message_text(
                chat_id=errand.to.chat,
                message_id=int(message_id),
                text=part.text,
                reply_markup=part.inline_keyboard,
                link_preview_options=NO_PREVIEW,
            ),
        )
        return standing

    async def _caption(
        self, errand: Errand, message_id: str, part: Part
    ) -> tuple[Standing, Message | None]:
        fits = _has_room(part)
        return await self._outcome(
            errand,
            lambda: self._bot.edit_message_caption(
                chat_id=errand.to.chat,
                message_id=int(message_id),
                # Words that are wrong must not stay below the picture in any case.
                caption=part.text if fits else "",
                reply_markup=part.inline_keyboard if fits else None,
            ),
        )

    async def _outcome(
        self, errand: Errand, call: Callable[[], Awaitable[Message | bool]]
    ) -> tuple[Standing, Message | None]:
        """Return how an edit left the message, and the message. Raise a `SendError`."""
        try:
            edited = await errand.request(call)
        except ApiRefusal as refusal:
            standing = standing_after(refusal)
            if standing is None:
                raise errand.error_of(refusal) from refusal
            return standing, None
        return Standing.AS_WANTED, edited if isinstance(edited, Message) else None

    def _remember(self, place: tuple[str, str]) -> None:
        if len(self._other_files) >= _KNOWN_AT_MOST:
            self._other_files.clear()
        self._other_files.add(place)


def _has_room(part: Part) -> bool:
    return units(part.text) <= CAPTION_LIMIT
