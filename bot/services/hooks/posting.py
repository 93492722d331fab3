"""One call to a hook: signed by the open conventions of Standard Webhooks, and how it ended.

How a body really gets there is behind the port `Poster`, which knows no hook and no secret.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from bot.core.errors import BinhYenError
from bot.core.ids import HookCallId

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every such secret begins with
SECRET_BYTES: Final = 32
_GONE: Final = 410


class NotPosted(BinhYenError):
    """No answer came; `why` says how it ended: `no_connection` or `no_answer`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Poster(Protocol):
    """Brings a body to an address."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Return the status of the answer, follow it nowhere. Raise `NotPosted`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a call ended: `trouble` is empty if the other side took it."""

    trouble: str = ""
    is_gone: bool = False

    @property
    def is_well(self) -> bool:
        """Tell whether the other side took it."""
        return not self.trouble


def new_secret(random: bytes) -> str:
    """Return the text of a fresh secret."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def signed(secret: str, call_id: HookCallId, body: bytes, *, at: datetime) -> Mapping[str, str]:
    """Return the headers of a call made at `at`."""
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    mac = hmac.new(key, f"{call_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": call_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


async def posted(poster: Poster, url: str, body: bytes, headers: Mapping[str, str]) -> Ended:
    """Bring a body to a hook; return how it ended."""
    try:
        status = await poster.post(url, body, headers)
    except NotPosted as error:
        return Ended(trouble=error.why)
    if 200 <= status < 300:  # noqa: PLR2004 - every status that says yes
        return Ended()
    return Ended(trouble=f"answered_{status}", is_gone=status == _GONE)
