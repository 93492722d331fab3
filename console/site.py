"""The console as one aiohttp application, mounted at /console by the composition root."""

import base64
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from aiohttp import web
from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined

from bot.core.officers import Act
from console import moments
from console.door import Door
from console.pages import (
    amending,
    announcements,
    announcing,
    answers,
    api_tokens,
    approving,
    audit,
    call_backs,
    channels,
    connecting,
    edits,
    facts,
    groups,
    handovers,
    hooks,
    inspectorates,
    latecomers,
    me,
    officer,
    officers,
    overview,
    passwords,
    recovery,
    results,
    sending,
    set_aside,
    setting_up,
    signing_in,
    tip,
    tip_acts,
    tip_assisted,
    tip_export,
    tip_keys,
    tip_queue,
    tip_search,
    tip_statistics,
    units,
    unknown_questions,
    watching,
)
from console.routes import Open, Route, get
from console.services import ConsoleServices
from console.visit import ROOT, Visit

_STATIC: Final = Path(__file__).parent / "static"
_STATIC_NAME: Final = re.compile(r"[a-z]+\.(?:css|js)")


async def _static(visit: Visit) -> web.StreamResponse:
    name = visit.part("name")
    if not _STATIC_NAME.fullmatch(name) or not (_STATIC / name).is_file():
        raise web.HTTPNotFound
    return web.FileResponse(_STATIC / name)


ROUTES: Final[tuple[Route, ...]] = (
    get("/static/{name}", _static, needs=Open.TO_ALL),
    *signing_in.ROUTES,
    *setting_up.ROUTES,
    *overview.ROUTES,
    *tip_queue.ROUTES,
    *tip_search.ROUTES,
    # Before the page of one tip, whose address would take these for a name.
    *tip_statistics.ROUTES,
    *tip_assisted.ROUTES,
    *tip.ROUTES,
    *tip_acts.ROUTES,
    *tip_export.ROUTES,
    *announcing.ROUTES,
    *sending.ROUTES,
    *approving.ROUTES,
    *latecomers.ROUTES,
    *announcements.ROUTES,
    *watching.ROUTES,
    *results.ROUTES,
    *amending.ROUTES,
    *channels.ROUTES,
    *call_backs.ROUTES,
    *handovers.ROUTES,
    *groups.ROUTES,
    *connecting.ROUTES,
    *units.ROUTES,
    *inspectorates.ROUTES,
    *officers.ROUTES,
    *officer.ROUTES,
    *tip_keys.ROUTES,
    *recovery.ROUTES,
    *passwords.ROUTES,
    *me.ROUTES,
    *api_tokens.ROUTES,
    *hooks.ROUTES,
    *set_aside.ROUTES,
    *audit.ROUTES,
    *answers.ROUTES,
    *facts.ROUTES,
    *edits.ROUTES,
    *unknown_questions.ROUTES,
)

# Answers that are sent while they are made; who joins the server lets them take their time.
LONG: Final = frozenset(f"{ROOT}{route.path}" for route in ROUTES if route.is_long)


def console_app(
    services: ConsoleServices, *, compiled: BytecodeCache | None = None
) -> web.Application:
    """Return the officers' pages, to be mounted at /console.

    `compiled` keeps the compiled templates for whoever makes these pages more than once.
    """
    door = Door(services, _templates(services, compiled))
    app = web.Application(middlewares=[door.answers])
    for route in ROUTES:
        app.router.add_route(route.method, route.path, door.guarded(route))
    return app


def _templates(services: ConsoleServices, compiled: BytecodeCache | None) -> Environment:
    def moment(at: datetime) -> moments.Moment:
        return moments.moment(at, now=services.clock.now(), zone=services.zone)

    templates = Environment(
        loader=PackageLoader("console"),
        bytecode_cache=compiled,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["number"] = moments.number
    templates.filters["base64"] = lambda body: base64.b64encode(body).decode()
    templates.globals["moment"] = moment
    templates.globals["Act"] = Act
    templates.globals["root"] = ROOT
    return templates


__all__ = ["LONG", "ROUTES", "ConsoleServices", "console_app"]
