"""Every event an Official Account can get, and what it is to us (catalogue of Zalo's pages).

Names that sources spell differently stand here in each spelling. What does nothing says why. A
name that is not here is unknown: it is acknowledged and counted, nothing more; its body is not
kept, for who sent it would stand in it.
"""

from collections.abc import Mapping
from typing import Final

from bot.core.messages import AccountEvent, GroupEvent, IncomingKind

# Chats of visitors who are not signed in to Zalo: "anonymous:<conversation>:<visitor>".
VISITOR_PREFIX: Final = "anonymous:"
_MEDIA: Final = (
    *("image", "gif", "link", "audio", "video", "sticker", "location", "business_card", "file"),
)
_OWN: Final = ("text", "image", "gif", "list", "file", "sticker", "template")
_VISITORS: Final = ("image", "file", "sticker")

# Told apart by the direction of `sender` and `recipient`; a group's id is the recipient's.
_MESSAGES: Final[Mapping[str, IncomingKind]] = {
    "user_send_text": IncomingKind.TEXT,
    **{f"user_send_{form}": IncomingKind.MEDIA for form in _MEDIA},
    **{f"oa_send_{form}": IncomingKind.ECHO for form in _OWN},
    "user_send_group_text": IncomingKind.TEXT,
    **{f"user_send_group_{form}": IncomingKind.MEDIA for form in _MEDIA},
    **{f"oa_send_group_{form}": IncomingKind.ECHO for form in (*_MEDIA, *_OWN)},
    # Visitors who are not signed in to Zalo: they may be in danger like anybody else.
    "anonymous_send_text": IncomingKind.TEXT,
    **{f"anonymous_send_{form}": IncomingKind.MEDIA for form in _VISITORS},
    **{f"oa_send_anonymous_{form}": IncomingKind.ECHO for form in ("text", *_VISITORS)},
}
_STANDING: Final[Mapping[str, IncomingKind]] = {
    "follow": IncomingKind.START,
    # Sent once to people who never wrote; lets the account write first.
    "user_click_chatnow": IncomingKind.START,
    "unfollow": IncomingKind.STOPPED,
    "user_withdraw": IncomingKind.WITHDREW,
    "user_submit_info": IncomingKind.CONTACT,
}
GROUP_EVENTS: Final[Mapping[str, GroupEvent]] = {
    "create_group": GroupEvent.ADDED,
    "user_join_group": GroupEvent.MEMBERS,
    "accept_request_join_group": GroupEvent.MEMBERS,
    "react_request_join_group_accept": GroupEvent.MEMBERS,
    # Sources do not say which answer it tells of; members are counted anew either way.
    "react_request_join_group": GroupEvent.MEMBERS,
    "user_out_group": GroupEvent.MEMBERS,
    "user_leave_group": GroupEvent.MEMBERS,
    "update_group_info": GroupEvent.RENAMED,
    "delete_group": GroupEvent.CLOSED,
    "disperse_group": GroupEvent.CLOSED,
}
# Of these, an account that stands among the users is out of the group itself.
LEAVING: Final = frozenset({"user_out_group", "user_leave_group"})
ACCOUNT_EVENTS: Final[Mapping[str, AccountEvent]] = {
    "permission_revoked": AccountEvent.REVOKED,
    "change_oa_daily_quota": AccountEvent.QUOTA,
}

_RECEIPT: Final = "what was delivered is known from the answer to the send and from the echo"
_FEELING: Final = "a heart under a message asks for nothing"
_NAMES: Final = "names, tags and numbers of people are kept in the account's own tool, not here"
_TEMPLATES: Final = "template messages are not sent, so nothing becomes of them"
_CALLS: Final = "calls are taken by people in the account's own tool"
_COMMERCE: Final = "the program sells nothing"
_WIDGET: Final = "the program has a page of its own and shows no widget of Zalo's"
_NOBODY_CAME: Final = "nobody came or went; who is let in is told of again"
_RIGHTS: Final = "the account may do the same in its group as before"

# Known, and without effect on purpose: the reason stands beside each.
IGNORED: Final[Mapping[str, str]] = {
    "user_received_message": _RECEIPT,
    "user_seen_message": _RECEIPT,
    "user_reacted_message": _FEELING,
    "oa_reacted_message": _FEELING,
    "update_user_info": _NAMES,
    "add_user_to_tag": _NAMES,
    "remove_user_from_tag": _NAMES,
    "remove_tag": _NAMES,
    "change_oa_template_tags": _TEMPLATES,
    "change_template_quality": _TEMPLATES,
    "change_template_quota": _TEMPLATES,
    "change_template_status": _TEMPLATES,
    "user_feedback": _TEMPLATES,
    "user_click_response_button": _TEMPLATES,
    "event_journey_time_out": _TEMPLATES,
    "event_journey_acknowledged": _TEMPLATES,
    "oa_send_consent": _CALLS,
    "user_reply_consent": _CALLS,
    "user_call_oa": _CALLS,
    "oa_call_user": _CALLS,
    "widget_interaction_accepted": _WIDGET,
    "widget_failed_to_sync_user_external_id": _WIDGET,
    "shop_has_order": _COMMERCE,
    "extension_purchased": _COMMERCE,
    "user_request_join_group": _NOBODY_CAME,
    "reject_request_join_group": _NOBODY_CAME,
    "react_request_join_group_reject": _NOBODY_CAME,
    "add_group_admin": _RIGHTS,
    "remove_group_admin": _RIGHTS,
}

CATALOGUE: Final[Mapping[str, IncomingKind]] = {
    **_MESSAGES,
    **_STANDING,
    **dict.fromkeys(GROUP_EVENTS, IncomingKind.GROUP),
    **dict.fromkeys(ACCOUNT_EVENTS, IncomingKind.ACCOUNT),
    **dict.fromkeys(IGNORED, IncomingKind.IGNORED),
}


def is_of_group(event_name: str) -> bool:
    """Tell whether the event is a message written in a group."""
    return event_name.startswith(("user_send_group_", "oa_send_group_"))


def is_of_visitor(event_name: str) -> bool:
    """Tell whether the event is a message from or to somebody who is not signed in."""
    return event_name.startswith(("anonymous_send_", "oa_send_anonymous_"))
