"""Other software and the program as it is started by hand: asked over HTTP, told by hooks.

What software may never find in a log is looked for at the end, in every byte that is kept.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.journeys.program import ROOT, Installation, Serving
from tests.journeys.spellings import spellings

LIMIT_S = 30.0
pytestmark = pytest.mark.timeout(180)
PASSWORD = "gieng nuoc dau lang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One call as the other side got it."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)


class OtherSide:
    """The province's own system: takes what it is told, after refusing the first call."""

    def __init__(self) -> None:
        self.url = ""
        self.told: asyncio.Queue[Told] = asyncio.Queue()
        self.refused = 0

    async def take(self, request: web.Request) -> web.Response:
        told = Told(headers=dict(request.headers), body=await request.read())
        if told.json["type"] != "hook.test" and not self.refused:
            self.refused += 1
            return web.Response(status=503)
        self.told.put_nowait(told)
        return web.Response(status=202)

    async def next(self) -> Told:
        async with asyncio.timeout(LIMIT_S):
            return await self.told.get()


@asynccontextmanager
async def other_side() -> AsyncIterator[OtherSide]:
    side = OtherSide()
    app = web.Application()
    app.router.add_post("/binhyen", side.take)
    async with TestServer(app, host="127.0.0.1") as server:
        side.url = str(server.make_url("/binhyen"))
        yield side


def checker() -> Any:  # noqa: ANN401 - the function that the page shows
    """Return what docs/api.md tells others to check signatures with."""
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102 - our own page
    return found["is_from_binh_yen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """What the province was given: a token, and the secret of its hook."""

    token_id: str
    token: str = field(repr=False)
    hook_id: str
    secret: str = field(repr=False)


async def _let_in(installation: Installation, side: OtherSide) -> Software:
    """Add an officer, a token and a hook at the machine."""
    command = installation.command
    await command(
        *("officer", "add", "--login", "tho", "--name", "Thơ", "--unit", "DEMO"),
        *("--role", "announcer", "--password-stdin"),
        stdin=PASSWORD,
    )
    token = await command(
        *("token", "add", "--officer", "tho", "--name", "Tỉnh"),
        *("--scope", "announcements:read", "--scope", "announcements:write"),
    )
    hook = await command(
        *("hook", "add", "--unit", "DEMO", "--url", side.url),
        *("--event", "announcement.finished", "--event", "tip.received"),
    )
    return Software(
        token_id=token["id"], token=token["token"], hook_id=hook["id"], secret=hook["secret"]
    )


async def _send(http: aiohttp.ClientSession, url: str) -> str:
    """Write a draft, twice by mistake, and let it go; return its id."""
    draft = {"unit": "THON-1", "title": "Cắt điện", "text": "Từ 7 giờ đến 11 giờ."}
    seen = []
    for _ in range(2):
        async with http.post(url, json=draft, headers={"Idempotency-Key": "1"}) as written:
            seen.append((written.status, (await written.json())["id"]))
    one = str(seen[0][1])
    assert seen == [(201, one), (200, one)]
    async with http.get(f"{url}/{one}/plan") as planned:
        assert (await planned.json())["announcement"] == one
    async with http.post(f"{url}/{one}/release") as released:
        assert released.status == 200
    return one


async def _tried(installation: Installation, side: OtherSide, software: Software) -> None:
    assert (await installation.command("hook", "test", software.hook_id))["is_well"]
    told = await side.next()
    assert told.json["data"] == {"hook": software.hook_id}
    is_ours = checker()
    assert is_ours(software.secret, told.headers, told.body)
    assert not is_ours(software.secret, told.headers, told.body + b" ")
    assert not is_ours("whsec_" + "A" * 43 + "=", told.headers, told.body)


def _hold_nothing(installation: Installation, program: Serving, software: Software) -> None:
    """Fail if token or secret is anywhere but in the hands they were given to."""
    kept = [path.read_bytes() for path in installation.folder.rglob("*") if path.is_file()]
    kept.append("\n".join([*program.raw_log, *program.said]).encode())
    # By its hash a token is known; that is all that is kept of it.
    hashed = hashlib.sha256(software.token.encode()).digest()
    spelled = {*spellings(software.token), *spellings(software.secret)} - {hashed}
    assert [one for one in spelled for held in kept if one in held] == []
    assert any(hashed in held for held in kept)


async def test_software_sends_an_announcement_and_is_told_when_it_is_done(
    installation: Installation,
) -> None:
    async with other_side() as side, installation.serving() as program:
        software = await _let_in(installation, side)
        await _tried(installation, side, software)
        url = f"{installation.url}/api/v1/announcements"
        bearer = {"Authorization": f"Bearer {software.token}"}
        async with aiohttp.ClientSession(headers=bearer) as http:
            one = await _send(http, url)
            # Refused once, it comes again.
            told = await side.next()
            assert (side.refused, told.json["type"]) == (1, "announcement.finished")
            assert (told.json["data"]["id"], told.json["data"]["unit"]) == (one, "THON-1")
            assert checker()(software.secret, told.headers, told.body)
            async with http.get(f"{url}/{one}") as shown:
                assert (await shown.json())["state"] == "finished"
            await installation.command("token", "revoke", software.token_id)
            async with http.get(f"{url}/{one}") as closed:
                assert closed.status == 401
        await program.stop()
    _hold_nothing(installation, program, software)
