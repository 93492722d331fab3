"""The real console over real services, SQLite and a vault without slowness."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app.handing_over import HandoverServices
from bot.app.officers import made_officer_services
from bot.clock import RealChance
from bot.core.channels import Channel, ChannelAccount, ChannelKind, CredentialStore
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.officers import Role
from bot.core.quiet import read_quiet_hours
from bot.core.storage import Storage
from bot.core.tips import Report, Tip, TipCategory
from bot.core.units import Unit, UnitKind
from bot.services.announcements.attachments import Attachments
from bot.services.announcements.reach import Reaches
from bot.services.announcements.results import Results
from bot.services.announcements.texts import Texts
from bot.services.announcements.trials import Trials
from bot.services.announcements.watching import Watching
from bot.services.api.tokens import ApiTokens
from bot.services.audit import Audit
from bot.services.channels.channels import WEB, Channels
from bot.services.channels.connecting import Connecting
from bot.services.channels.domain_proofs import DomainProofs
from bot.services.conversations.set_aside import SetAsideMessages
from bot.services.envelopes import Envelopes
from bot.services.groups.codes import GroupCodes
from bot.services.groups.desks import GroupDesks
from bot.services.groups.groups import WORDS as GROUP_WORDS
from bot.services.groups.groups import Groups
from bot.services.groups.welcomes import WORDS as WELCOME_WORDS
from bot.services.groups.welcomes import GroupWelcomes
from bot.services.hooks.hooks import Hooks
from bot.services.notices import WORDS as NOTICE_WORDS
from bot.services.notices import Notices
from bot.services.officers.accounts import NewOfficer
from bot.services.people.people import JoinTarget, People
from bot.services.tips.receiving.receiving import Receiving
from bot.services.units.inspectorates import Inspectorates
from bot.services.units.units import UnitRow, Units
from bot.storage.store import open_store
from bot.vault.cleaning import PictureCleaner
from bot.vault.vault import Vault
from console.services import ConsoleServices
from console.site import console_app
from content.book import Book
from tests.announcement_builder import made_amendments, made_announcements, made_approvals
from tests.compiled_pages import COMPILED
from tests.console.browser import Browser
from tests.console.checked_channel import CheckedChannel
from tests.console.reaching import account_events_of, reaching
from tests.console.saying_yes import SayingYes
from tests.console.viewing import audit_view_of
from tests.edit_builder import editing_of, unknown_of
from tests.fakes import FakeMailer, FakePoster
from tests.group_builder import FakeWays
from tests.mail_builder import addresses_of, mailing_of
from tests.storage.rig import sqlite_url
from tests.tip_builder import assisted_of, reading_of, receiving_of
from tests.vault.still_clock import StillClock
from tests.vault_builder import open_vault

BOOK = Book.load()
PASSWORD = "bốn từ ghép lại dễ nhớ"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
QUIET = read_quiet_hours("22:00-06:00", ZONE)
TOPICS = tuple((key, one.label[Language.VI]) for key, one in BOOK.interests.items())
# So many people one officer may write to alone.
ALONE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """What a test holds: the services, the store behind them, and the way in."""

    services: ConsoleServices
    handovers: HandoverServices
    receiving: Receiving
    storage: Storage
    envelopes: Envelopes
    mailer: FakeMailer
    vault: Vault
    clock: StillClock
    commune: Unit
    server: TestServer

    async def unit(self, code: str, name: str) -> Unit:
        """Return a neighbourhood of the commune."""
        row = UnitRow(code=code, name=name, kind=UnitKind.NEIGHBOURHOOD)
        return (await self.services.units.add([row], by="machine"))[0]

    async def officer(self, login: str, *roles: Role, unit: Unit | None = None) -> None:
        """Add an officer whose password is `PASSWORD`."""
        new = NewOfficer(
            login=login,
            name=f"Cán bộ {login}",
            password=PASSWORD,
            unit_id=(unit or self.commune).id,
            roles=frozenset(roles),
        )
        await self.services.officers.add(new, by="machine")

    async def joined(self, unit: Unit, chat: str, channel_id: ChannelId = WEB) -> None:
        """Let somebody join a unit."""
        async with self.storage.begin() as work:
            await self.services.people.join(
                work,
                Address(channel_id=channel_id, chat=chat),
                JoinTarget(unit=unit),
                consent="consent-1",
                language=Language.VI,
            )
            await work.commit()

    async def channel(
        self, name: str, *, trouble: str = "", unit: Unit | None = None
    ) -> ChannelId:
        """Add a Zalo account, broken if it has trouble."""
        account = await self.services.channels.add(
            kind=ChannelKind.ZALO,
            unit_id=(unit or self.commune).id,
            name=name,
            settings={},
            credentials={},
            by="machine",
        )
        if trouble:
            await self.services.channels.mark(account.id, trouble=trouble)
        return account.id

    async def tip(
        self,
        what: str,
        *,
        unit: Unit | None = None,
        is_urgent: bool = False,
        pictures: Sequence[bytes] = (),
    ) -> Tip:
        """Let somebody send a tip; return what the database knows of it."""
        report = Report(
            category=TipCategory.SCAM,
            what=what,
            where="đầu ngõ 12",
            when="tối qua",
            is_urgent=is_urgent,
        )
        submission = await self.receiving.intake.submit(report, unit or self.commune, pictures)
        async with self.storage.begin() as work:
            await submission.effect(work)
            await work.commit()
        async with self.storage.read() as work:
            tip = await work.tips.by_locator(submission.receipt.locator)
        assert tip is not None
        return tip

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """Open a browser nobody has signed in with."""
        async with Browser.open(str(self.server.make_url(""))) as browser:
            yield browser

    @asynccontextmanager
    async def signed_in(self, login: str) -> AsyncIterator[Browser]:
        """Open a browser and sign in."""
        async with self.browser() as browser:
            await browser.sign_in(login, PASSWORD)
            yield browser


@asynccontextmanager
async def open_rig(
    folder: Path,
    *,
    public_url: str = "http://127.0.0.1:8080",
    beside: Sequence[web.AbstractRouteDef] = (),
    topics: Sequence[tuple[str, str]] = TOPICS,
) -> AsyncIterator[Rig]:
    """Start the console on a fresh database, `beside` other routes; the set-up link is open."""
    clock, mailer = StillClock(), FakeMailer()
    with open_vault(folder, clock=clock) as vault:
        vault.setup.open_or_create()
        async with open_store(sqlite_url(folder), audit_key=vault.audit) as storage:
            services, handovers, envelopes = _services(
                storage, vault, clock, public_url, mailer=mailer
            )
            services = replace(services, topics=topics)
            commune = await services.units.ensure_commune(code="xa", name="Xã Minh Họa")
            await services.setting_up.ensure_recovery(commune.id)
            await services.channels.ensure_web(commune.id)
            root = web.Application()
            root.add_routes(beside)
            root.add_subapp("/console", console_app(services, compiled=COMPILED))
            server = TestServer(root, host="127.0.0.1")
            async with server:
                yield Rig(
                    services=services,
                    handovers=handovers,
                    receiving=receiving_of(
                        storage,
                        vault,
                        book=BOOK,
                        envelopes=envelopes,
                        clock=clock,
                        chance=RealChance(),
                    ),
                    storage=storage,
                    envelopes=envelopes,
                    mailer=mailer,
                    vault=vault,
                    clock=clock,
                    commune=commune,
                    server=server,
                )


async def _open_channel(account: ChannelAccount, _credentials: CredentialStore) -> Channel:
    return CheckedChannel(account)


def _services(
    storage: Storage, vault: Vault, clock: StillClock, public_url: str, *, mailer: FakeMailer
) -> tuple[ConsoleServices, HandoverServices, Envelopes]:
    chance = RealChance()
    audit = Audit(storage=storage, clock=clock, key=vault.audit)
    envelopes = Envelopes(
        passing=vault.passing, lasting=vault.lasting, pseudonyms=vault.lasting, clock=clock
    )
    reading = reading_of(storage, vault, audit=audit, clock=clock, chance=chance)
    mailing = mailing_of(
        storage, book=BOOK, envelopes=envelopes, clock=clock, chance=chance, mailer=mailer
    )
    notices = Notices(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        mailing=mailing,
        voice=BOOK.voice("notices", *NOTICE_WORDS),
        pseudonyms=vault.lasting,
        clock=clock,
        chance=chance,
    )
    channels = Channels(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        notices=notices,
        opener=_open_channel,
        clock=clock,
        chance=chance,
        owner="test",
    )
    announcements = made_announcements(
        BOOK,
        storage=storage,
        audit=audit,
        notices=notices,
        clock=clock,
        chance=chance,
        offers=channels.offers,
    )
    approvals = made_approvals(
        announcements,
        storage=storage,
        audit=audit,
        notices=notices,
        clock=clock,
        offers=channels.offers,
        above=ALONE,
    )
    welcomes = GroupWelcomes(
        envelopes=envelopes,
        voice=BOOK.voice("group", *WELCOME_WORDS),
        ways=FakeWays(),
        clock=clock,
    )
    groups = Groups(
        storage=storage,
        audit=audit,
        channels=channels,
        voice=BOOK.voice("group", *GROUP_WORDS),
        welcomes=welcomes,
        clock=clock,
        chance=chance,
    )
    desk = made_officer_services(
        storage=storage, vault=vault, audit=audit, clock=clock, chance=chance
    )
    handovers, call_backs = reaching(
        BOOK,
        storage=storage,
        vault=vault,
        envelopes=envelopes,
        notices=notices,
        channels=channels,
        clock=clock,
    )
    services = ConsoleServices(
        unknown_questions=unknown_of(storage, audit),
        handovers=handovers.desk,
        editing=editing_of(storage, BOOK, audit=audit, clock=clock, chance=chance),
        groups=groups,
        group_codes=GroupCodes(
            storage=storage,
            audit=audit,
            groups=groups,
            pseudonyms=vault.lasting,
            ways=FakeWays(),
            clock=clock,
            chance=chance,
        ),
        group_desks=GroupDesks(
            storage=storage,
            audit=audit,
            channels=channels,
            groups=groups,
            welcomes=welcomes,
            clock=clock,
            zone=ZONE,
        ),
        **{field.name: getattr(desk, field.name) for field in fields(desk)},
        reading=reading,
        assisted=assisted_of(storage, vault, audit=audit, clock=clock, chance=chance),
        inspectorates=Inspectorates(storage=storage, audit=audit),
        announcements=announcements,
        approvals=approvals,
        amendments=made_amendments(
            BOOK,
            announcements,
            approvals,
            storage=storage,
            audit=audit,
            clock=clock,
            chance=chance,
        ),
        attachments=Attachments(storage=storage, cleaning=PictureCleaner(), clock=clock),
        # A look whenever one is asked for: the clock of these tests stands still.
        watching=Watching(announcements=announcements, storage=storage, clock=clock, every_s=0.0),
        results=Results(storage=storage, audit=audit),
        reaches=Reaches(storage=storage, offers=channels.offers, clock=clock, quiet=QUIET),
        trials=Trials(announcements=announcements, storage=storage, notices=notices, audit=audit),
        texts=Texts(BOOK.places),
        topics=(),
        channels=channels,
        connecting=Connecting(
            storage=storage,
            envelopes=envelopes,
            channels=channels,
            granting=SayingYes(public_url),
            clock=clock,
            chance=chance,
        ),
        notices=notices,
        mailing=mailing,
        mail_addresses=addresses_of(
            storage,
            vault,
            mailing=mailing,
            audit=audit,
            envelopes=envelopes,
            clock=clock,
            chance=chance,
        ),
        domain=DomainProofs(storage=storage, audit=audit),
        units=Units(storage=storage, audit=audit, chance=chance),
        people=People(storage=storage, clock=clock, chance=chance),
        set_aside=SetAsideMessages(storage=storage, audit=audit),
        account_events=account_events_of(BOOK, storage, channels, audit=audit, clock=clock),
        call_backs=call_backs,
        audit=audit,
        audit_view=audit_view_of(storage, audit, vault, ZONE),
        api_tokens=ApiTokens(storage=storage, audit=audit, clock=clock, chance=chance, zone=ZONE),
        hooks=Hooks(
            storage=storage,
            envelopes=envelopes,
            audit=audit,
            poster=FakePoster(),
            clock=clock,
            chance=chance,
        ),
        tip_voice=BOOK.voice("tips"),
        handover_voice=BOOK.voice("handover"),
        crowd=lambda request: request.remote or "",
        public_url=public_url,
        zone=ZONE,
        clock=clock,
        chance=chance,
    )
    return services, handovers, envelopes
