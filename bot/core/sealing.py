"""What the rooms need of the vault, in our words. How it is done is in `bot.vault`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from bot.core.errors import BinhYenError


class SealBroken(BinhYenError):
    """A sealed value was changed, cut, or sealed for something else."""


class KeyGone(BinhYenError):
    """The key that could open this was destroyed on schedule."""


class WrongPassword(BinhYenError):
    """The password does not open this."""


class ReceiptMistyped(BinhYenError):
    """What was typed cannot be a receipt: wrong length, letters or check character."""


class PaperFault(StrEnum):
    """What is wrong with a recovery key that was typed."""

    LENGTH = "length"  # signs missing or too many, and nothing tells where
    GROUPS = "groups"  # some groups have mistakes; which ones is known
    WHOLE = "whole"  # every group looks right, but they do not fit together
    ONE_SHARE = "one_share"  # one of three sheets: two are needed
    SAME_SHARE = "same_share"  # the same sheet twice
    OTHER_SET = "other_set"  # two sheets that were not printed together


class PaperMistyped(BinhYenError):
    """What was typed cannot be the recovery key.

    `groups` holds the numbers, from 1, of the groups that are wrong, as far as they can be
    known; `sheet` says of which sheet (1 or 2).
    """

    def __init__(self, fault: PaperFault, *, groups: tuple[int, ...] = (), sheet: int = 1) -> None:
        super().__init__(f"{fault} {groups} sheet {sheet}")
        self.fault = fault
        self.groups = groups
        self.sheet = sheet


class Seal(Protocol):
    """Seals what stands in the database so that the database alone cannot open it."""

    def seal(self, purpose: str, plain: bytes, *, about: bytes = b"") -> bytes:
        """Return `plain` sealed for `purpose`, bound to `about`."""
        ...

    def open(self, purpose: str, sealed: bytes, *, about: bytes = b"") -> bytes:
        """Return what was sealed. Raise `SealBroken` or `KeyGone`."""
        ...


class Pseudonyms(Protocol):
    """Names things by a keyed hash, so that the database holds no platform's ids."""

    def pseudonym(self, purpose: str, value: str) -> str:
        """Return 32 hex characters that stand for `value` within `purpose`."""
        ...


class Attesting(Protocol):
    """Proves by a key outside the database that this program wrote something into it."""

    def attest(self, claim: str) -> str:
        """Return the proof of `claim`: 32 hex characters."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """An X25519 pair, 32 bytes each."""

    public: bytes = field(repr=False)
    private: bytes = field(repr=False)


class TipSealing(Protocol):
    """Seals the records of a tip to a key of its own, and that key to those who may read."""

    def new_key(self) -> bytes:
        """Return a random key of 32 bytes."""
        ...

    def seal(
        self, key: bytes, plain: bytes, *, unit_id: str, tip_id: str, kind: str, sequence: int
    ) -> bytes:
        """Return `plain` padded and sealed, bound to its place."""
        ...

    def open(
        self, key: bytes, sealed: bytes, *, unit_id: str, tip_id: str, kind: str, sequence: int
    ) -> bytes:
        """Return what was sealed there. Raise `SealBroken`."""
        ...

    def padded_bytes(self, sealed: bytes) -> int:
        """Return how large the padded text of a record is. Raise `SealBroken` if it is none."""
        ...

    def check_wrapped(self, wrapped: bytes) -> None:
        """Raise `SealBroken` for what cannot be a wrapped key, as far as that is seen unopened."""
        ...

    def wrap(self, key: bytes, public_key: bytes) -> bytes:
        """Return the tip's key sealed to a holder."""
        ...

    def unwrap(self, wrapped: bytes, private_key: bytes) -> bytes:
        """Return the tip's key. Raise `SealBroken`."""
        ...


class TalkSealing(Protocol):
    """Seals what is said in the dialogue of a tip: officers and the receipt open it, nobody else.

    The dialogue has an X25519 pair. Whoever holds the private key reads and writes messages with
    the symmetric key derived from it; who knows only the public one can leave letters.
    """

    def new_pair(self) -> KeyPair:
        """Return a fresh pair."""
        ...

    def public_of(self, private_key: bytes) -> bytes:
        """Return the public half of a private key."""
        ...

    def message_key(self, private_key: bytes) -> bytes:
        """Return the symmetric key of the dialogue's messages, for `TipSealing`."""
        ...

    def lock(self, private_key: bytes, receipt_key: bytes, *, tip_id: str) -> bytes:
        """Return the private key as only the receipt opens it."""
        ...

    def unlock(self, locked: bytes, receipt_key: bytes, *, tip_id: str) -> bytes:
        """Return the private key. Raise `SealBroken`."""
        ...

    def seal_letter(self, public_key: bytes, plain: bytes) -> bytes:
        """Return `plain` padded and sealed to the dialogue."""
        ...

    def open_letter(self, private_key: bytes, sealed: bytes) -> bytes:
        """Return what a letter says. Raise `SealBroken`."""
        ...


