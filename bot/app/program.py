"""Every service over one storage and one vault: what the command line and `serve` work with."""

import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import aiohttp

from bot.app.joining import WaysIn
from bot.app.locking import make_data_folder
from bot.app.opening import ChannelOpener
from bot.channels.web.channel import WebChannel
from bot.channels.web.doorbells import Doorbells
from bot.channels.zalo.grant import ZaloGrants
from bot.config import Config
from bot.core.channels import Channel
from bot.core.errors import StorageTrouble
from bot.core.languages import Language
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.announcements import Announcements
from bot.services.account_events import WORDS as ACCOUNT_WORDS
from bot.services.account_events import AccountEvents
from bot.services.answers import Answers
from bot.services.attachments import StoredAttachments
from bot.services.audit import Audit
from bot.services.bells import Bell
from bot.services.call_backs import WORDS as CALL_BACK_WORDS
from bot.services.call_backs import CallBacks
from bot.services.channels import WEB, Channels
from bot.services.connecting import Connecting
from bot.services.domain_proofs import DomainProofs
from bot.services.envelopes import Envelopes
from bot.services.group_alarms import GroupAlarms
from bot.services.group_codes import GroupCodes
from bot.services.group_desks import GroupDesks
from bot.services.groups import WORDS as GROUP_WORDS
from bot.services.groups import Groups
from bot.services.letters import WORDS as LETTER_WORDS
from bot.services.letters import Letters
from bot.services.notices import WORDS as NOTICE_WORDS
from bot.services.notices import Notices
from bot.services.officers import Officers
from bot.services.people import People
from bot.services.reminders import Reminders
from bot.services.set_aside import SetAsideMessages
from bot.services.tip_pictures import TipPictures
from bot.services.tips import Tips
from bot.services.units import Units
from bot.services.withdrawals import Withdrawals
from bot.storage.store import open_store
from bot.vault.cleaning import PictureCleaner
from bot.vault.vault import Vault, open_vault
from content.book import Book

_FINGERPRINT: Final = "lasting_key"
_UNNAMED_CODE: Final = "XA"
_CALL_LIMIT_S: Final = 60


@dataclass(frozen=True, kw_only=True)
class Program:
    """The services, joined. Nothing runs by itself until `bot.app.serving` runs it."""

    config: Config
    clock: Clock
    chance: Chance
    owner: str
    vault: Vault
    storage: Storage
    book: Book
    envelopes: Envelopes
    audit: Audit
    units: Units
    people: People
    tips: Tips
    tip_pictures: TipPictures
    officers: Officers
    announcements: Announcements
    channels: Channels
    notices: Notices
    reminders: Reminders
    connecting: Connecting
    domain: DomainProofs
    set_aside: SetAsideMessages
    inbox_bell: Bell
    announcement_bell: Bell
    doorbells: Doorbells

    @cached_property
    def answers(self) -> Answers:
        """Return the answers, indexed when first asked for."""
        return Answers(self.book)

    @cached_property
    def call_backs(self) -> CallBacks:
        """Return who left a number to be called back."""
        return CallBacks(
            storage=self.storage,
            envelopes=self.envelopes,
            audit=self.audit,
            say=self.book.voice("menu", *CALL_BACK_WORDS),
            clock=self.clock,
        )

    @cached_property
    def withdrawals(self) -> Withdrawals:
        """Return what forgets somebody at their word."""
        return Withdrawals(
            people=self.people,
            call_backs=self.call_backs,
            envelopes=self.envelopes,
            audit=self.audit,
        )

    @cached_property
    def account_events(self) -> AccountEvents:
        """Return what acts on news of our accounts."""
        return AccountEvents(
            channels=self.channels,
            storage=self.storage,
            audit=self.audit,
            say=self.book.voice("channels", *ACCOUNT_WORDS),
            clock=self.clock,
        )

    @cached_property
    def ways(self) -> WaysIn:
        """Return the links into private chats and groups."""
        return WaysIn(channels=self.channels, public_url=self.config.public_url)

    @cached_property
    def groups(self) -> Groups:
        """Return what is known of groups and done about them here."""
        return Groups(
            storage=self.storage,
            audit=self.audit,
            channels=self.channels,
            voice=self.book.voice("group", *GROUP_WORDS),
            clock=self.clock,
            chance=self.chance,
        )

    @cached_property
    def group_codes(self) -> GroupCodes:
        """Return the one-time codes that link groups."""
        return GroupCodes(
            storage=self.storage,
            audit=self.audit,
            groups=self.groups,
            pseudonyms=self.vault.lasting,
            ways=self.ways,
            clock=self.clock,
            chance=self.chance,
        )

    @cached_property
    def group_desks(self) -> GroupDesks:
        """Return what platforms are asked about groups."""
        return GroupDesks(
            storage=self.storage,
            audit=self.audit,
            channels=self.channels,
            groups=self.groups,
            clock=self.clock,
        )

    @cached_property
    def group_alarms(self) -> GroupAlarms:
        """Return which groups were given a number lately."""
        return GroupAlarms(storage=self.storage, clock=self.clock)

    async def prepare(self) -> None:
        """Make what every start needs: a commune, the web channel, a key that opens tips."""
        name = self.book.voice("unit", "unnamed")("unnamed", Language.VI)
        commune = await self.units.ensure_commune(code=_UNNAMED_CODE, name=name)
        await self.channels.ensure_web(commune.id)
        await self.officers.open_founding()
        await self.officers.ensure_recovery(commune.id)


