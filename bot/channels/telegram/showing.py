"""What a message shows besides words: pictures, files, voices, places, cards.

A shape nobody knows is still told as something that was shown, without a handle to fetch it by.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from bot.channels.telegram.shapes import Id, Message
from bot.core.messages import Contact, Media, MediaKind
from bot.core.text import clean

# Pictures people send "as a file", to keep them sharp.
_PICTURE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})

_FARTHEST_NORTH: Final = 90.0
_FARTHEST_EAST: Final = 180.0


class _File(msgspec.Struct):
    file_id: str
    file_size: int | None = None
    file_name: str = ""
    mime_type: str = ""


class _Size(_File):
    width: int = 0
    height: int = 0


class _Spot(msgspec.Struct):
    latitude: float
    longitude: float


class _Venue(msgspec.Struct):
    location: _Spot
    title: str = ""
    address: str = ""


class _Card(msgspec.Struct):
    phone_number: str
    first_name: str = ""
    last_name: str = ""
    user_id: Id | None = None


def media_in(message: Message) -> tuple[Media, ...]:
    """Return what `message` shows; empty if it is words alone or nothing a person sent."""
    for name, read in _READERS.items():
        raw: msgspec.Raw = getattr(message, name)
        if len(memoryview(raw)) == 0:
            continue
        try:
            return (read(bytes(raw), message.media_group_id),)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
            return (Media(kind=MediaKind.OTHER, album=message.media_group_id),)
    return ()


def own_contact(message: Message) -> Contact | None:
    """Return the sender's own number, if they shared it; somebody else's is not kept."""
    if len(memoryview(message.contact)) == 0 or message.author is None:
        return None
    try:
        card = msgspec.json.decode(bytes(message.contact), type=_Card)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if card.user_id != message.author.id:
        return None
    name = clean(f"{card.first_name} {card.last_name}")
    return Contact(name=name, phone=clean(card.phone_number))


def _photo(raw: bytes, album: str) -> Media:
    sizes = msgspec.json.decode(raw, type=list[_Size])
    largest = max(sizes, key=lambda size: (size.width * size.height, size.file_size or 0))
    return _media(MediaKind.PICTURE, largest, album)


def _document(raw: bytes, album: str) -> Media:
    file = msgspec.json.decode(raw, type=_File)
    is_picture = file.mime_type.lower() in _PICTURE_TYPES
    return _media(MediaKind.PICTURE if is_picture else MediaKind.FILE, file, album)


def _file(kind: MediaKind) -> Callable[[bytes, str], Media]:
    def read(raw: bytes, album: str) -> Media:
        return _media(kind, msgspec.json.decode(raw, type=_File), album)

    return read


def _media(kind: MediaKind, file: _File, album: str) -> Media:
    return Media(
        kind=kind,
        handle=clean(file.file_id),
        name=clean(file.file_name),
        size_bytes=file.file_size,
        album=clean(album),
    )


def _venue(raw: bytes, album: str) -> Media:
    venue = msgspec.json.decode(raw, type=_Venue)
    name = ", ".join(part for part in (clean(venue.title), clean(venue.address)) if part)
    return _place(venue.location, name=name, album=album)


def _location(raw: bytes, album: str) -> Media:
    return _place(msgspec.json.decode(raw, type=_Spot), name="", album=album)


def _place(spot: _Spot, *, name: str, album: str) -> Media:
    if not (abs(spot.latitude) <= _FARTHEST_NORTH and abs(spot.longitude) <= _FARTHEST_EAST):
        raise ValueError("no place on earth")
    return Media(
        kind=MediaKind.PLACE,
        name=name,
        album=clean(album),
        latitude=spot.latitude,
        longitude=spot.longitude,
    )


def _other(raw: bytes, album: str) -> Media:
    del raw  # nothing in it is of use
    return Media(kind=MediaKind.OTHER, album=clean(album))


# In this order: a moving picture is an animation and a document, a venue also a location.
_READERS: Final[Mapping[str, Callable[[bytes, str], Media]]] = {
    "photo": _photo,
    "animation": _file(MediaKind.VIDEO),
    "document": _document,
    "voice": _file(MediaKind.VOICE),
    "audio": _file(MediaKind.FILE),
    "video": _file(MediaKind.VIDEO),
    "video_note": _file(MediaKind.VIDEO),
    "venue": _venue,
    "location": _location,
    "contact": _other,
    "sticker": _other,
    "poll": _other,
    "dice": _other,
    "game": _other,
    "story": _other,
    "checklist": _other,
    "paid_media": _other,
}
