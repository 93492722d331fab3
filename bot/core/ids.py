"""Names of things. Each is a type of its own, so that a tip's id cannot pass for an officer's."""

from typing import Final, NewType

from bot.core.time import Chance

UnitId = NewType("UnitId", str)
HouseholdId = NewType("HouseholdId", str)
PersonId = NewType("PersonId", str)
OfficerId = NewType("OfficerId", str)
ChannelId = NewType("ChannelId", str)
AnnouncementId = NewType("AnnouncementId", str)
TipId = NewType("TipId", str)
KeyHolderId = NewType("KeyHolderId", str)
GroupId = NewType("GroupId", str)
AttachmentId = NewType("AttachmentId", str)
ApiTokenId = NewType("ApiTokenId", str)
HookId = NewType("HookId", str)
HookCallId = NewType("HookCallId", str)
HandoverId = NewType("HandoverId", str)
# Rows of the two queues are numbered by the database: their order is the order of arrival.
InboxId = NewType("InboxId", int)
DeliveryId = NewType("DeliveryId", int)
# A keyed pseudonym of one chat on one channel; the database knows conversations only by it.
ConversationKey = NewType("ConversationKey", str)

# Crockford's base32: no I, L, O, U, so that a code survives being read out over the telephone.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Each of the 256 bytes for one of the 32 signs, so that every sign is as likely.
_SIGN_OF_BYTE: Final = ALPHABET.encode() * 8
_ID_LENGTH: Final = 12
_ID_SIGNS: Final = frozenset(ALPHABET.lower())
_JOIN_CODE_LENGTH: Final = 6


def signs(chance: Chance, length: int) -> str:
    """Return `length` signs of the alphabet by chance, five random bits each."""
    # The system is asked once, not for every sign: in a rush of tips that counts.
    return chance.token(length).translate(_SIGN_OF_BYTE).decode()


def new_id(chance: Chance) -> str:
    """Return a fresh id of 60 random bits; it says nothing of when or for whom it was made."""
    return signs(chance, _ID_LENGTH).lower()


def is_id(text: str) -> bool:
    """Tell whether `new_id` could have made `text`."""
    return len(text) == _ID_LENGTH and all(sign in _ID_SIGNS for sign in text)


def new_join_code(chance: Chance) -> str:
    """Return a fresh code of nearly 30 random bits to join a unit by, easy to type.

    It holds a digit, so that "tham gia abcde7" can be told from a sentence.
    """
    while True:
        code = signs(chance, _JOIN_CODE_LENGTH)
        if any(mark.isdigit() for mark in code):
            return code


def read_code(text: str) -> str:
    """Return a code as it was meant: upper case, no spaces or dashes, O as 0, I and L as 1."""
    bare = "".join(text.split()).replace("-", "").upper()
    return bare.translate(str.maketrans("OIL", "011"))
