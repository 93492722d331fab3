"""What another process may ask of the Telegram stub: to write, tap, block, and tell its state."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.channels.stubs.control_door import Door, Order, word
from tests.channels.stubs.telegram_chats import ChatState

if TYPE_CHECKING:
    from tests.channels.stubs.telegram_stub import TelegramStub


def telegram_orders(stub: "TelegramStub") -> Mapping[str, Door]:
    """Return the doors under `/_stub/` that are this stub's own."""

    async def say(order: Order) -> object:
        chat = int(word(order, "chat")) if "chat" in order else None
        update = await stub.user_says(int(word(order, "user")), word(order, "text"), chat=chat)
        return {"update_id": update.id}

    async def tap(order: Order) -> object:
        wanted = (word(order, "to"), word(order, "message_id"))
        for sent in stub.sent:
            if (sent.to, sent.message_id) == wanted:
                update = await stub.user_taps(sent, word(order, "button"))
                return {"update_id": update.id if update else None}
        raise LookupError("no such message was sent")

    async def person(order: Order) -> object:
        stub.set_state(int(word(order, "id")), ChatState(word(order, "state", "open")))
        return {"ok": True}

    async def state(order: Order) -> object:
        return {
            "url": stub.url,
            "calls": dict(stub.calls),
            "pending_updates": len(stub.queue.pending()),
            "webhook": stub.webhook.target.url if stub.webhook.target else None,
            "profile": stub.profile.as_object(),
            "actions": stub.actions,
        }

    return {"say": say, "tap": tap, "person": person, "state": state}