class WeekClosing(Protocol):
    """Seals to the public key of a week."""

    def seal(self, purpose: str, plain: bytes, *, to: "WeekKey") -> bytes:
        """Return `plain` padded and sealed for `purpose`."""
        ...


class WeekSealing(WeekClosing, Protocol):
    """Keeps the pairs of the weeks, whose private halves are destroyed on schedule."""

    def public(self) -> "WeekKey":
        """Return the public key of this week."""
        ...

    def open(self, purpose: str, sealed: bytes, *, week: date) -> bytes:
        """Return what was sealed in that week. Raise `SealBroken` or `KeyGone`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekKey:
    """The public key of the week that begins on the Monday `week`."""

    week: date
    public_key: bytes = field(repr=False)


class HolderKeys(Protocol):
    """Makes, locks and unlocks the private keys of those who may read tips."""

    def new_pair(self) -> KeyPair:
        """Return a fresh pair."""
        ...

    async def lock(self, private: bytes, password: str) -> bytes:
        """Return the private key wrapped by a slow hash of the password."""
        ...

    async def unlock(self, locked: bytes, password: str) -> bytes:
        """Return the private key. Raise `WrongPassword`."""
        ...

    def public_of(self, private: bytes) -> bytes:
        """Return the public half that belongs to a private key."""
        ...

    def needs_relock(self, locked: bytes) -> bool:
        """Tell whether a lock was made at other costs than today's."""
        ...


class RecoveryPaper(Protocol):
    """Writes the recovery key on paper, and reads what somebody types from it."""

    def whole(self, private: bytes) -> str:
        """Return the one sheet: groups of signs, joined by dashes."""
        ...

    def shares(self, private: bytes) -> tuple[str, ...]:
        """Return three sheets, any two of which are enough; new ones at each call."""
        ...

    def read(self, sheets: Sequence[str]) -> bytes:
        """Return the private key of one sheet, or of two of the three. Raise `PaperMistyped`."""
        ...


class FoundingKey(Protocol):
    """The key that tips are sealed to before the first officer exists, and the one-time link."""

    @property
    def token(self) -> str:
        """Return the secret part of the one-time set-up link."""
        ...

    @property
    def pair(self) -> KeyPair:
        """Return the founding pair; it becomes the recovery key."""
        ...

    def exists(self) -> bool:
        """Tell whether set-up is still to be done."""
        ...

    def open_or_create(self) -> None:
        """Read the key and the link, or make them."""
        ...

    def destroy(self) -> None:
        """Remove key and link from this machine."""
        ...


class PasswordHashing(Protocol):
    """Checks passwords slowly."""

    async def hash(self, password: str) -> str:
        """Return the Argon2id hash to store."""
        ...

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Tell whether the password fits; for an unknown login (None) take as long and say no."""
        ...

    def needs_rehash(self, hashed: str) -> bool:
        """Tell whether a hash was made at other costs than today's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a sender keeps: `text` to show once, `locator` to find by, `secret` to prove with."""

    text: str = field(repr=False)
    locator: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptProof:
    """`stored` is what to compare with later; `key` is kept nowhere and opens the dialogue."""

    stored: bytes = field(repr=False)
    key: bytes = field(repr=False)


class ReceiptMaking(Protocol):
    """Makes and checks receipts."""

    def new(self) -> Receipt:
        """Return a fresh receipt."""
        ...

    def parse(self, text: str) -> Receipt:
        """Read what a person typed. Raise `ReceiptMistyped`."""
        ...

    def new_salt(self) -> bytes:
        """Return a fresh salt."""
        ...

    async def prove(self, secret: str, salt: bytes, *, first: bool = True) -> ReceiptProof:
        """Return what to store of a receipt, and its key, slowly.

        With `first` it overtakes sign-ins, for somebody waits; without it takes its turn.
        """
        ...

    async def key_of(self, secret: str, salt: bytes, stored: bytes) -> bytes | None:
        """Return the key of the receipt, None for a wrong one; the time tells nothing.

        The key is empty for a receipt made before tips had a dialogue.
        """
        ...

    async def waste(self) -> None:
        """Take as long as `key_of` does, for a locator nobody has."""
        ...


class ExportSealing(Protocol):
    """Seals what leaves this installation."""

    def seal(self, public_key: bytes, plain: bytes) -> bytes:
        """Return `plain` sealed to somebody's X25519 key. Raise `RuleBroken` for no such key."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TipSeals:
    """What both sides of tips seal with. None of it holds anybody's private key."""

    tips: TipSealing
    talks: TalkSealing
    receipts: ReceiptMaking
