"""The port of the database: collections in our words, gathered in one unit of work.

`begin` opens a transaction that writes; what is not committed is forgotten. `read` opens one
that only looks. Tasks never share a `Work`. On SQLite, units of work that end at about the
same moment reach the disk in one flush; `commit` returns only after that flush.
Every `get` raises `NotFound`; `save` inserts or replaces by id.
Both databases pass `tests/storage/test_contract.py`; `bot.storage` fits this port.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.core.announcements import Announcement
from bot.core.api_tokens import ApiToken
from bot.core.audience import Selection
from bot.core.audit import AuditEntry, AuditFilter, AuditHead, AuditRecord
from bot.core.channels import ChannelAccount
from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome, Reply, Tally
from bot.core.dialogues import SavedStep
from bot.core.groups import Group
from bot.core.hooks import CallState, Hook, HookCall
from bot.core.ids import (
    AnnouncementId,
    ApiTokenId,
    AttachmentId,
    ChannelId,
    ConversationKey,
    DeliveryId,
    GroupId,
    HookCallId,
    HookId,
    HouseholdId,
    InboxId,
    KeyHolderId,
    OfficerId,
    PersonId,
    TipId,
    UnitId,
)
from bot.core.inbox import Arrival, InboxRow, SetAside
from bot.core.messages import Attachment
from bot.core.notices import OfficerChat
from bot.core.officers import KeyHolder, Officer, Session
from bot.core.people import Person, PersonState
from bot.core.reach import Latecomers, ReachCase, ReachCount, Reached
from bot.core.results import Case, CopyResult, MissedHouse, MissedHouses, Place
from bot.core.routes import Routes
from bot.core.sending import Reason
from bot.core.slips import Slip, SlipKind
from bot.core.tip_ends import TipEnds
from bot.core.tip_keys import TipKeys
from bot.core.tip_queue import SavedFilter, TipFilter, TipPlace, TipSight
from bot.core.tips import RecordKind, Tip, TipRecord, TipState, WrappedKey
from bot.core.units import Household, Unit


class Units(Protocol):
    """The tree of units."""

    async def save(self, unit: Unit) -> None: ...
    async def get(self, unit_id: UnitId) -> Unit: ...
    async def by_code(self, code: str) -> Unit | None: ...
    async def by_join_code(self, join_code: str) -> Unit | None: ...
    async def all(self) -> list[Unit]: ...


class Households(Protocol):
    """The lists of households."""

    async def save_many(self, households: Sequence[Household]) -> None: ...
    async def get(self, household_id: HouseholdId) -> Household: ...
    async def by_join_code(self, join_code: str) -> Household | None: ...
    async def of_unit(self, unit_id: UnitId) -> list[Household]: ...


class People(Protocol):
    """Residents who joined. `find` knows one chat of one channel."""

    async def save(self, person: Person) -> None: ...
    async def get(self, person_id: PersonId) -> Person: ...
    async def find(self, channel_id: ChannelId, chat: str) -> Person | None: ...
    async def remove(self, person_id: PersonId) -> None:
        """Delete the person; deliveries to them keep their outcome and lose the name."""
        ...

    async def wrote(self, person_id: PersonId, *, block: datetime) -> None:
        """Note the six hours in which somebody wrote; it only ever moves forward."""
        ...

    async def counts(
        self, unit_ids: Collection[UnitId]
    ) -> Mapping[tuple[UnitId, ChannelId, PersonState], int]: ...
    async def chats(
        self, unit_ids: Collection[UnitId], channel_id: ChannelId, *, since: datetime | None
    ) -> list[str]:
        """Return the chats of those who joined the units on a channel, who wrote last first.

        With `since`, of those only who last wrote, or joined, no earlier.
        """
        ...

    async def reach(self, selection: Selection) -> list[ReachCount]:
        """Count whom `Deliveries.freeze` would take, case by case."""
        ...

    async def gone(self, selection: Selection) -> Mapping[tuple[ChannelId, ReachCase], int]:
        """Count whom it would take had they not left or blocked us, by channel and why."""
        ...

    async def behind(
        self,
        selection: Selection,
        channel_id: ChannelId,
        case: ReachCase,
        *,
        after: PersonId | None = None,
        limit: int = 100,
    ) -> list[Reached]:
        """Return the people behind one of those numbers, by their ids, those after `after`."""
        ...

    async def late(self, announcement_id: AnnouncementId, selection: Selection) -> Latecomers:
        """Count whom `Deliveries.freeze` would give a copy now who have none of it."""
        ...

    async def interests(self, person_id: PersonId) -> frozenset[str]:
        """Return the topics somebody asked to hear of."""
        ...

    async def set_interests(self, person_id: PersonId, topics: Collection[str]) -> None: ...


class Officers(Protocol):
    """Officers and the keys that open tips."""

    async def save(self, officer: Officer) -> None: ...
    async def get(self, officer_id: OfficerId) -> Officer: ...
    async def by_login(self, login: str) -> Officer | None: ...
    async def all(self) -> list[Officer]: ...
    async def save_holder(self, holder: KeyHolder) -> None: ...
    async def holders(self) -> list[KeyHolder]:
        """Return every holder that is not retired."""
        ...

    async def public_holders(self) -> list[KeyHolder]:
        """Return every holder that is not retired, by id, without locked private keys."""
        ...

    async def holders_of(self, officer_id: OfficerId) -> list[KeyHolder]:
        """Return the officer's holders whose private key still exists, the living one first."""
        ...

    async def save_chat(self, chat: OfficerChat) -> None: ...
    async def chats(self, officer_ids: Collection[OfficerId]) -> list[OfficerChat]:
        """Return the chats these officers named for notices, oldest first."""
        ...

    async def remove_chat(self, chat_id: str) -> None: ...


