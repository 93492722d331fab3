"""How a message looks on Zalo: texts, pictures, files, up to five buttons or numbered lines.

Splitting long announcements is left to the caller; only what grew by lines is cut here. Uploading
is left to `uploads`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bot.channels.zalo.catalogue import VISITOR_PREFIX
from bot.channels.zalo.uploads import Handle, UploadKind, kind_of
from bot.core.messages import Address, Attachment, Choice, Outgoing, with_numbered_choices
from bot.core.text import split_text

TEXT_LIMIT: Final = 2000
BUTTONS_LIMIT: Final = 5
# Sources disagree for these messages (20 or 35); the shorter is taken by both.
TITLE_LIMIT: Final = 20
PAYLOAD_LIMIT: Final = 1000

Body = dict[str, Any]
# Bodies to send one after another.
Way = tuple[Body, ...]


class Place(StrEnum):
    """Where a message is shown, which decides what it may hold."""

    PERSON = "person"
    GROUP = "group"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The words of Zalo's form for name and number, and the address of its picture."""

    title: str
    subtitle: str
    picture_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a message. Each further way takes the place of one whose shape is refused."""

    ways: tuple[Way, ...] = field(repr=False)
    # Words of it that stand in no text, such as the title of a form.
    more_words: tuple[str, ...] = ()

    @property
    def texts(self) -> Sequence[str]:
        """Return what may come back as an echo; "" of what has no words."""
        texts = [str(body.get("text", "")) for way in self.ways for body in way]
        return [*texts, *self.more_words]


def place_of(to: Address) -> Place:
    """Return where a message to this address is shown."""
    if to.is_group:
        return Place.GROUP
    return Place.VISITOR if to.chat.startswith(VISITOR_PREFIX) else Place.PERSON


def recipient_of(to: Address) -> dict[str, str]:
    """Return how Zalo is told who gets a message."""
    match place_of(to):
        case Place.GROUP:
            return {"group_id": to.chat}
        case Place.PERSON:
            return {"user_id": to.chat}
        case Place.VISITOR:
            conversation, _, visitor = to.chat.removeprefix(VISITOR_PREFIX).partition(":")
            return {"anonymous_id": visitor, "conversation_id": conversation}


def placeholder(attachment: Attachment) -> Handle:
    """Return what stands for an upload where only the words of a message are wanted."""
    return Handle(kind=kind_of(attachment), token="")


def render(
    message: Outgoing, *, place: Place, handle: Handle | None = None, form: Form | None = None
) -> Sequence[Part]:
    """Return `message` as Zalo takes it; no parts if there is nothing to say.

    `handle` is its attachment, uploaded. Buttons, quotes and forms are left out where they are
    not offered; a recalled message cannot be taken back, so only the text for that goes out.
    """
    text = with_numbered_choices(message)
    if place is Place.GROUP:
        # There "[@…]" is a mention; in words of other people it must not call anybody.
        text = text.replace("[@", "[ @")
    has_buttons = place is Place.PERSON and _has_buttons(message.choices)
    parts: list[Part] = []
    if handle is not None and handle.kind is not UploadKind.FILE:
        is_caption = not has_buttons and len(text) <= TEXT_LIMIT
        caption = {"text": text} if is_caption and text.strip() else {}
        parts.append(_part({**caption, "attachment": _shown(handle)}))
        text = "" if is_caption else text
    if text.strip():
        parts += _words(message, text, place=place, has_buttons=has_buttons)
    if handle is not None and handle.kind is UploadKind.FILE:
        parts.append(_part({"attachment": _shown(handle)}))
    if form is not None and message.asks_contact and place is Place.PERSON:
        parts.append(Part(ways=((_asking(form),), ()), more_words=(form.title,)))
    return parts


def _part(body: Body) -> Part:
    return Part(ways=((body,),))


def _words(message: Outgoing, text: str, *, place: Place, has_buttons: bool) -> Iterator[Part]:
    plain = [{"text": piece} for piece in split_text(text, TEXT_LIMIT)]
    if has_buttons:
        payload = {"buttons": [_button(choice) for choice in message.choices]}
        attachment = {"type": "template", "payload": payload}
        # Not every account may use buttons; the same choices go out as numbered lines then.
        yield Part(ways=(({"text": message.text, "attachment": attachment},), tuple(plain)))
        return
    for number, body in enumerate(plain):
        if number == 0 and message.quotes and place is not Place.VISITOR:
            quoting = {**body, "quote_message_id": message.quotes}
            yield Part(ways=((quoting,), (body,)))
        else:
            yield _part(body)


def _shown(handle: Handle) -> dict[str, Any]:
    if handle.kind is UploadKind.FILE:
        return {"type": "file", "payload": {"token": handle.token}}
    element: dict[str, Any] = {
        "media_type": handle.kind.value,
        "attachment_id": handle.token,
    }
    if handle.kind is UploadKind.GIF:
        element |= {"width": handle.width, "height": handle.height}
    return {"type": "template", "payload": {"template_type": "media", "elements": [element]}}


def _asking(form: Form) -> Body:
    element = {"title": form.title, "subtitle": form.subtitle, "image_url": form.picture_url}
    payload = {"template_type": "request_user_info", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


def _has_buttons(choices: Sequence[Choice]) -> bool:
    return 0 < len(choices) <= BUTTONS_LIMIT and all(
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
