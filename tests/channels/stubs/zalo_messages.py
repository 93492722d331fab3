"""What a message to a person or a group may look like. Leaves who may get it to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from tests.channels.stubs.sent_log import SentButton, SentFile
from tests.channels.stubs.zalo_answers import ZaloRefusal, too_much, wrong

TEXT_MAX: Final = 2000
BUTTONS_MAX: Final = 5
QUERY_PAYLOAD_MAX: Final = 1000
QUERY_KINDS: Final = frozenset({"oa.query.show", "oa.query.hide"})

_PAYLOAD_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "oa.open.url": ("url",),
    "oa.open.sms": ("phone_code", "content"),
    "oa.open.phone": ("phone_code",),
}
_BY_UPLOAD_ONLY: Final = frozenset({"sticker"})
_MEDIA_KINDS: Final = frozenset({"image", "gif", "sticker"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessage:
    """A message whose shape is right; `event` is the suffix of its echo (`text`, `image` ...)."""

    text: str
    event: str = "text"
    buttons: tuple[SentButton, ...] = ()
    file: SentFile | None = None
    quotes: str = ""
    asks_for_info: bool = False


def object_at(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return the object under `name`; -201 if there is none."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise wrong(f"{name} is invalid", rule=f"{name} is an object")
    return cast(Mapping[str, object], value)


def string_at(body: Mapping[str, object], name: str) -> str:
    """Return the string under `name`; -201 if there is none, also for ids sent as numbers."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise wrong(f"{name} is invalid", rule=f"{name} is a string")
    return value


def read_message(message: Mapping[str, object]) -> ReadMessage:
    """Return what a `message` object says; ZaloRefusal -201, -210 or -233 if it cannot be sent."""
    unknown = set(message) - {"text", "attachment", "quote_message_id"}
    if unknown:
        name = min(unknown)
        raise wrong(f"{name} is invalid", rule=f"no {name[:30]} in a message")
    text = _text(message.get("text"))
    quotes = string_at(message, "quote_message_id") if "quote_message_id" in message else ""
    if "attachment" not in message:
        if not text.strip():
            raise wrong("text is empty", rule="a message has a text")
        return ReadMessage(text=text, quotes=quotes)
    attachment = object_at(message, "attachment")
    payload = object_at(attachment, "payload")
    match attachment.get("type"):
        case "file":
            if text:
                raise wrong("text is invalid", rule="no text beside a file")
            file = SentFile(kind="file", reference=string_at(payload, "token"))
            return ReadMessage(text=text, event="file", file=file, quotes=quotes)
        case "template" if "elements" in payload:
            return _with_element(payload, text=text, quotes=quotes)
        case "template":
            if not text.strip():
                raise wrong("text is empty", rule="buttons stand under a text")
            return ReadMessage(text=text, buttons=_buttons(payload), quotes=quotes)
        case _:
            raise wrong("attachment type is invalid", rule="a file or a template")


def _text(text: object) -> str:
    if text is None:
        return ""
    if not isinstance(text, str):
        raise wrong("text is invalid", rule="text is a string")
    if len(text) > TEXT_MAX:
        raise too_much(f"text is longer than {TEXT_MAX}", rule=f"text at most {TEXT_MAX}")
    return text


def _with_element(payload: Mapping[str, object], *, text: str, quotes: str) -> ReadMessage:
    elements = payload["elements"]
    if not isinstance(elements, list) or not elements or not isinstance(elements[0], dict):
        raise wrong("elements is invalid", rule="elements are objects")
    if len(elements) > 1:
        raise too_much("too many elements", rule="one element")
    element = cast(Mapping[str, object], elements[0])
    match payload.get("template_type"):
        case "media":
            file = _media(element)
            return ReadMessage(text=text, event=file.kind, file=file, quotes=quotes)
        case "request_user_info":
            for name in ("title", "subtitle", "image_url"):
                string_at(element, name)
            title = string_at(element, "title")
            return ReadMessage(text=text or title, event="template", asks_for_info=True)
        case _:
            raise ZaloRefusal(
                -233, "template_type is not supported", rule="a template_type that exists"
            )


def _media(element: Mapping[str, object]) -> SentFile:
    kind = string_at(element, "media_type")
    if kind not in _MEDIA_KINDS:
        raise wrong("media_type is invalid", rule="media is an image, gif or sticker")
    if kind == "gif":
        for name in ("width", "height"):
            if not isinstance(element.get(name), int):
                raise wrong(f"{name} is invalid", rule="a gif has width and height")
    if "attachment_id" in element or kind in _BY_UPLOAD_ONLY:
        return SentFile(kind=kind, reference=string_at(element, "attachment_id"))
    return SentFile(kind=kind, name=string_at(element, "url"))


def _buttons(payload: Mapping[str, object]) -> tuple[SentButton, ...]:
    buttons = payload.get("buttons")
    if not isinstance(buttons, list) or not buttons:
        raise wrong("buttons is invalid", rule="buttons are a list")
    if len(buttons) > BUTTONS_MAX:
        raise too_much("too many buttons", rule=f"at most {BUTTONS_MAX} buttons")
    return tuple(_button(button) for button in buttons)


def _button(written: object) -> SentButton:
    button = object_at({"button": written}, "button")
    title, kind = string_at(button, "title"), string_at(button, "type")
    if kind in QUERY_KINDS:
        payload = string_at(button, "payload")
        if len(payload) > QUERY_PAYLOAD_MAX:
            raise too_much("payload is too long", rule=f"payload at most {QUERY_PAYLOAD_MAX}")
        return SentButton(title=title, kind=kind, payload=payload)
    if kind not in _PAYLOAD_KEYS:
        raise wrong("button type is invalid", rule="a button type that exists")
    parts = object_at(button, "payload")
    values = [string_at(parts, name) for name in _PAYLOAD_KEYS[kind]]
    if kind == "oa.open.url" and not values[0].startswith(("https://", "http://")):
        raise wrong("url is invalid", rule="a button's url is a link")
    return SentButton(title=title, kind=kind, payload=values[0])
