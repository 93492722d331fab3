"""What another process may ask of the Zalo stub: to write, tap, follow, set the webhook."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.channels.stubs.control_door import Door, Order, word
from tests.channels.stubs.zalo_accounts import PersonBar

if TYPE_CHECKING:
    from tests.channels.stubs.zalo_stub import ZaloStub


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloOrders:
    """The doors under `/_stub/` that are this stub's own."""

    stub: "ZaloStub"

    def doors(self) -> Mapping[str, Door]:
        """Return the doors by name."""
        return {
            "say": self._say,
            "tap": self._tap,
            "person": self._person,
            "follow": self._follow,
            "webhook": self._webhook,
            "state": self._state,
        }

    async def _say(self, order: Order) -> object:
        person = self.stub.person(word(order, "user", ""))
        event = await self.stub.user_says(person, word(order, "text"))
        return {"user": person.user_id, "status": event.status}

    async def _tap(self, order: Order) -> object:
        wanted = word(order, "message_id")
        for sent in self.stub.sent:
            if sent.message_id == wanted:
                event = await self.stub.user_taps(sent, word(order, "button"))
                return {"status": event.status if event else None}
        raise LookupError("no such message was sent")

    async def _person(self, order: Order) -> object:
        person = self.stub.person(word(order, "id", ""))
        bar = word(order, "bar", "")
        person.bar = PersonBar(bar) if bar else None
        return {"user": person.user_id}

    async def _follow(self, order: Order) -> object:
        person = self.stub.person(word(order, "user", ""))
        if order.get("over"):
            event = await self.stub.user_unfollows(person)
        else:
            event = await self.stub.user_follows(person)
        return {"user": person.user_id, "status": event.status}

    async def _webhook(self, order: Order) -> object:
        url = word(order, "url")
        if order.get("test"):
            return {"saved": await self.stub.webhook.save(url)}
        self.stub.webhook.url = url
        return {"saved": True}

    async def _state(self, order: Order) -> object:
        return {
            "url": self.stub.url,
            "app_id": self.stub.app.app_id,
            "app_secret": self.stub.app.app_secret,
            "oa_id": self.stub.oa.oa_id,
            "oa_secret": self.stub.app.webhook_secret,
            "access_token": self.stub.tokens.access_token,
            "refresh_token": self.stub.tokens.refresh_token,
            "people": list(self.stub.oa.people),
            "webhook": self.stub.webhook.url,
            "webhook_is_on": self.stub.webhook.is_on,
            "refreshes": self.stub.oauth.refreshes,
            "calls": dict(self.stub.calls),
        }
