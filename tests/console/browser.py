"""A browser without a screen: keeps cookies, sends forms as a page holds them."""

import io
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

from aiohttp import ClientSession, CookieJar, FormData
from yarl import URL


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.csrf = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if found.get("name") == "csrf":
            self.csrf = found["value"]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An answer as somebody sees it. `text` has its white space folded."""

    status: int
    headers: Mapping[str, str]
    location: str
    html: str = field(repr=False)
    text: str
    tags: list[tuple[str, dict[str, str]]] = field(repr=False)
    csrf: str

    def attributes(self, tag: str, name: str) -> list[str]:
        """Return the values of an attribute on every such element."""
        return [found[name] for one, found in self.tags if one == tag and name in found]

    def value(self, name: str) -> str:
        """Return what stands in the field called `name`."""
        return next(
            found.get("value", "")
            for tag, found in self.tags
            if tag == "input" and found.get("name") == name
        )


class Browser:
    """One person's cookies."""

    def __init__(self, session: ClientSession, base: str) -> None:
        self.session = session
        self._base = base.rstrip("/")

    @classmethod
    @asynccontextmanager
    async def open(cls, base: str) -> AsyncIterator["Browser"]:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            yield cls(session, base)

    def cookie(self, name: str) -> str:
        """Return the cookie sent to the console, or nothing."""
        cookies = self.session.cookie_jar.filter_cookies(URL(self._base + "/console/"))
        return cookies[name].value if name in cookies else ""

    async def get(self, path: str) -> Seen:
        """Ask for a page, without following it elsewhere."""
        return await self._ask("GET", path)

    async def send(
        self,
        path: str,
        fields: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        *,
        page: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Seen:
        """Send a form as the page at `page` (else at `path`) holds it."""
        token = (await self.get(page or path)).csrf
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        return await self._ask("POST", path, data=[("csrf", token), *pairs], headers=headers)

    async def upload(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        name: str = "",
        body: bytes = b"",
        token: str | None = None,
    ) -> Seen:
        """Send a form with a file in it, as a browser does; without one its field is empty."""
        form = FormData(quote_fields=False, default_to_multipart=True)
        form.add_field("csrf", (await self.get(path)).csrf if token is None else token)
        for key, value in fields.items():
            form.add_field(key, value)
        kind = "application/octet-stream"
        form.add_field("file", io.BytesIO(body), filename=name, content_type=kind)
        return await self._ask("POST", path, data=form)

    async def post(
        self,
        path: str,
        fields: Mapping[str, str] | bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Seen:
        """Send something without looking at a page before."""
        if isinstance(fields, bytes):
            kind = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
            return await self._ask("POST", path, data=fields, headers=kind)
        return await self._ask("POST", path, data=list(fields.items()), headers=headers)

    async def sign_in(self, login: str, password: str) -> Seen:
        """Sign in by the form."""
        fields = {"login": login, "password": password}
        return await self.send("/console/dang-nhap", fields)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        data: list[tuple[str, str]] | FormData | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Seen:
        async with self.session.request(
            method,
            URL(self._base + path, encoded=True),
            data=data,
            headers=headers,
            allow_redirects=False,
        ) as response:
            html = await response.text()
            reading = _Reading()
            reading.feed(html)
            return Seen(
                status=response.status,
                headers=dict(response.headers),
                location=response.headers.get("Location", ""),
                html=html,
                text=" ".join(" ".join(reading.words).split()),
                tags=reading.tags,
                csrf=reading.csrf,
            )
