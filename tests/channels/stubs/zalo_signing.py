"""How one event becomes signed bytes: right, in each lawful way, or spoiled on purpose."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.channels.stubs.zalo_accounts import ZaloApp
from tests.channels.stubs.zalo_catalogue import CHAT_SERVER
from tests.channels.stubs.zalo_events import odd_json


class Signature(StrEnum):
    """How events are signed; every kind but the first three is one a receiver must refuse."""

    GOOD = "good"
    BARE_HEX = "bare_hex"
    APP_SECRET = "app_secret"
    WRONG = "wrong"
    MISSING = "missing"
    TAMPERED_BODY = "tampered_body"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEvent:
    """One event as bytes, and how the last attempt ended: `status` 0 means no answer."""

    name: str
    body: bytes
    headers: Mapping[str, str]
    status: int = 0
    was_connected: bool = False
    repeats: int = 0


def signed(
    event: Mapping[str, object],
    *,
    app: ZaloApp,
    kind: Signature,
    variant: int,
    server: str = CHAT_SERVER,
) -> SentEvent:
    """Return an event as it goes out; `variant` chooses the odd order and spacing of its JSON."""
    body = odd_json(event, variant=variant)
    secret = app.app_secret if kind is Signature.APP_SECRET else app.webhook_secret
    stamp = str(event.get("timestamp", ""))
    mac = hashlib.sha256(app.app_id.encode() + body + stamp.encode() + secret.encode()).hexdigest()
    if kind is Signature.WRONG:
        mac = mac[::-1]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ZaloWebhook",
        "X-ZEvent-Signature": mac if kind is Signature.BARE_HEX else f"mac={mac}",
        "X-ZEvent-Server": server,
    }
    if kind is Signature.MISSING:
        del headers["X-ZEvent-Signature"]
    if kind is Signature.TAMPERED_BODY:
        body = body.replace(b":", b": ", 1)
    return SentEvent(name=str(event["event_name"]), body=body, headers=headers)
