"""Messages that nobody could handle: shown to officers, tried again at their word."""

from bot.core.errors import NotFound
from bot.core.ids import InboxId
from bot.core.inbox import SetAside
from bot.core.officers import Officer
from bot.core.storage import Storage, Work
from bot.core.units import below
from bot.services.audit import Audit


class SetAsideMessages:
    """Use cases about arrivals that made the handler fail again and again."""

    def __init__(self, *, storage: Storage, audit: Audit) -> None:
        self._storage = storage
        self._audit = audit

    async def all(self, officer: Officer) -> list[SetAside]:
        """Return what was set aside on the channels of the officer's units."""
        async with self._storage.read() as work:
            return await _seen_by(work, officer)

    async def again(self, row_id: InboxId, *, by: Officer) -> None:
        """Let a message be handled once more. Raise `NotFound`."""
        async with self._storage.begin() as work:
            if row_id not in {one.id for one in await _seen_by(work, by)}:
                raise NotFound("no such message")
            await work.inbox.requeue(row_id)
            await self._audit.note(work, "inbox.again", by=by.id, subject=str(row_id))
            await work.commit()


async def _seen_by(work: Work, officer: Officer) -> list[SetAside]:
    units = below(officer.unit_id, await work.units.all())
    channels = {one.id for one in await work.channels.all() if one.unit_id in units}
    return [one for one in await work.inbox.all_set_aside() if one.channel_id in channels]
