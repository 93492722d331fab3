"""Every service over one storage and one vault: what the command line and `serve` work with."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields
from functools import cached_property
from typing import Final

from bot.app.announcing import made_announcements
from bot.app.ground import Ground, open_ground
from bot.app.handing_over import HandoverServices, handovers_of, made_call_backs
from bot.app.joining import WaysIn
from bot.app.locking import ServeRole
from bot.app.mailing import made_mailing, made_notices
from bot.app.officers import OfficerServices, made_officer_services
from bot.app.opening import ChannelOpener
from bot.app.tipping import made_tip_reading, made_tip_receiving, not_here
from bot.channels.web.channel import WebChannel
from bot.channels.web.doorbells import Doorbells
from bot.channels.zalo.grant import ZaloGrants
from bot.config import Config
from bot.core.channels import Channel
from bot.core.languages import Language
from bot.core.time import Chance, Clock
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.attachments import StoredAttachments
from bot.services.announcements.watching import Watching
from bot.services.answers.answers import Answers
from bot.services.audit import Audit
from bot.services.bells import Bell
from bot.services.channels.account_events import WORDS as ACCOUNT_WORDS
from bot.services.channels.account_events import AccountEvents
from bot.services.channels.channels import WEB, Channels
from bot.services.channels.connecting import Connecting
from bot.services.channels.domain_proofs import DomainProofs
from bot.services.conversations.set_aside import SetAsideMessages
from bot.services.envelopes import Envelopes
from bot.services.groups.alarms import GroupAlarms
from bot.services.groups.albums import GroupAlbums
from bot.services.groups.codes import GroupCodes
from bot.services.groups.desks import GroupDesks
from bot.services.groups.groups import WORDS as GROUP_WORDS
from bot.services.groups.groups import Groups
from bot.services.groups.welcomes import WORDS as WELCOME_WORDS
from bot.services.groups.welcomes import GroupWelcomes
from bot.services.mailing import Mailing
from bot.services.notices import Notices
from bot.services.officers.reminders import Reminders
from bot.services.people.call_backs import CallBacks
from bot.services.people.people import People
from bot.services.people.withdrawals import Withdrawals
from bot.services.tips.reading.reading import Reading
from bot.services.tips.receiving.pictures import TipPictures
from bot.services.tips.receiving.receiving import Receiving
from bot.services.units.units import Units
from bot.vault.cleaning import PictureCleaner

_UNNAMED_CODE: Final = "XA"
# Costs memory, and not every command answers.
_LATE: Final = frozenset({"answers"})


class Program(Ground):
    """The services, joined. Nothing runs by itself until `bot.app.serving` runs it."""

    def join(self) -> None:
        """Build every service now, so that a word that is missing is said at start."""
        left = _LATE | not_here(self.role)
        for name, member in vars(type(self)).items():
            if isinstance(member, cached_property) and name not in left:
                getattr(self, name)

    @cached_property
    def envelopes(self) -> Envelopes:
        """Return what seals everything that passes through or lasts."""
        return Envelopes(
            passing=self.vault.passing,
            lasting=self.vault.lasting,
            pseudonyms=self.vault.lasting,
            clock=self.clock,
        )

    @cached_property
    def audit(self) -> Audit:
        """Return the chain of who did what."""
        return Audit(storage=self.storage, clock=self.clock, key=self.vault.audit)

    @cached_property
    def units(self) -> Units:
        """Return the tree of units."""
        return Units(storage=self.storage, audit=self.audit, chance=self.chance)

    @cached_property
    def people(self) -> People:
        """Return who joined."""
        return People(storage=self.storage, clock=self.clock, chance=self.chance)

    @cached_property
    def receiving(self) -> Receiving:
        """Return the senders' side of tips."""
        return made_tip_receiving(self)

    @cached_property
    def reading(self) -> Reading:
        """Return the officers' side of tips."""
        return made_tip_reading(self)

    @cached_property
    def tip_pictures(self) -> TipPictures:
        """Return the pictures of tips that are being written."""
        return TipPictures(
            storage=self.storage,
            envelopes=self.envelopes,
            fetch=self.channels.fetch,
            cleaning=self.cleaning,
            clock=self.clock,
            chance=self.chance,
        )

    @cached_property
    def cleaning(self) -> PictureCleaner:
        """Return what cleans pictures, one at a time."""
        return PictureCleaner()

    @cached_property
    def officer_services(self) -> OfficerServices:
        """Return officers, their sessions and their keys, which belong together."""
        return made_officer_services(
            storage=self.storage,
            vault=self.vault,
            audit=self.audit,
            clock=self.clock,
            chance=self.chance,
        )

    @cached_property
    def announcements(self) -> Announcements:
        """Return what officers send to many."""
        return made_announcements(self)

    @cached_property
    def watching(self) -> Watching:
        """Return what looks at announcements being sent, for as many as watch."""
        return Watching(announcements=self.announcements, storage=self.storage, clock=self.clock)

    @cached_property
    def doorbells(self) -> Doorbells:
        """Return the bells of the chat pages that are open."""
        return Doorbells()

    @cached_property
    def inbox_bell(self) -> Bell:
        """Return what is rung when something arrived."""
        return Bell()

    @cached_property
    def announcement_bell(self) -> Bell:
        """Return what is rung when an announcement began."""
        return Bell()

    @cached_property
    def channels(self) -> Channels:
        """Return the accounts on platforms."""
        return Channels(
            storage=self.storage,
            envelopes=self.envelopes,
            audit=self.audit,
            notices=self.notices,
            opener=self._opener,
            clock=self.clock,
            chance=self.chance,
            owner=self.owner,
        )

    @cached_property
    def _opener(self) -> ChannelOpener:
        say = self.book.voice("channels").only(self.language)
        web_channel = WebChannel(
            WEB,
            storage=self.storage,
            envelopes=self.envelopes,
            clock=self.clock,
            doorbells=self.doorbells,
            say=say,
        )

        def web() -> Channel:
            return web_channel

        return ChannelOpener(
            session=self.session,
            web=web,
            clock=self.clock,
            chance=self.chance,
            say=say,
            public_url=self.config.public_url,
            attachments=StoredAttachments(storage=self.storage, clock=self.clock),
            renews_apart=self.renews_apart,
        )

    @cached_property
    def mailing(self) -> Mailing:
        """Return what tells officers by e-mail, if a mail server is set."""
        return made_mailing(self)

    @cached_property
    def notices(self) -> Notices:
        """Return what tells officers where they want to be told."""
        return made_notices(self)

    @cached_property
    def reminders(self) -> Reminders:
        """Return what tells officers in time."""
        return Reminders(
            storage=self.storage,
            channels=self.channels,
            notices=self.notices,
            clock=self.clock,
            zone=self.config.timezone,
        )

    @cached_property
    def connecting(self) -> Connecting:
        """Return the accounts being connected."""
        return Connecting(
            storage=self.storage,
            envelopes=self.envelopes,
            channels=self.channels,
            granting=ZaloGrants(
                self.session,
                clock=self.clock,
                say=self.book.voice("channels"),
                public_url=self.config.public_url,
            ),
            clock=self.clock,
            chance=self.chance,
        )

    @cached_property
    def domain(self) -> DomainProofs:
        """Return what proves to platforms whose address this is."""
        return DomainProofs(storage=self.storage, audit=self.audit)

    @cached_property
    def set_aside(self) -> SetAsideMessages:
        """Return messages nobody could handle."""
        return SetAsideMessages(storage=self.storage, audit=self.audit)

    @cached_property
    def answers(self) -> Answers:
        """Return the answers, made when first asked for."""
        return self.editions.answers

    @cached_property
    def call_backs(self) -> CallBacks:
        """Return who left a number to be called back."""
        return made_call_backs(self)

    @cached_property
    def handovers(self) -> HandoverServices:
        """Return the conversations handed over to officers."""
        return handovers_of(self)

    @cached_property
    def withdrawals(self) -> Withdrawals:
        """Return what forgets somebody at their word."""
        return Withdrawals(
            people=self.people,
            call_backs=self.call_backs,
            handovers=self.handovers.asking,
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
            welcomes=self.group_welcomes,
            clock=self.clock,
            chance=self.chance,
        )

    @cached_property
    def group_welcomes(self) -> GroupWelcomes:
        """Return what greets groups that officers linked."""
        return GroupWelcomes(
            envelopes=self.envelopes,
            voice=self.book.voice("group", *WELCOME_WORDS),
            ways=self.ways,
            clock=self.clock,
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
            welcomes=self.group_welcomes,
            clock=self.clock,
            zone=self.config.timezone,
        )

    @cached_property
    def group_alarms(self) -> GroupAlarms:
        """Return which groups were given a number lately."""
        return GroupAlarms(storage=self.storage, clock=self.clock)

    @cached_property
    def group_albums(self) -> GroupAlbums:
        """Return which albums are being taken away from groups."""
        return GroupAlbums(storage=self.storage, pseudonyms=self.vault.lasting, clock=self.clock)

    async def prepare(self) -> None:
        """Make what every start needs: a commune, the web channel, a key that opens tips."""
        name = self.book.voice("unit", "unnamed")("unnamed", Language.VI)
        commune = await self.units.ensure_commune(code=_UNNAMED_CODE, name=name)
        await self.channels.ensure_web(commune.id)
        if self.role in {ServeRole.GATEWAY, ServeRole.WORKER}:
            # Keys that open tips are for the process that serves officers.
            return
        await self.officer_services.setting_up.open_founding()
        await self.officer_services.setting_up.ensure_recovery(commune.id)


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
    async with AsyncExitStack() as stack:
        ground = await stack.enter_async_context(
            open_ground(
                config, clock=clock, chance=chance, role=role, language=language, cheap=cheap
            )
        )
        values = {field.name: getattr(ground, field.name) for field in fields(Ground)}
        program = Program(**{**values, "renews_apart": renews_apart})
        program.join()
        stack.push_async_callback(program.channels.close)
        stack.push_async_callback(program.connecting.close)
        stack.push_async_callback(program.group_desks.acts.close)
        yield program
