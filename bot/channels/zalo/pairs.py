"""A pair of tokens as Zalo's OAuth answers it, and as it is kept among an account's secrets.

Nothing here asks anybody: `tokens` renews a pair, `grant` gets the first one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from bot.core.channels import Credentials
from bot.core.errors import BinhYenError
from bot.services.channels.credentials import REFRESH_TOKEN, RENEWED_AT

# Names of the values kept in `Credentials`.
ACCESS_TOKEN: Final = "access_token"  # noqa: S105 - a name, not a secret
EXPIRES_AT: Final = "access_expires_at"
REFRESH_EXPIRES_AT: Final = "refresh_expires_at"

# Zalo's pages: a refresh token lives three months from its issue.
REFRESH_LIFE: Final = timedelta(days=90)

# Old pages of Zalo gave an access token one hour; it is the careful guess if none is told.
_UNTOLD_LIFE_S: Final = 3600
_LONGEST_LIFE_S: Final = timedelta(days=366).total_seconds()
_LONGEST_CODE: Final = 12


class Unreadable(BinhYenError):
    """The answer is neither a pair nor a refusal; nobody knows what was done."""


class NoPair(BinhYenError):
    """OAuth said no. `code` is its error as text, such as "-14014"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Answer(msgspec.Struct):
    access_token: str = ""
    refresh_token: str = ""
    expires_in: int | float | str = _UNTOLD_LIFE_S
    refresh_token_expires_in: int | float | str = ""
    error: int | str = 0


def read_pair(raw: bytes, *, now: datetime, old_refresh_token: str = "") -> Mapping[str, str]:
    """Return the values to keep of OAuth's answer `raw`, received at `now`.

    Some answers hold no refresh token; the old one stays good then (notes of integrations).
    Raise `Unreadable` or `NoPair`.
    """
    try:
        answer = msgspec.json.decode(raw, type=_Answer)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Unreadable("no pair and no refusal") from None
    if not answer.access_token:
        raise NoPair(str(answer.error).strip()[:_LONGEST_CODE])
    access_life_s = _life_s(answer.expires_in) or _UNTOLD_LIFE_S
    refresh_life_s = _life_s(answer.refresh_token_expires_in) or REFRESH_LIFE.total_seconds()
    return {
        ACCESS_TOKEN: answer.access_token,
        REFRESH_TOKEN: answer.refresh_token or old_refresh_token,
        EXPIRES_AT: (now + timedelta(seconds=access_life_s)).isoformat(),
        RENEWED_AT: now.isoformat(),
        REFRESH_EXPIRES_AT: (now + timedelta(seconds=refresh_life_s)).isoformat(),
    }


def expiry_of(credentials: Credentials) -> datetime | None:
    """Return when the access token ends, None if nobody knows (a pair pasted by hand)."""
    return moment_in(credentials.values, EXPIRES_AT)


def moment_in(values: Mapping[str, str], name: str) -> datetime | None:
    """Return the moment kept under `name`, or None."""
    try:
        at = datetime.fromisoformat(values.get(name, ""))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _life_s(told: float | str) -> float:
    """Return seconds, 0 for what nobody can believe."""
    try:
        life_s = float(told)
    except ValueError:
        return 0
    # Also refuses what is not a number, and what no moment can hold.
    return life_s if 0 < life_s < _LONGEST_LIFE_S else 0
