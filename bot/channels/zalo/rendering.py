"""How a message looks on Zalo: text with up to five buttons, else numbered lines.

Splitting long announcements is left to the caller; only what grew by lines is cut here.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from bot.core.messages import Choice, Outgoing, with_numbered_choices
from bot.core.text import split_text

TEXT_LIMIT: Final = 2000
BUTTONS_LIMIT: Final = 5
# Sources disagree for these messages (20 or 35); the shorter is taken by both.
TITLE_LIMIT: Final = 20
PAYLOAD_LIMIT: Final = 1000

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Message bodies to send one after another; `fallback` replaces a refused one with buttons."""

    bodies: tuple[Body, ...] = field(repr=False)
    fallback: tuple[Body, ...] = field(default=(), repr=False)


def render(message: Outgoing, *, is_group: bool) -> Rendered:
    """Return `message` as Zalo takes it. Buttons are not offered in groups."""
    plain = _plain(with_numbered_choices(message), is_group=is_group)
    if is_group or not message.choices or not _has_button_for_all(message.choices):
        return Rendered(bodies=plain)
    payload = {"buttons": [_button(choice) for choice in message.choices]}
    body: Body = {
        "text": message.text,
        "attachment": {"type": "template", "payload": payload},
    }
    return Rendered(bodies=(body,), fallback=plain)


def _plain(text: str, *, is_group: bool) -> tuple[Body, ...]:
    if is_group:
        # There "[@…]" is a mention; in words of other people it must not call anybody.
        text = text.replace("[@", "[ @")
    return tuple({"text": part} for part in split_text(text, TEXT_LIMIT))


def _has_button_for_all(choices: tuple[Choice, ...]) -> bool:
    return len(choices) <= BUTTONS_LIMIT and all(
        0 < len(choice.label) <= TITLE_LIMIT and len(_word(choice)) <= PAYLOAD_LIMIT
        for choice in choices
    )


def _word(choice: Choice) -> str:
    return choice.word or choice.label


def _button(choice: Choice) -> dict[str, Any]:
    if choice.phone is not None:
        phone = {"phone_code": choice.phone}
        return {"title": choice.label, "type": "oa.open.phone", "payload": phone}
    if choice.url is not None:
        return {"title": choice.label, "type": "oa.open.url", "payload": {"url": choice.url}}
    # Hidden: what comes back is a word of ours, which would stand in the chat as if typed.
    return {"title": choice.label, "type": "oa.query.hide", "payload": _word(choice)}
