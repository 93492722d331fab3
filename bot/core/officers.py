"""Officers: who may do what in which unit, and their sessions and keys."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.core.ids import ALPHABET, KeyHolderId, OfficerId, UnitId


class Role(StrEnum):
    """What somebody is trusted with. One officer may hold several."""

    ADMIN = "admin"
    ANNOUNCER = "announcer"
    APPROVER = "approver"
    MODERATOR = "moderator"
    VIEWER = "viewer"
    AUDITOR = "auditor"


class Act(StrEnum):
    """What a console page or service call does, for asking whether a role may."""

    SEE = "see"  # counts, units, announcements and their outcomes
    ANNOUNCE = "announce"
    APPROVE = "approve"
    EDIT = "edit"  # answers and facts
    ANSWER = "answer"  # residents who asked for a person
    MODERATE = "moderate"  # tips: list, open, move
    ADMINISTER = "administer"  # officers, channels, units
    AUDIT = "audit"  # the chain of who did what


MAY: Final[Mapping[Role, frozenset[Act]]] = {
    # An administrator keeps the house and reads no tips: keys are given to moderators only.
    Role.ADMIN: frozenset({Act.SEE, Act.ANSWER, Act.EDIT, Act.ADMINISTER, Act.AUDIT}),
    Role.ANNOUNCER: frozenset({Act.SEE, Act.ANSWER, Act.ANNOUNCE, Act.EDIT}),
    Role.APPROVER: frozenset({Act.SEE, Act.ANSWER, Act.APPROVE}),
    Role.MODERATOR: frozenset({Act.SEE, Act.ANSWER, Act.MODERATE}),
    Role.VIEWER: frozenset({Act.SEE}),
    Role.AUDITOR: frozenset({Act.SEE, Act.AUDIT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """One person who signs in at the console. Sees `unit_id` and everything under it."""

    id: OfficerId
    login: str
    name: str = field(repr=False)
    unit_id: UnitId
    roles: frozenset[Role]
    password_hash: str = field(repr=False)
    is_active: bool = True
    added_at: datetime

    def may(self, act: Act) -> bool:
        """Tell whether one of the officer's roles allows `act`."""
        return any(act in MAY[role] for role in self.roles)


class HolderKind(StrEnum):
    """Whose key opens tips."""

    OFFICER = "officer"
    RECOVERY = "recovery"  # the key printed at set-up; before set-up, the founding key


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """A public key that tips are sealed to. `locked_private` is wrapped by the password.

    `attested` is what the store proves by, under a key that no database holds, that this
    program put the public key there; the store writes it.
    """

    id: KeyHolderId
    kind: HolderKind
    officer_id: OfficerId | None = None
    unit_id: UnitId
    public_key: bytes = field(repr=False)
    locked_private: bytes | None = field(default=None, repr=False)
    retired_at: datetime | None = None
    attested: str = field(default="", repr=False)

    @property
    def claim(self) -> str:
        """Return what is attested: whose key this is, and the key."""
        owner = self.officer_id or ""
        return f"{self.id}|{self.kind}|{owner}|{self.unit_id}|{self.public_key.hex()}"


def fingerprint_of(public_key: bytes) -> str:
    """Return four groups of four signs (80 bits) by which two people compare a public key."""
    digest = hashlib.blake2b(public_key, person=b"binhyen.key.fp", digest_size=16).digest()
    signs = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest)
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def mark_of(public_key: bytes) -> str:
    """Return six signs that tell one key from another at a glance; they prove nothing."""
    digest = hashlib.blake2b(public_key, person=b"binhyen.key.mark", digest_size=6).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser. Only the hash of its token is known."""

    token_hash: bytes = field(repr=False)
    officer_id: OfficerId
    csrf: str = field(repr=False)
    started_at: datetime
    seen_at: datetime
