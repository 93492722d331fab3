"""What can be done to a group, by an API call or by people in Zalo itself, and what is told of it.

Every deed returns the events it causes; nobody's right to do it is asked here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.channels.stubs.zalo_accounts import ZaloOa
from tests.channels.stubs.zalo_events import Event
from tests.channels.stubs.zalo_group_events import Happening, group_event
from tests.channels.stubs.zalo_groups import AssetKind, ZaloAsset, ZaloGroup
from tests.channels.stubs.zalo_world import ZaloWorld

Events = tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRoom:
    """The groups of one OA."""

    world: ZaloWorld
    oa: ZaloOa

    def buy(
        self,
        kind: AssetKind,
        *,
        valid_through_at: datetime,
        quota_type: str = "sub_quota",
        is_auto_renewed: bool = False,
    ) -> ZaloAsset:
        """Return a new asset of the OA."""
        asset = ZaloAsset(
            asset_id=self.world.ids.handle(),
            kind=kind,
            valid_through_at=valid_through_at,
            quota_type=quota_type,
            is_auto_renewed=is_auto_renewed,
        )
        self.oa.assets[asset.asset_id] = asset
        return asset

    def found(self, name: str, *, asset: ZaloAsset, description: str = "") -> ZaloGroup:
        """Return a new group on an asset, with nobody in it."""
        group = ZaloGroup(
            group_id=self.world.ids.group(), name=name, asset=asset, description=description
        )
        asset.used_id = group.group_id
        self.oa.groups[group.group_id] = group
        return group

    def told(self, group: ZaloGroup, happening: Happening, users: Iterable[str] = ()) -> Events:
        """Return the one event of a happening."""
        return (
            group_event(
                happening,
                app_id=self.world.app.app_id,
                oa_id=self.oa.oa_id,
                group_id=group.group_id,
                users=users,
                names=self.world.groups.names,
            ),
        )

    def join(self, group: ZaloGroup, users: Sequence[str]) -> Events:
        """Take people in."""
        for user_id in users:
            group.add(user_id)
        return self.told(group, Happening.JOINED, users) if users else ()

    def ask_to_join(self, group: ZaloGroup, user_id: str) -> Events:
        """Let a person come by the link: in at once, or onto the list of those who wait."""
        if not group.needs_approval:
            return self.join(group, [user_id])
        group.waiting.append(user_id)
        return self.told(group, Happening.ASKED_TO_JOIN, [user_id])

    def accept(self, group: ZaloGroup, users: Sequence[str]) -> Events:
        """Let in people who asked."""
        joined = self.join(group, users)
        told = self.told(group, Happening.ACCEPTED, users)
        return told + joined if self.world.groups.joins_follow_approval else told

    def reject(self, group: ZaloGroup, users: Sequence[str]) -> Events:
        """Turn away people who asked."""
        for user_id in users:
            group.waiting.remove(user_id)
        return self.told(group, Happening.REJECTED, users)

    def let_out(self, group: ZaloGroup, users: Sequence[str]) -> Events:
        """Let people leave, or remove them: the events do not tell which."""
        for user_id in users:
            group.remove(user_id)
        return self.told(group, Happening.LEFT, users)

    def make_admins(self, group: ZaloGroup, users: Sequence[str]) -> Events:
        """Put members in charge."""
        group.admins.extend(user_id for user_id in users if user_id not in group.admins)
        return self.told(group, Happening.ADMIN_ADDED, users)

    def unmake_admins(self, group: ZaloGroup, users: Sequence[str]) -> Events:
        """Take members out of charge."""
        for user_id in users:
            group.admins.remove(user_id)
        return self.told(group, Happening.ADMIN_REMOVED, users)

    def move(self, group: ZaloGroup, *, to: ZaloAsset) -> None:
        """Put a group on another asset; a lapsed group lives again."""
        group.asset.used_id = ""
        group.asset, to.used_id = to, group.group_id

    def delete(self, group: ZaloGroup) -> Events:
        """Remove a group; its asset is free again."""
        group.asset.used_id = ""
        del self.oa.groups[group.group_id]
        return self.told(group, Happening.DELETED)

    def sweep(self) -> Events:
        """Remove the groups whose asset lapsed 45 days ago."""
        now = self.world.clock.now()
        over = [
            group
            for group in self.oa.groups.values()
            if (deleted_at := group.deleted_at(now)) is not None and deleted_at <= now
        ]
        return tuple(event for group in over for event in self.delete(group))
