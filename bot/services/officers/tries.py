"""How often somebody may try a password.

Whoever knows a login must not be able to keep its officer out by wrong passwords. So tries are
counted by where they come from, and a browser in which the officer has signed in before is a
place of its own: it shows a sign that only this program can have given it. Tries from all other
places together are bounded as well, which bounds guessing from many addresses; running into
that bound shuts out strange browsers for a while, never the officer's own.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.sealing import Pseudonyms
from bot.core.storage import Work
from bot.core.time import Chance

TRIES: Final = 5
TRIES_WITHIN: Final = timedelta(minutes=15)
TRIES_ELSEWHERE: Final = 30
# So many officers may share a browser and each be known in it.
MOST_SIGNS: Final = 8
_NONCE_BYTES: Final = 16
_LONGEST_SIGN: Final = 100


class TooManySignIns(RuleBroken):
    """Wrong passwords came too often; wait a quarter of an hour."""

    def __init__(self) -> None:
        super().__init__("sign_in_wait")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a try comes from.

    `address` is the crowd of addresses it came from, `signs` what the browser showed of earlier
    sign-ins: officers share machines. Neither is kept but as keyed pseudonyms, for a quarter of
    an hour.
    """

    address: str = ""
    signs: tuple[str, ...] = ()


class Tries:
    """Counts tries, within the transaction of whoever signs somebody in."""

    def __init__(self, *, pseudonyms: Pseudonyms, chance: Chance) -> None:
        self._pseudonyms = pseudonyms
        self._chance = chance

    def new_sign(self, login: str) -> str:
        """Return the sign for a browser in which `login` has signed in."""
        nonce = self._chance.token(_NONCE_BYTES).hex()
        return f"{nonce}.{self._mark(login, nonce)}"

    def knows(self, login: str, place: Place) -> bool:
        """Tell whether the browser was given a sign for this login."""
        return self._sign_of(login, place) is not None

    def _sign_of(self, login: str, place: Place) -> str | None:
        for sign in place.signs[:MOST_SIGNS]:
            nonce, _, mark = sign[:_LONGEST_SIGN].partition(".")
            right = self._mark(login, nonce)
            if hmac.compare_digest(right.encode(), mark.encode(errors="replace")):
                return sign
        return None

    async def count(self, work: Work, login: str, place: Place, *, now: datetime) -> None:
        """Count a try before it is known whether it is wrong. Raise `TooManySignIns`."""
        bounds = self._bounds(login, place)
        for who, most in bounds.items():
            if await work.sessions.tries_since(who, now - TRIES_WITHIN) >= most:
                raise TooManySignIns
        for who in bounds:
            await work.sessions.note_try(who, now)

    async def forgive(self, work: Work, login: str, place: Place) -> None:
        """Forget the tries of this place: its officer came. Those of others still count."""
        await work.sessions.forget_tries(next(iter(self._bounds(login, place))))

    def _bounds(self, login: str, place: Place) -> dict[str, int]:
        sign = self._sign_of(login, place)
        if sign is not None:
            return {self._who("sign", login, sign): TRIES}
        return {
            self._who("address", login, place.address): TRIES,
            self._who("login", login): TRIES_ELSEWHERE,
            self._who("crowd", place.address): TRIES_ELSEWHERE,
        }

    def _who(self, kind: str, *parts: str) -> str:
        # No part holds a line end: logins and signs have no white space, addresses are our own.
        return self._pseudonyms.pseudonym("sign-in", "\n".join((kind, *parts)))

    def _mark(self, login: str, nonce: str) -> str:
        return self._pseudonyms.pseudonym("sign-in-sign", f"{login}\n{nonce}")
