"""A small town: every service over one database. `tests.builders.opening` builds it.

Everything here is invented. Single nouns are built by `tests.storage.nouns`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.app.handing_over import HandoverServices
from bot.app.officers import OfficerServices
from bot.core.announcements import Announcement
from bot.core.channels import Channel
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.ids import AnnouncementId, ChannelId, DeliveryId
from bot.core.languages import Language
from bot.core.messages import IncomingKind, Outgoing
from bot.core.officers import Role
from bot.core.people import Person
from bot.core.storage import Storage
from bot.core.storage.outbox import Deliveries
from bot.core.turns import EventHandler, Handler
from bot.core.units import Unit
from bot.services.announcements.amendments import Amendments
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.announcing import Wording
from bot.services.announcements.approvals import Approvals
from bot.services.announcements.failing import FailureWatch
from bot.services.audit import Audit
from bot.services.bells import Bell
from bot.services.channels.account_events import AccountEvents
from bot.services.channels.channels import Channels
from bot.services.conversations.conversations import Conversations
from bot.services.conversations.reception import Reception
from bot.services.envelopes import Envelopes
from bot.services.groups.desks import GroupDesks
from bot.services.groups.groups import Groups
from bot.services.mail_addresses import MailAddresses
from bot.services.mailing import Mailing
from bot.services.notices import Notices
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.officers import Officers
from bot.services.officers.reminders import Reminders
from bot.services.officers.setting_up import SettingUp
from bot.services.officers.sign_ins import SignIns
from bot.services.people.call_backs import CallBacks
from bot.services.people.people import JoinTarget, People
from bot.services.people.withdrawals import Withdrawals
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.reading import Reading
from bot.services.tips.receiving.receiving import Receiving
from bot.services.units.units import Units
from bot.vault.vault import Vault
from handlers.router import Router
from tests.announcement_builder import made_amendments, made_approvals
from tests.builders.talk import Talk
from tests.fakes import FakeChannel, FakeClock, FakeMailer, FakeMeter, SteadyChance
from tests.group_builder import GroupParts
from tests.mail_builder import addresses_of
from tests.one_book import the_book

PASSWORD: Final = "bốn từ ghép lại dễ nhớ"
_LONG: Final = timedelta(minutes=1)


@dataclass(kw_only=True)
class Town:
    """Every service over one database. `commune` has one `hamlet` under it, `elsewhere` none."""

    folder: Path
    clock: FakeClock
    chance: SteadyChance
    meter: FakeMeter
    storage: Storage
    vault: Vault
    envelopes: Envelopes
    audit: Audit
    units: Units
    people: People
    receiving: Receiving
    reading: Reading
    officer_services: OfficerServices
    announcements: Announcements
    channels: Channels
    notices: Notices
    mailer: FakeMailer
    mailing: Mailing
    reminders: Reminders
    group_parts: GroupParts
    call_backs: CallBacks
    handovers: HandoverServices
    withdrawals: Withdrawals
    account_events: AccountEvents
    router: Router
    noted: list[str]
    bell: Bell
    commune: Unit
    hamlet: Unit
    elsewhere: Unit
    open: dict[ChannelId, FakeChannel]
    replied: list[ChannelId] = field(default_factory=list)
    event_handlers: dict[IncomingKind, EventHandler] = field(default_factory=dict)
    events: int = 0

    @property
    def groups(self) -> Groups:
        return self.group_parts.groups

    @property
    def group_desks(self) -> GroupDesks:
        return self.group_parts.desks

    def channel(self, name: str) -> FakeChannel:
        return self.open[ChannelId(name)]

    def reception(self, channels: Sequence[Channel] | None = None) -> Reception:
        return Reception(
            storage=self.storage,
            envelopes=self.envelopes,
            channels=lambda: self.channels.all() if channels is None else channels,
            look_again=self.channels.refresh,
            is_shut=self.channels.is_shut,
            bell=self.bell,
            clock=self.clock,
            meter=self.meter,
        )

    def conversations(
        self, handler: Handler | None = None, *, owner: str = "one"
    ) -> Conversations:
        return Conversations(
            storage=self.storage,
            envelopes=self.envelopes,
            handler=handler or self.router.handle,
            events=self.event_handlers,
            wrote=self.people.wrote,
            handovers=self.handovers.asking,
            apology=self.router.apology,
            channel_facts=self.channels.facts,
            answer_tap=self.channels.answer_tap,
            replied=self.replied.append,
            is_crowded=lambda: False,
            clock=self.clock,
            meter=self.meter,
            owner=owner,
        )

    @property
    def approvals(self) -> Approvals:
        return made_approvals(
            self.announcements,
            storage=self.storage,
            audit=self.audit,
            notices=self.notices,
            clock=self.clock,
            offers=self.channels.offers,
        )

    @property
    def amendments(self) -> Amendments:
        return made_amendments(
            the_book(),
            self.announcements,
            self.approvals,
            storage=self.storage,
            audit=self.audit,
            clock=self.clock,
            chance=self.chance,
        )

    @property
    def failure_watch(self) -> FailureWatch:
        return FailureWatch(
            storage=self.storage, audit=self.audit, notices=self.notices, clock=self.clock
        )

    def event_id(self) -> str:
        self.events += 1
        return f"e{self.events}"

    def talk(self, channel: str = "web", chat: str = "chat-1", **about: object) -> Talk:
        return Talk(self, ChannelId(channel), chat, **about)  # type: ignore[arg-type] # its own

    async def outbox(self) -> list[Outgoing]:
        """Take every reply that waits, oldest first, as if it had been sent."""
        found: list[Outgoing] = []
        async with self.storage.begin() as work:
            for channel_id in self.open:
                while rows := await work.deliveries.claim(
                    channel_id,
                    [Lane.REPLY],
                    100,
                    owner="reader",
                    now=self.clock.now(),
                    lease_until=self.clock.now() + _LONG,
                ):
                    ids = [row.id for row in rows]
                    await self._sent(work.deliveries, ids)
                    for row in rows:
                        assert row.conversation is not None
                        assert row.sealed is not None
                        found.append(self.envelopes.open_reply(row.conversation, row.sealed)[1])
            await work.commit()
        return found

    async def _sent(self, deliveries: Deliveries, ids: list[DeliveryId]) -> None:
        now = self.clock.now()
        await deliveries.mark_sending(
            ids, owner="reader", attempt_id="read", now=now, until=now + _LONG
        )
        done = [
            Outcome(delivery_id=one, attempt_id="read", state=DeliveryState.SENT) for one in ids
        ]
        await deliveries.record(done, at=now)

    async def member(self, channel: str, chat: str, unit: Unit | None = None) -> Person:
        """Let somebody join."""
        address = self.talk(channel, chat).incoming("").address
        async with self.storage.begin() as work:
            person = await self.people.join(
                work,
                address,
                JoinTarget(unit=unit or self.hamlet),
                consent="test:1",
                language=Language.VI,
            )
            await work.commit()
        return person

    @property
    def mail_addresses(self) -> MailAddresses:
        """Return where officers get notices by e-mail."""
        return addresses_of(
            self.storage,
            self.vault,
            mailing=self.mailing,
            audit=self.audit,
            envelopes=self.envelopes,
            clock=self.clock,
            chance=self.chance,
        )

    @property
    def officers(self) -> Officers:
        """Return the accounts."""
        return self.officer_services.officers

    @property
    def sign_ins(self) -> SignIns:
        """Return who is signed in."""
        return self.officer_services.sign_ins

    @property
    def setting_up(self) -> SettingUp:
        """Return the one-time set-up."""
        return self.officer_services.setting_up

    async def founded(self) -> None:
        """Let tips be sealed to the founding key, as before set-up."""
        await self.setting_up.open_founding()
        await self.setting_up.ensure_recovery(self.commune.id)

    async def moderator(self, login: str = "canbo", unit: Unit | None = None) -> Reader:
        """Add a moderator and sign them in."""
        roles = frozenset({Role.MODERATOR, Role.ANNOUNCER})
        await self.officers.add(
            NewOfficer(
                login=login,
                name="Cán Bộ Bịa",
                password=PASSWORD,
                unit_id=(unit or self.commune).id,
                roles=roles,
            ),
            by="test",
        )
        signed_in = await self.sign_ins.sign_in(login, PASSWORD)
        assert signed_in is not None
        reader = self.sign_ins.reader(signed_in)
        assert reader is not None
        return reader

    async def announced(self, text: str = "Mời bà con họp tổ.", **wording: object) -> Announcement:
        """Write an announcement for the hamlet and let it go at once."""
        values = {"unit_id": self.hamlet.id, "title": "Họp tổ", "text": text, **wording}
        written = await self.announcements.write(
            Wording(**values),  # type: ignore[arg-type] # fields by name
            by=None,
        )
        await self.announcements.release(written.id, by=None)
        return written

    async def tally(self, announcement_id: AnnouncementId) -> dict[str, int]:
        shown = await self.announcements.show(announcement_id, to=None)
        return {state.value: many for state, many in shown.tally.outcomes.items()}

    def on_disk(self) -> bytes:
        """Return every byte of the database, its journal included."""
        files = sorted(self.folder.glob("binhyen.db*"))
        assert files
        return b"".join(path.read_bytes() for path in files)
