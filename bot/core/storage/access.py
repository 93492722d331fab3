"""The port of the database: other software that asks, and that is told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.api_tokens import ApiToken
from bot.core.hooks import CallState, Hook, HookCall
from bot.core.ids import (
    ApiTokenId,
    HookCallId,
    HookId,
    OfficerId,
)


class ApiTokens(Protocol):
    """Tokens of other software."""

    async def save(self, token: ApiToken) -> None: ...
    async def get(self, token_id: ApiTokenId) -> ApiToken: ...
    async def by_hash(self, token_hash: bytes) -> ApiToken | None: ...
    async def of_officers(self, officer_ids: Collection[OfficerId]) -> list[ApiToken]:
        """Return their tokens, revoked ones too, newest first."""
        ...


class Hooks(Protocol):
    """Addresses that are told what happened."""

    async def save(self, hook: Hook) -> None: ...
    async def get(self, hook_id: HookId) -> Hook: ...
    async def all(self) -> list[Hook]:
        """Return every hook, oldest first."""
        ...

    async def remove(self, hook_id: HookId) -> None:
        """Forget the hook and its calls."""
        ...


class HookCalls(Protocol):
    """What hooks are still to be told, and what they were told lately."""

    async def add(self, calls: Sequence[HookCall]) -> int:
        """Store what is new by id; return how many were."""
        ...

    async def save(self, call: HookCall) -> None:
        """Replace a call; one whose hook was removed meanwhile stays away."""
        ...

    async def claim(self, limit: int, *, now: datetime, lease_until: datetime) -> list[HookCall]:
        """Take the earliest due calls; nobody else gets them before the lease runs out."""
        ...

    async def known(self, ids: Collection[HookCallId]) -> set[HookCallId]:
        """Return which of the ids are there, whatever became of the calls."""
        ...

    async def counts(self) -> Mapping[tuple[HookId, CallState], int]: ...
    async def give_up(self, hook_id: HookId, *, at: datetime) -> int:
        """Give up every call of a hook that still waits; return how many."""
        ...

    async def forget_before(self, at: datetime) -> int:
        """Forget calls that were done or given up before; return how many."""
        ...
