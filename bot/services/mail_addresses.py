"""E-mail addresses at which officers want notices: named, confirmed by a code, given up again.

Nothing but the code goes to an address before it was confirmed.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import new_id
from bot.core.mails import OfficerMail, is_mail_address
from bot.core.officers import Officer
from bot.core.sealing import Pseudonyms
from bot.core.slips import SlipKind
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.envelopes import Envelopes
from bot.services.mailing import Mailing
from bot.services.one_time_codes import CODE_LIFE, OneTimeCodes

MOST_ADDRESSES: Final = 5
# Nobody has a stranger's mailbox filled with codes.
_CODE_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAddress:
    """An address as its officer sees it. `address` is "" if it can no longer be opened."""

    id: str
    address: str = field(repr=False)
    is_confirmed: bool
    trouble: str
    added_at: datetime


class MailAddresses:
    """Use cases about these addresses."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        audit: Audit,
        mailing: Mailing,
        pseudonyms: Pseudonyms,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._envelopes = envelopes
        self._audit = audit
        self._mailing = mailing
        self._codes = OneTimeCodes(
            SlipKind.OFFICER_CODE, pseudonyms=pseudonyms, clock=clock, chance=chance
        )
        self._clock = clock
        self._chance = chance

    @property
    def is_offered(self) -> bool:
        """Tell whether there is a mail server."""
        return self._mailing.is_on

    async def add(self, officer: Officer, address: str) -> None:
        """Send a code to an address the officer names.

        Raise `RuleBroken`: no mail server, no address, too many addresses, a code a moment ago.
        """
        address = address.strip()
        if not self._mailing.is_on:
            raise RuleBroken("mail_off")
        if not is_mail_address(address):
            raise RuleBroken("mail_address")
        now = self._clock.now()
        code, address_id = self._codes.draw(), new_id(self._chance)
        async with self._storage.begin() as work:
            known = await work.mails.addresses([officer.id])
            for one in known:
                if one.confirmed_at is None and self._mailing.address_of(one) == address:
                    await work.mails.remove_address(one.id)
                    known = [other for other in known if other.id != one.id]
            if any(self._mailing.address_of(one) == address for one in known):
                raise RuleBroken("mail_known")
            if len(known) >= MOST_ADDRESSES:
                raise RuleBroken("mail_many")
            seconds = int(_CODE_EVERY.total_seconds())
            period = datetime.fromtimestamp(now.timestamp() // seconds * seconds, now.tzinfo)
            if not await work.claims.once(f"mail_code:{officer.id}", period):
                raise RuleBroken("mail_wait")
            await work.mails.save_address(
                OfficerMail(
                    id=address_id,
                    officer_id=officer.id,
                    sealed=self._envelopes.officer_mail(address_id, address),
                    code=self._codes.key(code),
                    added_at=now,
                )
            )
            await work.mails.add([self._mailing.code_letter(address_id, code)])
            await work.commit()

    async def confirm(self, officer: Officer, code: str) -> None:
        """Tell things at the address whose code was typed. Raise `RuleBroken`."""
        key, now = self._codes.key(code), self._clock.now()
        async with self._storage.begin() as work:
            named = next(
                (
                    one
                    for one in await work.mails.addresses([officer.id])
                    if one.code == key and one.confirmed_at is None
                ),
                None,
            )
            if named is None or now > named.added_at + CODE_LIFE:
                raise RuleBroken("mail_code")
            await work.mails.save_address(replace(named, code="", confirmed_at=now))
            await self._audit.note(work, "officer.mail_link", by=officer.id, subject=officer.id)
            await work.commit()

    async def remove(self, address_id: str, *, by: Officer) -> None:
        """Tell nothing any more at that address of the officer's. Raise `NotFound`."""
        async with self._storage.begin() as work:
            if address_id not in {one.id for one in await work.mails.addresses([by.id])}:
                raise NotFound("no such address")
            await work.mails.remove_address(address_id)
            await self._audit.note(work, "officer.mail_unlink", by=by.id, subject=by.id)
            await work.commit()

    async def addresses_of(self, officer: Officer) -> list[NamedAddress]:
        """Return the addresses the officer named."""
        async with self._storage.read() as work:
            named = await work.mails.addresses([officer.id])
        return [
            NamedAddress(
                id=one.id,
                address=self._mailing.address_of(one),
                is_confirmed=one.confirmed_at is not None,
                trouble=one.trouble,
                added_at=one.added_at,
            )
            for one in named
        ]
