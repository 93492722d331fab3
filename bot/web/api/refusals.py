"""Every refusal of the API in one form: a status, a key, a sentence, the fields that are wrong."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from bot.core.errors import RuleBroken
from bot.core.languages import Language
from bot.web.api.shapes import Fault, Problem
from content.book import Book
from content.faults import ContentError

PROBLEM: Final = "application/problem+json"
KEYS: Final = (
    *("bad_request", "body_unreadable", "token_missing", "token_wrong", "scope_missing"),
    *("role_missing", "not_found", "method_wrong", "plan_over", "key_reused", "body_too_large"),
    *("body_not_json", "fields_wrong", "too_many", "failed", "unavailable", "refused"),
)
# What is wrong with what was written belongs to its field; everything else to the state of things.
_FIELD_OF: Final[Mapping[str, str]] = {
    "title_wrong": "title",
    "text_wrong": "text",
    "text_unreadable": "text",
    "text_place_unknown": "text",
    "text_place_empty": "text",
    "due_wrong": "due_at",
    "audience_empty": "without_units",
    "topic_unknown": "topics",
    "topics_urgent": "topics",
    "link_label_wrong": "links",
    "link_wrong": "links",
}
_KEY_OF_STATUS: Final[Mapping[int, str]] = {
    400: "bad_request",
    404: "not_found",
    405: "method_wrong",
    413: "body_too_large",
    415: "body_not_json",
}


class Refusal(Exception):
    """A request is refused; `key` names the sentence of section "api" that says why."""

    def __init__(
        self,
        status: int,
        key: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **values: str | int,
    ) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.fields = fields or {}
        self.headers = headers or {}
        self.values = values


class Refusals:
    """Spells refusals in the language that is asked for."""

    def __init__(self, book: Book) -> None:
        """Raise `ContentError` if a sentence is missing."""
        self._say = book.voice("api", *KEYS)
        self._rules = book.voice("refusals")

    def of(self, refusal: Refusal, language: Language) -> web.Response:
        """Return the answer for a refusal of the API itself."""
        fault = Fault(
            key=refusal.key,
            message=self._say(refusal.key, language, **refusal.values),
            fields=dict(refusal.fields),
        )
        return _answer(refusal.status, fault, refusal.headers)

    def of_rule(
        self, broken: RuleBroken, language: Language, asked: msgspec.Struct | None
    ) -> web.Response:
        """Return the answer for an act that a use case does not allow; `asked` is the body."""
        message = self._sentence(broken, language)
        named = _FIELD_OF.get(broken.key, "")
        field = named if hasattr(asked, named) else ""
        fields = {field: message} if field else {}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if field else HTTPStatus.CONFLICT
        return _answer(status, Fault(key=broken.key, message=message, fields=fields), {})

    def of_status(
        self, status: int, headers: Mapping[str, str], language: Language
    ) -> web.Response:
        """Return the answer for what the server itself refuses."""
        kept = {name: headers[name] for name in ("Allow", "Retry-After") if name in headers}
        key = _KEY_OF_STATUS.get(status, "bad_request")
        return self.of(Refusal(status, key, headers=kept), language)

    def _sentence(self, broken: RuleBroken, language: Language) -> str:
        values = {name: str(value) for name, value in broken.values.items()}
        try:
            return self._rules(broken.key, language, **values)
        except ContentError:
            return self._say("refused", language)


def _answer(status: int, fault: Fault, headers: Mapping[str, str]) -> web.Response:
    problem = Problem(status=status, title=HTTPStatus(status).phrase, error=fault)
    return web.Response(
        body=msgspec.json.encode(problem),
        status=status,
        headers={"Cache-Control": "no-store", **headers},
        content_type=PROBLEM,
    )
