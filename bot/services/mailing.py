"""Notices by e-mail: letters queued with what they tell of, then handed over.

A letter waits in the database, sealed, until the mail server took it; it is tried again for
about a day. A server that is not reached holds up all letters, what it refuses only one. Which
addresses there are is in `mail_addresses`.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.core.ids import OfficerId, new_id
from bot.core.languages import Language
from bot.core.mails import (
    Mail,
    Mailer,
    MailNotSent,
    MailTrouble,
    OfficerMail,
    WaitingMail,
)
from bot.core.sealing import KeyGone, SealBroken
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.envelopes import Envelopes
from content.sentences import Voice

log = logging.getLogger(__name__)

WORDS: Final = (
    "mail_subject",
    "mail_subject_urgent",
    "mail_body",
    "mail_code_subject",
    "mail_code_body",
)
# How long after a try that failed the next one comes; after the last the letter is given up:
# a notice a day old tells nobody anything.
DELAYS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=8),
)
_AT_ONCE: Final = 5
# Longer than this many letters may take.
_LEASE: Final = timedelta(minutes=5)
# The setting that holds why no letter goes, "" while they go.
_TROUBLE: Final = "mail_trouble"


class Mailing:
    """Queues letters and hands them over; without a `mailer` there are none."""

    def __init__(
        self,
        *,
        storage: Storage,
        envelopes: Envelopes,
        mailer: Mailer | None,
        voice: Voice,
        clock: Clock,
        chance: Chance,
        console_url: str,
    ) -> None:
        """`voice` says the sentences of section `notices`; `console_url` is where they lead."""
        self._storage = storage
        self._envelopes = envelopes
        self._mailer = mailer
        self._say = voice
        self._clock = clock
        self._chance = chance
        self._console_url = console_url

    @property
    def is_on(self) -> bool:
        """Tell whether a mail server is set."""
        return self._mailer is not None

    # --- telling -----------------------------------------------------------------------------

    async def queue(
        self,
        work: Work,
        officer_ids: Collection[OfficerId],
        text: str,
        *,
        is_urgent: bool = False,
    ) -> int:
        """Have a text told at their confirmed addresses; rides in the caller's transaction.

        Return how many letters were queued.
        """
        if self._mailer is None:
            return 0
        subject = self._say("mail_subject_urgent" if is_urgent else "mail_subject", Language.VI)
        body = self._say("mail_body", Language.VI, notice=text, link=self._console_url)
        letters = [
            self._waiting(one.id, subject, body)
            for one in await work.mails.addresses(officer_ids)
            if one.confirmed_at is not None
        ]
        await work.mails.add(letters)
        return len(letters)

    def code_letter(self, to_id: str, code: str) -> WaitingMail:
        """Return the letter that brings a code to an address."""
        subject = self._say("mail_code_subject", Language.VI)
        return self._waiting(to_id, subject, self._say("mail_code_body", Language.VI, code=code))

    def _waiting(self, to_id: str, subject: str, text: str) -> WaitingMail:
        mail_id = new_id(self._chance)
        return WaitingMail(
            id=mail_id,
            to_id=to_id,
            sealed=self._envelopes.mail(mail_id, subject.strip(), text),
            not_before=self._clock.now(),
        )

    # --- handing over ------------------------------------------------------------------------

    async def send_due(self) -> int:
        """Hand over the letters that are due, one after another; return how many went."""
        if self._mailer is None:
            return 0
        now = self._clock.now()
        async with self._storage.begin() as work:
            waiting = await work.mails.claim(_AT_ONCE, now=now, lease_until=now + _LEASE)
            named = {one.to_id: await work.mails.address(one.to_id) for one in waiting}
            await work.commit()
        went = 0
        for number, one in enumerate(waiting):
            trouble = await self._tried(self._mailer, one, named[one.to_id])
            went += trouble is None
            if trouble is not None and not trouble.is_of_letter:
                await self._put_off(waiting[number + 1 :])
                break
        return went

    async def _tried(
        self, mailer: Mailer, waiting: WaitingMail, named: OfficerMail | None
    ) -> MailTrouble | None:
        mail = self._opened(waiting, named)
        if mail is None:
            async with self._storage.begin() as work:
                await work.mails.remove(waiting.id)
                await work.commit()
            log.warning("mail.unreadable", extra={"mail_id": waiting.id})
            return None
        trouble: MailTrouble | None = None
        try:
            await mailer.send(mail)
        except MailNotSent as error:
            trouble = error.trouble
        await self._record(waiting, trouble)
        return trouble

    def _opened(self, waiting: WaitingMail, named: OfficerMail | None) -> Mail | None:
        address = self.address_of(named) if named else ""
        try:
            subject, text = self._envelopes.open_mail(waiting.id, waiting.sealed)
        except (SealBroken, KeyGone):
            return None
        if not address:
            return None
        return Mail(
            id=waiting.id, to=address, subject=subject, text=text, written_at=self._clock.now()
        )

    async def _record(self, waiting: WaitingMail, trouble: MailTrouble | None) -> None:
        now = self._clock.now()
        is_last = waiting.attempts > len(DELAYS)
        async with self._storage.begin() as work:
            if trouble is None or trouble.is_final or is_last:
                await work.mails.remove(waiting.id)
            else:
                not_before = now + DELAYS[waiting.attempts - 1]
                await work.mails.save(replace(waiting, not_before=not_before))
            named = await work.mails.address(waiting.to_id)
            if named is not None:
                refused = trouble.value if trouble and trouble.is_final else ""
                await work.mails.save_address(replace(named, trouble=refused))
            of_server = trouble.value if trouble and not trouble.is_of_letter else ""
            if (await work.settings.get(_TROUBLE) or "") != of_server:
                await work.settings.put(_TROUBLE, of_server)
            await work.commit()
        told = {"mail_id": waiting.id, "trouble": trouble}
        if trouble is not None and (trouble.is_final or is_last):
            log.warning("mail.given_up", extra=told)
        elif trouble is not None:
            log.warning("mail.not_sent", extra=told)

    async def _put_off(self, waiting: Sequence[WaitingMail]) -> None:
        """Give back what was not tried, uncounted: what ails the server ails all of them."""
        until = self._clock.now() + DELAYS[0]
        async with self._storage.begin() as work:
            for one in waiting:
                attempts = one.attempts - 1
                await work.mails.save(replace(one, attempts=attempts, not_before=until))
            await work.commit()

    async def trouble(self) -> str:
        """Return why no letter goes, as `MailTrouble` calls it, "" while they go."""
        if self._mailer is None:
            return ""
        async with self._storage.read() as work:
            return await work.settings.get(_TROUBLE) or ""

    async def check(self) -> MailTrouble | None:
        """Try the server now, without a letter; return what is wrong."""
        if self._mailer is None:
            return None
        try:
            await self._mailer.check()
        except MailNotSent as error:
            return error.trouble
        return None

    def address_of(self, named: OfficerMail) -> str:
        """Return the address, "" if it can no longer be opened."""
        try:
            return self._envelopes.open_officer_mail(named.id, named.sealed)
        except SealBroken:
            # Sealed by another installation's key: the officer names the address again.
            return ""
