"""What a receipt opens: how the tip stands, and its dialogue with those who read it.

The receipt proves that a tip is somebody's and unlocks the dialogue; it does not open the tip
itself, nor what officers note among themselves. Nothing of who asks is looked at or kept.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import LocatorTaken, NotFound, RuleBroken
from bot.core.sealing import ReceiptMaking, ReceiptMistyped, TalkSealing
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.core.tips import TALK_KINDS, Tip, TipState
from bot.core.turns import Effect
from bot.services.tips.talk import Letter, Said, Talk

_TRIES: Final = 5
_TRIES_WITHIN: Final = timedelta(hours=1)
_THEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a receipt opens.

    Without `private_key` the tip is older than dialogues: its state is all there is to see.
    `is_handed`: an officer typed the tip in, so the receipt should be changed for a fresh one.
    """

    state: TipState
    since: datetime
    passed_to: str = ""
    said: tuple[Said, ...] = field(default=(), repr=False)
    is_handed: bool = False
    tip: Tip = field(repr=False)
    private_key: bytes = field(default=b"", repr=False)

    @property
    def has_talk(self) -> bool:
        """Tell whether something can be added."""
        return bool(self.private_key)


class TooManyTries(RuleBroken):
    """A receipt's first group was tried too often; `wait_s` says how long to wait."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("follow_wait", minutes=max(1, -(-wait_s // 60)))
        self.wait_s = wait_s


class ResidentTalks:
    """Use cases of whoever holds a receipt."""

    def __init__(
        self,
        *,
        storage: Storage,
        talk: Talk,
        sealing: TalkSealing,
        receipts: ReceiptMaking,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._talk = talk
        self._sealing = sealing
        self._receipts = receipts
        self._clock = clock

    async def follow(self, typed: str) -> Followed | None:
        """Return what a receipt opens, or None for an unknown or wrong one, in the same time.

        Raise `TooManyTries` after five wrong tries within an hour, then one a minute.
        """
        try:
            receipt = self._receipts.parse(typed)
        except ReceiptMistyped:
            await self._receipts.waste()
            return None
        # To the minute: when somebody looked after their tip is nobody's business.
        minute = self._clock.now().replace(second=0, microsecond=0)
        async with self._storage.begin() as work:
            await self._refuse_guessing(work, receipt.locator, minute)
            tip = await work.tips.by_locator(receipt.locator)
            # Counted before it is known whether it is wrong, so that tries side by side count.
            await work.tips.note_try(receipt.locator, minute)
            await work.commit()
        if tip is None:
            await self._receipts.waste()
            return None
        key = await self._receipts.key_of(receipt.secret, tip.receipt_salt, tip.receipt_hash)
        if key is None:
            return None
        return await self._opened(tip, key)

    async def _refuse_guessing(self, work: Work, locator: str, minute: datetime) -> None:
        within_hour = await work.tips.tries_since(locator, minute - _TRIES_WITHIN)
        if within_hour < _TRIES:
            return
        if await work.tips.tries_since(locator, minute):
            raise TooManyTries(int(_THEN_EVERY.total_seconds()))

    async def _opened(self, tip: Tip, key: bytes) -> Followed:
        async with self._storage.begin() as work:
            await work.tips.forget_tries(tip.locator)
            records = await work.tips.records(tip.id, kinds=TALK_KINDS)
            await work.commit()
        private_key = b""
        if tip.talk_locked is not None and key:
            private_key = self._sealing.unlock(tip.talk_locked, key, tip_id=tip.id)
        return Followed(
            state=tip.state,
            since=tip.moved_at,
            passed_to=tip.passed_to,
            said=tuple(self._talk.heard(tip, private_key, records)) if private_key else (),
            is_handed=tip.is_handed,
            tip=tip,
            private_key=private_key,
        )

    def add(self, followed: Followed, letter: Letter, *, is_correction: bool = False) -> Effect:
        """Return the effect that adds to the dialogue. It raises `NotFound` for a tip now gone.

        Raise `RuleBroken` if the tip has no dialogue, or nothing was said.
        """
        if not followed.has_talk:
            raise RuleBroken("talk_none")
        if not letter.text.strip() and not letter.pictures:
            raise RuleBroken("talk_empty")
        now = self._clock.now()

        async def store(work: Work) -> None:
            tip = await work.tips.get(followed.tip.id)
            first = await work.tips.next_sequence(tip.id)
            told = self._talk.told(
                tip,
                followed.private_key,
                letter,
                by_officers=False,
                first=first,
                at=now,
                is_correction=is_correction,
            )
            for record in told:
                await work.tips.add_record(record)
            await work.tips.save(replace(tip, has_news=True, version=tip.version + 1))

        return store

    def withdraw(self, followed: Followed) -> Effect:
        """Return the effect that forgets the tip for good.

        It raises `RuleBroken` if the law wants the tip kept; a tip that is gone already is fine.
        """

        async def forget(work: Work) -> None:
            try:
                tip = await work.tips.get(followed.tip.id)
            except NotFound:
                return
            if tip.is_held:
                raise RuleBroken("talk_held")
            await work.tips.remove(tip.id)

        return forget

    async def draw(self) -> str:
        """Return a fresh receipt that no other begins like, to be shown before an exchange."""
        while True:
            receipt = self._receipts.new()
            async with self._storage.read() as work:
                if await work.tips.by_locator(receipt.locator) is None:
                    return receipt.text

    async def exchange(self, followed: Followed, drawn: str) -> Effect:
        """Return the effect after which only the receipt `drawn` opens the tip.

        Carry it out once its holder has written it down. Raise `RuleBroken` if the tip has no
        dialogue or `drawn` is no receipt. The effect raises `LocatorTaken` if another receipt
        begins alike by now: draw again.
        """
        if not followed.has_talk:
            raise RuleBroken("talk_none")
        try:
            receipt = self._receipts.parse(drawn)
        except ReceiptMistyped as error:
            raise RuleBroken("talk_none") from error
        salt = self._receipts.new_salt()
        proof = await self._receipts.prove(receipt.secret, salt)
        locked = self._sealing.lock(followed.private_key, proof.key, tip_id=followed.tip.id)

        async def store(work: Work) -> None:
            tip = await work.tips.get(followed.tip.id)
            other = await work.tips.by_locator(receipt.locator)
            if other is not None and other.id != tip.id:
                raise LocatorTaken("two receipts began alike; make another")
            await work.tips.save(
                replace(
                    tip,
                    locator=receipt.locator,
                    receipt_salt=salt,
                    receipt_hash=proof.stored,
                    talk_locked=locked,
                    is_handed=False,
                    version=tip.version + 1,
                )
            )

        return store
