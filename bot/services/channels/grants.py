"""Grants under way: what is asked for, how far each has come, and where they are kept.

They are kept sealed in the database, all in one value, so that the process that is called back
need not be the one that began. What happens with them is in `connecting`.
"""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from bot.core.errors import BinhYenError
from bot.core.ids import ChannelId, UnitId, new_id
from bot.core.languages import Language
from bot.core.sealing import SealBroken
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.envelopes import Envelopes

# As long as Zalo's code lives.
GRANT_LIFE: Final = timedelta(minutes=10)
OA_ID: Final = "oa_id"
APP_ID: Final = "app_id"
# Set to FIXED: the same proof (PKCE) for every grant of this account.
PKCE: Final = "pkce"
FIXED: Final = "fixed"
VERIFIER: Final = "code_verifier"
# What stays when a new pair comes.
LASTING_SECRETS: Final = ("app_secret", "oa_secret", VERIFIER)
# Set to IN_REDIRECT: the anti-forgery value travels inside the callback address.
STATE_IN: Final = "state_in"
IN_REDIRECT: Final = "redirect"

CALLBACK_PATH: Final = "/connect/zalo/callback"
# What binds a grant to the browser it was begun in.
BROWSER_COOKIE: Final = "binhyen_connect"
COOKIE_PATH: Final = "/connect"

_KEY: Final = "connecting"
_SEALED_FOR: Final = ChannelId(_KEY)
_MOST: Final = 20
_ID_LENGTH: Final = 24
_LONGEST_STATE: Final = 100
_LOCK: Final = timedelta(seconds=30)


class Fault(StrEnum):
    """Why a grant came to nothing."""

    UNKNOWN = "unknown"  # no grant with this anti-forgery value, or it was forgotten
    LATE = "late"
    OTHER_BROWSER = "other_browser"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"  # the platform said no; its code says why
    NO_ANSWER = "no_answer"  # nobody knows whether the code was used up
    NO_CONNECTION = "no_connection"
    OTHER_ACCOUNT = "other_account"
    ELSEWHERE = "elsewhere"  # the account belongs to a unit this officer does not see
    NO_ACCOUNT = "no_account"  # the platform did not say whose grant it is
    BROKEN_OFF = "broken_off"


class Progress(StrEnum):
    """How far a grant has come."""

    WAITING = "waiting"  # for the platform to call back
    WORKING = "working"
    CONNECTED = "connected"
    FAILED = "failed"


class GrantFailed(BinhYenError):
    """A grant came to nothing. `code` is the platform's, "" if it gave none."""

    def __init__(self, fault: Fault, code: str = "") -> None:
        super().__init__(fault.value, code)
        self.fault = fault
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The account to connect: where it belongs, what may be shown of it, its app's secrets.

    `name` "" takes the platform's. `oa_id` is the account that must come out, "" for any.
    """

    unit_id: UnitId
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    name: str = ""
    oa_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """One grant as it is kept. After its end nothing secret is left in it.

    `browser` is the hash of what the browser was given, `session` that of who is signed in
    there; both are "" if it was begun at the machine.
    """

    id: str
    by: str
    until: datetime
    state: str = field(default="", repr=False)
    verifier: str = field(default="", repr=False)
    browser: str = field(default="", repr=False)
    session: str = field(default="", repr=False)
    application: Application | None = None
    progress: Progress = Progress.WAITING
    fault: Fault | None = None
    code: str = ""
    channel_id: str = ""
    account: str = ""

    @property
    def is_of_machine(self) -> bool:
        """Tell whether it was begun at the command line."""
        return not self.browser

    def failed(self, fault: Fault, code: str = "") -> "UnderWay":
        """Return the grant come to nothing."""
        return replace(self._emptied(), progress=Progress.FAILED, fault=fault, code=code)

    def connected(self, channel_id: ChannelId, account: str) -> "UnderWay":
        """Return the grant come to its good end."""
        emptied = self._emptied()
        return replace(
            emptied, progress=Progress.CONNECTED, channel_id=channel_id, account=account
        )

    def _emptied(self) -> "UnderWay":
        return replace(self, state="", verifier="", application=None)


class Granting(Protocol):
    """How the platform is asked for a grant."""

    def link(self, settings: Mapping[str, str], *, state: str, verifier: str) -> str:
        """Return the address at which a person agrees."""
        ...

    async def exchange(
        self, application: Application, *, code: str, verifier: str
    ) -> Mapping[str, str]:
        """Return the pair that `code` stands for, as it is kept. Raise `GrantFailed`."""
        ...

    async def whose(self, application: Application, pair: Mapping[str, str]) -> tuple[str, str]:
        """Return id and name of the account that granted; "" if the platform does not tell."""
        ...

    def words(self, fault: Fault, code: str, language: Language) -> str:
        """Return what went wrong and what to do about it."""
        ...


def id_of(state: str) -> str:
    """Return the public name of the grant with this anti-forgery value."""
    return hashed(state[:_LONGEST_STATE])[:_ID_LENGTH]


def hashed(value: str) -> str:
    """Return what is kept instead of a value that only a browser holds."""
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def place_of(grant_id: str, grants: list[UnderWay]) -> int | None:
    """Return where a grant stands; every one is compared, and in constant time."""
    found = None
    for at, grant in enumerate(grants):
        if is_same(grant_id, grant.id):
            found = at
    return found


_ALL: Final = msgspec.json.Decoder(list[UnderWay])


class GrantShelf:
    """Where grants are kept until twice their time is over."""

    def __init__(
        self, *, storage: Storage, envelopes: Envelopes, clock: Clock, chance: Chance
    ) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._clock = clock
        self._chance = chance

    async def all(self) -> list[UnderWay]:
        """Return the grants, oldest first."""
        async with self._storage.read() as work:
            return await self._read(work)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[list[UnderWay]]:
        """Yield the grants; what the block makes of the list is stored, one caller at a time."""
        now = self._clock.now()
        owner = new_id(self._chance)
        async with self._storage.begin() as work:
            # Its row is locked until the commit, which orders the callers on every database.
            await work.claims.lease(_KEY, owner=owner, now=now, until=now + _LOCK)
            grants = [one for one in await self._read(work) if not _is_over(one, now)]
            yield grants
            spelled = msgspec.json.encode(grants[-_MOST:]).decode()
            sealed = self._envelopes.credentials(_SEALED_FOR, {_KEY: spelled})
            await work.settings.put(_KEY, base64.b64encode(sealed).decode())
            await work.claims.end_lease(_KEY, owner=owner)
            await work.commit()

    async def forget_old(self) -> None:
        """Forget grants nobody finished: the secrets of an app stand in them."""
        now = self._clock.now()
        if any(_is_over(one, now) for one in await self.all()):
            async with self.open():
                pass

    async def _read(self, work: Work) -> list[UnderWay]:
        kept = await work.settings.get(_KEY)
        if not kept:
            return []
        try:
            opened = self._envelopes.open_credentials(_SEALED_FOR, base64.b64decode(kept))
            return _ALL.decode(opened[_KEY])
        except (SealBroken, KeyError, ValueError, msgspec.DecodeError):
            # Of another version of the program; whoever waits begins again.
            return []


def _is_over(grant: UnderWay, now: datetime) -> bool:
    return grant.until + GRANT_LIFE <= now
