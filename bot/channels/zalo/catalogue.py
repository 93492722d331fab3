"""Every event an Official Account can get, and what it is to us (catalogue of Zalo's pages).

Names that sources spell differently stand here in each spelling. A name that is not here is
unknown: it is acknowledged and counted, nothing more.
"""

from collections.abc import Mapping
from typing import Final

from bot.core.messages import IncomingKind

_MEDIA: Final = (
    *("image", "gif", "link", "audio", "video", "sticker", "location", "business_card", "file"),
)
_OWN: Final = ("text", "image", "gif", "list", "file", "sticker", "template")
_ANONYMOUS: Final = ("text", "image", "file", "sticker")

# Told apart by the direction of `sender` and `recipient`; a group's id is the recipient's.
_MESSAGES: Final[Mapping[str, IncomingKind]] = {
    "user_send_text": IncomingKind.TEXT,
    **{f"user_send_{form}": IncomingKind.MEDIA for form in _MEDIA},
    **{f"oa_send_{form}": IncomingKind.ECHO for form in _OWN},
    "user_send_group_text": IncomingKind.TEXT,
    **{f"user_send_group_{form}": IncomingKind.MEDIA for form in _MEDIA},
    "oa_send_group_text": IncomingKind.ECHO,
    **{f"oa_send_group_{form}": IncomingKind.ECHO for form in (*_MEDIA, *_OWN)},
}
_STANDING: Final[Mapping[str, IncomingKind]] = {
    "follow": IncomingKind.START,
    # Sent once to people who never wrote; lets the account write first.
    "user_click_chatnow": IncomingKind.START,
    "unfollow": IncomingKind.STOPPED,
    "user_withdraw": IncomingKind.WITHDREW,
}
# Why each of these does nothing is said beside it.
_WITHOUT_EFFECT: Final = (
    # Receipts and feelings: what was delivered is known from the answer to the send.
    *("user_received_message", "user_seen_message"),
    *("user_reacted_message", "oa_reacted_message"),
    # Visitors without an account cannot join, and are answered over another door of the API.
    *(f"anonymous_send_{form}" for form in _ANONYMOUS),
    *(f"oa_send_anonymous_{form}" for form in _ANONYMOUS),
    # Names and numbers of people are not wanted.
    *("user_submit_info", "update_user_info", "add_user_to_tag", "remove_user_from_tag"),
    *("remove_tag", "widget_interaction_accepted", "widget_failed_to_sync_user_external_id"),
    # Told again, and better, by the error of the next call.
    *("permission_revoked", "change_oa_daily_quota"),
    # Template messages, calls and commerce are not used.
    *("change_oa_template_tags", "change_template_quality", "change_template_quota"),
    *("change_template_status", "user_feedback", "user_click_response_button"),
    *("event_journey_time_out", "event_journey_acknowledged"),
    *("oa_send_consent", "user_reply_consent", "user_call_oa", "oa_call_user"),
    *("shop_has_order", "extension_purchased"),
    # Groups are linked to a neighbourhood by hand; who is in one is asked when needed.
    *("create_group", "user_join_group", "user_request_join_group"),
    *("accept_request_join_group", "react_request_join_group_accept", "react_request_join_group"),
    *("reject_request_join_group", "react_request_join_group_reject"),
    *("add_group_admin", "remove_group_admin", "update_group_info"),
    *("user_out_group", "user_leave_group", "delete_group", "disperse_group"),
)

CATALOGUE: Final[Mapping[str, IncomingKind]] = {
    **_MESSAGES,
    **_STANDING,
    **dict.fromkeys(_WITHOUT_EFFECT, IncomingKind.IGNORED),
}


def is_of_group(event_name: str) -> bool:
    """Tell whether the event is a message written in a group."""
    return event_name.startswith(("user_send_group_", "oa_send_group_"))
