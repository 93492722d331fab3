"""Articles, broadcasts of them, and the withdrawn promotion and transaction messages.

All but transactions are refused at night. What is charged for them is not played.
"""

from collections.abc import Mapping
from typing import Final, cast

from aiohttp import web

from tests.channels.stubs.sent_log import Sent, SentFile
from tests.channels.stubs.zalo_accounts import ZaloOa
from tests.channels.stubs.zalo_answers import ZaloRefusal, envelope, too_much, wrong
from tests.channels.stubs.zalo_groups import VIETNAM
from tests.channels.stubs.zalo_messages import object_at, string_at
from tests.channels.stubs.zalo_windows import admit_promotion, check_bar_of, check_day
from tests.channels.stubs.zalo_world import ApiAnswer, Calls, ZaloWorld, json_body

PROMOTION: Final = "/v3.0/oa/message/promotion"
TRANSACTION: Final = "/v3.0/oa/message/transaction"
FOLLOWERS: Final = "followers"
BROADCASTS_PER_MONTH: Final = 40
ARTICLE_TAKES_S: Final = 60.0
ELEMENT_MAX: Final[Mapping[str, int]] = {"header": 100, "text": 1000}

_TARGETS: Final[Mapping[str, range]] = {
    "ages": range(8),
    "gender": range(3),
    "locations": range(3),
    "cities": range(64),
    "platform": range(1, 4),
}


class ZaloBroadcastCalls:
    """The calls that speak to many, or sell."""

    def __init__(self, world: ZaloWorld) -> None:
        self._world = world
        self._begun: dict[str, float] = {}
        self._articles: set[str] = set()
        self._months: dict[tuple[str, str], int] = {}

    def calls(self) -> Calls:
        """Return the calls by their address."""
        return {
            "/v2.0/oa/article/create": ("POST", self._create),
            "/v2.0/oa/article/verify": ("POST", self._verify),
            PROMOTION: ("POST", self._promote),
            TRANSACTION: ("POST", self._transact),
        }

    async def _create(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        string_at(await json_body(request), "title")
        token = self._world.ids.handle()
        self._begun[token] = self._world.clock.seconds()
        return ApiAnswer(body=envelope({"token": token}))

    async def _verify(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        token = string_at(await json_body(request), "token")
        if token not in self._begun:
            raise ZaloRefusal(-201, "token is invalid")
        if self._world.clock.seconds() - self._begun[token] < ARTICLE_TAKES_S:
            raise ZaloRefusal(-214, "Article is being processed")
        self._articles.add(token)
        return ApiAnswer(body=envelope({"id": token}))

    def broadcast(self, body: Mapping[str, object], oa: ZaloOa) -> ApiAnswer:
        """Send an article to followers; ZaloRefusal -233 for anything but an article."""
        target = object_at(object_at(body, "recipient"), "target")
        for name, value in target.items():
            if name not in _TARGETS or not _are_numbers(value, within=_TARGETS[name]):
                raise wrong(f"{name[:30]} is invalid", rule="a target that exists")
        payload = object_at(object_at(object_at(body, "message"), "attachment"), "payload")
        elements = payload.get("elements")
        if not isinstance(elements, list) or len(elements) != 1:
            raise wrong("elements is invalid", rule="one element")
        element = object_at({"element": elements[0]}, "element")
        if (payload.get("template_type"), element.get("media_type")) != ("media", "article"):
            raise ZaloRefusal(
                -233, "Message type is not supported", rule="only articles are broadcast"
            )
        check_day(self._world.clock.now())
        article = string_at(element, "attachment_id")
        if article not in self._articles:
            raise ZaloRefusal(-201, "attachment_id is invalid")
        month = self._world.clock.now().astimezone(VIETNAM).strftime("%Y-%m")
        done = self._months.get((oa.oa_id, month), 0)
        if done >= BROADCASTS_PER_MONTH:
            raise ZaloRefusal(-211, "Quota of broadcasts is used up for this month")
        self._months[oa.oa_id, month] = done + 1
        sent = self._record("message/broadcast", to=FOLLOWERS, text="", article=article)
        return ApiAnswer(body=envelope({"message_id": sent.message_id}))

    async def _promote(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        return await self._sell(request, oa, is_promotion=True)

    async def _transact(self, request: web.Request, oa: ZaloOa) -> ApiAnswer:
        return await self._sell(request, oa, is_promotion=False)

    async def _sell(self, request: web.Request, oa: ZaloOa, *, is_promotion: bool) -> ApiAnswer:
        body = await json_body(request)
        if not self._world.sending.promotions_are_open:
            raise ZaloRefusal(
                -240, "This message API is closed", rule="nothing built on withdrawn messages"
            )
        user_id = string_at(object_at(body, "recipient"), "user_id")
        payload = object_at(object_at(object_at(body, "message"), "attachment"), "payload")
        expected = "promotion" if is_promotion else "transaction_"
        if not string_at(payload, "template_type").startswith(expected):
            raise wrong("template_type is invalid", rule="the template_type of this call")
        text = _texts_of(payload)
        person, now = self._world.person(oa, user_id), self._world.clock.now()
        data: dict[str, object] = {
            "user_id": user_id,
            "sent_time": str(self._world.clock.now_ms()),
        }
        if is_promotion:
            data["quota"] = admit_promotion(person, now=now)
        else:
            check_bar_of(person, now=now)
        method = "message/promotion" if is_promotion else "message/transaction"
        sent = self._record(method, to=user_id, text=text)
        return ApiAnswer(body=envelope({"message_id": sent.message_id, **data}))

    def _record(self, method: str, *, to: str, text: str, article: str = "") -> Sent:
        sent = Sent(
            method=method,
            to=to,
            text=text,
            message_id=self._world.ids.handle(),
            at=self._world.clock.now(),
            at_s=self._world.clock.seconds(),
            file=SentFile(kind="article", reference=article) if article else None,
        )
        self._world.sent.add(sent)
        return sent


def _are_numbers(value: object, *, within: range) -> bool:
    if not isinstance(value, str):
        return False
    return all(part.isdecimal() and int(part) in within for part in value.split(","))


def _texts_of(payload: Mapping[str, object]) -> str:
    """Return the words of a promotion or transaction; -210 if one is too long."""
    elements = payload.get("elements")
    if not isinstance(elements, list):
        raise wrong("elements is invalid", rule="elements are objects")
    words: list[str] = []
    for element in cast(list[object], elements):
        part = object_at({"element": element}, "element")
        kind = string_at(part, "type")
        if kind not in {"banner", "header", "text", "table"}:
            raise wrong("type is invalid", rule="an element that exists")
        content = part.get("content", "")
        if isinstance(content, str):
            if len(content) > ELEMENT_MAX.get(kind, len(content)):
                raise too_much(f"{kind} is too long", rule=f"{kind} at most {ELEMENT_MAX[kind]}")
            words.append(content)
    return "\n".join(word for word in words if word)