class _Session:
    """One HTTP session for all calls to platforms, made when the first is needed."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def __call__(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_CALL_LIMIT_S),
                connector=aiohttp.TCPConnector(limit=100),
                # Nothing of one call may travel with another.
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def owner_of(config: Config, role: str) -> str:
    """Return the name under which a process claims work: the same after every restart.

    No two processes share it, because the data directory is locked for each role.
    """
    folder = hashlib.sha256(str(config.data_dir).encode()).hexdigest()[:8]
    return f"{socket.gethostname()[:40]}:{folder}:{role}"


@asynccontextmanager
async def open_program(
    config: Config,
    *,
    clock: Clock,
    chance: Chance,
    role: str = "command",
    language: Language = Language.VI,
    cheap: bool = False,
    renews_apart: bool = False,
) -> AsyncIterator[Program]:
    """Open storage, vault and book, and join the services; close them in reverse.

    `language` is what channels tell officers in. `cheap` takes the slowness out of passwords
    and receipts: for tests only. `renews_apart` has pairs of tokens renewed in processes of
    their own, which outlive a kill of this one. Raise `StorageTrouble`, `ContentError`,
    `KeyFileUnusable`, `FolderUnusable`.
    """
    make_data_folder(config.data_dir)
    book = Book.load()
    async with AsyncExitStack() as stack:
        vault = open_vault(config.data_dir / "keys", clock=clock, cheap=cheap)
        stack.callback(vault.close)
        storage = await stack.enter_async_context(open_store(config.database_url))
        await _check_key(storage, vault)
        session = _Session()
        stack.push_async_callback(session.close)
        program = _joined(
            _Ground(
                config=config,
                clock=clock,
                chance=chance,
                owner=owner_of(config, role),
                vault=vault,
                storage=storage,
                book=book,
                session=session,
                language=language,
                renews_apart=renews_apart,
            )
        )
        stack.push_async_callback(program.channels.close)
        stack.push_async_callback(program.connecting.close)
        yield program


async def _check_key(storage: Storage, vault: Vault) -> None:
    """Refuse to go on with another key than the database was sealed with."""
    ours = vault.lasting.fingerprint
    async with storage.begin() as work:
        known = await work.settings.get(_FINGERPRINT)
        if known is None:
            await work.settings.put(_FINGERPRINT, ours)
            await work.commit()
    if known is not None and known != ours:
        raise StorageTrouble(
            "keys/lasting.key is not the key this database was sealed with; put the right"
            " keys folder beside the database (restore both from the same backup)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What the services stand on."""

    config: Config
    clock: Clock
    chance: Chance
    owner: str
    vault: Vault
    storage: Storage
    book: Book
    session: _Session
    language: Language
    renews_apart: bool


