"""The port of the database: collections in our words, gathered in one unit of work.

`begin` opens a transaction that writes; what is not committed is forgotten. `read` opens one
that only looks. Tasks never share a `Work`. On SQLite, units of work that end at about the
same moment reach the disk in one flush; `commit` returns only after that flush.
Every `get` raises `NotFound`; `save` inserts or replaces by id.
Both databases pass `tests/storage/test_contract.py`; `bot.storage` fits this port.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from bot.core.inbox import Arrival
from bot.core.mails import Mails
from bot.core.routes import Routes
from bot.core.shuffling import Shuffling
from bot.core.storage.access import ApiTokens, HookCalls, Hooks
from bot.core.storage.edits import Drafts, Edits, UnknownQuestions
from bot.core.storage.handovers import Handovers
from bot.core.storage.officers import Officers, Sessions
from bot.core.storage.outbox import Announcements, Attachments, Deliveries, Progress, Results
from bot.core.storage.records import AuditLog, Claims, Settings
from bot.core.storage.residents import Households, People, Units
from bot.core.storage.tips import Tips
from bot.core.storage.traffic import (
    ChannelAccounts,
    Dialogues,
    Groups,
    Inbox,
    Letter,
    Mailboxes,
    Slips,
)
from bot.core.tip_ends import TipEnds
from bot.core.tip_keys import TipKeys

__all__ = [
    "Announcements",
    "ApiTokens",
    "Attachments",
    "AuditLog",
    "ChannelAccounts",
    "Claims",
    "Deliveries",
    "Dialogues",
    "Drafts",
    "Edits",
    "Groups",
    "Handovers",
    "HookCalls",
    "Hooks",
    "Households",
    "Inbox",
    "Letter",
    "Mailboxes",
    "Officers",
    "People",
    "Progress",
    "Results",
    "Sessions",
    "Settings",
    "Slips",
    "Storage",
    "Tips",
    "Units",
    "UnknownQuestions",
    "Work",
]

_T = TypeVar("_T")


class Work(Protocol):
    """One unit of work: every collection over one transaction."""

    units: Units
    households: Households
    people: People
    officers: Officers
    sessions: Sessions
    api_tokens: ApiTokens
    hooks: Hooks
    hook_calls: HookCalls
    channels: ChannelAccounts
    inbox: Inbox
    dialogues: Dialogues
    deliveries: Deliveries
    results: Results
    progress: Progress
    announcements: Announcements
    tips: Tips
    routes: Routes
    tip_keys: TipKeys
    tip_ends: TipEnds
    shuffling: Shuffling
    audit: AuditLog
    claims: Claims
    mails: Mails
    mailboxes: Mailboxes
    groups: Groups
    handovers: Handovers
    slips: Slips
    attachments: Attachments
    edits: Edits
    drafts: Drafts
    unknown_questions: UnknownQuestions
    settings: Settings

    async def commit(self) -> None:
        """Make everything durable; returns after it is on the disk."""
        ...


class Storage(Protocol):
    """The database."""

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """Open a transaction that writes."""
        ...

    def read(self) -> AbstractAsyncContextManager[Work]:
        """Open a transaction that only looks, at one consistent state."""
        ...

    async def change(self, change: Callable[[Work], Awaitable[_T]]) -> _T:
        """Return what `change` returns, once what it wrote is on the disk.

        It waits for nothing but its `Work` and does not commit: on SQLite it is handed over whole
        and runs beside the event loop, in a fraction of the time that `begin` takes.
        """
        ...

    async def look(self, see: Callable[[Work], Awaitable[_T]]) -> _T:
        """Return what `see` sees, at one consistent state; it waits for nothing but its `Work`."""
        ...

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        """Store arrivals durably, gathered with those of other callers into one commit.

        Return how many were new. The fast way for a burst of webhooks.
        """
        ...
