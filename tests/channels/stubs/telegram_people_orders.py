"""Deeds of people another process may ask of the Telegram stub; see `telegram_orders`."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.channels.stubs.control_door import Order, WrongOrder, word
from tests.channels.stubs.telegram_files import A_PICTURE
from tests.channels.stubs.telegram_order_parts import Deed, body, maybe, number
from tests.channels.stubs.telegram_updates import Update

if TYPE_CHECKING:
    from tests.channels.stubs.telegram_stub import TelegramStub


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleOrders:
    """What people do, by the names of the doors."""

    stub: "TelegramStub"

    def deeds(self) -> Mapping[str, Deed]:
        """Return the deeds by the names of their doors."""
        return {
            "say": self._say,
            "send": self._send,
            "file": self._file,
            "album": self._album,
            "edit": self._edit,
            "tap": self._tap,
            "block": self._block,
            "link": self._link,
            "push": self._push,
            "again": self._again,
        }

    async def _say(self, order: Order) -> Update:
        chat, answers_to = maybe(order, "chat"), maybe(order, "answers_to")
        user, text = number(order, "user"), word(order, "text")
        return await self.stub.user_says(user, text, chat=chat, answers_to=answers_to)

    async def _send(self, order: Order) -> Update:
        return self.stub.user_sends(
            number(order, "user"), body(order, "content"), chat=maybe(order, "chat")
        )

    async def _file(self, order: Order) -> Update:
        try:
            data = base64.b64decode(word(order, "base64", ""), validate=True)
        except binascii.Error as error:
            raise WrongOrder(f"base64: {error}") from error
        kept = self.stub.files.keep(
            word(order, "kind"),
            name=word(order, "name", ""),
            data=data or A_PICTURE,
            size_bytes=maybe(order, "size_bytes"),
        )
        caption = word(order, "caption", "")
        return self.stub.user_sends_file(
            number(order, "user"), kept, caption=caption, chat=maybe(order, "chat")
        )

    async def _album(self, order: Order) -> list[Update]:
        files = [
            self.stub.files.keep("photo", data=A_PICTURE) for _ in range(number(order, "count"))
        ]
        caption = word(order, "caption", "")
        return self.stub.user_sends_album(
            number(order, "user"), files, caption=caption, chat=maybe(order, "chat")
        )

    async def _edit(self, order: Order) -> Update:
        return self.stub.user_edits(
            self.stub.queue.made(number(order, "update_id")), word(order, "text")
        )

    async def _tap(self, order: Order) -> Update | None:
        wanted = (word(order, "to"), word(order, "message_id"))
        for sent in [*self.stub.screen(int(wanted[0])), *self.stub.sent]:
            if (sent.to, sent.message_id) == wanted:
                return await self.stub.user_taps(
                    sent, word(order, "button"), user=maybe(order, "user")
                )
        raise LookupError("no such message was sent")

    async def _block(self, order: Order) -> Update:
        return await self.stub.user_blocks(
            number(order, "user"), is_over=bool(order.get("is_over"))
        )

    async def _link(self, order: Order) -> Update | list[Update]:
        user, url = number(order, "user"), word(order, "url")
        if (chat := maybe(order, "chat")) is not None:
            return await self.stub.groups.user_opens_link(user, url, chat_id=chat)
        return await self.stub.user_opens_link(user, url)

    async def _push(self, order: Order) -> Update:
        lane = word(order, "lane", "pushed")
        return self.stub.push(word(order, "kind"), body(order, "content"), lane=lane)

    async def _again(self, order: Order) -> Update:
        update = self.stub.queue.made(number(order, "update_id"))
        self.stub.push_again(update)
        return update
