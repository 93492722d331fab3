"""The tip form: tell the police something with no account, no cookie and no script.

What is typed is sealed before anything is written down and is kept nowhere else: not in a
log, a draft or a temporary file. Sealing and receipts belong to `bot.services.tips.receiving`,
tips that the page has sealed itself to `bot.web.sealed_form`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.languages import Language
from bot.core.time import Chance
from bot.core.tips import Report, TipCategory
from bot.core.units import Unit
from bot.services.answers.answers import Answers
from bot.services.tips.receiving.intake import Intake
from bot.services.tips.receiving.pictures import MOST_PICTURES
from bot.services.tips.receiving.tasks import Answered, PageTasks
from bot.services.units.units import Units
from bot.web.gate import SEALING_POLICY
from bot.web.picture_form import PICTURES, PictureForms, Sent
from bot.web.sealed_form import SealedForm
from bot.web.second_look import confirming, number_to_call, unconfirmed
from bot.web.sent_again import mark_of
from bot.web.tip_door import TipDoor
from bot.web.tip_page import TipPage
from bot.web.two_lines import TwoLines
from content.book import Book
from content.revealing import Hint

LONGEST: Final[Mapping[str, int]] = {"what": 4000, "where": 300, "when": 300}

# As many as keep a processor and the disk busy.
_AT_ONCE: Final = 24
_WRONG: Final = web.HTTPBadRequest.status_code
_TASK: Final = "task"
_ONCE: Final = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was typed, and what is wrong with it: sentence keys by field.

    `lost_pictures` says that files came along, which no page can put back into its field.
    `hints` point at what may betray the writer; `sure` confirms these and no others.
    """

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    faults: Mapping[str, str] = field(default_factory=dict)
    wait_s: int = 0
    lost_pictures: bool = False
    hints: Sequence[Hint] = ()

    @property
    def sure(self) -> str:
        """What the button "send as it is" says of the hints."""
        return confirming(self.hints)


