"""A client of the Zalo stub for its own tests; knows no adapter."""

import io
from dataclasses import dataclass
from typing import cast

import aiohttp

from tests.channels.stubs.zalo_accounts import ZaloPerson
from tests.channels.stubs.zalo_stub import ZaloStub

CS = "/v3.0/oa/message/cs"


DAY_S = 86_400.0


Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stub with one person who just wrote, and a client that talks to it."""

    stub: ZaloStub
    client: aiohttp.ClientSession
    person: ZaloPerson

    def headers(self) -> dict[str, str]:
        return {"access_token": self.stub.tokens.access_token}

    async def post(
        self, path: str, body: object, headers: dict[str, str] | None = None
    ) -> tuple[Json, dict[str, str]]:
        async with self.client.post(
            path, json=body, headers=self.headers() if headers is None else headers
        ) as answer:
            assert answer.status == 200
            return await answer.json(), dict(answer.headers)

    async def send(self, message: object = None, to: object = None) -> Json:
        body = {
            "recipient": {"user_id": self.person.user_id if to is None else to},
            "message": {"text": "Chào bà con"} if message is None else message,
        }
        return (await self.post(CS, body))[0]

    async def get(self, path: str, **query: str) -> Json:
        async with self.client.get(path, params=query, headers=self.headers()) as answer:
            return cast(Json, await answer.json())

    async def upload(self, kind: str, *, name: str, size_bytes: int) -> Json:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(b"x" * size_bytes), filename=name)
        path = f"/v2.0/oa/upload/{kind}"
        async with self.client.post(path, data=form, headers=self.headers()) as answer:
            return cast(Json, await answer.json())

    async def token(self, **form: str) -> tuple[int, str]:
        form = {"app_id": self.stub.app.app_id, **form}
        headers = {"secret_key": self.stub.app.app_secret}
        async with self.client.post("/v4/oa/access_token", data=form, headers=headers) as answer:
            return answer.status, await answer.text()

    async def refresh(self, refresh_token: str) -> str:
        return (await self.token(grant_type="refresh_token", refresh_token=refresh_token))[1]


def buttons(*rows: Json, text: str = "Bà con chọn") -> Json:
    payload = {"buttons": list(rows)}
    return {"text": text, "attachment": {"type": "template", "payload": payload}}


def media(element: Json) -> Json:
    payload = {"template_type": "media", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


ASK: Json = {"title": "Trợ giúp", "type": "oa.query.hide", "payload": "/trogiup"}


LINK: Json = {"title": "Mở", "type": "oa.open.url", "payload": {"url": "https://example.org/"}}
