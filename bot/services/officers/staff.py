"""What an administrator does about an account: roles, leaving, a way in for who forgot.

The administrator never sees a password or a key. A new way in is a link that holds for a day and
one use; what it opens is an account with a new pair, which opens no older tip until somebody who
can open those gives their keys.
"""

import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import OfficerId
from bot.core.officers import Act, Officer, Role
from bot.core.sealing import Pseudonyms
from bot.core.storage import Storage, Work
from bot.core.time import Clock
from bot.services.audit import Audit
from bot.services.officers.accounts import check_password
from bot.services.officers.pairs import Pairs
from bot.services.officers.retiring import Retiring
from bot.services.officers.scope import By, administered, another_administers, name_of

LINK_LIFE: Final = timedelta(days=1)


class LinkGone(NotFound):
    """The link was used, is too old, or was never made."""


class Staff:
    """Use cases about other people's accounts."""

    def __init__(
        self,
        *,
        storage: Storage,
        pairs: Pairs,
        retiring: Retiring,
        pseudonyms: Pseudonyms,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._pairs = pairs
        self._retiring = retiring
        self._pseudonyms = pseudonyms
        self._audit = audit
        self._clock = clock

    async def one(self, officer_id: OfficerId, *, by: By) -> Officer:
        """Return an officer `by` administers. Raise `NotFound`."""
        async with self._storage.read() as work:
            return await administered(work, officer_id, by)

    async def set_roles(self, officer_id: OfficerId, roles: frozenset[Role], *, by: By) -> Officer:
        """Change what an officer may do; everywhere they are signed in ends.

        Whoever reads tips no more loses the key; whoever begins to gets one at the next sign-in.
        Raise `NotFound`, `RuleBroken`.
        """
        if not roles:
            raise RuleBroken("roles_missing")
        async with self._storage.begin() as work:
            officer = await administered(work, officer_id, by)
            if officer.roles == roles:
                return officer
            changed = replace(officer, roles=roles)
            await self._give_back(work, officer, changed)
            await self._audit.note(
                work,
                "officer.roles",
                by=name_of(by),
                subject=officer.id,
                facts={
                    "from": ",".join(sorted(officer.roles)),
                    "to": ",".join(sorted(roles)),
                },
            )
            await self._check(work, officer, changed)
            await work.officers.save(changed)
            if not changed.may(Act.MODERATE):
                await self._retiring.retire_of(work, officer.id)
            await work.sessions.remove_of(officer.id)
            await work.commit()
        return changed

    async def leave(self, officer_id: OfficerId, *, by: By) -> Officer:
        """Close an account: sessions ended, key retired, what was taken on given back.

        Raise `NotFound`; `RuleBroken` for the last administrator, or if tips would be left that
        nobody opens.
        """
        async with self._storage.begin() as work:
            officer = await administered(work, officer_id, by)
            if not officer.is_active:
                return officer
            left = replace(officer, is_active=False)
            await self._give_back(work, officer, left)
            await self._audit.note(work, "officer.leave", by=name_of(by), subject=officer.id)
            await self._check(work, officer, left)
            await work.officers.save(left)
            await self._retiring.retire_of(work, officer.id)
            await work.sessions.remove_of(officer.id)
            await work.commit()
        return left

    async def _give_back(self, work: Work, officer: Officer, changed: Officer) -> None:
        # Before the chain is held: whoever works on a tip holds that first and the chain next.
        if not (changed.is_active and changed.may(Act.MODERATE)):
            await work.tip_keys.free_claims(officer.id)

    async def _check(self, work: Work, officer: Officer, changed: Officer) -> None:
        was = officer.is_active and officer.may(Act.ADMINISTER)
        will = changed.is_active and changed.may(Act.ADMINISTER)
        if was and not will and not await another_administers(work, officer):
            raise RuleBroken("last_administrator")

    # --- a way in --------------------------------------------------------------------------

    async def link(self, officer_id: OfficerId, *, by: By) -> str:
        """Return the secret of a link by which the officer picks a new password, for a day.

        For who forgot it, and for who comes back. It is kept nowhere: it holds as long as the
        account is as it is now. Raise `NotFound`; `RuleBroken` if the new pair would leave tips
        that nobody opens.
        """
        async with self._storage.begin() as work:
            officer = await administered(work, officer_id, by)
            await self._audit.note(work, "officer.link", by=name_of(by), subject=officer.id)
            # Asked now, while there is somebody who can look for the paper.
            await self._retiring.check_of(work, officer.id)
            await work.commit()
        until = int((self._clock.now() + LINK_LIFE).timestamp())
        return f"{officer.id}.{until}.{self._mark(officer, until)}"

    async def linked(self, token: str) -> Officer:
        """Return whose account a link opens. Raise `LinkGone`."""
        async with self._storage.read() as work:
            return await self._linked(work, token)

    async def use_link(self, token: str, password: str) -> Officer:
        """Give the account of the link a new password and a new pair; the old pair ends.

        Raise `LinkGone`, `RuleBroken`.
        """
        officer = await self.linked(token)
        check_password(password, login=officer.login)
        secrets = await self._pairs.secrets(password)
        async with self._storage.begin() as work:
            await self._audit.note(work, "officer.link_used", by=officer.id, subject=officer.id)
            # Somebody may have been quicker while the password was hashed.
            officer = await self._linked(work, token)
            back = replace(officer, password_hash=secrets.password_hash, is_active=True)
            await self._retiring.retire_of(work, officer.id)
            await work.officers.save(back)
            if back.may(Act.MODERATE):
                await self._pairs.admit(work, back, secrets.pair)
            await work.sessions.remove_of(officer.id)
            await work.commit()
        return back

    async def _linked(self, work: Work, token: str) -> Officer:
        officer_id, _, rest = token.partition(".")
        until, _, mark = rest.partition(".")
        if not (until.isascii() and until.isdecimal()) or len(until) > len("9999999999"):
            raise LinkGone("no such link")
        try:
            officer = await work.officers.get(OfficerId(officer_id))
        except NotFound as error:
            raise LinkGone("no such link") from error
        right = self._mark(officer, int(until))
        is_right = hmac.compare_digest(right.encode(), mark.encode(errors="replace"))
        if not is_right or self._clock.now() > datetime.fromtimestamp(int(until), tz=UTC):
            raise LinkGone("no such link")
        return officer

    def _mark(self, officer: Officer, until: int) -> str:
        """Return what only this program can have written, and only for the account as it is.

        The password's hash is in it, so that using a link ends all others.
        """
        state = f"{officer.id}|{officer.password_hash}|{officer.is_active:d}|{until}"
        return self._pseudonyms.pseudonym("officer-link", state)
