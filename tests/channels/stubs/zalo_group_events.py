"""What the webhook is told about the membership and the settings of a group.

Sources name some of these events differently; `GroupNames` chooses whose names are used.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from tests.channels.stubs.zalo_events import Event
from tests.channels.stubs.zalo_groups import GroupNames


class Happening(StrEnum):
    """What may happen to a group, by its usual name. Who leaves and who is removed look alike."""

    CREATED = "create_group"
    JOINED = "user_join_group"
    ASKED_TO_JOIN = "user_request_join_group"
    ACCEPTED = "accept_request_join_group"
    REJECTED = "reject_request_join_group"
    ADMIN_ADDED = "add_group_admin"
    ADMIN_REMOVED = "remove_group_admin"
    INFO_CHANGED = "update_group_info"
    LEFT = "user_out_group"
    DELETED = "delete_group"


_OTHER: Final[Mapping[Happening, str]] = {
    Happening.ACCEPTED: "react_request_join_group_accept",
    Happening.REJECTED: "react_request_join_group_reject",
    Happening.LEFT: "user_leave_group",
    Happening.DELETED: "disperse_group",
}
NAMES: Final[Mapping[GroupNames, Mapping[Happening, str]]] = {
    GroupNames.USUAL: {},
    GroupNames.OTHER: _OTHER,
    GroupNames.OTHER_SHORT: {**_OTHER, Happening.ACCEPTED: "react_request_join_group"},
}


def group_event(
    happening: Happening,
    *,
    app_id: str,
    oa_id: str,
    group_id: str,
    users: Iterable[str] = (),
    names: GroupNames = GroupNames.USUAL,
) -> Event:
    """Return one event; `users` is absent where nobody in particular is concerned."""
    event: Event = {
        "oa_id": oa_id,
        "group_id": group_id,
        "app_id": app_id,
        "event_name": NAMES[names].get(happening, happening.value),
    }
    concerned = [{"id": user_id} for user_id in users]
    if concerned:
        event["users"] = concerned
    return event
