"""Listens to one chat as a browser does."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.web.site import Site, cookie

HEAR = "/tro-chuyen/nghe"


class Ear:
    """Reads one stream of server-sent events."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> tuple[str, dict[str, Any]]:
        """Return the next event's name and data; comments and settings are passed over."""
        name, data, number = "", "", ""
        while True:
            line = (await self._answer.content.readline()).decode()
            if not line:
                return "end", {}
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = value
            elif field == "id":
                number = value
            elif not field and data:
                return name, {**json.loads(data), **({"id": number} if number else {})}

    async def comment(self) -> str:
        """Return the next comment: what keeps the line open."""
        while not (line := (await self._answer.content.readline()).decode()).startswith(":"):
            assert line
        return line

    async def letters_until_ready(self) -> list[str]:
        texts = []
        while (event := await self.next())[0] != "ready":
            texts.append(event[1]["text"])
        return texts


@asynccontextmanager
async def hearing(site: Site, token: str, query: str = "", **headers: str) -> AsyncIterator[Ear]:
    async with site.get(HEAR + query, headers={**cookie(token), **headers}) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield Ear(answer)
