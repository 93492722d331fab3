"""What the script of the tip form works with: rules to find danger by, sentences, where to send.

The rules are the same for everybody and may be kept by the browser; what the page needs to
seal (`bot.web.sealed_form`) is not, so it stands in the page.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import web
from markupsafe import Markup

from bot.core.languages import Language
from bot.services.answers.answers import Answers
from bot.services.tips.receiving.pictures import MOST_PICTURES
from bot.services.tips.receiving.tasks import PageTask
from bot.web.sealed_form import PATH as SEALED_PATH
from bot.web.sealed_form import task_for_script
from content.book import Book
from content.per_edition import PerEdition
from content.revealing import HintKind
from content.sentences import Voice

PATH: Final = "/to-giac/quy-tac.json"
_YEAR: Final = "public, max-age=31536000, immutable"
# Names in the script, sentences in section `web`.
_SENTENCES: Final[Mapping[str, str]] = {
    "about_officer": "tip_about_officer",
    "category": "tip_category",
    "danger_now": "tip_danger_now",
    "mark_urgent": "tip_mark_urgent",
    "marked_urgent": "tip_marked_urgent",
    "may_reveal": "tip_may_reveal",
    "no_inspectorate": "tip_no_inspectorate",
    "not_ready": "tip_not_ready",
    "not_sealable": "tip_not_sealable",
    "not_sent": "tip_not_sent",
    "nothing": "tip_nothing",
    "picture_number": "tip_picture_number",
    "picture_refused": "tip_picture_refused",
    "pictures_guarded": "tip_pictures_guarded",
    "pictures_here": "tip_pictures_here",
    "pictures_many": "tip_pictures_many",
    "pictures_slow": "tip_pictures_slow",
    "pictures_working": "tip_pictures_working",
    "remove_picture": "tip_picture_remove",
    "reveals_what": "tip_reveals_what",
    "review": "tip_review",
    "sealed_here": "tip_sealed_here",
    "sending": "tip_sending",
    "task_pick": "tip_task_pick",
    "urgent": "tip_urgent",
    "wait": "tip_wait",
    "yes": "tip_yes",
}
# What the script fills in, in braces.
_FILLED_THERE: Final[Mapping[str, str]] = {
    "danger_now": "number",
    "picture_number": "number",
    "picture_refused": "name",
    "wait": "seconds",
}


_MANY: Final = ("pictures_here", "pictures_many")


class TipPage:
    """Answers /to-giac/quy-tac.json, and knows what stands in the page itself."""

    def __init__(self, *, answers: Answers, book: Book, say: Voice, tips: Voice) -> None:
        self._say = say
        self._tips = tips
        rules = {"danger": answers.danger_for_pages(), "revealing": book.revealing.expressions}
        # Kept as it is sent: as a text it would take twice the memory.
        self._rules = msgspec.json.encode(rules)
        self._version = hashlib.sha256(self._rules).hexdigest()[:12]
        self._standing = PerEdition(book, self._standing_of)
        self._ground: tuple[Mapping[str, object], str] | None = None

    def data(
        self,
        ground: Mapping[str, object],
        language: Language,
        *,
        query: str,
        task: PageTask | None,
    ) -> Markup:
        """Return the data of the script as JSON that no tag and no comment can end.

        `query` keeps the language of the page, where somebody chose it.
        """
        if self._ground is None or self._ground[0] is not ground:
            self._ground = ground, _escaped({"ground": ground})
        own = _escaped({"path": SEALED_PATH + query, "task": task_for_script(task)})
        parts = (self._ground[1], own, self._standing()[language])
        joined = ",".join(part[1:-1] for part in parts)
        return Markup(f"{{{joined}}}")  # noqa: S704 - nothing that means something in HTML is left

    def _standing_of(self, book: Book) -> Mapping[Language, str]:
        """Return, for each language, the part that is the same for everybody."""
        return {
            language: _escaped(
                {
                    "rules": f"{PATH}?v={self._version}",
                    "most_pictures": MOST_PICTURES,
                    "numbers": {
                        rule.number: book.facts[rule.number].value[language]
                        for rule in book.danger.rules
                    },
                    "kinds": {
                        kind.value: self._tips(kind.sentence, language) for kind in HintKind
                    },
                    "say": {name: self._sentence(name, language) for name in _SENTENCES},
                }
            )
            for language in Language
        }

    def _sentence(self, name: str, language: Language) -> str:
        key = _SENTENCES[name]
        if name in _MANY:
            return self._say(key, language, most=MOST_PICTURES)
        value = _FILLED_THERE.get(name)
        filled = {value: f"{{{value}}}"} if value else {}
        return self._say(key, language, **filled)

    async def rules(self, request: web.Request) -> web.Response:
        """Answer with the rules."""
        response = web.Response(body=self._rules, content_type="application/json", charset="utf-8")
        response.enable_compression()
        is_named = request.query.get("v") == self._version
        response.headers["Cache-Control"] = _YEAR if is_named else "no-cache"
        return response

    def routes(self) -> list[web.RouteDef]:
        """Return the route of the rules."""
        return [web.get(PATH, self.rules)]


def _escaped(value: Mapping[str, object]) -> str:
    """Return an object as JSON without any sign that means something in HTML."""
    text = json.dumps(value)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