class TipForm:
    """Answers /to-giac."""

    def __init__(
        self,
        *,
        intake: Intake,
        sealed: SealedForm,
        page: TipPage,
        forms: PictureForms,
        tasks: PageTasks,
        chance: Chance,
        answers: Answers,
        book: Book,
        units: Units,
        door: TipDoor,
    ) -> None:
        self._intake = intake
        self._sealed = sealed
        self._page = page
        self._answers = answers
        self._book = book
        self._units = units
        self._door = door
        self._forms = forms
        self._tasks = tasks
        self._chance = chance
        self._lines = TwoLines(_AT_ONCE)

    async def show(self, request: web.Request) -> web.Response:
        """Show who sees what, and the empty form."""
        return await self._form(request, Draft(), await self._units.all())

    async def send(self, request: web.Request) -> web.Response:
        """Seal and store what was typed; show the receipt, this once."""
        units = await self._units.all()
        sent = await self._forms.read(request, lambda fields: self._is_ready(fields, units))
        async with self._lines.turn(first=lambda: self._goes_first(sent.fields, units)):
            return await self._answered(request, sent, units)

    async def _answered(
        self, request: web.Request, sent: Sent, units: Sequence[Unit]
    ) -> web.Response:
        language = self._door.pages.language(request)
        faults = _faults(sent.fields)
        if sent.refused:
            faults[PICTURES] = sent.refused
        mark = _mark(sent)
        was_sent = self._door.was_sent(mark)
        danger_number = "" if faults else self._danger(sent.fields, language)
        is_urgent = bool(sent.fields.get("urgent") or danger_number)
        is_due = not (faults or was_sent) and self._is_task_due(
            sent.fields, units, is_urgent=is_urgent
        )
        if is_due and not self._tasks.is_solved(_answered(sent.fields)):
            faults[_TASK] = "tip_task_pick"
        draft = Draft(fields=sent.fields, faults=faults, lost_pictures=sent.had_files)
        if faults:
            return await self._form(request, draft, units, status=_WRONG)
        if hints := self._unconfirmed(sent.fields):
            return await self._form(request, replace(draft, hints=hints), units)
        wait_s = self._door.wait_s(request) if sent.wait_s is None else sent.wait_s
        if wait_s and not was_sent:
            return await self._too_many(request, replace(draft, wait_s=wait_s), units)
        if is_due:
            self._tasks.spend(_answered(sent.fields))
        try:
            report = _report(sent.fields, is_urgent=is_urgent)
            unit = _unit(sent.fields, units)
            shown = await self._door.stored(
                lambda: self._intake.submit(
                    report,
                    unit,
                    sent.pictures,
                    about_officer=bool(sent.fields.get("about_officer")),
                ),
                mark=mark,
            )
        except RuleBroken as error:
            if error.key == "tips.no_inspectorate":
                faults["about_officer"] = "tip_no_inspectorate"
                return await self._form(
                    request, draft, units, status=web.HTTPBadRequest.status_code
                )
            # Nobody could open it, so it would be lost; say so and whom to call.
            return await self._door.page(
                request, "tip_not_ready.html", status=web.HTTPServiceUnavailable.status_code
            )
        return await self._door.receipt(
            request,
            shown,
            is_urgent=report.is_urgent,
            danger_number=danger_number,
            among=units,
        )

    async def _too_many(
        self, request: web.Request, draft: Draft, units: Sequence[Unit]
    ) -> web.Response:
        status = web.HTTPTooManyRequests.status_code
        response = await self._form(request, draft, units, status=status)
        response.headers["Retry-After"] = str(draft.wait_s)
        return response

    def _is_ready(self, fields: Mapping[str, str], units: Sequence[Unit]) -> bool:
        if _faults(fields) or self._unconfirmed(fields):
            return False
        is_urgent = bool(fields.get("urgent") or self._danger(fields, Language.VI))
        is_due = self._is_task_due(fields, units, is_urgent=is_urgent)
        return not is_due or self._tasks.is_solved(_answered(fields))

    def _goes_first(self, fields: Mapping[str, str], units: Sequence[Unit]) -> bool:
        """Tell whether nothing is asked of the sender first, as far as can be told at a glance."""
        is_urgent = bool(fields.get("urgent"))
        is_due = self._is_task_due(fields, units, is_urgent=is_urgent)
        return not is_due or self._tasks.is_solved(_answered(fields))

    def _is_task_due(
        self, fields: Mapping[str, str], units: Sequence[Unit], *, is_urgent: bool
    ) -> bool:
        return bool(units) and self._tasks.is_due(
            _unit(fields, units).id,
            is_urgent=is_urgent,
            about_officer=bool(fields.get("about_officer")),
        )

    def _danger(self, fields: Mapping[str, str], language: Language) -> str:
        return number_to_call(self._answers, self._book, fields["what"], language)

    def _unconfirmed(self, fields: Mapping[str, str]) -> list[Hint]:
        """Return what may betray the writer and was not pointed at yet, all of it if any is new.

        Who has seen the hints decides; a text changed meanwhile is looked through again.
        """
        hints = self._book.revealing.find("\n".join(fields.get(name, "") for name in LONGEST))
        return unconfirmed(hints, fields.get("sure", ""))

    async def _form(
        self, request: web.Request, draft: Draft, units: Sequence[Unit], *, status: int = 200
    ) -> web.Response:
        pages = self._door.pages
        language = pages.language(request)
        ground = await self._sealed.ground()
        # Solved once is solved: a page that comes back for another reason carries it along.
        answered = _answered(draft.fields)
        solved = answered if self._tasks.is_solved(answered) else None
        task = None if solved else self._tasks.for_form()
        response = await self._door.page(
            request,
            "tip_form.html",
            status=status,
            among=units if request.method == "POST" else None,
            draft=draft,
            task=task,
            solved=solved,
            once=draft.fields.get(_ONCE) or self._chance.token(16).hex(),
            picture_fault=self._forms.fault(draft.faults.get(PICTURES, ""), language),
            categories=list(TipCategory),
            longest=LONGEST,
            most_pictures=MOST_PICTURES,
            units=units,
            script_data=self._page.data(
                ground, language, query=_language_query(request), task=task
            ),
        )
        response.headers["Content-Security-Policy"] = SEALING_POLICY
        return response

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the form."""
        return [web.get("/to-giac", self.show), web.post("/to-giac", self.send)]


def _mark(sent: Sent) -> bytes:
    fields = (f"{name}={value}".encode() for name, value in sorted(sent.fields.items()))
    return mark_of(sent.fields.get(_ONCE, ""), [*fields, *sent.pictures])


def _language_query(request: web.Request) -> str:
    asked = request.query.get("lang", "")
    return f"?lang={asked}" if asked in set(Language) else ""


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


def _answered(fields: Mapping[str, str]) -> Answered:
    return Answered(token=fields.get(_TASK, ""), number=fields.get("number", ""))


def _report(fields: Mapping[str, str], *, is_urgent: bool) -> Report:
    return Report(
        category=TipCategory(fields["category"]),
        what=fields["what"],
        where=fields.get("where", ""),
        when=fields.get("when", ""),
        is_urgent=is_urgent,
    )


def _unit(fields: Mapping[str, str], units: Sequence[Unit]) -> Unit:
    """Return the unit picked, else the one above all others."""
    picked = next((unit for unit in units if unit.code == fields.get("unit")), None)
    top = next((unit for unit in units if unit.parent_id is None), None)
    unit = picked or top
    if unit is None:
        raise RuleBroken("tips.no_reader")
    return unit
