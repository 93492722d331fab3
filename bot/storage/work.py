"""One unit of work: every collection over one transaction."""

from collections.abc import Awaitable, Callable

from bot.core import storage as port
from bot.core.audit import MovingKey
from bot.core.mails import Mails
from bot.core.routes import Routes
from bot.core.sealing import Attesting
from bot.core.shuffling import Shuffling
from bot.core.tip_ends import TipEnds
from bot.core.tip_keys import TipKeys
from bot.storage.announcements import SqlAnnouncements
from bot.storage.api import SqlApiTokens, SqlHookCalls, SqlHooks
from bot.storage.attachments import SqlAttachments
from bot.storage.chain import SqlAuditLog
from bot.storage.channels import SqlChannelAccounts
from bot.storage.deliveries import SqlDeliveries
from bot.storage.dialogues import SqlDialogues
from bot.storage.edits import SqlDrafts, SqlEdits
from bot.storage.groups import SqlGroups
from bot.storage.handovers import SqlHandovers
from bot.storage.inbox import SqlInbox
from bot.storage.mailboxes import SqlMailboxes
from bot.storage.mails import SqlMails
from bot.storage.officers import SqlOfficers, SqlSessions
from bot.storage.progress import SqlProgress
from bot.storage.records import SqlClaims, SqlSettings
from bot.storage.residents import SqlHouseholds, SqlPeople, SqlUnits
from bot.storage.results import SqlResults
from bot.storage.routes import SqlRoutes
from bot.storage.shuffling import SqlShuffling
from bot.storage.slips import SqlSlips
from bot.storage.statements import Statements
from bot.storage.tip_ends import SqlTipEnds
from bot.storage.tip_keys import SqlTipKeys
from bot.storage.tips import SqlTips
from bot.storage.unknown_questions import SqlUnknownQuestions


class SqlWork:
    """Every collection, and the one commit at the end; afterwards the unit is over."""

    def __init__(  # noqa: PLR0915 - one line for each collection
        self,
        db: Statements,
        commit: Callable[[], Awaitable[None]],
        audit_key: MovingKey | None = None,
        attesting: Attesting | None = None,
    ) -> None:
        """Build the collections over `db`; `commit` makes what they wrote durable."""
        self._commit = commit
        self._chain = SqlAuditLog(db, audit_key)
        self.units: port.Units = SqlUnits(db)
        self.households: port.Households = SqlHouseholds(db)
        self.people: port.People = SqlPeople(db)
        self.officers: port.Officers = SqlOfficers(db, attesting)
        self.sessions: port.Sessions = SqlSessions(db)
        self.api_tokens: port.ApiTokens = SqlApiTokens(db)
        self.hooks: port.Hooks = SqlHooks(db)
        self.hook_calls: port.HookCalls = SqlHookCalls(db)
        self.channels: port.ChannelAccounts = SqlChannelAccounts(db)
        self.inbox: port.Inbox = SqlInbox(db)
        self.dialogues: port.Dialogues = SqlDialogues(db)
        self.deliveries: port.Deliveries = SqlDeliveries(db)
        self.results: port.Results = SqlResults(db)
        self.progress: port.Progress = SqlProgress(db)
        self.announcements: port.Announcements = SqlAnnouncements(db)
        self.tips: port.Tips = SqlTips(db)
        self.routes: Routes = SqlRoutes(db)
        self.shuffling: Shuffling = SqlShuffling(db)
        self.tip_ends: TipEnds = SqlTipEnds(db)
        self.audit: port.AuditLog = self._chain
        self.tip_keys: TipKeys = SqlTipKeys(db)
        self.claims: port.Claims = SqlClaims(db)
        self.mails: Mails = SqlMails(db)
        self.mailboxes: port.Mailboxes = SqlMailboxes(db)
        self.groups: port.Groups = SqlGroups(db)
        self.handovers: port.Handovers = SqlHandovers(db)
        self.slips: port.Slips = SqlSlips(db)
        self.attachments: port.Attachments = SqlAttachments(db)
        self.edits: port.Edits = SqlEdits(db)
        self.drafts: port.Drafts = SqlDrafts(db)
        self.unknown_questions: port.UnknownQuestions = SqlUnknownQuestions(db)
        self.settings: port.Settings = SqlSettings(db)

    async def commit(self) -> None:
        """Make everything durable; returns after it is on the disk. Raise `StorageTrouble`."""
        await self._commit()
        await self.settle()

    async def settle(self) -> None:
        """Note that what was written is on the disk now."""
        await self._chain.settle()