class Sessions(Protocol):
    """Signed-in browsers, and wrong tries at signing in (by keyed pseudonym of the login)."""

    async def save(self, session: Session) -> None: ...
    async def get(self, token_hash: bytes) -> Session | None: ...
    async def remove(self, token_hash: bytes) -> None: ...
    async def remove_of(self, officer_id: OfficerId, *, but: bytes | None = None) -> None:
        """End every session of an officer, except the one with the token hash `but`."""
        ...

    async def forget_before(self, seen_before: datetime) -> int: ...
    async def note_try(self, who: str, at: datetime) -> None: ...
    async def tries_since(self, who: str, since: datetime) -> int: ...
    async def forget_tries(self, who: str) -> None: ...
    async def forget_tries_before(self, at: datetime) -> int: ...


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


class ChannelAccounts(Protocol):
    """Accounts on platforms."""

    async def save(self, account: ChannelAccount) -> None: ...
    async def get(self, channel_id: ChannelId) -> ChannelAccount: ...
    async def all(self) -> list[ChannelAccount]:
        """Return every account that was not removed, oldest first."""
        ...


class Inbox(Protocol):
    """Arrivals. A claim takes only the oldest of each conversation, so order is kept."""

    async def put_many(self, arrivals: Sequence[Arrival]) -> int:
        """Store what is new by (channel, event id); return how many were."""
        ...

    async def claim(
        self, limit: int, *, owner: str, now: datetime, lease_until: datetime
    ) -> list[InboxRow]: ...
    async def handled(self, row_id: InboxId, *, at: datetime) -> None:
        """Mark as handled; wipe body and conversation, keep channel, event id and the hour."""
        ...

    async def retry(self, row_id: InboxId, *, not_before: datetime) -> None:
        """Count an attempt and free the row for later."""
        ...

    async def set_aside(self, row_id: InboxId, *, error: str, at: datetime) -> None:
        """Give up for now. `error` names the fault, never what was said."""
        ...

    async def free(self, owner: str) -> int:
        """End the leases of an owner that is known to be gone; return how many."""
        ...

    async def all_set_aside(self) -> list[SetAside]: ...
    async def requeue(self, row_id: InboxId) -> None: ...
    async def next_due(self) -> datetime | None: ...
    async def backlog(self) -> int: ...
    async def forget_handled_before(self, at: datetime) -> int: ...
    async def oldest_waiting(self) -> datetime | None: ...


