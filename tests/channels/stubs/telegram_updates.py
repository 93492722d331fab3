"""The updates a bot has not taken yet, and long polling over them."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_request import TelegramRefusal

MESSAGE_LIFE_S: Final = 24 * 3600.0
CALLBACK_LIFE_S: Final = 150.0
LIVES_S: Final = {
    "callback_query": CALLBACK_LIFE_S,
    "inline_query": 30.0,
    "chosen_inline_result": 600.0,
}
POLL_MAX_S: Final = 50
REMEMBERED: Final = 1000
# Sent only to those who name them in `allowed_updates`.
NOT_BY_DEFAULT: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
POLL_MAX_UPDATES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update; those of one `lane` are strictly in order, lanes are not."""

    id: int
    lane: str
    body: dict[str, object]
    expires_s: float


class UpdateQueue:
    """Everything not acknowledged yet, by update id."""

    def __init__(self, *, clock: StubClock, first_id: int = 700_000_001) -> None:
        self._clock = clock
        self._next_id = first_id
        self._pending: dict[int, Update] = {}
        self._made: deque[Update] = deque(maxlen=REMEMBERED)
        self._changed = asyncio.Event()
        self._poller = 0
        self.allowed: frozenset[str] = frozenset()

    def put(
        self, kind: str, content: dict[str, object], *, lane: str, is_seen: bool = True
    ) -> Update:
        """Queue one update of `kind` unless the bot may not see it or did not ask for the kind."""
        update = Update(
            id=self._next_id,
            lane=lane,
            body={"update_id": self._next_id, kind: content},
            expires_s=self._clock.seconds() + LIVES_S.get(kind, MESSAGE_LIFE_S),
        )
        self._next_id += 1
        self._made.append(update)
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        if is_seen and wanted:
            self._pending[update.id] = update
            self._tell()
        return update

    def made(self, update_id: int) -> Update:
        """Return one of the last updates, taken or not; LookupError if it was none of them."""
        for update in self._made:
            if update.id == update_id:
                return update
        raise LookupError(f"no update {update_id} among the last {REMEMBERED}")

    def restart_ids(self, first_id: int) -> None:
        """Number updates from `first_id` on, as the platform may after a week without any."""
        self._next_id = first_id

    def put_again(self, update: Update) -> None:
        """Queue an update that was taken before, under its old id: a duplicate."""
        self._pending[update.id] = update
        self._tell()

    def forget(self, update_id: int) -> None:
        """Drop one update: it was acknowledged."""
        if self._pending.pop(update_id, None) is not None:
            self._tell()

    def clear(self) -> None:
        """Drop all of them."""
        self._pending.clear()
        self._tell()

    def pending(self) -> list[Update]:
        """Return what is not acknowledged and not expired, in order of ids."""
        now_s = self._clock.seconds()
        for update in [gone for gone in self._pending.values() if gone.expires_s <= now_s]:
            del self._pending[update.id]
        return sorted(self._pending.values(), key=lambda update: update.id)

    def _tell(self) -> None:
        told, self._changed = self._changed, asyncio.Event()
        told.set()

    async def wait_until_empty(self, *, timeout_s: float) -> None:
        """Return when everything is acknowledged; TimeoutError after `timeout_s`."""
        async with asyncio.timeout(timeout_s):
            while self.pending():
                await self._changed.wait()

    def stop_polls(self) -> None:
        """End every long poll that is open."""
        self._poller += 1
        self._tell()

    async def poll(self, *, offset: int, limit: int, timeout_s: int) -> list[Update]:
        """Return up to `limit` updates from `offset` on, waiting up to `timeout_s` for the first.

        Everything below `offset` counts as acknowledged; a second poll ends the first one.
        """
        self._acknowledge(offset)
        self._poller += 1
        mine = self._poller
        self._tell()
        try:
            async with self._clock.timeout(min(max(timeout_s, 0), POLL_MAX_S)):
                while not (found := [u for u in self.pending() if u.id >= offset]):
                    await self._changed.wait()
                    if self._poller != mine:
                        raise TelegramRefusal(
                            409,
                            "Conflict: terminated by other getUpdates request;"
                            " make sure that only one bot instance is running",
                        )
        except TimeoutError:
            return []
        return found[: min(max(limit, 1), POLL_MAX_UPDATES)]

    def _acknowledge(self, offset: int) -> None:
        if offset < 0:
            keep = {update.id for update in self.pending()[offset:]}
            for update_id in [old for old in self._pending if old not in keep]:
                del self._pending[update_id]
        for update_id in [old for old in self._pending if old < offset]:
            del self._pending[update_id]
