"""Set-up, once: the founding key becomes the recovery key on paper, the first account is made."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bot.core.errors import NotFound, RuleBroken, StorageTrouble
from bot.core.ids import KeyHolderId, UnitId, new_id
from bot.core.officers import HolderKind, KeyHolder, Officer
from bot.core.sealing import FoundingKey, RecoveryPaper
from bot.core.storage import Storage
from bot.core.time import Chance
from bot.services.audit import Audit
from bot.services.officers.accounts import NewOfficer, check_password
from bot.services.officers.officers import Officers
from bot.services.officers.pairs import Pairs
from bot.services.officers.papers import PrintedKey, printed, read_paper
from bot.services.officers.retiring import Retiring

# The setting that says set-up was finished; it outlives a crash right after.
SET_UP: Final = "set_up"
# Set-up happens once and has no hour; the claim keeps two uses of the link apart.
_ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)


class SetUpDone(NotFound):
    """The set-up link was used, or is not the right one."""


class SettingUp:
    """Use cases of the one-time link."""

    def __init__(
        self,
        *,
        storage: Storage,
        officers: Officers,
        pairs: Pairs,
        founding: FoundingKey,
        retiring: Retiring,
        paper: RecoveryPaper,
        audit: Audit,
        chance: Chance,
    ) -> None:
        self._storage = storage
        self._officers = officers
        self._pairs = pairs
        self._founding = founding
        self._retiring = retiring
        self._paper = paper
        self._audit = audit
        self._chance = chance

    async def ensure_recovery(self, commune: UnitId) -> None:
        """Make the founding key a holder, so that tips sent before set-up are not lost."""
        async with self._storage.begin() as work:
            if not self._founding.exists():
                return
            public = self._founding.pair.public
            known = [
                one.public_key
                for one in await work.officers.holders()
                if one.kind is HolderKind.RECOVERY
            ]
            if known and public not in known:
                raise StorageTrouble(
                    "keys/setup/founding.key is not the key that tips were sealed to before"
                    " set-up; put it back from a copy, or begin with a new data directory"
                )
            if known:
                return
            await work.officers.save_holder(
                KeyHolder(
                    id=KeyHolderId(new_id(self._chance)),
                    kind=HolderKind.RECOVERY,
                    unit_id=commune,
                    public_key=public,
                )
            )
            await work.commit()

    def is_done(self) -> bool:
        """Tell whether the first account was made."""
        return not self._founding.exists()

    def recovery_key(self, token: str) -> PrintedKey:
        """Return the recovery key, to print, until set-up is finished. Raise `SetUpDone`."""
        self._check_token(token)
        pair = self._founding.pair
        return printed(self._paper, pair.private, pair.public)

    def check_paper(self, token: str, sheets: Sequence[str]) -> None:
        """Raise `RuleBroken` unless what was typed from paper is the recovery key."""
        self._check_token(token)
        typed = read_paper(self._paper, sheets)
        if not hmac.compare_digest(typed, self._founding.pair.private):
            raise RuleBroken("paper_other_key")

    def _check_token(self, token: str) -> None:
        right = self._founding.token if self._founding.exists() else ""
        typed = token.encode(errors="replace")
        if not right or not hmac.compare_digest(right.encode(), typed):
            raise SetUpDone("the set-up link was used or is wrong")

    async def finish(self, token: str, new: NewOfficer) -> Officer:
        """Make the first account, give it every tip sealed so far, remove the founding key.

        The caller has made sure that the recovery key was written down.
        """
        self._check_token(token)
        check_password(new.password, login=new.login)
        secrets = await self._pairs.secrets(new.password)
        async with self._storage.begin() as work:
            # The link may have been used while the password was hashed, or before a crash.
            is_first = await work.claims.once(SET_UP, _ONCE)
            if not is_first or await work.settings.get(SET_UP) is not None:
                raise SetUpDone("the set-up link was used")
            officer = await self._officers.keep(work, new, secrets.password_hash)
            await self._pairs.admit(work, officer, secrets.pair)
            await work.settings.put(SET_UP, "done")
            # Parts of it were asked back just now.
            await self._retiring.note_paper(work)
            await self._audit.note(work, "officer.set_up", by=officer.id, subject=officer.id)
            await work.commit()
        self._founding.destroy()
        return officer

    async def open_founding(self) -> None:
        """At start: make the founding key, or remove it if set-up was done just before a crash."""
        async with self._storage.read() as work:
            is_done = await work.settings.get(SET_UP) is not None
        if is_done:
            self._founding.destroy()
        else:
            self._founding.open_or_create()