class Dialogues(Protocol):
    """Saved steps."""

    async def get(self, conversation: ConversationKey) -> SavedStep | None: ...
    async def save(self, step: SavedStep) -> None: ...
    async def remove(self, conversation: ConversationKey) -> None: ...
    async def forget_before(self, expired_before: datetime) -> int: ...


class Deliveries(Protocol):
    """The outbox."""

    async def add_replies(self, replies: Sequence[Reply], *, at: datetime) -> None: ...
    async def freeze(
        self,
        announcement_id: AnnouncementId,
        selection: Selection,
        *,
        lane: Lane,
        at: datetime,
        after: str = "",
        most: int,
        stopped: Reason | None = None,
    ) -> str | None:
        """Make rows for the next `most` people after the one called `after`, once for each.

        Groups come with the first call. Who cannot be written to, or of whose household somebody
        else gets the copy, has a skipped row; with `stopped` everybody has, for that reason.
        Return after whom to go on, or None when everybody has a row.
        """
        ...

    async def freeze_amendment(
        self,
        announcement_id: AnnouncementId,
        *,
        amends: AnnouncementId,
        lane: Lane,
        at: datetime,
        is_for_owed: bool = False,
        after: int = 0,
        most: int,
        stopped: Reason | None = None,
    ) -> int | None:
        """Make waiting rows for those whom `amends` reached or may have reached.

        Each keeps the platform's ids of what it takes the place of; who has a row already keeps
        it. With `is_for_owed` also for those whose copy of `amends` was cancelled (waiting) or
        is kept for the next chance (skipped, as before). Goes through the next `most` such rows
        of `amends` after the row `after`; return after which to go on, or None.
        """
        ...

    async def take_chance(self, person_id: PersonId, *, since: datetime, at: datetime) -> int:
        """Let copies wait again that were skipped for want of a window, a quota or a turn.

        Only of announcements being sent that started after `since` and that no other one takes
        back or corrects. Return how many.
        """
        ...

    async def claim(
        self,
        channel_id: ChannelId,
        lanes: Collection[Lane],
        limit: int,
        *,
        owner: str,
        now: datetime,
        lease_until: datetime,
    ) -> list[Delivery]:
        """Lease due rows, highest lane first, then oldest; of a conversation only the oldest.

        Rows of paused or cancelled announcements are not given out.
        """
        ...

    async def mark_sending(
        self,
        ids: Sequence[DeliveryId],
        *,
        owner: str,
        attempt_id: str,
        now: datetime,
        until: datetime,
    ) -> set[DeliveryId]:
        """Turn leased rows into `sending`; return those that still were ours to turn.

        Rows whose announcement was paused or cancelled meanwhile are given back. When `until`
        passes without an outcome, the row becomes unknown.
        """
        ...

    async def record(self, outcomes: Sequence[Outcome], *, at: datetime) -> None:
        """Write down how attempts ended.

        Of a reply that is done nothing is kept but its outcome and the hour. Where a copy ended
        without reaching anybody, the next of its household waits instead.

        An outcome whose attempt is no longer the row's is dropped, unless it proves `sent`.
        """
        ...

    async def release(self, ids: Sequence[DeliveryId], *, owner: str) -> None:
        """Give back leases that were not used."""
        ...

    async def free(self, owner: str, *, now: datetime) -> int:
        """Settle, as `expire` does, what an owner that is known to be gone had in hand."""
        ...

    async def expire(self, *, now: datetime) -> int:
        """Settle `sending` rows whose hour passed; return how many.

        Ordinary announcements become unknown. Urgent announcements and replies become waiting:
        for them "again" was chosen beforehand, a second copy being better than none.
        """
        ...

    async def skip_cancelled(self, *, at: datetime, most: int) -> int:
        """Skip at most so many copies that wait for an announcement that was cancelled."""
        ...

    async def resend_unknown(self, announcement_id: AnnouncementId, *, at: datetime) -> int: ...
    async def tally(self, announcement_id: AnnouncementId) -> Tally: ...
    async def next_due(self, channel_id: ChannelId) -> datetime | None:
        """Return when the earliest waiting row may be claimed, or None if there is none."""
        ...

    async def backlog(self) -> Mapping[tuple[ChannelId, DeliveryState], int]: ...
    async def forget_replies_before(self, at: datetime) -> int: ...


