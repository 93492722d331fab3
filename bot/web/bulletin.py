"""The public bulletin: what was announced, as pages, pictures, files, and as RSS.

What is public is decided by `bot.services.announcements.published`.
"""

from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree as ET

from aiohttp import web

from bot.core.ids import AttachmentId
from bot.core.languages import Language
from bot.services.announcements.attachments import headers_of
from bot.services.announcements.published import Notice, Published, TakenBack
from bot.web.pages import Pages

_SHOWN: Final = 50
_ATOM: Final = "http://www.w3.org/2005/Atom"
_UNNAMED: Final = "Bình Yên"
# An address stands for these very bytes. A day, so that what is taken back is soon gone from
# browsers and proxies too.
_UNCHANGING: Final = "public, max-age=86400, immutable"


class Bulletin:
    """Answers /, /thong-bao/{slug} with its picture or file, and /feed.xml."""

    def __init__(self, *, published: Published, pages: Pages, public_url: str) -> None:
        self._published = published
        self._pages = pages
        self._public_url = public_url

    async def front(self, request: web.Request) -> web.Response:
        """Show the newest announcements."""
        found = await self._published.newest(limit=_SHOWN)
        return await self._pages.render(request, "bulletin.html", found=found)

    async def one(self, request: web.Request) -> web.Response:
        """Show one announcement, or that it was taken back. Raise `NotFound`."""
        slug = request.match_info["slug"]
        try:
            notice = await self._published.by_slug(slug)
        except TakenBack:
            gone = web.HTTPGone.status_code
            return await self._pages.render(request, "announcement_gone.html", status=gone)
        newest = notice.announcement.slug
        if newest != slug:
            # Who kept the address of an earlier text reads the correction.
            asked = f"?{request.query_string}" if request.query_string else ""
            return web.Response(
                status=web.HTTPFound.status_code,
                headers={"Location": f"/thong-bao/{newest}{asked}"},
            )
        return await self._pages.render(
            request, "announcement.html", notice=notice, attached=_address(notice)
        )

    async def attachment(self, request: web.Request) -> web.Response:
        """Answer with the picture or file of an announcement. Raise `NotFound`."""
        attachment, body = await self._published.attachment(
            request.match_info["slug"], AttachmentId(request.match_info["attachment"])
        )
        headers = {**headers_of(attachment), "Cache-Control": _UNCHANGING}
        return web.Response(body=body, headers=headers)

    async def feed(self, request: web.Request) -> web.Response:
        """Answer with RSS 2.0."""
        found = await self._published.newest(limit=_SHOWN)
        unit = await self._pages.home()
        body = self._rss(found, unit.name if unit else _UNNAMED, self._pages.language(request))
        return web.Response(
            body=body,
            headers={
                "Content-Type": "application/rss+xml; charset=utf-8",
                "Cache-Control": "public, max-age=300",
            },
        )

    def _rss(self, found: list[Notice], unit_name: str, language: Language) -> bytes:
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
        for notice in found:
            self._add_item(ET.SubElement(channel, "item"), notice)
        return bytes(ET.tostring(rss, encoding="utf-8", xml_declaration=True))

    def _add_item(self, item: ET.Element, notice: Notice) -> None:
        announcement = notice.announcement
        link = f"{self._public_url}/thong-bao/{announcement.slug}"
        _add(item, "title", announcement.title)
        _add(item, "link", link)
        # A correction has an address of its own, so readers show it as news.
        _add(item, "guid", link)
        _add(item, "category", notice.unit.name)
        # RFC 822 with a zone, as RSS 2.0 asks.
        _add(item, "pubDate", format_datetime(notice.corrected_at or notice.published_at))
        _add(item, "description", notice.text)
        if notice.attachment is not None:
            ET.SubElement(
                item,
                "enclosure",
                url=f"{self._public_url}{_address(notice)}",
                length=str(notice.attachment.size_bytes),
                type=notice.attachment.media_type,
            )

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the bulletin."""
        return [
            web.get("/", self.front),
            web.get("/thong-bao/{slug}", self.one),
            web.get("/thong-bao/{slug}/kem/{attachment}", self.attachment),
            web.get("/feed.xml", self.feed),
        ]


def _address(notice: Notice) -> str:
    """Return the path of a notice's picture or file, "" if it has none."""
    if notice.attachment is None:
        return ""
    return f"/thong-bao/{notice.announcement.slug}/kem/{notice.attachment.id}"


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
