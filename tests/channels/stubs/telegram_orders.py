"""What another process may ask of the Telegram stub, as JSON under `/_stub/<name>`.

People: `say` (user, text, chat?, answers_to?), `send` (user, content, chat?), `file` (user, kind,
name?, size_bytes?, base64?, caption?, chat?), `album` (user, count, caption?, chat?), `edit`
(update_id, text), `tap` (to, message_id, button, user?), `block` (user, is_over?), `link` (user,
url, chat?), `person` (id, state?).

Groups: `group` (chat, creator, title?, kind?, members?), `add_bot` (chat, by, rights?, payload?),
`promote_bot` (chat, by, rights?), `demote_bot`, `remove_bot`, `delete_group` (chat, by), `migrate`
(chat, to?), `joins`, `leaves` (chat, user, by?), `rename` (chat, title, by), `anonymous` (chat,
text), `post` (chat, text).

Anything: `push` (kind, content, lane?), `again` (update_id), `expire_links`, `state`, `edited`,
`deleted`, `screen` (chat: what stands there now). Deeds answer with the ids of the updates they
made; the first one is `update_id`, too.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.channels.stubs.control_door import Door, Order, shown, word
from tests.channels.stubs.telegram_chats import ChatState
from tests.channels.stubs.telegram_group_orders import GroupOrders
from tests.channels.stubs.telegram_order_parts import Deed, number
from tests.channels.stubs.telegram_people_orders import PeopleOrders
from tests.channels.stubs.telegram_updates import Update

if TYPE_CHECKING:
    from tests.channels.stubs.telegram_stub import TelegramStub


def telegram_orders(stub: "TelegramStub") -> Mapping[str, Door]:
    """Return the doors under `/_stub/` that are this stub's own."""
    deeds = {**PeopleOrders(stub=stub).deeds(), **GroupOrders(stub=stub).deeds()}
    return {**{name: _told(deed) for name, deed in deeds.items()}, **_looks(stub)}


def _told(deed: Deed) -> Door:
    async def door(order: Order) -> object:
        made = await deed(order)
        updates = [] if made is None else [made] if isinstance(made, Update) else list(made)
        ids = [update.id for update in updates]
        return {"update_id": ids[0] if ids else None, "update_ids": ids}

    return door


def _looks(stub: "TelegramStub") -> Mapping[str, Door]:
    async def person(order: Order) -> object:
        stub.set_state(number(order, "id"), ChatState(word(order, "state", "open")))
        return {"ok": True}

    async def screen(order: Order) -> object:
        return [shown(sent) for sent in stub.screen(number(order, "chat"))]

    async def expire_links(order: Order) -> object:
        stub.files.expire_links()
        return {"ok": True}

    async def edited(order: Order) -> object:
        return [shown(sent) for sent in stub.edited]

    async def deleted(order: Order) -> object:
        return [{"to": to, "message_id": message_id} for to, message_id in stub.deleted]

    async def state(order: Order) -> object:
        return {
            "url": stub.url,
            "calls": dict(stub.calls),
            "pending_updates": len(stub.queue.pending()),
            "webhook": stub.webhook.target.url if stub.webhook.target else None,
            "profile": stub.profile.as_object(),
            "actions": stub.actions,
            "unanswered_callbacks": stub.unanswered_callbacks,
        }

    async def reset(order: Order) -> object:
        for log in (stub.sent, stub.broken_rules, stub.edited, stub.deleted, stub.actions):
            log.clear()
        stub.faults.clear()
        stub.faults.release()
        return {"ok": True}

    return {
        "reset": reset,
        "person": person,
        "screen": screen,
        "expire_links": expire_links,
        "edited": edited,
        "deleted": deleted,
        "state": state,
    }
