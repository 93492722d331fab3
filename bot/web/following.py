"""Looking at a tip with its receipt.

The receipt travels in the body of a form, never in an address, so that no history, log or
proxy keeps it.
"""

from typing import Final

from aiohttp import web

from bot.core.tips import TipState
from bot.services.tips.receiving.talks import Followed, ResidentTalks, TooManyTries
from bot.web.forms import read_form
from bot.web.pages import Pages

_LONGEST: Final = 100


class Following:
    """Answers /theo-doi."""

    def __init__(self, *, talks: ResidentTalks, pages: Pages) -> None:
        self._talks = talks
        self._pages = pages

    async def show(self, request: web.Request) -> web.Response:
        """Show the form."""
        return await self._page(request)

    async def look(self, request: web.Request) -> web.Response:
        """Show what became of the tip, or that there is none, or that it is time to wait."""
        typed = (await read_form(request)).get("code", "")
        if not typed:
            return await self._page(request, fault="error_field_missing", status=400)
        if len(typed) > _LONGEST:
            return await self._page(request, is_unknown=True)
        try:
            followed = await self._talks.follow(typed)
        except TooManyTries as error:
            minutes = max(1, -(-error.wait_s // 60))
            response = await self._page(request, wait_minutes=minutes, status=429)
            response.headers["Retry-After"] = str(error.wait_s)
            return response
        if followed is None:
            return await self._page(request, is_unknown=True)
        return await self._page(request, followed=followed)

    async def _page(
        self,
        request: web.Request,
        *,
        status: int = 200,
        fault: str = "",
        is_unknown: bool = False,
        wait_minutes: int = 0,
        followed: Followed | None = None,
    ) -> web.Response:
        response = await self._pages.render(
            request,
            "follow.html",
            status=status,
            fault=fault,
            is_unknown=is_unknown,
            wait_minutes=wait_minutes,
            followed=followed,
            state_words=self._words(request, followed) if followed else "",
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _words(self, request: web.Request, followed: Followed) -> str:
        language = self._pages.language(request)
        key = f"state_{followed.state}"
        if followed.state is TipState.PASSED_ON:
            named = f"passed_to_{followed.passed_to}" if followed.passed_to else "passed_on_to"
            to = self._pages.tips(named, language)
            return self._pages.tips(key, language, to=to)
        return self._pages.tips(key, language)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of following."""
        return [web.get("/theo-doi", self.show), web.post("/theo-doi", self.look)]
