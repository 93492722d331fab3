"""Somebody at the chat page without scripts, over real HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from http import HTTPStatus

import aiohttp

LIMIT_S = 30.0
_TAG = re.compile(r"<[^>]+>")


class Chatting:
    """One browser at /tro-chuyen."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._said = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Chatting"]:
        """Open a browser nobody has written in."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(
            cookie_jar=jar, headers={"Accept-Language": "vi"}
        ) as http:
            yield cls(http, url)

    async def says(self, text: str, *, then: str = "") -> str:
        """Write something; return the page once it shows `then`."""
        self._said += 1
        body = {"id": f"chatting-{self._said:06}", "text": text}
        origin = {"Origin": self._url}
        async with self._http.post(
            f"{self._url}/tro-chuyen/gui", json=body, headers=origin
        ) as answer:
            assert answer.status == HTTPStatus.ACCEPTED, await answer.text()
        return await self.sees(then)

    async def sees(self, then: str) -> str:
        """Return the words of the page once it shows `then`."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                async with self._http.get(f"{self._url}/tro-chuyen") as answer:
                    words = unescape(_TAG.sub(" ", await answer.text()))
                if then in words:
                    return words
                await asyncio.sleep(0.1)
