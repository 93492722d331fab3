"""Zalo's events in our words. Whether a request may be believed is said in `signature`.

Only what is read is declared, every field may be missing, and ids may come as numbers.
"""

import hashlib
import hmac
import logging
from datetime import datetime
from typing import Annotated, Final

import msgspec

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.catalogue import CATALOGUE, is_of_group
from bot.channels.zalo.signature import moment_of
from bot.core.errors import BadBody
from bot.core.messages import Incoming, IncomingKind
from bot.core.text import clean

log: Final = logging.getLogger(__name__)

_LONGEST_NAME: Final = 60
_LONGEST_MESSAGE_ID: Final = 100

Id = (
    Annotated[str, msgspec.Meta(max_length=200)] | Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
)


class Party(msgspec.Struct):
    """A person, an account or a group. `admin_id`: who wrote by hand in the account's own tool."""

    id: Id = ""
    admin_id: Id = ""


class Message(msgspec.Struct):
    """What was written."""

    msg_id: Id = ""
    text: str = ""


class Event(msgspec.Struct):
    """One event of any kind."""

    event_name: str
    timestamp: Id
    app_id: Id = ""
    oa_id: Id = ""
    oa_id_camel: Id = msgspec.field(name="oaId", default="")
    sender: Party = msgspec.field(default_factory=Party)
    recipient: Party = msgspec.field(default_factory=Party)
    follower: Party = msgspec.field(default_factory=Party)
    user_id: Id = ""
    group_id: Id = ""
    message: Message = msgspec.field(default_factory=Message)

    @property
    def accounts(self) -> frozenset[str]:
        """Return the ids among which the account's own must be; empty if there is none."""
        told = {str(self.oa_id), str(self.oa_id_camel)} - {""}
        return frozenset(told or {str(self.sender.id), str(self.recipient.id)} - {""})

    @property
    def subject(self) -> str:
        """Return the person or thing the event is about."""
        ids = (self.follower.id, self.user_id, self.sender.id, self.group_id)
        return next((str(found) for found in ids if found != ""), "")


_EVENTS: Final = msgspec.json.Decoder(Event)


def read_event(body: bytes) -> Event:
    """Return the event in a body. Raise `BadBody`."""
    try:
        return _EVENTS.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadBody("the event cannot be read") from None


def to_incoming(event: Event, account: ZaloAccount) -> Incoming:
    """Return what `event` says. Raise `BadBody` if its timestamp is none."""
    at = moment_of(str(event.timestamp))
    kind = CATALOGUE.get(event.event_name)
    if kind is None:
        name = event.event_name[:_LONGEST_NAME]
        log.info("zalo.event_unknown", extra={"channel_id": account.id, "event_name": name})
        kind = IncomingKind.IGNORED
    chat, sender = _sides(event, kind)
    if not chat:
        kind = IncomingKind.IGNORED
    return _incoming(event, account, kind=kind, sides=(chat, sender), at=at)


def _incoming(
    event: Event,
    account: ZaloAccount,
    *,
    kind: IncomingKind,
    sides: tuple[str, str],
    at: datetime,
) -> Incoming:
    is_group = is_of_group(event.event_name)
    text = event.message.text
    if is_group:
        text = text.replace(f"[@{account.oa_id}]", " ")
    return Incoming(
        channel_id=account.id,
        event_id=_event_id(event, account),
        kind=kind,
        chat=sides[0],
        sender=sides[1],
        is_group=is_group,
        text=clean(text),
        message_id=str(event.message.msg_id) or None,
        at=at,
    )


def _sides(event: Event, kind: IncomingKind) -> tuple[str, str]:
    """Return the chat and who acted in it."""
    if kind is IncomingKind.ECHO:
        return str(event.recipient.id), str(event.sender.admin_id)
    if kind in {IncomingKind.TEXT, IncomingKind.MEDIA}:
        writer = str(event.sender.id)
        return (str(event.recipient.id) if is_of_group(event.event_name) else writer), writer
    if kind is IncomingKind.IGNORED:
        return "", ""
    return event.subject, event.subject


def _event_id(event: Event, account: ZaloAccount) -> str:
    """Return what Zalo's repeats have in common: message and event, else event, whom and when."""
    name, message_id = event.event_name, str(event.message.msg_id)
    if message_id and len(name) <= _LONGEST_NAME and len(message_id) <= _LONGEST_MESSAGE_ID:
        return f"{name}:{message_id}"
    # The event's id is stored in the clear, so it may not hold a person's.
    told = "\n".join((name, message_id, event.subject, str(event.timestamp)))
    digest = hmac.digest(account.signing_secret.encode(), told.encode(), hashlib.sha256).hex()
    return f"{name[:_LONGEST_NAME]}:{digest[:32]}"
