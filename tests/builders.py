"""A small town to try the services in: real SQLite, a cheap vault, channels in memory.

Everything here is invented. Single nouns are built by `tests.storage.nouns`.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.app.handing_over import HandoverServices, made_handovers
from bot.app.officers import OfficerServices, made_officer_services
from bot.core.announcements import Announcement
from bot.core.channels import Channel, ChannelAccount, ChannelKind, CredentialStore
from bot.core.cleaning import CleanFile, NotCleaned, Unclean
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.dialogues import Step
from bot.core.ids import AnnouncementId, ChannelId, DeliveryId, new_id
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind, Media, Outgoing
from bot.core.officers import Role
from bot.core.people import Person
from bot.core.storage import Storage
from bot.core.turns import EventHandler, Handler
from bot.core.units import Unit, UnitKind
from bot.services.announcements.amendments import Amendments
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.announcing import Wording
from bot.services.announcements.approvals import Approvals
from bot.services.announcements.failing import FailureWatch
from bot.services.answers.answers import Answers
from bot.services.answers.scams import ScamCheck
from bot.services.audit import Audit
from bot.services.bells import Bell
from bot.services.channels.account_events import WORDS as ACCOUNT_WORDS
from bot.services.channels.account_events import AccountEvents
from bot.services.channels.channels import Channels
from bot.services.conversations.conversations import Conversations
from bot.services.conversations.reception import Reception
from bot.services.envelopes import Envelopes
from bot.services.groups.desks import GroupDesks
from bot.services.groups.groups import Groups
from bot.services.handovers.asking import HandoverAsking
from bot.services.mail_addresses import MailAddresses
from bot.services.mailing import Mailing
from bot.services.notices import WORDS as NOTICE_WORDS
from bot.services.notices import Notices
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.officers import Officers
from bot.services.officers.reminders import Reminders
from bot.services.officers.setting_up import SettingUp
from bot.services.officers.sign_ins import SignIns
from bot.services.people.call_backs import WORDS as CALL_BACK_WORDS
from bot.services.people.call_backs import CallBacks
from bot.services.people.interests import Interests
from bot.services.people.people import JoinTarget, People
from bot.services.people.withdrawals import Withdrawals
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.reading import Reading
from bot.services.tips.receiving.pictures import TipPictures
from bot.services.tips.receiving.receiving import Receiving
from bot.services.units.units import UnitRow, Units
from bot.storage.store import open_store
from bot.vault.vault import Vault
from content.book import Book
from handlers.emergency import Emergency
from handlers.group import GroupTalk
from handlers.handover import HandOver
from handlers.interests import InterestDialogue
from handlers.introduction import Introduction
from handlers.join import Join
from handlers.last_topic import LastTopic
from handlers.menu import Menu
from handlers.notice_chat import NoticeChat
from handlers.pledge import Pledge
from handlers.privacy import Privacy
from handlers.questions import Questions
from handlers.router import Dialogues, Router
from handlers.scams import ScamDialogue
from handlers.talk import TalkDialogue
from handlers.tips import TipDialogue
from handlers.track import Track
from tests.announcement_builder import made_amendments, made_announcements, made_approvals
from tests.fakes import FakeChannel, FakeClock, FakeMailer, FakeMeter, SteadyChance
from tests.group_builder import GroupParts, made_groups
from tests.mail_builder import addresses_of, mailing_of
from tests.one_book import the_book
from tests.storage.rig import sqlite_url
from tests.tip_builder import reading_of, receiving_of
from tests.vault_builder import open_vault

ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
PASSWORD: Final = "bốn từ ghép lại dễ nhớ"
KINDS: Final = {
    "web": ChannelKind.WEB,
    "telegram": ChannelKind.TELEGRAM,
    "zalo": ChannelKind.ZALO,
}
LIMITS: Final = {ChannelKind.WEB: 4_000, ChannelKind.TELEGRAM: 4_000, ChannelKind.ZALO: 2_000}
_LONG: Final = timedelta(minutes=1)


FOLLOW_URL = "https://binhyen.example/theo-doi"


@cache
def the_answers() -> Answers:
    return Answers(the_book())


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

    def talk(self, channel: str = "web", chat: str = "chat-1", **about: object) -> "Talk":
        return Talk(self, ChannelId(channel), chat, **about)  # type: ignore[arg-type]

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

    async def _sent(self, deliveries: object, ids: list[DeliveryId]) -> None:
        now = self.clock.now()
        await deliveries.mark_sending(  # type: ignore[attr-defined]
            ids, owner="reader", attempt_id="read", now=now, until=now + _LONG
        )
        done = [
            Outcome(delivery_id=one, attempt_id="read", state=DeliveryState.SENT) for one in ids
        ]
        await deliveries.record(done, at=now)  # type: ignore[attr-defined]

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
            Wording(**values),  # type: ignore[arg-type]
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


class Talk:
    """One conversation, through the inbox, the router and the outbox."""

    def __init__(
        self,
        town: Town,
        channel_id: ChannelId,
        chat: str,
        *,
        is_group: bool = False,
        is_for_bot: bool = True,
        language: Language | None = None,
    ) -> None:
        self.town = town
        self.channel_id = channel_id
        self.chat = chat
        self.is_group = is_group
        self.is_for_bot = is_for_bot
        self.language = language
        self._conversations = town.conversations()

    def incoming(self, text: str, kind: IncomingKind = IncomingKind.TEXT) -> Incoming:
        return Incoming(
            channel_id=self.channel_id,
            event_id=self.town.event_id(),
            kind=kind,
            chat=self.chat,
            sender="sender-1" if self.is_group else self.chat,
            is_group=self.is_group,
            is_for_bot=self.is_for_bot,
            text=text,
            language=self.language,
        )

    async def says(self, text: str, kind: IncomingKind = IncomingKind.TEXT) -> list[Outgoing]:
        """Say something; return what is answered."""
        await self.town.reception().receive([self.incoming(text, kind)])
        while await self._conversations.step():
            pass
        return await self.town.outbox()

    async def shows(self, *media: Media, caption: str = "") -> list[Outgoing]:
        """Send pictures and the like; return what is answered."""
        incoming = self.incoming(caption, IncomingKind.MEDIA)
        await self.town.reception().receive([replace(incoming, media=media)])
        while await self._conversations.step():
            pass
        return await self.town.outbox()

    async def taps(self, word: str) -> list[Outgoing]:
        """Tap a button with this word behind it."""
        return await self.says(word, IncomingKind.CHOICE)

    async def step(self) -> Step:
        """Return where the conversation stands."""
        key = self.town.envelopes.conversation(self.channel_id, self.chat)
        async with self.town.storage.read() as work:
            saved = await work.dialogues.get(key)
        return Step() if saved is None else self.town.envelopes.open_step(key, saved.sealed)


class FakeCleaning:
    """Cleans what is called dirty, page by page, and refuses what is called poison."""

    async def clean_all(self, body: bytes) -> Sequence[CleanFile]:
        if b"poison" in body:
            raise NotCleaned(Unclean.BROKEN)
        pages = body.replace(b"dirty", b"clean").split(b"|")
        return [CleanFile(media_type="image/jpeg", body=page) for page in pages]


def made_router(
    book: Book,
    people: People,
    receiving: Receiving,
    clock: FakeClock,
    *,
    pictures: TipPictures,
    group: GroupTalk,
    withdrawals: Withdrawals,
    interests: Interests,
    notices: Notices,
    noted: Callable[[str], None],
    asking: HandoverAsking,
) -> Router:
    menu, last_topic = Menu(book), LastTopic(clock)
    hand_over = HandOver(book, asking, menu, clock=clock, zone=ZONE)
    dialogues = Dialogues(
        menu=menu,
        emergency=Emergency(book, receiving.intake),
        introduction=Introduction(book, clock),
        questions=Questions(
            book, the_answers(), menu, last=last_topic, hand_over=hand_over, noted=noted
        ),
        hand_over=hand_over,
        scam=ScamDialogue(book, ScamCheck(book), menu, last_topic),
        tip=TipDialogue(
            book,
            receiving,
            pictures,
            SteadyChance(),
            form_url="https://binhyen.example/to-giac",
        ),
        track=Track(book, receiving.talks, pictures, ZONE, follow_url=FOLLOW_URL),
        talk=TalkDialogue(book, receiving.routes, pictures, follow_url=FOLLOW_URL),
        join=Join(book, people),
        pledge=Pledge(book, people, clock, ZONE),
        privacy=Privacy(book, withdrawals, interests, ZONE),
        interests=InterestDialogue(book, interests, menu),
        group=group,
        notice_chat=NoticeChat(book, notices),
    )
    return Router(book, the_answers(), people, dialogues)


@asynccontextmanager
async def open_town(
    folder: Path,
    *,
    clock: FakeClock | None = None,
    delay_max_s: int = 0,
    url: str | None = None,
) -> AsyncIterator[Town]:
    """Open a town in `folder`, over the database at `url` if one is given."""
    clock = clock or FakeClock()
    with open_vault(folder, clock=clock) as vault:
        async with open_store(
            url or sqlite_url(folder), audit_key=vault.audit, attesting=vault.lasting
        ) as storage:
            town = await _built(folder, clock, storage, vault, delay_max_s=delay_max_s)
            yield town


async def _built(
    folder: Path, clock: FakeClock, storage: Storage, vault: Vault, *, delay_max_s: int
) -> Town:
    chance, book = SteadyChance(), the_book()
    noted: list[str] = []
    audit = Audit(storage=storage, clock=clock, key=vault.audit)
    envelopes = Envelopes(
        passing=vault.passing, lasting=vault.lasting, pseudonyms=vault.lasting, clock=clock
    )
    receiving = receiving_of(
        storage,
        vault,
        book=book,
        envelopes=envelopes,
        clock=clock,
        chance=chance,
        delay_max_s=delay_max_s,
    )
    reading = reading_of(
        storage, vault, audit=audit, clock=clock, chance=chance, delay_max_s=delay_max_s
    )
    people = People(storage=storage, clock=clock, chance=chance)
    units = Units(storage=storage, audit=audit, chance=chance)
    commune, hamlet, elsewhere = await units.add(
        [
            UnitRow(code="XA", name="Xã Bịa", kind=UnitKind.COMMUNE),
            UnitRow(code="TO1", name="Tổ 1 Bịa", kind=UnitKind.NEIGHBOURHOOD, parent="XA"),
            UnitRow(code="TO2", name="Tổ 2 Bịa", kind=UnitKind.NEIGHBOURHOOD, parent="XA"),
        ],
        by="test",
    )
    opened: dict[ChannelId, FakeChannel] = {}
    mailer = FakeMailer()
    mailing = mailing_of(
        storage, book=book, envelopes=envelopes, clock=clock, chance=chance, mailer=mailer
    )
    notices = Notices(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        mailing=mailing,
        voice=book.voice("notices", *NOTICE_WORDS),
        pseudonyms=vault.lasting,
        clock=clock,
        chance=chance,
    )

    async def opener(account: ChannelAccount, credentials: CredentialStore) -> Channel:
        channel = FakeChannel(
            account.id, clock=clock, kind=account.kind, text_limit=LIMITS[account.kind]
        )
        if (before := opened.get(account.id)) is not None:
            channel.findings = before.findings
        opened[account.id] = channel
        return channel

    channels = Channels(
        storage=storage,
        notices=notices,
        envelopes=envelopes,
        audit=audit,
        opener=opener,
        clock=clock,
        chance=chance,
        owner="one",
    )
    await _add_accounts(storage, envelopes, commune, clock)
    await channels.refresh()
    group_parts = made_groups(
        envelopes=envelopes,
        storage=storage,
        vault=vault,
        audit=audit,
        channels=channels,
        clock=clock,
        chance=chance,
        book=book,
        answers=the_answers(),
        emergency=Emergency(book, receiving.intake),
        wrote=people.wrote,
        zone=ZONE,
    )
    call_backs = CallBacks(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        notices=notices,
        say=book.voice("menu", *CALL_BACK_WORDS),
        clock=clock,
    )
    handovers = made_handovers(
        storage=storage,
        vault=vault,
        envelopes=envelopes,
        notices=notices,
        audit=audit,
        offers=channels.offers,
        book=book,
        clock=clock,
        chance=chance,
    )
    withdrawals = Withdrawals(
        people=people,
        call_backs=call_backs,
        handovers=handovers.asking,
        envelopes=envelopes,
        audit=audit,
    )
    return Town(
        mailer=mailer,
        mailing=mailing,
        folder=folder,
        call_backs=call_backs,
        handovers=handovers,
        withdrawals=withdrawals,
        account_events=AccountEvents(
            channels=channels,
            storage=storage,
            audit=audit,
            say=book.voice("channels", *ACCOUNT_WORDS),
            clock=clock,
        ),
        clock=clock,
        chance=chance,
        meter=FakeMeter(),
        storage=storage,
        vault=vault,
        envelopes=envelopes,
        audit=audit,
        units=units,
        people=people,
        receiving=receiving,
        reading=reading,
        officer_services=made_officer_services(
            storage=storage,
            vault=vault,
            audit=audit,
            clock=clock,
            chance=chance,
        ),
        announcements=made_announcements(
            book,
            storage=storage,
            audit=audit,
            notices=notices,
            clock=clock,
            chance=chance,
            offers=channels.offers,
        ),
        channels=channels,
        notices=notices,
        group_parts=group_parts,
        reminders=Reminders(
            storage=storage, channels=channels, notices=notices, clock=clock, zone=ZONE
        ),
        noted=noted,
        router=made_router(
            book,
            people,
            receiving,
            clock,
            withdrawals=withdrawals,
            interests=Interests(storage=storage, offered=book.interests),
            notices=notices,
            noted=noted.append,
            asking=handovers.asking,
            pictures=TipPictures(
                storage=storage,
                envelopes=envelopes,
                fetch=channels.fetch,
                cleaning=FakeCleaning(),
                clock=clock,
                chance=chance,
            ),
            group=group_parts.talk,
        ),
        bell=Bell(),
        commune=commune,
        hamlet=hamlet,
        elsewhere=elsewhere,
        open=opened,
        event_handlers={IncomingKind.GROUP: group_parts.groups.heard},
    )


async def _add_accounts(
    storage: Storage, envelopes: Envelopes, commune: Unit, clock: FakeClock
) -> None:
    async with storage.begin() as work:
        for name, kind in KINDS.items():
            channel_id = ChannelId(name)
            await work.channels.save(
                ChannelAccount(
                    id=channel_id,
                    kind=kind,
                    unit_id=commune.id,
                    name=f"{name} (bịa)",
                    settings={},
                    sealed_credentials=envelopes.credentials(
                        channel_id, {"token": new_id_of(name)}
                    ),
                    added_at=clock.now(),
                )
            )
        await work.commit()


def new_id_of(name: str) -> str:
    return new_id(SteadyChance(name))
