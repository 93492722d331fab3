"""The page a neighbourhood's code leads to: a way in for each channel, and the QR to print.

Joining itself happens in the chat, where consent is asked.
"""

from aiohttp import web

from bot.core.channels import ChannelKind
from bot.core.ids import read_code
from bot.services.units.units import Units
from bot.web.doors import JoinLink, JoinLinks
from bot.web.pages import Pages
from bot.web.pictures import qr

_LONGEST_CODE = 32


class Joining:
    """Answers /tham-gia/{code}."""

    def __init__(self, *, units: Units, pages: Pages, links: JoinLinks, public_url: str) -> None:
        self._units = units
        self._pages = pages
        self._links = links
        self._public_url = public_url

    async def show(self, request: web.Request) -> web.Response:
        """Show the ways into the group, or say kindly that nobody has this code."""
        code = read_code(request.match_info["code"][:_LONGEST_CODE])
        unit = await self._units.by_join_code(code) if code.isalnum() else None
        if unit is None:
            return await self._pages.render(
                request, "join_unknown.html", status=web.HTTPNotFound.status_code
            )
        web_link = JoinLink(kind=ChannelKind.WEB, url=f"/tro-chuyen?ma={code}")
        links = [*await self._links(unit, code), web_link]
        title = self._pages.say("join_scan", self._pages.language(request))
        return await self._pages.render(
            request,
            "join.html",
            of_unit=unit,
            code=code,
            links=links,
            qr=qr(f"{self._public_url}/tham-gia/{code}", title=title),
        )

    def routes(self) -> list[web.RouteDef]:
        """Return the route of the join page."""
        return [web.get("/tham-gia/{code}", self.show)]
