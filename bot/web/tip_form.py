"""The tip form: tell the police something with no account, no cookie and no script.

What is typed is sealed before anything is written down and is kept nowhere else: not in a
log, a draft or a temporary file. Sealing and receipts belong to `bot.services.tips.receiving`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from bot.core.errors import LocatorTaken, RuleBroken
from bot.core.languages import Language
from bot.core.storage import Storage
from bot.core.text import split_text
from bot.core.tips import Report, TipCategory
from bot.core.units import Unit
from bot.services.answers.answers import Answers
from bot.services.soft_limit import SoftLimit
from bot.services.tips.receiving.intake import Intake
from bot.services.units.units import Units
from bot.web.addresses import Network, address_of, crowd_of
from bot.web.forms import read_form
from bot.web.pages import Pages
from bot.web.pictures import qr
from content.book import Book

LONGEST: Final[Mapping[str, int]] = {"what": 4000, "where": 300, "when": 300}
# Thirty people behind one address may send at the same moment; after that, one every 3 s.
BURST: Final = 30
EVERY_S: Final = 3.0
_NO_STORE: Final = "no-store"
_TRIES: Final = 5
# Danger is looked for in pieces of this size, so that the end of a long story counts.
_PIECE: Final = 2_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was typed, and what is wrong with it: sentence keys by field."""

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    faults: Mapping[str, str] = field(default_factory=dict)
    wait_s: int = 0


class TipForm:
    """Answers /to-giac."""

    def __init__(
        self,
        *,
        intake: Intake,
        answers: Answers,
        book: Book,
        units: Units,
        storage: Storage,
        pages: Pages,
        limit: SoftLimit,
        trusted_proxies: Sequence[Network],
    ) -> None:
        self._intake = intake
        self._answers = answers
        self._book = book
        self._units = units
        self._storage = storage
        self._pages = pages
        self._limit = limit
        self._trusted = trusted_proxies

    async def show(self, request: web.Request) -> web.Response:
        """Show who sees what, and the empty form."""
        return await self._form(request, Draft())

    async def send(self, request: web.Request) -> web.Response:
        """Seal and store what was typed; show the receipt, this once."""
        fields = await read_form(request)
        units = await self._units.all()
        draft = Draft(fields=fields, faults=_faults(fields))
        if draft.faults:
            return await self._form(request, draft, status=web.HTTPBadRequest.status_code)
        if wait_s := self._limit.wait_s(crowd_of(address_of(request, self._trusted))):
            response = await self._form(
                request,
                Draft(fields=fields, wait_s=wait_s),
                status=web.HTTPTooManyRequests.status_code,
            )
            response.headers["Retry-After"] = str(wait_s)
            return response
        try:
            danger_number = self._danger_number(request, fields["what"])
            report = _report(fields, is_urgent=bool(fields.get("urgent") or danger_number))
            receipt = await self._store(report, _unit(fields, units))
        except RuleBroken:
            # Nobody could open it, so it would be lost; say so and whom to call.
            return await self._private(
                request, "tip_not_ready.html", status=web.HTTPServiceUnavailable.status_code
            )
        return await self._private(
            request,
            "tip_sent.html",
            receipt=receipt,
            is_urgent=report.is_urgent,
            danger_number=danger_number,
            qr=qr(receipt, title=self._say(request, "tip_receipt")),
        )

    def _danger_number(self, request: web.Request, what: str) -> str:
        """Return the line to call if somebody is in danger now, else nothing."""
        for piece in split_text(what, _PIECE):
            if (rule := self._answers.danger(piece)) is not None:
                return self._book.facts[rule.number].value[self._pages.language(request)]
        return ""

    async def _store(self, report: Report, unit: Unit) -> str:
        for tries_left in reversed(range(_TRIES)):
            submission = await self._intake.submit(report, unit)
            try:
                async with self._storage.begin() as work:
                    await submission.effect(work)
                    await work.commit()
            except LocatorTaken:
                if not tries_left:
                    raise
                continue
            return submission.receipt.text
        raise AssertionError("the last try returns or raises")

    async def _form(
        self, request: web.Request, draft: Draft, *, status: int = 200
    ) -> web.Response:
        return await self._private(
            request,
            "tip_form.html",
            status=status,
            draft=draft,
            categories=list(TipCategory),
            longest=LONGEST,
            units=await self._units.all(),
        )

    async def _private(
        self, request: web.Request, template: str, *, status: int = 200, **values: object
    ) -> web.Response:
        response = await self._pages.render(request, template, status=status, **values)
        response.headers["Cache-Control"] = _NO_STORE
        return response

    def _say(self, request: web.Request, key: str) -> str:
        language: Language = self._pages.language(request)
        return self._pages.say(key, language)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the form."""
        return [web.get("/to-giac", self.show), web.post("/to-giac", self.send)]


def _faults(fields: Mapping[str, str]) -> dict[str, str]:
    faults: dict[str, str] = {}
    if fields.get("category") not in set(TipCategory):
        faults["category"] = "error_field_missing"
    if not fields.get("what"):
        faults["what"] = "error_field_missing"
    for name, longest in LONGEST.items():
        if len(fields.get(name, "")) > longest:
            faults[name] = "error_field_too_long"
    return faults


def _report(fields: Mapping[str, str], *, is_urgent: bool) -> Report:
    return Report(
        category=TipCategory(fields["category"]),
        what=fields["what"],
        where=fields.get("where", ""),
        when=fields.get("when", ""),
        is_urgent=is_urgent,
    )


def _unit(fields: Mapping[str, str], units: list[Unit]) -> Unit:
    """Return the unit picked, else the one above all others."""
    picked = next((unit for unit in units if unit.code == fields.get("unit")), None)
    top = next((unit for unit in units if unit.parent_id is None), None)
    unit = picked or top
    if unit is None:
        raise RuleBroken("tips.no_reader")
    return unit
