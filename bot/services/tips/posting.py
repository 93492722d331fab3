"""What officers leave for a route, as both sides spell it: the key it is sealed to, the text."""

import base64
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import msgspec

from bot.core.sealing import WeekKey

# Under which name the public key of the newest week stands among the settings of the database.
ROUTE_KEY: Final = "tips.route_key"
POST: Final = "post"
# Of posts, as of records, at most five sizes are to be seen for texts up to 4,000 characters.
_SMALLEST_BYTES: Final = 1024
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message of officers on its way into a chat."""

    text: str = field(repr=False)


def spelled_post(post: Post) -> bytes:
    """Return a post as JSON, with blanks behind it up to one of few sizes."""
    plain = _ENCODER.encode(post)
    size_bytes = _SMALLEST_BYTES
    while size_bytes < len(plain):
        size_bytes *= 2
    return plain.ljust(size_bytes)


def spelled_key(key: WeekKey) -> str:
    """Return a week's public key as the settings hold it."""
    return f"{key.week.isoformat()} {base64.b64encode(key.public_key).decode()}"


def read_key(text: str) -> WeekKey:
    """Return the key that `spelled_key` spelled."""
    week, _, key = text.partition(" ")
    return WeekKey(week=date.fromisoformat(week), public_key=base64.b64decode(key))