class Results(Protocol):
    """What became of single copies of one announcement. Only looks."""

    async def counts(self, announcement_id: AnnouncementId) -> Mapping[Case, int]: ...
    async def copies(
        self,
        announcement_id: AnnouncementId,
        of: Case,
        *,
        after: Place | None = None,
        limit: int,
    ) -> list[CopyResult]:
        """Return copies of a case in the order in which they ended, those behind `after`."""
        ...

    async def missed_houses(
        self,
        announcement_id: AnnouncementId,
        unit_id: UnitId,
        *,
        has_copies: bool | None = None,
        after: str = "",
        limit: int,
    ) -> list[MissedHouse]:
        """Return households of a unit, by code behind `after`, of which nobody was reached.

        Reached is whose copy was sent or is unknown. `has_copies` asks for those with, or
        without, any copy for a member.
        """
        ...

    async def count_missed_houses(
        self, announcement_id: AnnouncementId, unit_ids: Collection[UnitId]
    ) -> MissedHouses: ...


class Progress(Protocol):
    """How the sending goes at the moment. Only looks."""

    async def ended_since(
        self, announcement_id: AnnouncementId, *, since: datetime
    ) -> Mapping[ChannelId, int]:
        """Return how many copies ended after a moment, by channel.

        Left out is what no platform was asked about: doubled, cancelled, left.
        """
        ...

    async def open_copies(self, announcement_id: AnnouncementId) -> Mapping[ChannelId, int]:
        """Return how many copies are still to be decided, by channel."""
        ...

    async def last_tried(
        self, announcement_id: AnnouncementId, *, since: datetime, limit: int
    ) -> list[DeliveryState]:
        """Return how the last copies ended after a moment, newest first; skipped ones left out."""
        ...

    async def being_sent(self) -> list[AnnouncementId]:
        """Return which announcements being sent still have copies that wait."""
        ...


class Announcements(Protocol):
    """What officers write."""

    async def save(self, announcement: Announcement) -> None: ...
    async def get(self, announcement_id: AnnouncementId) -> Announcement: ...
    async def by_slug(self, slug: str) -> Announcement | None: ...
    async def amendments_of(self, announcement_id: AnnouncementId) -> list[Announcement]:
        """Return those that amend it, newest first."""
        ...

    async def due(self, now: datetime) -> list[Announcement]:
        """Return scheduled announcements whose hour has come, oldest first."""
        ...

    async def proposed(self) -> list[Announcement]:
        """Return what waits for a second officer, oldest first."""
        ...

    async def freezing(self) -> list[Announcement]:
        """Return started announcements of whose recipients some have no row yet."""

    async def finished(self, *, since: datetime) -> list[Announcement]:
        """Return those that began at `since` or later and have nothing left to send."""
        ...

    async def of_units(
        self, unit_ids: Collection[UnitId], *, limit: int = 100
    ) -> list[Announcement]:
        """Return the newest first."""
        ...

    async def public(self, *, limit: int = 50) -> list[Announcement]:
        """Return started, public, not cancelled ones, newest first.

        Of one that was corrected only the correction, of one taken back nothing, even if that
        was stopped half-way: the earlier text is known to be wrong.
        """
        ...


