"""Groups an OA owns (GMF) and the bought assets that carry them: who is in, what has lapsed.

Leaves who may change what to the calls, and telling the webhook to the events.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")
KEPT_AFTER_LAPSE: Final = timedelta(days=45)
RENEWED_FOR: Final = timedelta(days=30)


class AssetKind(StrEnum):
    """What can be bought; the number is how many members a group on it may have."""

    GMF10 = "gmf10"
    GMF50 = "gmf50"
    GMF100 = "gmf100"
    GMF1000 = "gmf1000"

    @property
    def max_member(self) -> int:
        """Return how many people fit in a group."""
        return int(self.removeprefix("gmf"))


class GroupNames(StrEnum):
    """Which of the names found in the field the membership events carry."""

    USUAL = "usual"
    OTHER = "other"
    OTHER_SHORT = "other_short"


@dataclass(slots=True, kw_only=True)
class GroupManners:
    """What the pages leave open about groups; the defaults are what they make likely.

    `joins_follow_approval`: after an approval `user_join_group` comes, too.
    `members_join_at_once`: people named at creation need not accept an invitation.
    `shows_id_by_app`: group messages carry `user_id_by_app`.
    `shows_sent_time`: the answer to a group message tells when it was sent.
    `takes_buttons`: buttons and contact requests pass in groups; the pages do not list them.
    """

    names: GroupNames = GroupNames.USUAL
    joins_follow_approval: bool = True
    members_join_at_once: bool = False
    shows_id_by_app: bool = False
    takes_buttons: bool = False
    shows_sent_time: bool = True


@dataclass(slots=True, kw_only=True)
class ZaloAsset:
    """One bought right to have one group."""

    asset_id: str
    kind: AssetKind
    valid_through_at: datetime
    quota_type: str = "sub_quota"
    is_auto_renewed: bool = False
    is_disabled: bool = False
    used_id: str = ""

    def valid_through(self, now: datetime) -> datetime:
        """Return when it ends, renewals until `now` included."""
        while self.is_auto_renewed and self.valid_through_at <= now:
            self.valid_through_at += RENEWED_FOR
        return self.valid_through_at

    def has_lapsed(self, now: datetime) -> bool:
        """Tell whether it carries a group no more."""
        return self.valid_through(now) <= now

    def shown(self, now: datetime) -> dict[str, object]:
        """Return one row of the quota of groups."""
        return {
            "asset_id": self.asset_id,
            "product_type": self.kind.value,
            "quota_type": self.quota_type,
            "valid_through": vietnam_day(self.valid_through(now)),
            "auto_renew": self.is_auto_renewed,
            "status": "used" if self.used_id else "available",
            "used_id": self.used_id,
        }


@dataclass(slots=True, kw_only=True)
class ZaloGroup:
    """One GMF group of one OA. `is_enabled` is the platform's own switch beside the asset's life.

    `members` are people (the OA itself is always in); `invited` have still to accept, `waiting`
    asked to join and need an approval. Ids of people, in order of arrival.
    """

    group_id: str
    name: str
    asset: ZaloAsset
    description: str = ""
    avatar: str = ""
    is_enabled: bool = True
    is_oa_in: bool = True
    locks_messages: bool = False
    needs_approval: bool = True
    keeps_history: bool = True
    takes_links: bool = True
    members: list[str] = field(default_factory=list)
    admins: list[str] = field(default_factory=list)
    invited: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    @property
    def link(self) -> str:
        """Return the address by which people join."""
        return f"https://zalo.me/g/{self.group_id[-9:]}"

    def is_open(self, now: datetime) -> bool:
        """Tell whether messages pass."""
        return self.is_enabled and not self.asset.is_disabled and not self.asset.has_lapsed(now)

    def deleted_at(self, now: datetime) -> datetime | None:
        """Return when it will be removed; None while its asset lives."""
        if not self.asset.has_lapsed(now):
            return None
        return self.asset.valid_through_at + KEPT_AFTER_LAPSE

    def has_room(self, count: int = 1) -> bool:
        """Tell whether so many more people fit in."""
        return len(self.members) + count <= self.asset.kind.max_member

    def add(self, user_id: str) -> None:
        """Take a person in, wherever they stood before."""
        for line in (self.invited, self.waiting):
            if user_id in line:
                line.remove(user_id)
        if user_id not in self.members:
            self.members.append(user_id)

    def remove(self, user_id: str) -> None:
        """Let a person out, as a member and as an admin."""
        self.members.remove(user_id)
        if user_id in self.admins:
            self.admins.remove(user_id)

    def info(self, now: datetime) -> dict[str, object]:
        """Return `group_info` of `getgroup`."""
        deleted_at = self.deleted_at(now)
        return {
            "name": self.name,
            "avatar": self.avatar,
            "group_id": self.group_id,
            "group_link": self.link,
            "group_description": self.description,
            "status": "enabled" if self.is_open(now) else "disabled",
            "total_member": len(self.members),
            "max_member": self.asset.kind.max_member,
            "auto_delete_date": vietnam_day(deleted_at) if deleted_at else "",
        }

    def shown(self, now: datetime) -> dict[str, object]:
        """Return all that `getgroup` tells."""
        return {
            "group_info": self.info(now),
            "asset_info": {
                "asset_type": self.asset.kind.value,
                "asset_id": self.asset.asset_id,
                "valid_through": vietnam_day(self.asset.valid_through(now)),
                "auto_renew": self.asset.is_auto_renewed,
            },
            "group_setting": {
                "lock_send_msg": self.locks_messages,
                "join_appr": self.needs_approval,
                "enable_msg_history": self.keeps_history,
                "enable_link_join": self.takes_links,
            },
        }


def vietnam_day(moment: datetime) -> str:
    """Return the day as DD/MM/YYYY where the platform lives."""
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y")
