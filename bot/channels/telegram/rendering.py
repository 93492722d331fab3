"""How a message looks on Telegram: plain text and inline buttons, lines where no button can be.

Sent without a parse mode, so there is nothing to escape. Splitting long announcements is left to
the caller; only what grew by lines, or counts double over there, is cut here.
"""

from dataclasses import dataclass, field
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.core.messages import Choice, Outgoing, with_numbered_choices
from bot.core.text import split_text

TEXT_LIMIT: Final = 4096
WORD_LIMIT_BYTES: Final = 64
BUTTONS_LIMIT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The texts to send one after another; the buttons hang on the last of them."""

    texts: tuple[str, ...] = field(repr=False)
    keyboard: InlineKeyboardMarkup | None = None


def render(message: Outgoing) -> Rendered:
    """Return `message` as Telegram takes it.

    A choice whose word is over 64 bytes cannot be a button (callback_data); then all choices
    become numbered lines, because half a list in each form could not be read. Telephone numbers,
    and pages not over https, have no buttons at all and become lines of their own.
    """
    taps = [choice for choice in message.choices if choice.phone is None and choice.url is None]
    if len(taps) > BUTTONS_LIMIT or any(not _fits(choice) for choice in taps):
        return Rendered(texts=_cut(with_numbered_choices(message)))
    lines = [_line(choice) for choice in message.choices if _is_line(choice)]
    text = "\n".join([message.text, "", *lines]) if lines else message.text
    rows = [[_button(choice)] for choice in message.choices if not _is_line(choice)]
    return Rendered(texts=_cut(text), keyboard=InlineKeyboardMarkup(rows) if rows else None)


def _fits(choice: Choice) -> bool:
    return 0 < len(_word(choice).encode()) <= WORD_LIMIT_BYTES


def _word(choice: Choice) -> str:
    return choice.word or choice.label


def _is_line(choice: Choice) -> bool:
    if choice.phone is not None:
        return True
    return choice.url is not None and not choice.url.startswith("https://")


def _line(choice: Choice) -> str:
    target = choice.phone or choice.url or ""
    return choice.label if target in choice.label else f"{choice.label}: {target}"


def _button(choice: Choice) -> InlineKeyboardButton:
    if choice.url is not None:
        return InlineKeyboardButton(choice.label, url=choice.url)
    return InlineKeyboardButton(choice.label, callback_data=_word(choice))


def _cut(text: str) -> tuple[str, ...]:
    if not text.strip():
        return ()
    # Telegram counts UTF-16 units, we count code points; an emoji is two units over there.
    parts = split_text(text, TEXT_LIMIT)
    if any(_units(part) > TEXT_LIMIT for part in parts):
        parts = split_text(text, TEXT_LIMIT // 2)
    return tuple(parts)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