class Tips(Protocol):
    """Tips, their sealed records, their wrapped keys."""

    async def add(
        self, tip: Tip, records: Sequence[TipRecord], keys: Sequence[WrappedKey]
    ) -> None:
        """Store a new tip. Raise `LocatorTaken` if its locator is."""
        ...

    async def save(self, tip: Tip) -> None: ...
    async def get(self, tip_id: TipId) -> Tip: ...
    async def by_locator(self, locator: str) -> Tip | None: ...
    async def by_reference(self, reference: str) -> Tip | None: ...
    async def doubles_of(self, tip_id: TipId) -> list[Tip]:
        """Return the tips that were merged into this one, by reference."""
        ...

    async def queue(
        self,
        sight: TipSight,
        *,
        now: datetime,
        wanted: TipFilter,
        after: TipPlace | None = None,
        limit: int = 50,
    ) -> list[Tip]:
        """Return visible tips behind a place: urgent first, then oldest."""
        ...

    async def counts(self, sight: TipSight, *, now: datetime, most: int) -> Mapping[TipState, int]:
        """Return how many visible tips stand in each state, counting to `most` and no further."""
        ...

    async def undecided_before(
        self, received: datetime, *, after: TipId | None, limit: int
    ) -> list[Tip]:
        """Return visible tips received before then that are not decided, by id."""
        ...

    async def shown_between(
        self, since: datetime, until: datetime, *, about_officers: bool = False
    ) -> list[Tip]:
        """Return the tips the queue began to show from `since` to `until`, by id.

        Either those about officers, which are told to their own unit only, or the others.
        """
        ...

    async def with_news(self, limit: int) -> list[Tip]:
        """Return tips whose senders said something that no officer has opened, by id."""
        ...

    async def add_record(self, record: TipRecord) -> None: ...
    async def next_sequence(self, tip_id: TipId) -> int:
        """Return the number of the tip's next record; `get` the tip first, which locks it."""
        ...

    async def records(
        self, tip_id: TipId, *, kinds: Collection[RecordKind] = ()
    ) -> list[TipRecord]:
        """Return the tip's records in order; no `kinds` means all of them."""
        ...

    async def routed(self, unit_ids: Collection[UnitId], *, limit: int) -> list[Tip]:
        """Return tips whose senders may answer in the chat, the last moved first."""
        ...

    async def sealed_for(self, sight: TipSight) -> frozenset[UnitId]:
        """Return the units that tips in sight were written to, if to others than now have them.

        What their senders answer still waits there.
        """
        ...

    async def remove(self, tip_id: TipId) -> None:
        """Forget a tip: wrapped keys, records, row."""
        ...

    async def key_for(self, tip_id: TipId, holder_id: KeyHolderId) -> WrappedKey | None: ...
    async def keys_of(self, holder_id: KeyHolderId) -> list[WrappedKey]: ...
    async def holders_of(self, tip_id: TipId) -> frozenset[KeyHolderId]:
        """Return to whom the tip's key is sealed."""
        ...

    async def add_keys(self, keys: Sequence[WrappedKey]) -> None: ...
    async def remove_keys(self, tip_id: TipId, holder_ids: Collection[KeyHolderId]) -> None: ...
    async def save_filter(self, saved: SavedFilter) -> None: ...
    async def saved_filters(self, officer_id: OfficerId) -> list[SavedFilter]:
        """Return an officer's own filters, by name."""
        ...

    async def remove_filter(self, officer_id: OfficerId, name: str) -> None: ...
    async def note_try(self, locator: str, at: datetime) -> None: ...
    async def tries_since(self, locator: str, since: datetime) -> int: ...
    async def forget_tries(self, locator: str) -> None: ...
    async def forget_tries_before(self, at: datetime) -> int: ...


