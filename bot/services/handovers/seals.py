"""How a handover stands in the database: words, and where answers go, sealed with a day's key.

Those days' keys are destroyed on schedule (`WORDS_KEPT`) and are in no backup.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from bot.core.handovers import HandoverWord
from bot.core.ids import ConversationKey, HandoverId
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.sealing import KeyGone, Pseudonyms, Seal, SealBroken


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where answers go, and in which language the bot speaks there."""

    address: Address
    language: Language


_ENCODER: Final = msgspec.json.Encoder()
_WAY: Final = msgspec.json.Decoder(Way)


class HandoverSeals:
    """Seals and opens what a handover holds."""

    def __init__(self, *, seal: Seal, pseudonyms: Pseudonyms) -> None:
        self._seal = seal
        self._pseudonyms = pseudonyms

    def chat(self, conversation: ConversationKey) -> str:
        """Return the pseudonym under which the handovers of a conversation are kept."""
        return self._pseudonyms.pseudonym("handover", conversation)

    def word(self, handover_id: HandoverId, number: int, text: str) -> bytes:
        """Return a text sealed for its place."""
        return self._seal.seal("handover_word", text.encode(), about=_place(handover_id, number))

    def open_word(self, word: HandoverWord) -> str | None:
        """Return what was said, None if nobody can read it any more."""
        place = _place(word.handover_id, word.number)
        try:
            return self._seal.open("handover_word", word.sealed, about=place).decode()
        except (SealBroken, KeyGone):
            return None

    def way(self, handover_id: HandoverId, way: Way) -> bytes:
        """Return sealed where answers go."""
        return self._seal.seal("handover_way", _ENCODER.encode(way), about=handover_id.encode())

    def open_way(self, handover_id: HandoverId, sealed: bytes) -> Way | None:
        """Return where answers go, None if nobody can read it any more."""
        try:
            plain = self._seal.open("handover_way", sealed, about=handover_id.encode())
            return _WAY.decode(plain)
        except (SealBroken, KeyGone, msgspec.DecodeError):
            return None


def _place(handover_id: HandoverId, number: int) -> bytes:
    return f"{handover_id}|{number}".encode()
