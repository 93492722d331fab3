"""A client of the Telegram stub for its own tests; knows no adapter."""

from dataclasses import dataclass, field
from typing import cast

import aiohttp

from tests.channels.stubs.telegram_stub import TelegramStub

USER = 7_000_000_001


GROUP = -4_000_000_001


Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer of the Bot API."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def result(self) -> Json:
        return cast(Json, self.body["result"])

    @property
    def list(self) -> list[Json]:
        return cast(list[Json], self.body["result"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stub with somebody in it, and a client that talks to it."""

    stub: TelegramStub
    client: aiohttp.ClientSession

    async def call(self, method: str, **params: object) -> Said:
        path = f"/bot{self.stub.token}/{method}"
        async with self.client.post(path, json=params) as answer:
            return Said(
                status=answer.status, body=await answer.json(), headers=dict(answer.headers)
            )

    async def send(self, text: str = "Chào bà con", **params: object) -> Said:
        return await self.call("sendMessage", chat_id=USER, text=text, **params)

    async def sent_id(self, text: str = "cũ", *, chat: int = USER, **params: object) -> int:
        """Send a message at a pace nobody minds and return its id."""
        self.stub.clock.advance(5)
        said = await self.call("sendMessage", chat_id=chat, text=text, **params)
        self.stub.clock.advance(5)
        return int(str(said.result["message_id"]))


def keyboard(**button: object) -> Json:
    return {"inline_keyboard": [[{"text": "Đồng ý", **button}]]}
