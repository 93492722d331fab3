"""Receipts hashed ahead of time, so that nobody waits for a slow hash in a rush of tips.

A receipt has nothing to do with the tip it will belong to, so its hash (19 MiB of memory and some
20 ms of a processor) need not be made while somebody waits, nor the pair of the dialogue it opens.
What is ready stands only in memory, and is thrown away unused after a while: whoever copied the
memory once knows few receipts to come.
"""

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Final, NoReturn

from bot.core.sealing import KeyPair, Receipt, ReceiptMaking, ReceiptProof, TalkSealing
from bot.core.time import Clock
from bot.services.qr_codes import Modules, modules_of

log = logging.getLogger(__name__)

# Fifty a second for a minute and a thousand at once: a whole commune that reads one announcement.
MOST: Final = 4_000
# So many times as long as one takes nothing is made: a quarter of one processor for some minutes.
_REST: Final = 3
_LOOK_S: Final = 5.0
# While some are left, nothing is made beside those who are being answered, nor just after.
ENOUGH: Final = 50
_CALM_S: Final = 2.0
# A program that has just started has more urgent things to do.
_AT_START_S: Final = 10.0
_KEPT_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyReceipt:
    """A receipt nobody has yet, with its code and all that is stored; `salt` has 16 bytes.

    `talk` is the pair of its dialogue, unless whoever sealed the tip brings one.
    """

    receipt: Receipt
    talk: KeyPair = field(repr=False)
    code: Modules = field(repr=False)
    salt: bytes
    proof: ReceiptProof
    made_at: float = field(repr=False)


class ReadyReceipts:
    """Hands out receipts, the oldest ready one first; makes one at once when none is ready."""

    def __init__(self, *, receipts: ReceiptMaking, talks: TalkSealing, clock: Clock) -> None:
        self._receipts = receipts
        self._talks = talks
        self._clock = clock
        self._ready: deque[ReadyReceipt] = deque()
        self._taken_at = -_CALM_S

    async def take(self) -> ReadyReceipt:
        """Return a receipt that nobody else gets."""
        self._drop_old()
        self._taken_at = self._clock.monotonic()
        return self._ready.popleft() if self._ready else await self._made(first=True)

    async def keep_ready(self, *, most: int = MOST) -> NoReturn:
        """Keep `most` receipts ready, made slowly; runs until it is cancelled."""
        await self._clock.sleep(_AT_START_S)
        was_told = False
        while True:
            self._drop_old()
            if len(self._ready) >= most and not was_told:
                # Once: told at each, a log would know when somebody sent a tip.
                was_told = True
                log.info("receipts.ready", extra={"ready": len(self._ready)})
            if len(self._ready) < most and not self._is_in_demand():
                began = self._clock.monotonic()
                self._ready.append(await self._made(first=False))
                await self._clock.sleep(_REST * (self._clock.monotonic() - began))
            else:
                await self._clock.sleep(_LOOK_S)

    def _is_in_demand(self) -> bool:
        is_calm = self._clock.monotonic() - self._taken_at >= _CALM_S
        return len(self._ready) >= ENOUGH and not is_calm

    def __len__(self) -> int:
        """Return how many are ready."""
        return len(self._ready)

    def _drop_old(self) -> None:
        oldest = self._clock.monotonic() - _KEPT_S
        while self._ready and self._ready[0].made_at < oldest:
            self._ready.popleft()

    async def _made(self, *, first: bool) -> ReadyReceipt:
        receipt, salt = self._receipts.new(), self._receipts.new_salt()
        return ReadyReceipt(
            receipt=receipt,
            talk=self._talks.new_pair(),
            code=modules_of(receipt.text),
            salt=salt,
            proof=await self._receipts.prove(receipt.secret, salt, first=first),
            made_at=self._clock.monotonic(),
        )
