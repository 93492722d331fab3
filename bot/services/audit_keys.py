"""The auditor's key: shown until somebody shows that they wrote it down, then destroyed here."""

from collections.abc import Sequence

from bot.core.audit import KEY_BEGIN, KeyStart, KeyStarts, key_mark
from bot.core.storage import Storage
from bot.services.audit import Audit


class AuditorKeys:
    """Use cases about the starts of the audit chain's key."""

    def __init__(self, *, storage: Storage, audit: Audit, starts: KeyStarts) -> None:
        self._storage = storage
        self._audit = audit
        self._starts = starts

    async def waiting(self) -> list[KeyStart]:
        """Return the starts nobody has written down yet, oldest first."""
        async with self._storage.read() as work:
            found: list[KeyStart] = []
            for start in self._starts.starts():
                entry = await work.audit.get(start.since)
                if entry is not None and entry.record.act == KEY_BEGIN:
                    found += [start] if entry.record.subject == start.mark else []
        return found

    async def show(self, *, by: str) -> list[KeyStart]:
        """Note in the chain that the starts are looked at, and return them."""
        async with self._storage.begin() as work:
            # Where there is no key yet, it begins with this entry.
            await self._audit.note(work, "audit.key_show", by=by)
            await work.commit()
        return await self.waiting()

    async def keep(self, keys: Sequence[bytes], *, by: str) -> list[KeyStart]:
        """Destroy the starts that are among `keys` (32 bytes each); return them."""
        marks = {key_mark(key) for key in keys}
        kept = [start for start in await self.waiting() if start.mark in marks]
        async with self._storage.begin() as work:
            for start in kept:
                await self._audit.note(work, "audit.key_kept", by=by, subject=start.mark)
            await work.commit()
        for start in kept:
            self._starts.forget_start(start.mark)
        return kept
