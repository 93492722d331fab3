"""What another process may ask of the Zalo stub's console: switches, webhook, grants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.channels.stubs.control_door import Door, Order, WrongOrder, word
from tests.channels.stubs.manners_by_order import Switches, change, changed
from tests.channels.stubs.zalo_domain_check import verify_domain
from tests.channels.stubs.zalo_orders import told

if TYPE_CHECKING:
    from tests.channels.stubs.zalo_stub import ZaloStub


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloConsoleOrders:
    """The doors under `/_stub/` that are about the app and its accounts."""

    stub: "ZaloStub"

    def doors(self) -> Mapping[str, Door]:
        """Return the doors by name."""
        return {
            "manners": self._manners,
            "webhook": self._webhook,
            "hold": self._hold,
            "release": self._release,
            "revoke": self._revoke,
            "reset_secret": self._reset_secret,
            "events": self._events,
            "event": self._event,
            "verify_domain": self._verify_domain,
            "state": self._state,
        }

    async def _manners(self, order: Order) -> object:
        """Set switches: `of` app, oa, webhook, oauth, sending, groups, media or stub."""
        switches = {name: value for name, value in order.items() if name != "of"}
        stub = self.stub
        in_place: dict[str, Callable[[], Switches]] = {
            "app": lambda: stub.app,
            "oa": lambda: stub.oa,
            "sending": lambda: stub.world.sending,
            "groups": lambda: stub.world.groups,
            "media": lambda: stub.media.manners,
        }
        match word(order, "of"):
            case "webhook":
                stub.webhook.manners = changed(stub.webhook.manners, switches)
            case "oauth":
                stub.oauth.manners = changed(stub.oauth.manners, switches)
            case "stub":
                stub.set_echo(word(switches, "echo"))
            case name if name in in_place:
                change(in_place[name](), switches)
            case name:
                raise WrongOrder(f"nothing called {name} has switches")
        return {"ok": True}

    async def _webhook(self, order: Order) -> object:
        url = word(order, "url")
        if order.get("test"):
            return {"saved": await self.stub.webhook.save(url)}
        self.stub.webhook.url = url
        self.stub.webhook.turn_on()
        return {"saved": True}

    async def _hold(self, order: Order) -> object:
        self.stub.webhook.hold()
        return {"ok": True}

    async def _release(self, order: Order) -> object:
        """Send what was held: backwards, or with `at_once` as a burst; each `copies` times."""
        copies = int(word(order, "copies", "1"))
        if order.get("at_once"):
            await self.stub.webhook.release_at_once(copies=copies)
        else:
            await self.stub.webhook.release(copies=copies)
        return {"ok": True}

    async def _revoke(self, order: Order) -> object:
        return told(await self.stub.admin_revokes())

    async def _reset_secret(self, order: Order) -> object:
        return {"oa_secret": self.stub.reset_webhook_secret()}

    async def _events(self, order: Order) -> object:
        return [event.id for event in self.stub.catalogue()]

    async def _event(self, order: Order) -> object:
        """Send one event of the catalogue by its id, about `user` or somebody new."""
        wanted, user = word(order, "id"), word(order, "user", "")
        person = self.stub.person(user)
        for event in self.stub.catalogue(person=person):
            if event.id == wanted:
                return told(await self.stub.send_ready(event), user=person.user_id)
        raise LookupError("no such event in the catalogue")

    async def _verify_domain(self, order: Order) -> object:
        return {"by": await verify_domain(word(order, "url"), word(order, "code"))}

    async def _state(self, order: Order) -> object:
        pair = self.stub.oauth.living(self.stub.oa.oa_id)
        return {
            "url": self.stub.url,
            "app_id": self.stub.app.app_id,
            "app_secret": self.stub.app.app_secret,
            "oa_id": self.stub.oa.oa_id,
            "oa_secret": self.stub.app.webhook_secret,
            "access_token": pair.access_token if pair else None,
            "refresh_token": pair.refresh_token if pair else None,
            "people": list(self.stub.oa.people),
            "groups": list(self.stub.oa.groups),
            "webhook": self.stub.webhook.url,
            "webhook_is_on": self.stub.webhook.is_on,
            "notices": self.stub.webhook.notices,
            "refreshes": self.stub.oauth.refreshes,
            "calls": dict(self.stub.calls),
        }
