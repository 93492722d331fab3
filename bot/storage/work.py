"""One unit of work: every collection over one transaction."""

from collections.abc import Awaitable, Callable

from bot.storage.announcements import SqlAnnouncements
from bot.storage.channels import SqlChannelAccounts
from bot.storage.deliveries import SqlDeliveries
from bot.storage.dialogues import SqlDialogues
from bot.storage.inbox import SqlInbox
from bot.storage.mailboxes import SqlMailboxes
from bot.storage.officers import SqlOfficers, SqlSessions
from bot.storage.records import SqlAuditLog, SqlClaims, SqlSettings
from bot.storage.residents import SqlHouseholds, SqlPeople, SqlUnits
from bot.storage.statements import Statements
from bot.storage.tips import SqlTips


class SqlWork:
    """Every collection, and the one commit at the end; afterwards the unit is over."""

    def __init__(self, db: Statements, commit: Callable[[], Awaitable[None]]) -> None:
        """Build the collections over `db`; `commit` makes what they wrote durable."""
        self._commit = commit
        self.units = SqlUnits(db)
        self.households = SqlHouseholds(db)
        self.people = SqlPeople(db)
        self.officers = SqlOfficers(db)
        self.sessions = SqlSessions(db)
        self.channels = SqlChannelAccounts(db)
        self.inbox = SqlInbox(db)
        self.dialogues = SqlDialogues(db)
        self.deliveries = SqlDeliveries(db)
        self.announcements = SqlAnnouncements(db)
        self.tips = SqlTips(db)
        self.audit = SqlAuditLog(db)
        self.claims = SqlClaims(db)
        self.mailboxes = SqlMailboxes(db)
        self.settings = SqlSettings(db)

    async def commit(self) -> None:
        """Make everything durable; returns after it is on the disk. Raise `StorageTrouble`."""
        await self._commit()
