"""Builds a town: its services, its units, an account on every channel."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot.app.handing_over import made_handovers
from bot.app.officers import made_officer_services
from bot.core.channels import Channel, ChannelAccount, ChannelKind, CredentialStore
from bot.core.cleaning import CleanFile, NotCleaned, Unclean
from bot.core.ids import ChannelId, new_id
from bot.core.messages import IncomingKind
from bot.core.storage import Storage
from bot.core.units import Unit, UnitKind
from bot.services.audit import Audit
from bot.services.bells import Bell
from bot.services.channels.account_events import WORDS as ACCOUNT_WORDS
from bot.services.channels.account_events import AccountEvents
from bot.services.channels.channels import Channels
from bot.services.envelopes import Envelopes
from bot.services.notices import WORDS as NOTICE_WORDS
from bot.services.notices import Notices
from bot.services.officers.reminders import Reminders
from bot.services.people.call_backs import WORDS as CALL_BACK_WORDS
from bot.services.people.call_backs import CallBacks
from bot.services.people.interests import Interests
from bot.services.people.people import People
from bot.services.people.withdrawals import Withdrawals
from bot.services.tips.receiving.pictures import TipPictures
from bot.services.units.units import UnitRow, Units
from bot.storage.store import open_store
from bot.vault.vault import Vault
from handlers.emergency import Emergency
from tests.announcement_builder import made_announcements
from tests.builders.routing import ZONE, made_router, the_answers
from tests.builders.town import Town
from tests.fakes import FakeChannel, FakeClock, FakeMailer, FakeMeter, SteadyChance
from tests.group_builder import made_groups
from tests.mail_builder import mailing_of
from tests.one_book import the_book
from tests.storage.rig import sqlite_url
from tests.tip_builder import reading_of, receiving_of
from tests.vault_builder import open_vault

KINDS: Final = {
    "web": ChannelKind.WEB,
    "telegram": ChannelKind.TELEGRAM,
    "zalo": ChannelKind.ZALO,
}
LIMITS: Final = {ChannelKind.WEB: 4_000, ChannelKind.TELEGRAM: 4_000, ChannelKind.ZALO: 2_000}


class FakeCleaning:
    """Cleans what is called dirty, page by page, and refuses what is called poison."""

    async def clean_all(self, body: bytes) -> Sequence[CleanFile]:
        if b"poison" in body:
            raise NotCleaned(Unclean.BROKEN)
        pages = body.replace(b"dirty", b"clean").split(b"|")
        return [CleanFile(media_type="image/jpeg", body=page) for page in pages]


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
