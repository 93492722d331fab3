"""What another process may ask of the people around the Zalo stub: to write, tap, follow, fill in.

Groups and the console have doors of their own. People are named by `user`; one who is not there
yet is made, and without `user` somebody new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from tests.channels.stubs.control_door import Door, Order, WrongOrder, word
from tests.channels.stubs.sent_log import Sent
from tests.channels.stubs.zalo_account_events import ContactData
from tests.channels.stubs.zalo_accounts import AnonymousVisitor, PersonBar, ZaloPerson
from tests.channels.stubs.zalo_signing import SentEvent

if TYPE_CHECKING:
    from tests.channels.stubs.zalo_stub import ZaloStub


def told(event: SentEvent | None, **more: object) -> dict[str, object]:
    """Return how an event fared, with what else is to be said."""
    return {**more, "status": event.status if event else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZaloOrders:
    """The doors under `/_stub/` that are about people."""

    stub: "ZaloStub"

    def doors(self) -> Mapping[str, Door]:
        """Return the doors by name."""
        return {
            "say": self._say,
            "send": self._send,
            "tap": self._tap,
            "person": self._person,
            "follow": self._follow,
            "submit_info": self._submit_info,
            "withdraw": self._withdraw,
            "chat_now": self._chat_now,
            "react": self._react,
            "see": self._see,
            "visitor_say": self._visitor_say,
            "admin_say": self._admin_say,
        }

    def _who(self, order: Order) -> ZaloPerson:
        return self.stub.person(word(order, "user", ""))

    def _message(self, order: Order) -> Sent:
        wanted = word(order, "message_id")
        for sent in self.stub.sent:
            if sent.message_id == wanted:
                return sent
        raise LookupError("no such message was sent")

    async def _say(self, order: Order) -> object:
        person = self._who(order)
        quotes = word(order, "quotes", "")
        event = await self.stub.user_says(person, word(order, "text"), quotes=quotes)
        return told(event, user=person.user_id)

    async def _send(self, order: Order) -> object:
        """Let a person send media: of the stub's own unless a `url` is given."""
        person = self._who(order)
        event = await self.stub.user_sends(
            person,
            word(order, "kind"),
            url=word(order, "url", ""),
            title=word(order, "title", ""),
            caption=word(order, "caption", ""),
        )
        return told(event, user=person.user_id)

    async def _tap(self, order: Order) -> object:
        return told(await self.stub.user_taps(self._message(order), word(order, "button")))

    async def _person(self, order: Order) -> object:
        person = self.stub.person(word(order, "id", ""))
        bar = word(order, "bar", "")
        person.bar = PersonBar(bar) if bar else None
        person.name = word(order, "name", person.name)
        person.is_oa_admin = bool(order.get("oa_admin", person.is_oa_admin))
        return {"user": person.user_id}

    async def _follow(self, order: Order) -> object:
        person = self._who(order)
        if order.get("over"):
            event = await self.stub.user_unfollows(person)
        else:
            event = await self.stub.user_follows(person)
        return told(event, user=person.user_id)

    async def _submit_info(self, order: Order) -> object:
        person = self._who(order)
        known = {field.name for field in fields(ContactData)}
        info = ContactData(**{name: word(order, name) for name in known & set(order)})
        is_older = bool(order.get("older_form"))
        event = await self.stub.user_submits_info(person, info, is_older_form=is_older)
        return told(event, user=person.user_id)

    async def _withdraw(self, order: Order) -> object:
        person = self._who(order)
        return told(await self.stub.user_withdraws(person), user=person.user_id)

    async def _chat_now(self, order: Order) -> object:
        person = self._who(order)
        return told(await self.stub.user_clicks_chat_now(person), user=person.user_id)

    async def _react(self, order: Order) -> object:
        person = self._who(order)
        icon = word(order, "icon", "/-heart")
        return told(await self.stub.user_reacts(person, word(order, "message_id"), icon))

    async def _see(self, order: Order) -> object:
        """Let a person's phone tell that a message came, and that it was looked at."""
        message = self._message(order)
        await self.stub.user_receives(message)
        return told(await self.stub.user_sees(message))

    async def _visitor_say(self, order: Order) -> object:
        visitor = self._visitor(order)
        event = await self.stub.visitor_says(visitor, word(order, "text"))
        shown = {"visitor": visitor.anonymous_id, "conversation": visitor.conversation_id}
        return told(event, **shown)

    def _visitor(self, order: Order) -> AnonymousVisitor:
        wanted = word(order, "visitor", "")
        if not wanted:
            return self.stub.visitor()
        if wanted not in self.stub.oa.visitors:
            raise WrongOrder("no such visitor")
        return self.stub.oa.visitors[wanted]

    async def _admin_say(self, order: Order) -> object:
        """Let the OA's staff write: from Zalo's own tool, or with `other_tool` from another."""
        person, text = self._who(order), word(order, "text")
        if order.get("other_tool"):
            event = await self.stub.other_tool_says(person, text)
        else:
            event = await self.stub.admin_says(person, text)
        return told(event, user=person.user_id)
