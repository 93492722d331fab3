"""Which posted requests are believed, and what they say."""

from collections.abc import Sequence
from typing import Final

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.bodies import read_event, text_of
from bot.channels.zalo.events import OwnWords, to_incoming
from bot.channels.zalo.signature import (
    SIGNATURE_HEADER,
    check_age,
    check_signature,
    moment_of,
    signature,
)
from bot.core.channels import WebhookRequest
from bot.core.errors import BadSignature, NotForMe
from bot.core.messages import Incoming
from bot.core.time import Clock

RETRY_HEADER: Final = "num_retry"
_MOST_RETRIES: Final = 99


class Doorstep:
    """Reads what Zalo posts for one account. Remembers what the account said in groups."""

    def __init__(self, account: ZaloAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._own = OwnWords()

    def read(self, request: WebhookRequest) -> Sequence[Incoming]:
        """Return what the event says.

        Raise `NotForMe` for another account of the app, `BadSignature` for a wrong or stale
        signature or another app, `BadBody` for what is no event.
        """
        account = self._account
        event = read_event(request.body)
        if event.accounts and account.oa_id not in event.accounts:
            raise NotForMe("the event is about another account", meant=event.accounts)
        if text_of(event.app_id) not in {"", account.app_id}:
            raise BadSignature("the event is of another app")
        wanted = signature(
            app_id=account.app_id,
            body=request.body,
            timestamp=str(event.timestamp),
            secret=account.signing_secret,
        )
        check_signature(request.headers.get(SIGNATURE_HEADER, ""), wanted)
        check_age(moment_of(str(event.timestamp)), self._clock.now())
        repeats = _repeats(request.headers.get(RETRY_HEADER, ""))
        return [to_incoming(event, account, self._own, repeats=repeats)]


def _repeats(told: str) -> int:
    is_number = told.isascii() and told.isdecimal() and len(told) <= len(str(_MOST_RETRIES))
    return int(told) if is_number else 0
