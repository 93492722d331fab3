"""What another process may ask of the groups around the Zalo stub."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.channels.stubs.control_door import Door, Order, WrongOrder, word
from tests.channels.stubs.zalo_accounts import ZaloPerson
from tests.channels.stubs.zalo_groups import AssetKind, ZaloGroup
from tests.channels.stubs.zalo_orders import told
from tests.channels.stubs.zalo_signing import SentEvent

if TYPE_CHECKING:
    from tests.channels.stubs.zalo_stub import ZaloStub


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloGroupOrders:
    """The doors under `/_stub/` that are about groups."""

    stub: "ZaloStub"

    def doors(self) -> Mapping[str, Door]:
        """Return the doors by name."""
        return {
            "asset": self._asset,
            "group": self._group,
            "groups": self._groups,
            "group_say": self._say,
            "group_send": self._send,
            "group_admin_say": self._admin_say,
            "group_accept": self._deed(self.stub.user_accepts_invite),
            "group_join": self._deed(self.stub.user_joins_by_link),
            "group_leave": self._deed(self.stub.user_leaves),
            "group_delete": self._delete,
        }

    def _which(self, order: Order) -> ZaloGroup:
        wanted = word(order, "group")
        for oa in self.stub.app.oas.values():
            if wanted in oa.groups:
                return oa.groups[wanted]
        raise LookupError("no such group")

    async def _asset(self, order: Order) -> object:
        """Buy an asset: `kind`, `days`, `auto_renew`."""
        asset = self.stub.asset(
            AssetKind(word(order, "kind", AssetKind.GMF50)),
            lasts=timedelta(days=float(word(order, "days", "365"))),
            is_auto_renewed=bool(order.get("auto_renew")),
        )
        return {"asset": asset.asset_id}

    async def _group(self, order: Order) -> object:
        """Make a group that is simply there, with the people of the list `members` in it."""
        members = order.get("members", [])
        if not isinstance(members, list):
            raise WrongOrder("members is a list")
        people = [self.stub.person(str(user_id)) for user_id in members]
        group = self.stub.group(word(order, "name", "Nhóm Thử"), members=people)
        return {"group": group.group_id}

    async def _groups(self, order: Order) -> object:
        now = self.stub.clock.now()
        return [
            {**group.shown(now), "members": group.members, "waiting": group.waiting}
            for oa in self.stub.app.oas.values()
            for group in oa.groups.values()
        ]

    async def _say(self, order: Order) -> object:
        person, group = self.stub.person(word(order, "user", "")), self._which(order)
        event = await self.stub.user_says_in_group(person, group, word(order, "text"))
        return told(event, user=person.user_id)

    async def _send(self, order: Order) -> object:
        person, group = self.stub.person(word(order, "user", "")), self._which(order)
        event = await self.stub.user_sends_in_group(
            person, group, word(order, "kind"), url=word(order, "url", "")
        )
        return told(event, user=person.user_id)

    async def _admin_say(self, order: Order) -> object:
        return told(await self.stub.admin_says_in_group(self._which(order), word(order, "text")))

    async def _delete(self, order: Order) -> object:
        return _statuses(await self.stub.admin_deletes(self._which(order)))

    def _deed(
        self,
        deed: Callable[[ZaloPerson, ZaloGroup], Awaitable[list[SentEvent]]],
    ) -> Door:
        async def door(order: Order) -> object:
            person = self.stub.person(word(order, "user", ""))
            return {
                "user": person.user_id,
                **_statuses(await deed(person, self._which(order))),
            }

        return door


def _statuses(events: Sequence[SentEvent]) -> dict[str, object]:
    return {"events": [{"name": event.name, "status": event.status} for event in events]}
