"""The public bulletin: what was announced, as pages and as RSS.

What is public is decided by `bot.services.announcements`.
"""

from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree as ET

from aiohttp import web

from bot.core.announcements import Announcement
from bot.core.languages import Language
from bot.core.units import Unit
from bot.services.announcements import Announcements
from bot.web.pages import Pages

_SHOWN: Final = 50
_ATOM: Final = "http://www.w3.org/2005/Atom"
_UNNAMED: Final = "Bình Yên"


class Bulletin:
    """Answers /, /thong-bao/{slug} and /feed.xml."""

    def __init__(self, *, announcements: Announcements, pages: Pages, public_url: str) -> None:
        self._announcements = announcements
        self._pages = pages
        self._public_url = public_url

    async def front(self, request: web.Request) -> web.Response:
        """Show the newest announcements."""
        found = await self._announcements.public(limit=_SHOWN)
        return await self._pages.render(request, "bulletin.html", found=found)

    async def one(self, request: web.Request) -> web.Response:
        """Show one announcement. Raise `NotFound`."""
        announcement, unit = await self._announcements.public_by_slug(request.match_info["slug"])
        return await self._pages.render(
            request, "announcement.html", announcement=announcement, of_unit=unit
        )

    async def feed(self, request: web.Request) -> web.Response:
        """Answer with RSS 2.0."""
        found = await self._announcements.public(limit=_SHOWN)
        unit = await self._pages.home()
        body = self._rss(found, unit.name if unit else _UNNAMED, self._pages.language(request))
        return web.Response(
            body=body,
            headers={
                "Content-Type": "application/rss+xml; charset=utf-8",
                "Cache-Control": "public, max-age=300",
            },
        )

    def _rss(
        self, found: list[tuple[Announcement, Unit]], unit_name: str, language: Language
    ) -> bytes:
        ET.register_namespace("atom", _ATOM)
        rss = ET.Element("rss", version="2.0")
        channel = ET.SubElement(rss, "channel")
        _add(channel, "title", self._pages.say("rss_title", language, unit=unit_name))
        _add(channel, "link", f"{self._public_url}/")
        _add(channel, "description", self._pages.say("rss_description", language, unit=unit_name))
        _add(channel, "language", Language.VI)
        ET.SubElement(
            channel,
            f"{{{_ATOM}}}link",
            href=f"{self._public_url}/feed.xml",
            rel="self",
            type="application/rss+xml",
        )
        for announcement, unit in found:
            item = ET.SubElement(channel, "item")
            link = f"{self._public_url}/thong-bao/{announcement.slug}"
            _add(item, "title", announcement.title)
            _add(item, "link", link)
            _add(item, "guid", link)
            _add(item, "category", unit.name)
            # RFC 822 with a zone, as RSS 2.0 asks.
            _add(
                item,
                "pubDate",
                format_datetime(announcement.started_at or announcement.written_at),
            )
            _add(item, "description", announcement.text)
        return bytes(ET.tostring(rss, encoding="utf-8", xml_declaration=True))

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the bulletin."""
        return [
            web.get("/", self.front),
            web.get("/thong-bao/{slug}", self.one),
            web.get("/feed.xml", self.feed),
        ]


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
