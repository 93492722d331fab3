"""Changing what stands on people's screens, and taking it away: corrections and recalls.

An attachment stays where it is: a correction changes words. Which of the earlier messages is a
picture is not kept anywhere, so the text is tried first and the caption after Telegram said that
there is no text.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from bot.channels.telegram.calls import Calls
from bot.channels.telegram.cutting import units
from bot.channels.telegram.errand import Errand
from bot.channels.telegram.errors import Standing, standing_after
from bot.channels.telegram.rendering import CAPTION_LIMIT, Part, render
from bot.channels.telegram.request import ApiRefusal
from bot.channels.telegram.writing import NO_PREVIEW, Writer, is_number
from bot.core.messages import Outgoing
from bot.core.sending import MessageRefused

DELETED_AT_ONCE: Final = 100
# What is left of a message that nobody may take away any more.
_BLANK: Final = Part(text="…")


class Edit(StrEnum):
    """How an edit ended."""

    DONE = "done"
    # It is a picture or a file, and the words are too long to stand under it.
    NO_ROOM = "no room"
    IMPOSSIBLE = "impossible"


class Amender:
    """Corrects and recalls messages of one bot."""

    def __init__(self, calls: Calls, writer: Writer) -> None:
        self._bot = calls.bot
        self._writer = writer

    async def correct(self, errand: Errand, message: Outgoing) -> tuple[str, ...]:
        """Put the words of `message` in the place of the earlier ones; return what stands now.

        What cannot be edited stays, and the words go out as a new message. Raise a `SendError`.
        """
        words = render(replace(message, attachment=None), is_group=errand.to.is_group)
        earlier = deque(message.replaces)
        standing: list[str] = []
        has_file = False
        for part in words:
            edited = False
            while earlier and not edited:
                message_id = earlier.popleft()
                end, is_file = await self._edited(errand, message_id, part)
                has_file = has_file or is_file
                edited = end is Edit.DONE
                if end is not Edit.IMPOSSIBLE:
                    standing.append(message_id)
            if not edited:
                standing += await self._writer.send(errand, [part])
        if message.attachment is not None and not has_file:
            file = Part(text="", attachment=message.attachment)
            standing += await self._writer.send(errand, [file])
        await self._blanked(errand, await self._deleted(errand, tuple(earlier)))
        return tuple(standing)

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
            message_id
            for message_id in left
            if (await self._edited(errand, message_id, words[0]))[0] is Edit.DONE
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
            await self._edited(errand, message_id, _BLANK)

    async def _edited(self, errand: Errand, message_id: str, part: Part) -> tuple[Edit, bool]:
        """Edit one message; return how it ended and whether it shows a picture or a file."""
        if not is_number(message_id):
            return Edit.IMPOSSIBLE, False
        number, chat = int(message_id), errand.to.chat
        standing = await self._outcome(
            errand,
            lambda: self._bot.edit_message_text(
                chat_id=chat,
                message_id=number,
                text=part.text,
                reply_markup=part.inline_keyboard,
                link_preview_options=NO_PREVIEW,
            ),
        )
        if standing is not Standing.NO_TEXT:
            return (Edit.DONE if standing is Standing.AS_WANTED else Edit.IMPOSSIBLE), False
        fits = units(part.text) <= CAPTION_LIMIT
        standing = await self._outcome(
            errand,
            lambda: self._bot.edit_message_caption(
                chat_id=chat,
                message_id=number,
                # Words that are wrong must not stay under the picture in any case.
                caption=part.text if fits else "",
                reply_markup=part.inline_keyboard if fits else None,
            ),
        )
        match standing:
            case Standing.AS_WANTED:
                return (Edit.DONE if fits else Edit.NO_ROOM), True
            case Standing.NO_CAPTION:
                return Edit.NO_ROOM, True
            case _:
                return Edit.IMPOSSIBLE, False

    async def _outcome(self, errand: Errand, call: Callable[[], Awaitable[object]]) -> Standing:
        """Return how an edit left the message. Raise a `SendError` for anything else."""
        try:
            await errand.request(call)
        except ApiRefusal as refusal:
            standing = standing_after(refusal)
            if standing is None:
                raise errand.error_of(refusal) from refusal
            return standing
        return Standing.AS_WANTED