def _joined(ground: _Ground) -> Program:
    config, clock, chance, owner = ground.config, ground.clock, ground.chance, ground.owner
    vault, storage, book = ground.vault, ground.storage, ground.book
    envelopes = Envelopes(
        passing=vault.passing, lasting=vault.lasting, pseudonyms=vault.lasting, clock=clock
    )
    audit = Audit(storage=storage, clock=clock)
    tips = Tips(
        storage=storage,
        sealing=vault.tips,
        receipts=vault.receipts,
        audit=audit,
        clock=clock,
        chance=chance,
        delay_max_s=config.tip_delay_max_s,
    )
    doorbells = Doorbells()
    say = book.voice("channels").only(ground.language)
    web_channel = WebChannel(
        WEB,
        storage=storage,
        envelopes=envelopes,
        clock=clock,
        doorbells=doorbells,
        say=say,
    )

    def web() -> Channel:
        return web_channel

    notices = Notices(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        voice=book.voice("notices", *NOTICE_WORDS),
        clock=clock,
        chance=chance,
    )
    channels = Channels(
        storage=storage,
        envelopes=envelopes,
        audit=audit,
        notices=notices,
        opener=ChannelOpener(
            session=ground.session,
            web=web,
            clock=clock,
            chance=chance,
            say=say,
            public_url=config.public_url,
            attachments=StoredAttachments(storage=storage, clock=clock),
            renews_apart=ground.renews_apart,
        ),
        clock=clock,
        chance=chance,
        owner=owner,
    )
    announcement_bell = Bell()
    inbox_bell = Bell()
    return Program(
        config=config,
        clock=clock,
        chance=chance,
        owner=owner,
        vault=vault,
        storage=storage,
        book=book,
        envelopes=envelopes,
        audit=audit,
        units=Units(storage=storage, audit=audit, chance=chance),
        people=People(storage=storage, clock=clock, chance=chance),
        tips=tips,
        tip_pictures=TipPictures(
            storage=storage,
            envelopes=envelopes,
            fetch=channels.fetch,
            cleaning=PictureCleaner(),
            clock=clock,
            chance=chance,
        ),
        officers=Officers(
            storage=storage,
            tips=tips,
            keys=vault.officers,
            passwords=vault.passwords,
            founding=vault.setup,
            pseudonyms=vault.lasting,
            audit=audit,
            clock=clock,
            chance=chance,
        ),
        announcements=Announcements(
            storage=storage,
            audit=audit,
            letters=Letters(storage=storage, voice=book.voice("announcement", *LETTER_WORDS)),
            clock=clock,
            chance=chance,
            bell=announcement_bell,
            offers=channels.offers,
        ),
        channels=channels,
        notices=notices,
        reminders=Reminders(
            storage=storage,
            channels=channels,
            notices=notices,
            clock=clock,
            zone=config.timezone,
        ),
        connecting=Connecting(
            storage=storage,
            envelopes=envelopes,
            channels=channels,
            granting=ZaloGrants(
                ground.session,
                clock=clock,
                say=book.voice("channels"),
                public_url=config.public_url,
            ),
            clock=clock,
            chance=chance,
        ),
        domain=DomainProofs(storage=storage, audit=audit),
        set_aside=SetAsideMessages(storage=storage, audit=audit),
        inbox_bell=inbox_bell,
        announcement_bell=announcement_bell,
        doorbells=doorbells,
    )
