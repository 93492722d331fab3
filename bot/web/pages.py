"""Pages for people: templates, words in the reader's language, the frame around them.

Nothing here asks a use case for more than the name of the unit whose page it is. A page holds
no script and no style of its own, so that the content security policy can forbid both.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web
from markupsafe import Markup, escape

from bot.core.languages import Language
from bot.core.units import Unit
from bot.services.units.units import Units, contacts_of
from bot.web.assets import Assets
from content.book import Book
from content.per_edition import PerEdition
from content.sentences import Voice

OWN_FOLDER: Final = Path(__file__).parent / "templates"
_PREFERENCE: Final = re.compile(r"\s*([A-Za-z*]{1,8})[^,;]*(?:;\s*q=([0-9.]{1,5}))?[^,]*")
_LONGEST_HEADER: Final = 200
_LINE: Final = re.compile(r"1\d\d")
# All of a number at once, so that no part of a longer one is taken for an emergency line.
_NUMBER: Final = re.compile(r"\d(?:[ .-]?\d)*")


Proofs = Callable[[], Awaitable[Sequence[str]]]


async def _no_proofs() -> Sequence[str]:
    return ()


class Pages:
    """Renders templates. `folders` holds those of channels, beside the own ones."""

    def __init__(
        self,
        *,
        book: Book,
        units: Units,
        assets: Assets,
        zone: ZoneInfo,
        folders: Sequence[Path] = (),
        is_demo: bool = False,
        proofs: Proofs = _no_proofs,
        compiled: jinja2.BytecodeCache | None = None,
    ) -> None:
        """`proofs` are the codes by which Zalo knows that the domain is ours.

        `compiled` keeps the compiled templates for whoever makes pages more than once.
        """
        self._units = units
        self._proofs = proofs
        self._zone = zone
        self._is_demo = is_demo
        self.say = book.voice("web")
        self.tips = book.voice("tips")
        self._privacy = book.voice("privacy", "notice")
        self._lines = PerEdition(book, _lines_of)
        self._env = jinja2.Environment(
            autoescape=True,
            loader=jinja2.FileSystemLoader([OWN_FOLDER, *folders]),
            bytecode_cache=compiled,
            # No look at the files for every page: they do not change under a program that runs.
            auto_reload=False,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.filters.update(calls=self._calls, day=self.day, clock=self.clock)
        self._env.globals.update(asset=assets.url, has_asset=assets.has)

    async def render(
        self, request: web.Request, template: str, /, *, status: int = 200, **values: object
    ) -> web.Response:
        """Return the page `template` filled with `values`, in the reader's language."""
        proofs = await self._proofs()
        return self.framed(
            request, template, await self.home(), status=status, proofs=proofs, **values
        )

    async def home(self) -> Unit | None:
        """Return the unit whose pages these are: the one with nothing above it."""
        return top_of(await self._units.all())

    def framed(
        self,
        request: web.Request,
        template: str,
        unit: Unit | None,
        /,
        *,
        status: int = 200,
        proofs: Sequence[str] = (),
        **values: object,
    ) -> web.Response:
        """Return the page without asking the database; `unit` None if it cannot be asked."""
        language = self.language(request)
        text = self._env.get_template(template).render(
            say=_Bound(self.say, language),
            tips=_Bound(self.tips, language),
            privacy=_Bound(self._privacy, language),
            lang=language.value,
            proofs=proofs,
            unit=unit,
            unit_name=unit.name if unit else "",
            contacts=contacts_of([unit]) if unit else {},
            path=request.path,
            href=_hrefs(_asked(request)),
            other_language=_other_language(request, language),
            is_demo=self._is_demo,
            lines=" ".join(sorted(self._lines())),
            **values,
        )
        return web.Response(text=text, content_type="text/html", status=status)

    def language(self, request: web.Request) -> Language:
        """Return the language asked for with ?lang=, else the browser's, else Vietnamese."""
        asked = _asked(request)
        return asked or _preferred(request.headers.get("Accept-Language", ""))

    def day(self, at: datetime) -> str:
        """Return the local day of a moment: 22/11/2026."""
        return f"{at.astimezone(self._zone):%d/%m/%Y}"

    def clock(self, at: datetime) -> str:
        """Return the local time of a moment: 06:05."""
        return f"{at.astimezone(self._zone):%H:%M}"

    def _calls(self, text: str) -> Markup:
        """Return `text` escaped, its emergency numbers as links to call."""
        lines = self._lines()

        def linked(found: re.Match[str]) -> str:
            number = found[0]
            return f'<a href="tel:{number}">{number}</a>' if number in lines else number

        return Markup(_NUMBER.sub(linked, str(escape(text))))  # noqa: S704 - escaped before


def _lines_of(book: Book) -> frozenset[str]:
    """Return the lines that have three digits; only these become links to call."""
    return frozenset(
        value for fact in book.facts.values() if _LINE.fullmatch(value := fact.value[Language.VI])
    )


def top_of(units: Sequence[Unit]) -> Unit | None:
    """Return the unit with nothing above it."""
    return next((unit for unit in units if unit.parent_id is None), None)


class _Bound:
    """A voice that speaks one language: what templates call `say`."""

    def __init__(self, voice: Voice, language: Language) -> None:
        self._voice = voice
        self._language = language

    def __call__(self, key: str, /, **values: str | int) -> str:
        return self._voice(key, self._language, **values)


def _asked(request: web.Request) -> Language | None:
    asked = request.query.get("lang", "")
    return Language(asked) if asked in set(Language) else None


def _preferred(header: str) -> Language:
    """Return the best of our languages by an Accept-Language header (RFC 9110 12.5.4)."""
    best, best_weight = Language.VI, 0.0
    for match in _PREFERENCE.finditer(header[:_LONGEST_HEADER]):
        weight = _weight(match[2])
        name = match[1].lower()
        if name in set(Language) and weight > best_weight:
            best, best_weight = Language(name), weight
    return best


def _weight(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _hrefs(asked: Language | None) -> Callable[[str], str]:
    """Return what gives a path in the language somebody chose by hand, so that it stays chosen."""

    def href(path: str) -> str:
        return f"{path}{'&' if '?' in path else '?'}lang={asked}" if asked else path

    return href


def _other_language(request: web.Request, language: Language) -> str:
    other = Language.EN if language is Language.VI else Language.VI
    kept = {key: value for key, value in request.query.items() if key != "lang"}
    return f"{request.path}?{urlencode({**kept, 'lang': other.value})}"
