"""What the Bot API takes as `reply_markup`: buttons under a message, or under the input field."""

from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from tests.channels.stubs.sent_log import SentButton
from tests.channels.stubs.telegram_request import Params, TelegramRefusal

CALLBACK_DATA_MAX_BYTES: Final = 64
PLACEHOLDER_MAX: Final = 64
# The server cuts keyboards beyond this; a caller should never come near.
BUTTONS_MAX: Final = 300

_INLINE_KINDS: Final = (
    *("url", "callback_data", "web_app", "login_url", "switch_inline_query"),
    *("switch_inline_query_current_chat", "copy_text", "pay"),
)
_PRIVATE_KINDS: Final = ("request_contact", "request_location", "request_poll", "web_app")
_REPLY_KINDS: Final = (*_PRIVATE_KINDS, "request_users", "request_chat")

Object = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """A checked `reply_markup`; `kind` is the Bot API's own field that tells what it is."""

    kind: str = ""
    buttons: tuple[SentButton, ...] = ()
    body: Object | None = None

    @property
    def is_inline(self) -> bool:
        """Tell a keyboard that belongs to the message from one that belongs to the chat."""
        return self.kind == "inline_keyboard"


NO_MARKUP: Final = Markup()


def markup_of(params: Params, *, is_private: bool = True) -> Markup:
    """Return the keyboard of a call; TelegramRefusal if the platform would not take it."""
    written = params.structure("reply_markup")
    if written is None or written == {}:
        return NO_MARKUP
    if not isinstance(written, dict):
        raise _refused("object expected as reply markup", rule="reply_markup is an object")
    markup = cast(Object, written)
    if "inline_keyboard" in markup:
        buttons = tuple(_inline_button(button) for button in _cells(markup, "inline_keyboard"))
        return Markup(kind="inline_keyboard", buttons=buttons, body=markup if buttons else None)
    if "keyboard" in markup:
        cells = _cells(markup, "keyboard")
        if not cells:
            raise _refused("reply keyboard must have buttons", rule="a keyboard has buttons")
        _check_placeholder(markup)
        buttons = tuple(_reply_button(button, is_private=is_private) for button in cells)
        return Markup(kind="keyboard", buttons=buttons)
    for kind in ("remove_keyboard", "force_reply"):
        if kind in markup:
            if markup[kind] is not True:
                raise _refused(f"{kind} must be true", rule=f"{kind} is true")
            _check_placeholder(markup)
            return Markup(kind=kind)
    raise _refused("reply markup is of no known kind", rule="reply_markup of a known kind")


def inline_markup_of(params: Params) -> Markup:
    """Return the keyboard of an edit, which can be an inline one only."""
    markup = markup_of(params)
    if markup.kind and not markup.is_inline:
        raise _refused("inline keyboard expected", rule="an edit has an inline keyboard")
    return markup


def _cells(markup: Object, name: str) -> list[object]:
    rows = markup[name]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        what = name.replace("_", " ")
        raise _refused(f"{what} must be rows", rule=f"{name} has rows")
    cells = [button for row in rows for button in row]
    if len(cells) > BUTTONS_MAX:
        raise _refused("reply markup is too long", rule=f"at most {BUTTONS_MAX} buttons")
    return cells


def _inline_button(written: object) -> SentButton:
    button = cast(Object, written) if isinstance(written, dict) else {}
    title = button.get("text")
    kinds = [kind for kind in _INLINE_KINDS if kind in button]
    if not isinstance(title, str) or not title.strip():
        raise _refused("Text buttons are unallowed", rule="a button has a text")
    if len(kinds) != 1:
        raise _refused("Text buttons are unallowed", rule="a button does one thing")
    payload = button[kinds[0]]
    if kinds[0] == "callback_data":
        size_bytes = len(payload.encode()) if isinstance(payload, str) else 0
        if not 1 <= size_bytes <= CALLBACK_DATA_MAX_BYTES:
            raise _refused("BUTTON_DATA_INVALID", rule="callback_data of 1 to 64 bytes")
    if kinds[0] == "url" and not _is_link(payload):
        raise _refused("BUTTON_URL_INVALID", rule="a button's url is a link")
    return SentButton(title=title, kind=kinds[0], payload=str(payload))


def _reply_button(written: object, *, is_private: bool) -> SentButton:
    button = {"text": written} if isinstance(written, str) else written
    if not isinstance(button, dict):
        raise _refused(
            "KeyboardButton must be a String or an Object", rule="a button is a text or an object"
        )
    title = button.get("text")
    if not isinstance(title, str) or not title.strip():
        raise _refused("keyboard button text must be non-empty", rule="a button has a text")
    kinds = [kind for kind in _REPLY_KINDS if button.get(kind)]
    if len(kinds) > 1:
        raise _refused("a keyboard button does one thing", rule="a button does one thing")
    kind = kinds[0] if kinds else "text"
    if kind in _PRIVATE_KINDS and not is_private:
        asked = {"request_contact": "phone number", "request_location": "location"}
        raise _refused(
            f"{asked.get(kind, kind)} can be requested in private chats only",
            rule=f"{kind} in private chats only",
        )
    return SentButton(title=title, kind=kind, payload=title)


def _check_placeholder(markup: Object) -> None:
    placeholder = markup.get("input_field_placeholder")
    if placeholder is not None and not 1 <= len(str(placeholder)) <= PLACEHOLDER_MAX:
        raise _refused(
            "input field placeholder is invalid", rule=f"a placeholder of 1 to {PLACEHOLDER_MAX}"
        )


def _is_link(url: object) -> bool:
    if not isinstance(url, str) or any(sign.isspace() for sign in url):
        return False
    parts = urlsplit(url)
    if parts.scheme == "tg":
        return bool(parts.netloc)
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "")


def _refused(reason: str, *, rule: str) -> TelegramRefusal:
    return TelegramRefusal(400, f"Bad Request: {reason}", rule=rule)
