"""Attachments of people's messages in our words. Fetching them is left to the adapter."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from bot.channels.zalo.bodies import Event, part_of, parts_of, words_of
from bot.core.messages import Media, MediaKind

_KINDS: Final[Mapping[str, MediaKind]] = {
    "image": MediaKind.PICTURE,
    "gif": MediaKind.PICTURE,
    "file": MediaKind.FILE,
    "audio": MediaKind.VOICE,
    "video": MediaKind.VIDEO,
    "location": MediaKind.PLACE,
}
_LONGEST_URL: Final = 2_000
_LONGEST_NAME: Final = 200
_MOST_DIGITS: Final = 15


class Coordinates(msgspec.Struct):
    """Where somebody is; Zalo writes both as strings."""

    latitude: msgspec.Raw = msgspec.Raw()
    longitude: msgspec.Raw = msgspec.Raw()


class Payload(msgspec.Struct):
    """What an attachment holds."""

    url: msgspec.Raw = msgspec.Raw()
    name: msgspec.Raw = msgspec.Raw()
    size: msgspec.Raw = msgspec.Raw()
    text: msgspec.Raw = msgspec.Raw()
    coordinates: msgspec.Raw = msgspec.Raw()


class Attached(msgspec.Struct):
    """One attachment."""

    type: msgspec.Raw = msgspec.Raw()
    payload: msgspec.Raw = msgspec.Raw()


def media_of(event: Event) -> tuple[Media, ...]:
    """Return what came with a message; the parts of one message are one album.

    An attachment nobody can read is still there, with no handle to fetch it by.
    """
    form = event.event_name.rpartition("send_")[2].removeprefix("group_")
    parts = parts_of(event.said.attachments, Attached) or [Attached()]
    album = str(event.said.msg_id or "") if len(parts) > 1 else ""
    return tuple(_media(part, form, album) for part in parts)


def words_in(event: Event) -> str:
    """Return the words an attachment itself holds: the address of a link, a template's text."""
    for part in parts_of(event.said.attachments, Attached):
        payload = part_of(part.payload, Payload) or Payload()
        if text := words_of(payload.text, longest=_LONGEST_URL):
            return text
        # A card is a link too, but its address says nothing of what is meant.
        if event.event_name.endswith("_link"):
            return words_of(payload.url, longest=_LONGEST_URL)
    return ""


def _media(part: Attached, form: str, album: str) -> Media:
    payload = part_of(part.payload, Payload) or Payload()
    # A business card says that it is a link.
    kind = _KINDS.get(words_of(part.type) or form, MediaKind.OTHER)
    url = words_of(payload.url, longest=_LONGEST_URL + 1)
    place = _place(payload) if kind is MediaKind.PLACE else None
    return Media(
        kind=kind,
        handle=url if len(url) <= _LONGEST_URL else "",
        name=words_of(payload.name, longest=_LONGEST_NAME),
        size_bytes=_size(words_of(payload.size)),
        album=album,
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
    )


def _size(told: str) -> int | None:
    if not (told.isascii() and told.isdecimal()) or len(told) > _MOST_DIGITS:
        return None
    return int(told)


def _place(payload: Payload) -> Sequence[float] | None:
    """Return latitude and longitude in degrees, or None if they are none."""
    told = part_of(payload.coordinates, Coordinates) or Coordinates()
    try:
        latitude, longitude = (
            float(words_of(one) or part_of(one, float) or "nan")
            for one in (told.latitude, told.longitude)
        )
    except (ValueError, OverflowError):
        return None
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 - degrees
    is_told = math.isfinite(latitude) and math.isfinite(longitude)
    return (latitude, longitude) if is_told and is_on_earth else None