class AuditLog(Protocol):
    """The chain. Appending takes a lock, so that two processes cannot fork it."""

    async def append(self, record: AuditRecord) -> AuditEntry: ...
    async def catch_up(self) -> None:
        """Erase the keys of all entries there are. For a start: the unit may write nothing."""
        ...

    async def get(self, number: int) -> AuditEntry | None: ...
    async def newest(self, *, limit: int = 100) -> list[AuditEntry]: ...
    def walk(self) -> AsyncIterator[AuditEntry]:
        """Yield every entry, oldest first, as stored."""
        ...

    async def entries(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> list[AuditEntry]:
        """Return entries with numbers under `before`, newest first."""
        ...

    async def save_head(self, head: AuditHead) -> None: ...
    async def heads(self, *, limit: int) -> list[AuditHead]:
        """Return the newest heads, newest first."""
        ...

    async def heads_to_post(self) -> list[AuditHead]:
        """Return the heads no second place has taken yet, oldest first."""
        ...

    async def mark_posted(self, day: date, *, at: datetime) -> None: ...


class Claims(Protocol):
    """Who does what once: fired moments, and leases on names."""

    async def once(self, job: str, moment: datetime) -> bool:
        """Tell whether this is the first to claim that moment of that job."""
        ...

    async def lease(self, name: str, *, owner: str, now: datetime, until: datetime) -> bool:
        """Take or keep the lease on `name`; False while another owner's has not run out."""
        ...

    async def end_lease(self, name: str, *, owner: str) -> None: ...
    async def forget_before(self, at: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message in the mailbox of a browser. `number` grows within the mailbox."""

    number: int
    sealed: bytes = field(repr=False)
    put_at: datetime


class Mailboxes(Protocol):
    """What waits for browsers of the web channel. A mailbox is known by a pseudonym."""

    async def put(
        self, mailbox: ConversationKey, sealed: bytes, *, is_secret: bool, at: datetime
    ) -> int: ...
    async def after(
        self, mailbox: ConversationKey, number: int, *, limit: int = 100
    ) -> list[Letter]: ...
    async def wipe_secrets(self, mailbox: ConversationKey, up_to: int) -> None:
        """Remove secret letters the browser says it has shown."""
        ...

    async def remove(self, mailbox: ConversationKey) -> None: ...
    async def forget_before(self, at: datetime) -> int: ...


class Groups(Protocol):
    """Groups on platforms. `find` knows one chat of one channel."""

    async def save(self, group: Group) -> None: ...
    async def get(self, group_id: GroupId) -> Group: ...
    async def find(self, channel_id: ChannelId, chat: str) -> Group | None: ...
    async def of_units(self, unit_ids: Collection[UnitId]) -> list[Group]:
        """Return the groups linked to one of the units, by name."""
        ...

    async def meant(self, selection: Selection) -> list[Group]:
        """Return the groups `Deliveries.freeze` would take, by name."""
        ...

    async def of_channel(self, channel_id: ChannelId) -> list[Group]: ...
    async def remove(self, group_id: GroupId) -> None:
        """Delete the group; deliveries to it keep their outcome."""
        ...


class Slips(Protocol):
    """Notes kept for a while. One that has run out is not given back."""

    async def put(self, slip: Slip) -> None:
        """Keep it; one with the same kind and key is replaced."""
        ...

    async def put_many(self, slips: Sequence[Slip]) -> None: ...
    async def claim(self, slip: Slip, *, now: datetime) -> bool:
        """Keep it unless one with the same kind and key still stands; tell whether it was kept.

        Of several at once only one is kept, whoever asks.
        """
        ...

    async def get(self, kind: SlipKind, key: str, *, now: datetime) -> Slip | None: ...
    async def take(self, kind: SlipKind, key: str, *, now: datetime) -> Slip | None:
        """Return it and remove it, so that nobody gets it a second time."""
        ...

    async def of_holder(self, kind: SlipKind, holder: str, *, now: datetime) -> list[Slip]:
        """Return what has this holder, the first to run out first."""
        ...

    async def remove(self, kind: SlipKind, key: str) -> None: ...
    async def remove_of(self, kind: SlipKind, holder: str) -> int: ...
    async def forget_before(self, at: datetime) -> int: ...


class Attachments(Protocol):
    """What goes out with announcements, and under which names platforms keep it for a while."""

    async def add(self, attachment: Attachment, body: bytes, *, at: datetime) -> None:
        """Keep an attachment; the same id again changes nothing but the moment."""
        ...

    async def get(self, attachment_id: AttachmentId) -> Attachment: ...
    async def body(self, attachment_id: AttachmentId) -> bytes: ...
    async def uploaded(
        self, channel_id: ChannelId, attachment_id: AttachmentId, *, now: datetime
    ) -> str | None: ...
    async def note_upload(
        self, channel_id: ChannelId, attachment_id: AttachmentId, token: str, *, until: datetime
    ) -> None: ...
    async def forget_uploads_before(self, at: datetime) -> int: ...
    async def forget_unused_before(self, at: datetime) -> int:
        """Delete what was added before then and goes with no announcement; return how many."""
        ...


class Settings(Protocol):
    """Small values the console keeps."""

    async def get(self, key: str) -> str | None: ...
    async def put(self, key: str, value: str) -> None: ...


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
    audit: AuditLog
    claims: Claims
    mailboxes: Mailboxes
    groups: Groups
    slips: Slips
    attachments: Attachments
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

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        """Store arrivals durably, gathered with those of other callers into one commit.

        Return how many were new. The fast way for a burst of webhooks.
        """
        ...
