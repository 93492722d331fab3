"""Walks an audit chain and says where it stopped being what was written.

What each thing that is known can find, see `docs/audit.md`: the hashes find every single change,
removal, swap and insertion; the key on this machine finds that the end was cut off; heads posted
elsewhere and the auditor's key find a chain that was made anew from some entry on.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.audit import (
    GENESIS,
    KEY_BEGIN,
    AuditEntry,
    AuditHead,
    KeyState,
    MovingKey,
    chain_hash,
    entry_mac,
    key_after,
    key_mark,
)
from bot.core.sealing import KeyGone


class ChainFault(StrEnum):
    """What is wrong at the first entry that does not fit."""

    ENTRY = "entry"  # changed, or others were removed, inserted or swapped before it
    NO_MAC = "no_mac"  # it stands behind entries that have one
    MAC = "mac"  # made by somebody without the key
    KEY_NOT_GIVEN = "key_not_given"  # a key begins here, behind one that was given
    KEY_NOWHERE = "key_nowhere"  # a key that was given begins nowhere in this chain
    HEAD = "head"  # another entry was posted for this number
    CUT_OFF = "cut_off"  # there was an entry here once
    OTHER_KEY = "other_key"  # the key on this machine began with another entry than this


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a walk found. `broken_at` is the first entry that does not fit.

    `macs_from` is the first entry with a MAC, `macs_checked` how many MACs were checked.
    """

    entries: int
    broken_at: int | None = None
    fault: ChainFault | None = None
    head: bytes = GENESIS
    macs_from: int | None = None
    macs_checked: int = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was found."""
        return self.fault is None


class ChainWalk:
    """One walk, oldest entry first: `take` each until it says no, then ask for the `report`."""

    def __init__(
        self,
        *,
        starts: Sequence[bytes] = (),
        heads: Sequence[AuditHead] = (),
        key: MovingKey | None = None,
        state: KeyState | None = None,
    ) -> None:
        """Begin: `starts` are keys the auditor holds, `heads` what was posted elsewhere.

        `key` is the one on this machine, and `state` how far it had come before the chain was
        read: entries that came meanwhile are further than it.
        """
        self._starts = {key_mark(start): start for start in starts}
        self._heads = {head.number: head.hash for head in heads}
        self._live = key
        self._state = state
        self._before = GENESIS
        self._entries = 0
        self._fault: ChainFault | None = None
        self._broken_at: int | None = None
        self._macs_from: int | None = None
        self._macs_checked = 0
        self._key: bytes | None = None
        self._found: set[str] = set()
        self._is_live = False

    def take(self, entry: AuditEntry) -> bool:
        """Look at the next entry; tell whether it fits."""
        number = self._entries + 1
        fault = self._looked_at(entry, number)
        if fault is not None:
            self._fault, self._broken_at = fault, number
            return False
        self._before = entry.hash
        self._entries = number
        return True

    def _looked_at(self, entry: AuditEntry, number: int) -> ChainFault | None:
        if entry.number != number or entry.hash != chain_hash(self._before, number, entry.record):
            return ChainFault.ENTRY
        if self._heads.get(number, entry.hash) != entry.hash:
            return ChainFault.HEAD
        if entry.record.act == KEY_BEGIN:
            mark = entry.record.subject
            self._key = self._starts.get(mark)
            self._macs_from = self._macs_from or number
            if self._key is None and self._found:
                return ChainFault.KEY_NOT_GIVEN
            if self._key is not None:
                self._found.add(mark)
        if self._state is not None and number == self._state.since:
            begun = entry.record.subject if entry.record.act == KEY_BEGIN else ""
            self._is_live = begun == self._state.mark
            if not self._is_live:
                return ChainFault.OTHER_KEY
        return self._mac_looked_at(entry, number)

    def _mac_looked_at(self, entry: AuditEntry, number: int) -> ChainFault | None:
        if self._macs_from is None:
            return None
        if entry.mac is None:
            return ChainFault.NO_MAC
        expected = self._expected(entry, number)
        if expected is None:
            return None
        self._macs_checked += 1
        return None if hmac.compare_digest(expected, entry.mac) else ChainFault.MAC

    def _expected(self, entry: AuditEntry, number: int) -> bytes | None:
        if self._key is not None:
            mac = entry_mac(self._key, entry.hash)
            self._key = key_after(self._key)
            return mac
        if self._is_live and self._live and self._state and number >= self._state.next:
            try:
                return self._live.mac(number, entry.hash)
            except KeyGone:
                # It was written a moment ago, and its key erased while we walked.
                return None
        return None

    def report(self) -> ChainReport:
        """Return what was found, the end included."""
        fault, broken_at = self._fault, self._broken_at
        if fault is None:
            fault, broken_at = self._end()
        return ChainReport(
            entries=self._entries,
            broken_at=broken_at,
            fault=fault,
            head=self._before,
            macs_from=self._macs_from,
            macs_checked=self._macs_checked,
        )

    def _end(self) -> tuple[ChainFault | None, int | None]:
        reached = self._state.next - 1 if self._state is not None else 0
        if max(reached, *self._heads, 0) > self._entries:
            return ChainFault.CUT_OFF, self._entries + 1
        if set(self._starts) - self._found:
            return ChainFault.KEY_NOWHERE, None
        return None, None
