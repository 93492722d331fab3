"""The audit chain: who did what to which, each entry bound to the one before by its hash.

A hash can be made anew by whoever can write to the database. So each entry also bears a MAC, made
with a key of its own that is erased right after it: the key of number n+1 is computed from that
of number n, and never back. Checking a chain is in `bot.core.audit_check`, the file of the key in
`bot.vault.moving_mac`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, Protocol

GENESIS: Final = bytes(32)
KEY_BYTES: Final = 32
# The entry a key begins with: its subject is the mark of that key.
KEY_BEGIN: Final = "audit.key_begin"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One act. `actor` is an officer id, "machine" or "clock"; `facts` names no resident."""

    at: datetime
    actor: str
    act: str
    subject: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A record in its place in the chain. `number` counts from 1."""

    number: int
    record: AuditRecord
    hash: bytes
    # None in entries from before there were MACs.
    mac: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are looked for; what is empty keeps none out.

    `actors` are those in sight at all, None for everybody. From `since`, before `until`.
    """

    actors: frozenset[str] | None = None
    actor: str = ""
    act: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """The newest entry at the end of a day, to be kept where this machine cannot change it."""

    day: date
    number: int
    hash: bytes
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """How far the moving key has come: it began at entry `since`, and is now that of `next`."""

    since: int
    next: int
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStart:
    """The key (32 bytes) the MACs of a chain begin with, at entry `since`."""

    since: int
    mark: str
    key: bytes = field(repr=False)


class KeyStarts(Protocol):
    """Starts of keys that stand on this machine until somebody has written them down."""

    def starts(self) -> list[KeyStart]:
        """Return them, oldest first."""
        ...

    def forget_start(self, mark: str) -> None:
        """Destroy one that is kept elsewhere."""
        ...


class MovingKey(Protocol):
    """The key of the next entry. Older ones are erased and cannot be computed."""

    def state(self) -> KeyState | None:
        """Return how far the key has come, or None if there is none."""
        ...

    def begin(self, number: int) -> KeyState:
        """Draw a new key for entry `number`, in place of what there is."""
        ...

    def mac(self, number: int, digest: bytes) -> bytes:
        """Return the MAC (32 bytes) of entry `number` with this hash. Raise `KeyGone`."""
        ...

    def advance(self, number: int, mark: str) -> None:
        """Erase the keys of all entries up to `number`, if the key still is that of `mark`."""
        ...


def key_after(key: bytes) -> bytes:
    """Return the key of the next entry."""
    return hashlib.blake2b(key=key, person=b"byaudit.next", digest_size=KEY_BYTES).digest()


def key_mark(key: bytes) -> str:
    """Return 16 hex characters that name a key and tell nothing about it."""
    return hashlib.blake2b(key=key, person=b"byaudit.mark", digest_size=8).hexdigest()


def entry_mac(key: bytes, digest: bytes) -> bytes:
    """Return the MAC of the entry whose hash is `digest`, with the key of its number."""
    return hashlib.blake2b(digest, key=key, person=b"byaudit.mac", digest_size=32).digest()


def canonical(record: AuditRecord) -> bytes:
    """Return the one spelling of `record` that is hashed: sorted JSON without spaces, UTC."""
    return json.dumps(
        {
            "at": record.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": record.actor,
            "act": record.act,
            "subject": record.subject,
            "facts": dict(sorted(record.facts.items())),
        },
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    ).encode()


def chain_hash(before: bytes, number: int, record: AuditRecord) -> bytes:
    """Return SHA-256(before ‖ number as 8 bytes ‖ canonical record)."""
    return hashlib.sha256(before + number.to_bytes(8, "big") + canonical(record)).digest()
