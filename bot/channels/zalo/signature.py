"""Whether a webhook is from Zalo: plain SHA-256 over app id, raw body, timestamp and secret."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.errors import BadBody, BadSignature

SIGNATURE_HEADER: Final = "x-zevent-signature"
PREFIX: Final = "mac="
# The last of Zalo's repeats comes 1 h 50 min 30 s after the first try.
OLDEST: Final = timedelta(hours=2, minutes=5)
# A commune's machine may be behind by minutes; its residents must be heard all the same.
CLOCK_SKEW: Final = timedelta(hours=1)

_LONGEST_TIMESTAMP: Final = 14  # milliseconds up to the year 5138


class BadTimestamp(BadSignature):
    """The request is signed, but older than Zalo's last repeat or from the future: a replay."""


def signature(*, app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """Return the hex digest Zalo writes into the header after `mac=`."""
    return hashlib.sha256(
        app_id.encode() + body + timestamp.encode() + secret.encode()
    ).hexdigest()


def check_signature(given: str, wanted: str) -> None:
    """Compare in constant time, with or without `mac=`. Raise `BadSignature`."""
    bare = given.strip().removeprefix(PREFIX).encode(errors="replace")
    if not hmac.compare_digest(bare, wanted.encode()):
        raise BadSignature("the signature is missing or wrong")


def moment_of(timestamp: str) -> datetime:
    """Return the moment of a string of milliseconds. Raise `BadBody`."""
    if not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > _LONGEST_TIMESTAMP:
        raise BadBody("the timestamp is not one")
    return datetime.fromtimestamp(int(timestamp) / 1000, UTC)


def check_age(at: datetime, now: datetime) -> None:
    """Refuse what is older than Zalo's last repeat, or far ahead of our clock.

    Raise `BadTimestamp`. Replays within these hours are known by their event id.
    """
    if now - at > OLDEST:
        raise BadTimestamp("the request is too old; is the machine's clock right?")
    if at - now > CLOCK_SKEW:
        raise BadTimestamp("the request is from the future; is the machine's clock right?")
