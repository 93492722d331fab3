"""Chains of audit entries without a database, made by a key that stands in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.core.audit import (
    GENESIS,
    KEY_BEGIN,
    AuditEntry,
    AuditRecord,
    KeyState,
    chain_hash,
    entry_mac,
    key_after,
    key_mark,
)
from bot.core.sealing import KeyGone

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = bytes(range(32))


class MemoryKey:
    """Fits `bot.core.audit.MovingKey`."""

    def __init__(self, start: bytes = START) -> None:
        self.start = start
        self._key = start
        self._state: KeyState | None = None

    def state(self) -> KeyState | None:
        return self._state

    def begin(self, number: int) -> KeyState:
        self._key = self.start
        self._state = KeyState(since=number, next=number, mark=key_mark(self.start))
        return self._state

    def mac(self, number: int, digest: bytes) -> bytes:
        return entry_mac(self._at(number), digest)

    def advance(self, number: int, mark: str) -> None:
        state = self._state
        if state is not None and state.mark == mark and state.next <= number:
            self._key = self._at(number + 1)
            self._state = replace(state, next=number + 1)

    def _at(self, number: int) -> bytes:
        if self._state is None or number < self._state.next:
            raise KeyGone("erased")
        key = self._key
        for _ in range(number - self._state.next):
            key = key_after(key)
        return key


def act(number: int) -> AuditRecord:
    return AuditRecord(at=NOON, actor=f"o{number % 3}", act="tip.open", subject=f"t{number}")


def begin(start: bytes) -> AuditRecord:
    return AuditRecord(at=NOON, actor="machine", act=KEY_BEGIN, subject=key_mark(start))


def chained(records: Sequence[AuditRecord]) -> list[AuditEntry]:
    """Return the records as a chain whose hashes all fit, without MACs."""
    entries: list[AuditEntry] = []
    before = GENESIS
    for number, record in enumerate(records, start=1):
        before = chain_hash(before, number, record)
        entries.append(AuditEntry(number=number, record=record, hash=before))
    return entries


def signed(entries: Sequence[AuditEntry], key: MemoryKey, *, since: int) -> list[AuditEntry]:
    """Return the entries with MACs from entry `since` on; the key moves past each."""
    state = key.begin(since)
    done: list[AuditEntry] = []
    for entry in entries:
        if entry.number < since:
            done.append(entry)
            continue
        done.append(replace(entry, mac=key.mac(entry.number, entry.hash)))
        key.advance(entry.number, state.mark)
    return done


def whole_chain(length: int, *, old: int = 0, key: MemoryKey) -> list[AuditEntry]:
    """Return `length` entries, the first `old` of them from before there were MACs."""
    records = [act(number) for number in range(length)]
    records[old] = begin(key.start)
    return signed(chained(records), key, since=old + 1)
