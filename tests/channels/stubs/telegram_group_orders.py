"""Deeds in groups another process may ask of the Telegram stub; see `telegram_orders`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.channels.stubs.control_door import Order, word
from tests.channels.stubs.telegram_chats import ChatKind
from tests.channels.stubs.telegram_members import PLAIN_ADMIN_RIGHTS
from tests.channels.stubs.telegram_order_parts import Deed, maybe, number, words
from tests.channels.stubs.telegram_updates import Update

if TYPE_CHECKING:
    from tests.channels.stubs.telegram_stub import TelegramStub


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOrders:
    """What happens in groups, by the names of the doors."""

    stub: "TelegramStub"

    def deeds(self) -> Mapping[str, Deed]:
        """Return the deeds by the names of their doors."""
        return {
            "group": self._group,
            "add_bot": self._add_bot,
            "promote_bot": self._promote_bot,
            "demote_bot": self._demote_bot,
            "remove_bot": self._remove_bot,
            "delete_group": self._delete_group,
            "migrate": self._migrate,
            "joins": self._joins,
            "leaves": self._leaves,
            "rename": self._rename,
            "anonymous": self._anonymous,
            "post": self._post,
        }

    async def _group(self, order: Order) -> None:
        kind = ChatKind(word(order, "kind")) if "kind" in order else None
        self.stub.groups.make(
            number(order, "chat"),
            creator=number(order, "creator"),
            title=word(order, "title", "Nhóm Thử"),
            kind=kind,
            members=[int(user) for user in words(order, "members") or ()],
        )

    async def _add_bot(self, order: Order) -> list[Update]:
        return self.stub.groups.add_bot(
            number(order, "chat"),
            by=number(order, "by"),
            as_admin=words(order, "rights"),
            payload=word(order, "payload", ""),
        )

    async def _promote_bot(self, order: Order) -> Update:
        rights = words(order, "rights")
        wanted = PLAIN_ADMIN_RIGHTS if rights is None else rights
        return self.stub.groups.promote_bot(
            number(order, "chat"), by=number(order, "by"), rights=wanted
        )

    async def _demote_bot(self, order: Order) -> Update:
        return self.stub.groups.demote_bot(number(order, "chat"), by=number(order, "by"))

    async def _remove_bot(self, order: Order) -> list[Update]:
        return self.stub.groups.remove_bot(number(order, "chat"), by=number(order, "by"))

    async def _delete_group(self, order: Order) -> Update:
        return self.stub.groups.delete(number(order, "chat"), by=number(order, "by"))

    async def _migrate(self, order: Order) -> list[Update]:
        return self.stub.groups.migrate(number(order, "chat"), to=maybe(order, "to"))

    async def _joins(self, order: Order) -> Update:
        user = number(order, "user")
        return self.stub.groups.member_joins(number(order, "chat"), user, by=maybe(order, "by"))

    async def _leaves(self, order: Order) -> Update:
        user = number(order, "user")
        return self.stub.groups.member_leaves(number(order, "chat"), user, by=maybe(order, "by"))

    async def _rename(self, order: Order) -> Update:
        title = word(order, "title")
        return self.stub.groups.rename(number(order, "chat"), title, by=number(order, "by"))

    async def _anonymous(self, order: Order) -> Update:
        return self.stub.groups.says_anonymously(number(order, "chat"), word(order, "text"))

    async def _post(self, order: Order) -> Update:
        return self.stub.groups.posts(number(order, "chat"), word(order, "text"))
