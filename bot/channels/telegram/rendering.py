"""How a message looks on Telegram: plain text and buttons, lines where no button can be.

Sent without a parse mode, so there is nothing to escape. Splitting long announcements is left to
the caller; only what grew by lines, or counts double over there, is cut here. The platform's own
form for a number (`asks_contact`) is not used: it hands over the telephone number and nothing
else, and nobody needs it to join.
"""

from dataclasses import dataclass, field
from typing import Final

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

from bot.channels.telegram.cutting import cut, units
from bot.core.messages import Attachment, Choice, Code, Outgoing, with_numbered_choices

TEXT_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
WORD_LIMIT_BYTES: Final = 64
BUTTONS_LIMIT: Final = 100
# Two buttons side by side on a narrow screen.
_SHORT_LABEL: Final = 18

Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message as Telegram takes it; the text beside an attachment or a code is its caption."""

    text: str = field(repr=False)
    attachment: Attachment | None = None
    code: Code | None = None
    keyboard: Keyboard | None = None

    @property
    def inline_keyboard(self) -> InlineKeyboardMarkup | None:
        """Return the buttons that hang on the message itself: an edit can have no others."""
        return self.keyboard if isinstance(self.keyboard, InlineKeyboardMarkup) else None


def render(message: Outgoing, *, is_group: bool = False) -> tuple[Part, ...]:
    """Return `message` in parts to send one after another; the buttons hang on the last.

    A choice whose word is over 64 bytes cannot be a button (callback_data); then all choices
    become numbered lines, because half a list in each form could not be read. Telephone numbers,
    and pages not over https, have no buttons at all and become lines of their own. Buttons below
    the typing field say their label, so they are for private chats and for labels that are
    understood by themselves.
    """
    text, keyboard = _with_choices(message, is_group=is_group)
    texts = cut(text, TEXT_LIMIT)
    parts = [Part(text=one) for one in texts]
    if message.attachment is not None:
        fits = len(texts) <= 1 and units(text.strip()) <= CAPTION_LIMIT
        caption = "".join(texts) if fits else ""
        shown = Part(text=caption, attachment=message.attachment)
        # The picture first: where it cannot be sent, nothing was sent.
        parts = [shown] if fits else [shown, *parts]
    if parts and keyboard is not None:
        last = parts[-1]
        parts[-1] = Part(text=last.text, attachment=last.attachment, keyboard=keyboard)
    if message.code is not None:
        # Last: the words say the same, so they never wait for it.
        parts.append(Part(text=message.code.label, code=message.code))
    return tuple(parts)


def _with_choices(message: Outgoing, *, is_group: bool) -> tuple[str, Keyboard | None]:
    taps = [choice for choice in message.choices if choice.phone is None and choice.url is None]
    stays = message.stays and not is_group
    if len(taps) > BUTTONS_LIMIT or any(not _fits(choice) for choice in taps):
        return with_numbered_choices(message), None
    lines = [_line(choice) for choice in message.choices if _is_line(choice, stays=stays)]
    buttons = [choice for choice in message.choices if not _is_line(choice, stays=stays)]
    text = "\n".join([message.text, "", *lines]) if lines else message.text
    if not buttons:
        return text, None
    if stays:
        rows = [[KeyboardButton(choice.label) for choice in row] for row in _rows(buttons)]
        return text, ReplyKeyboardMarkup(rows, resize_keyboard=True, is_persistent=True)
    return text, InlineKeyboardMarkup([[_button(choice)] for choice in buttons])


def _rows(choices: list[Choice]) -> list[list[Choice]]:
    """Return the choices in rows of two where both labels are short, else one below another."""
    rows: list[list[Choice]] = []
    for choice in choices:
        is_short = len(choice.label) <= _SHORT_LABEL
        beside = rows[-1] if rows else []
        if is_short and len(beside) == 1 and len(beside[0].label) <= _SHORT_LABEL:
            beside.append(choice)
        else:
            rows.append([choice])
    return rows


def _fits(choice: Choice) -> bool:
    return 0 < len(_word(choice).encode()) <= WORD_LIMIT_BYTES


def _word(choice: Choice) -> str:
    return choice.word or choice.label


def _is_line(choice: Choice, *, stays: bool) -> bool:
    if choice.phone is not None:
        return True
    return choice.url is not None and (stays or not choice.url.startswith("https://"))


def _line(choice: Choice) -> str:
    target = choice.phone or choice.url or ""
    return choice.label if target in choice.label else f"{choice.label}: {target}"


def _button(choice: Choice) -> InlineKeyboardButton:
    if choice.url is not None:
        return InlineKeyboardButton(choice.label, url=choice.url)
    return InlineKeyboardButton(choice.label, callback_data=_word(choice))
