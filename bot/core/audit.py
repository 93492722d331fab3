"""The audit chain: who did what to which, each entry bound to the one before by its hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

GENESIS: Final = bytes(32)


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
