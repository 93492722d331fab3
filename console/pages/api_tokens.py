"""Tokens by which other software acts for an officer: one's own, and who keeps the house, all."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from bot.core.api_tokens import NEEDS, Scope
from bot.core.errors import RuleBroken
from bot.core.ids import ApiTokenId
from bot.core.officers import Act
from bot.services.api.tokens import DAYS, MOST_DAYS, NAME_LONGEST, MadeToken, NewToken
from console.forms import Problem
from console.routes import get, post
from console.visit import ROOT, Visit, see

_OFFERED_DAYS: Final = (30, 90, DAYS, MOST_DAYS)
_FIELD_OF: Final[Mapping[str, str]] = {
    "token_name_wrong": "name",
    "token_days_wrong": "days",
    "token_scopes_missing": "scopes",
    "token_scope_foreign": "scopes",
}


async def show(visit: Visit) -> web.StreamResponse:
    """List the tokens the officer sees."""
    return await _page(visit)


async def make(visit: Visit) -> web.StreamResponse:
    """Make a token; it is shown this once."""
    days = visit.form.text("days")
    new = NewToken(
        name=visit.form.text("name"),
        scopes=frozenset(Scope(one) for one in visit.form.texts("scope") if one in set(Scope)),
        days=int(days) if days in {str(one) for one in _OFFERED_DAYS} else 0,
    )
    try:
        made = await visit.services.api_tokens.make(visit.officer, new, by=visit.officer.id)
    except RuleBroken as broken:
        field = _FIELD_OF[broken.key]
        return await _page(visit, errors={field: Problem(key=broken.key, values=broken.values)})
    return await _page(visit, made=made)


async def show_revoke(visit: Visit) -> web.StreamResponse:
    """Say what revoking means before it is done."""
    listed = await visit.services.api_tokens.one(_id(visit), visit.officer)
    return visit.show("api_token_revoke.html", listed=listed)


async def revoke(visit: Visit) -> web.StreamResponse:
    """End a token at once."""
    await visit.services.api_tokens.revoke(_id(visit), by=visit.officer)
    return see(f"{ROOT}/khoa-api")


def _id(visit: Visit) -> ApiTokenId:
    return ApiTokenId(visit.part("token_id"))


async def _page(
    visit: Visit, *, made: MadeToken | None = None, errors: Mapping[str, Problem] | None = None
) -> web.Response:
    is_kept = made is not None
    return visit.show(
        "api_tokens.html",
        status=422 if errors else 200,
        listed=await visit.services.api_tokens.seen_by(visit.officer),
        made=made,
        offered=[scope for scope in Scope if visit.officer.may(NEEDS[scope])],
        offered_days=_OFFERED_DAYS,
        picked=() if is_kept else visit.form.texts("scope"),
        name="" if is_kept else visit.form.text("name"),
        days=visit.form.text("days") or str(DAYS),
        name_longest=NAME_LONGEST,
        public_url=visit.services.public_url,
        errors=errors or {},
    )


ROUTES = (
    get("/khoa-api", show, needs=Act.SEE),
    post("/khoa-api", make, needs=Act.SEE),
    get("/khoa-api/{token_id}/thu-hoi", show_revoke, needs=Act.SEE),
    post("/khoa-api/{token_id}/thu-hoi", revoke, needs=Act.SEE),
)
