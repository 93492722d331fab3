"""What officers are told in their own chat because it will not wait until they sign in."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.ids import ChannelId, OfficerId


class NoticeKey(StrEnum):
    """What happened; also the key of its sentence in section `notices`."""

    CHANNEL_BROKEN = "channel_broken"
    CHANNEL_MENDED = "channel_mended"
    CHANNEL_UNWELL = "channel_unwell"
    CREDENTIALS_OLD = "credentials_old"
    CALL_BACK = "call_back"
    HANDOVER_ASKED = "handover_asked"
    HANDOVER_WROTE = "handover_wrote"
    HANDOVERS_WAIT = "handovers_wait"
    GROUP_LAPSED = "group_lapsed"
    GROUP_LAPSES_SOON = "group_lapses_soon"
    APPROVAL_WANTED = "approval_wanted"
    APPROVAL_OVERRIDDEN = "approval_overridden"
    ANNOUNCEMENT_HELD = "announcement_held"
    ANNOUNCEMENT_FAILING = "announcement_failing"
    AUDIT_HEAD_STUCK = "audit_head_stuck"
    AUDIT_DIFFERS = "audit_differs"
    TIPS_NOT_FORGOTTEN = "tips_not_forgotten"
    TIP_URGENT = "tip_urgent"
    TIPS_NEW = "tips_new"
    TIP_ANSWERED = "tip_answered"
    TIP_LETTERS = "tip_letters"
    TIPS_NOT_SEEN = "tips_not_seen"
    TIPS_DUE_SOON = "tips_due_soon"
    TIPS_OVER_TWENTY_DAYS = "tips_over_twenty_days"
    TIPS_OVER_TWO_MONTHS = "tips_over_two_months"
    ANNOUNCEMENT_NOT_STARTED = "announcement_not_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerChat:
    """A chat an officer named for notices. `sealed` holds its address."""

    id: str
    officer_id: OfficerId
    channel_id: ChannelId
    sealed: bytes = field(repr=False)
    linked_at: datetime
