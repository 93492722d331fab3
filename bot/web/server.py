"""The HTTP server, put together: one gate, the public pages, webhooks, health, metrics.

Routes of channels and the console come ready-made from `bot.app`.
"""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Final

from aiohttp import web

from bot.services.soft_limit import SoftLimit
from bot.services.tips.receiving.receiving import Receiving
from bot.web.bulletin import Bulletin
from bot.web.doors import Verifier, WebDoors
from bot.web.following import Following
from bot.web.gate import API, WEBHOOK_LIMIT_BYTES, Gate
from bot.web.health import Health
from bot.web.joining import Joining
from bot.web.metrics import MetricsPage
from bot.web.pages import Pages
from bot.web.picture_form import PictureForms
from bot.web.sealed_form import SealedForm
from bot.web.sent_again import SentAgain
from bot.web.tip_door import BURST, EVERY_S, TipDoor
from bot.web.tip_form import TipForm
from bot.web.tip_page import TipPage
from bot.web.webhooks import Webhooks

_ROBOTS: Final = (
    "User-agent: *\nDisallow: /console\nDisallow: /to-giac\nDisallow: /theo-doi\n"
    "Disallow: /tro-chuyen\nDisallow: /tham-gia/\nDisallow: /webhooks/\n"
    "Disallow: /connect/\nDisallow: /api/\n"
)
_VERIFIER_PAGE: Final = (
    '<!doctype html><html><head><meta property="zalo-platform-site-verification" '
    'content="{code}"></head><body>{code}</body></html>'
)


def build_server(doors: WebDoors) -> web.Application:
    """Return the application that serves everything. Nothing listens yet."""
    gate = Gate(
        pages=doors.pages,
        clock=doors.clock,
        chance=doors.chance,
        public_url=doors.public_url,
        without_time_limit=doors.without_time_limit,
    )
    app = web.Application(middlewares=[gate.pass_through], client_max_size=WEBHOOK_LIMIT_BYTES)
    for routes in _rooms(doors):
        app.add_routes(routes)
    app.add_routes(doors.more_routes)
    if doors.api is not None:
        app.add_subapp(API, doors.api)
    if doors.console is not None:
        app.add_subapp("/console", doors.console)
    app.on_shutdown.append(_calling(doors))
    return app


def _rooms(doors: WebDoors) -> list[list[web.RouteDef]]:
    rooms = [
        Health(doors.checks).routes(),
        MetricsPage(doors.meter, token=doors.metrics_token).routes(),
        doors.assets.routes(),
    ]
    return rooms if doors.receiving is None else [*rooms, *_of_residents(doors, doors.receiving)]


def _of_residents(doors: WebDoors, receiving: Receiving) -> list[list[web.RouteDef]]:
    return [
        Webhooks(doors.reception).routes(),
        Bulletin(
            published=doors.published, pages=doors.pages, public_url=doors.public_url
        ).routes(),
        Joining(
            units=doors.units,
            pages=doors.pages,
            links=doors.join_links,
            public_url=doors.public_url,
        ).routes(),
        *_telling(doors, receiving),
        _small_routes(doors),
    ]


def _telling(doors: WebDoors, receiving: Receiving) -> list[list[web.RouteDef]]:
    pages = doors.pages
    door = TipDoor(
        storage=doors.storage,
        pages=pages,
        limit=SoftLimit(burst=BURST, every_s=EVERY_S, clock=doors.clock, chance=doors.chance),
        sent_again=SentAgain(clock=doors.clock),
        trusted_proxies=doors.trusted_proxies,
    )
    forms = PictureForms(door=door, cleaning=doors.cleaning)
    sealed = SealedForm(sealed=receiving.sealed, tasks=receiving.tasks, door=door)
    page = TipPage(answers=doors.answers, book=doors.book, say=pages.say, tips=pages.tips)
    form = TipForm(
        intake=receiving.intake,
        sealed=sealed,
        page=page,
        forms=forms,
        tasks=receiving.tasks,
        chance=doors.chance,
        answers=doors.answers,
        book=doors.book,
        units=doors.units,
        door=door,
    )
    following = Following(
        talks=receiving.talks, answers=doors.answers, book=doors.book, door=door, forms=forms
    )
    return [form.routes(), sealed.routes(), page.routes(), following.routes()]


def _small_routes(doors: WebDoors) -> list[web.RouteDef]:
    return [
        web.get("/du-lieu", _page(doors.pages, "privacy.html")),
        web.get("/robots.txt", _robots),
        web.get("/favicon.ico", _icon(doors)),
        web.get("/zalo_verifier{code:[A-Za-z0-9_-]+}.html", _verifying(doors.verifier)),
    ]


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _page(pages: Pages, template: str) -> Answer:
    async def show(request: web.Request) -> web.StreamResponse:
        return await pages.render(request, template)

    return show


async def _robots(_request: web.Request) -> web.StreamResponse:
    return web.Response(text=_ROBOTS)


def _icon(doors: WebDoors) -> Answer:
    async def show(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPMovedPermanently(doors.assets.url("favicon.svg"))

    return show


def _verifying(verifier: Verifier) -> Answer:
    async def show(request: web.Request) -> web.StreamResponse:
        code = await verifier(request.match_info["code"])
        if code is None:
            raise web.HTTPNotFound
        return web.Response(
            text=_VERIFIER_PAGE.format(code=escape(code)), content_type="text/html"
        )

    return show


def _calling(doors: WebDoors) -> Callable[[web.Application], Awaitable[None]]:
    async def call(_app: web.Application) -> None:
        for stop in doors.at_shutdown:
            stop()

    return call
