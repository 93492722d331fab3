"""What is said in the dialogue of a tip, and how both sides spell it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from bot.core.sealing import SealBroken, TalkSealing
from bot.core.tips import RecordKind, Tip, TipRecord
from bot.services.tips.records import Records

_Noun = TypeVar("_Noun")
LONGEST_MESSAGE: Final = 4_000
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one side says; `pictures` are the numbers of the records that came with it."""

    text: str = field(repr=False)
    pictures: tuple[int, ...] = ()
    # Says that something told before was wrong.
    is_correction: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of the dialogue, opened; pictures are JPEGs. `at` is coarse."""

    by_officers: bool
    text: str = field(repr=False)
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    is_correction: bool = False
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a sender answers in the chat, on its way to the tip; pictures are cleaned JPEGs."""

    text: str = field(repr=False)
    pictures: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteNote:
    """What a tip's own ciphertext knows of its route; the address is not among it."""

    route_id: str = field(repr=False)
    letter_box: str = field(repr=False)


_ENCODER: Final = msgspec.json.Encoder()
_MESSAGE: Final = msgspec.json.Decoder(Message)
_LETTER: Final = msgspec.json.Decoder(Letter)
_NOTE: Final = msgspec.json.Decoder(RouteNote)


class Talk:
    """Spells, seals and opens dialogues."""

    def __init__(self, records: Records, talks: TalkSealing) -> None:
        self._records = records
        self._talks = talks

    def told(
        self,
        tip: Tip,
        private_key: bytes,
        letter: Letter,
        *,
        by_officers: bool,
        first: int,
        at: datetime,
        is_correction: bool = False,
    ) -> list[TipRecord]:
        """Return the records of one message: its pictures, then itself, numbered from `first`."""
        key = self._talks.message_key(private_key)
        message_kind, picture_kind = (
            (RecordKind.MESSAGE_OUT, RecordKind.PICTURE_OUT)
            if by_officers
            else (RecordKind.MESSAGE_IN, RecordKind.PICTURE_IN)
        )
        message = Message(
            text=letter.text,
            pictures=tuple(range(first, first + len(letter.pictures))),
            is_correction=is_correction,
        )
        parts = [(picture_kind, picture) for picture in letter.pictures]
        parts.append((message_kind, _ENCODER.encode(message)))
        return [
            self._records.sealed(tip, key, kind, sequence=first + number, plain=plain, at=at)
            for number, (kind, plain) in enumerate(parts)
        ]

    def heard(self, tip: Tip, private_key: bytes, records: Sequence[TipRecord]) -> list[Said]:
        """Return the messages among `records`, in order. Raise `SealBroken`."""
        if len(private_key) != _KEY_BYTES:
            # A browser sealed it, and may have sealed anything.
            raise SealBroken("no private key of a dialogue")
        return list(self._heard(tip, self._talks.message_key(private_key), records))

    def _heard(self, tip: Tip, key: bytes, records: Sequence[TipRecord]) -> Iterator[Said]:
        by_number = {record.sequence: record for record in records}
        for record in records:
            if record.kind not in {RecordKind.MESSAGE_OUT, RecordKind.MESSAGE_IN}:
                continue
            message = _read(_MESSAGE, self._records.opened(tip, key, record))
            pictures = [by_number[number] for number in message.pictures if number in by_number]
            yield Said(
                by_officers=record.kind is RecordKind.MESSAGE_OUT,
                text=message.text,
                pictures=tuple(self._records.opened(tip, key, picture) for picture in pictures),
                is_correction=message.is_correction,
                at=record.at,
            )

    def letter(self, public_key: bytes, letter: Letter) -> bytes:
        """Return a letter sealed to the dialogue."""
        return self._talks.seal_letter(public_key, _ENCODER.encode(letter))

    def open_letter(self, private_key: bytes, sealed: bytes) -> Letter:
        """Return what a letter says. Raise `SealBroken`."""
        return _read(_LETTER, self._talks.open_letter(private_key, sealed))


def spelled(note: RouteNote) -> bytes:
    """Return a note as the tip keeps it, sealed by the caller."""
    return _ENCODER.encode(note)


def read_note(plain: bytes) -> RouteNote:
    """Return the note. Raise `SealBroken` if it is none."""
    return _read(_NOTE, plain)


def _read(decoder: "msgspec.json.Decoder[_Noun]", plain: bytes) -> _Noun:
    try:
        return decoder.decode(plain)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise SealBroken("sealed with the right key, but spelled otherwise") from error
