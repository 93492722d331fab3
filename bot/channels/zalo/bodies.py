"""The shapes of Zalo's events: only what is read is declared, and every field may be missing.

What stands beside a person's words (attachments, forms, lists of people) is read apart from them,
so that a new shape there never costs the words. Ids are strings, even where they came as numbers.
"""

from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

import msgspec

from bot.core.errors import BadBody
from bot.core.text import whole_json

Id = (
    Annotated[str, msgspec.Meta(max_length=200)]
    | Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    | None
)
_MOST_PARTS: Final = 20

_Shape = TypeVar("_Shape")


class Party(msgspec.Struct):
    """A person, an account or a group. `admin_id`: who wrote by hand in the account's own tool."""

    id: Id = ""
    admin_id: Id = ""


class Message(msgspec.Struct):
    """What was written."""

    msg_id: Id = ""
    text: str | None = ""
    quote_msg_id: Id = ""
    conversation_id: Id = ""
    attachments: msgspec.Raw = msgspec.Raw()


class Event(msgspec.Struct):
    """One event of any kind."""

    event_name: str
    timestamp: Annotated[str, msgspec.Meta(max_length=40)] | int
    app_id: Id = ""
    oa_id: Id = ""
    oa_id_camel: Id = msgspec.field(name="oaId", default="")
    sender: Party | None = None
    recipient: Party | None = None
    follower: Party | None = None
    user_id: Id = ""
    group_id: Id = ""
    source: msgspec.Raw = msgspec.Raw()
    message: Message | None = None
    info: msgspec.Raw = msgspec.Raw()
    users: msgspec.Raw = msgspec.Raw()
    quota: msgspec.Raw = msgspec.Raw()
    group_name: msgspec.Raw = msgspec.Raw()

    @property
    def said(self) -> Message:
        """Return the message, an empty one if there is none."""
        return self.message or Message()

    @property
    def from_id(self) -> str:
        """Return who acted, "" if that is not told."""
        return _id_of(self.sender)

    @property
    def to_id(self) -> str:
        """Return to whom, "" if that is not told."""
        return _id_of(self.recipient)

    @property
    def admin_id(self) -> str:
        """Return who wrote by hand for the account, "" if nobody did."""
        return text_of(self.sender.admin_id) if self.sender else ""

    @property
    def accounts(self) -> frozenset[str]:
        """Return the ids among which the account's own must be; empty if there is none."""
        told = {text_of(self.oa_id), text_of(self.oa_id_camel)} - {""}
        return frozenset(told or {self.from_id, self.to_id} - {""})

    @property
    def person(self) -> str:
        """Return the person the event is about, "" if it is about none."""
        follower = _id_of(self.follower)
        return follower or text_of(self.user_id) or self.from_id

    @property
    def concerned(self) -> Sequence[str]:
        """Return the people a change of a group is about."""
        people = parts_of(self.users, Party)
        return [found for one in people if (found := text_of(one.id))]


_EVENTS: Final = msgspec.json.Decoder(Event)


def read_event(body: bytes) -> Event:
    """Return the event in a body. Raise `BadBody`."""
    try:
        return _EVENTS.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    # Perhaps only half an emoji is in the way of words that somebody waits to be read.
    try:
        return _EVENTS.decode(whole_json(body))
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise BadBody("the event cannot be read") from None


def text_of(told: Id) -> str:
    """Return an id as the string it is everywhere here."""
    return "" if told is None else str(told)


def part_of(raw: msgspec.Raw, shape: type[_Shape]) -> _Shape | None:
    """Return what `raw` spells, or None if it is missing or has another shape."""
    if not bytes(raw):
        return None
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def parts_of(raw: msgspec.Raw, shape: type[_Shape]) -> list[_Shape]:
    """Return those elements of a list that have this shape."""
    listed = part_of(raw, list[msgspec.Raw]) or []
    found = (part_of(one, shape) for one in listed[:_MOST_PARTS])
    return [one for one in found if one is not None]


def words_of(raw: msgspec.Raw, *, longest: int = 200) -> str:
    """Return a string or a number as it stands there, "" for anything else."""
    told = part_of(raw, str | int | None)  # type: ignore[arg-type] # a union is no class to mypy
    return "" if told is None else str(told)[:longest]


def _id_of(party: Party | None) -> str:
    return text_of(party.id) if party else ""
