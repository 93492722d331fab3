"""Everything the pages call, gathered once by the composition root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from aiohttp import web

from bot.core.time import Chance, Clock
from bot.services.announcements.amendments import Amendments
from bot.services.announcements.announcements import Announcements
from bot.services.announcements.approvals import Approvals
from bot.services.announcements.attachments import Attachments
from bot.services.announcements.reach import Reaches
from bot.services.announcements.results import Results
from bot.services.announcements.texts import Texts
from bot.services.announcements.trials import Trials
from bot.services.announcements.watching import Watching
from bot.services.answers.not_understood import UnknownQuestions
from bot.services.api.tokens import ApiTokens
from bot.services.audit import Audit
from bot.services.audit_view import AuditView
from bot.services.channels.account_events import AccountEvents
from bot.services.channels.channels import Channels
from bot.services.channels.connecting import Connecting
from bot.services.channels.domain_proofs import DomainProofs
from bot.services.conversations.set_aside import SetAsideMessages
from bot.services.edits.editing import Editing
from bot.services.groups.codes import GroupCodes
from bot.services.groups.desks import GroupDesks
from bot.services.groups.groups import Groups
from bot.services.handovers.desk import HandoverDesk
from bot.services.hooks.hooks import Hooks
from bot.services.mail_addresses import MailAddresses
from bot.services.mailing import Mailing
from bot.services.notices import Notices
from bot.services.officers.officers import Officers
from bot.services.officers.own_account import OwnAccount
from bot.services.officers.recovery import Recovery
from bot.services.officers.setting_up import SettingUp
from bot.services.officers.sign_ins import SignIns
from bot.services.officers.staff import Staff
from bot.services.people.call_backs import CallBacks
from bot.services.people.people import People
from bot.services.tips.assisted import AssistedEntry
from bot.services.tips.reading.key_care import KeyCare
from bot.services.tips.reading.reading import Reading
from bot.services.units.inspectorates import Inspectorates
from bot.services.units.units import Units
from content.sentences import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleServices:
    """The use cases behind the pages.

    `tip_voice` says what the sender of a tip reads (section "tips"), `handover_voice` what
    whoever asked for a person reads (section "handover"); `crowd` names
    where a request comes from, for limits; `public_url` has no slash at its end; `topics` are
    those an announcement can be kept to, each with what officers call it.
    """

    officers: Officers
    sign_ins: SignIns
    setting_up: SettingUp
    staff: Staff
    own_account: OwnAccount
    recovery: Recovery
    key_care: KeyCare
    reading: Reading
    assisted: AssistedEntry
    inspectorates: Inspectorates
    announcements: Announcements
    approvals: Approvals
    amendments: Amendments
    attachments: Attachments
    reaches: Reaches
    watching: Watching
    results: Results
    trials: Trials
    texts: Texts
    topics: Sequence[tuple[str, str]]
    channels: Channels
    account_events: AccountEvents
    call_backs: CallBacks
    handovers: HandoverDesk
    notices: Notices
    mailing: Mailing
    mail_addresses: MailAddresses
    groups: Groups
    group_codes: GroupCodes
    group_desks: GroupDesks
    connecting: Connecting
    domain: DomainProofs
    units: Units
    people: People
    set_aside: SetAsideMessages
    audit: Audit
    audit_view: AuditView
    api_tokens: ApiTokens
    hooks: Hooks
    editing: Editing
    unknown_questions: UnknownQuestions
    tip_voice: Voice
    handover_voice: Voice
    crowd: Callable[[web.Request], str]
    public_url: str
    zone: tzinfo
    clock: Clock
    chance: Chance

    @property
    def is_secure(self) -> bool:
        """Tell whether people come over TLS, so that cookies must never travel without it."""
        return self.public_url.startswith("https://")
