"""Officers: who has an account, with which roles, in which unit.

Setting up, signing in and the care of keys are for the modules beside this one.
"""

from collections.abc import Collection

from bot.core.errors import RuleBroken
from bot.core.ids import OfficerId, UnitId, new_id
from bot.core.officers import Act, Officer
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.services.audit import Audit
from bot.services.officers.accounts import NewOfficer, check_password, checked_login
from bot.services.officers.pairs import Pairs
from bot.services.officers.scope import By, check_unit, name_of


class Officers:
    """Use cases about accounts."""

    def __init__(
        self,
        *,
        storage: Storage,
        pairs: Pairs,
        audit: Audit,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._pairs = pairs
        self._audit = audit
        self._clock = clock
        self._chance = chance

    async def add(self, new: NewOfficer, *, by: By) -> Officer:
        """Add an officer to a unit `by` administers.

        Tips that came after set-up and before this stay sealed to those who held keys then,
        until one of them gives access (see `bot.services.tips.reading.key_care`).

        Raise `NotFound`; `RuleBroken` for a weak password or a login already used.
        """
        check_password(new.password, login=new.login)
        async with self._storage.read() as work:
            await check_unit(work, new.unit_id, by)
        secrets = await self._pairs.secrets(new.password)
        async with self._storage.begin() as work:
            officer = await self.keep(work, new, secrets.password_hash)
            if officer.may(Act.MODERATE):
                await self._pairs.admit(work, officer, secrets.pair)
            await self._audit.note(
                work,
                "officer.add",
                by=name_of(by),
                subject=officer.id,
                facts={"roles": ",".join(sorted(officer.roles))},
            )
            await work.commit()
        return officer

    async def keep(self, work: Work, new: NewOfficer, password_hash: str) -> Officer:
        """Store a new account within the caller's transaction. Raise `RuleBroken`."""
        login = checked_login(new.login)
        if await work.officers.by_login(login) is not None:
            raise RuleBroken("login_taken", login=login)
        officer = Officer(
            id=OfficerId(new_id(self._chance)),
            login=login,
            name=new.name.strip() or login,
            unit_id=new.unit_id,
            roles=new.roles,
            password_hash=password_hash,
            added_at=self._clock.now(),
        )
        await work.officers.save(officer)
        return officer

    async def all(self, unit_ids: Collection[UnitId] | None = None) -> list[Officer]:
        """Return the officers, of the given units only if some are given."""
        async with self._storage.read() as work:
            officers = await work.officers.all()
        return [one for one in officers if unit_ids is None or one.unit_id in unit_ids]
