"""Who gets in: strangers, every scope at every endpoint, roles, foreign units, ended tokens."""

from dataclasses import replace

import pytest

from bot.app.api import made_api_tokens
from bot.core.api_tokens import NEEDS, Scope
from bot.core.officers import MAY, Role
from bot.web.api.announcements import ENDPOINTS
from bot.web.api.door import BURST, STRANGERS_BURST
from bot.web.api.endpoints import Endpoint
from tests.web.api.rig import API, DRAFT, Answer, Rig

NAMES = {f"{one.method} {one.path}": one for one in ENDPOINTS}
EVERYTHING = tuple(Scope)
SOME_ID = "0123456789ab"
BODIES = {
    "NewAnnouncement": DRAFT,
    "NewCorrection": {"title": "Họp", "text": "Lúc 20 giờ."},
    "Approval": {"mark": "x"},
}


async def ask(
    rig: Rig, endpoint: Endpoint, token: str = "", *, one: str = SOME_ID, **headers: str
) -> Answer:
    """Ask as the endpoint wants to be asked."""
    body = {"json": BODIES[endpoint.takes.__name__]} if endpoint.takes else {}
    path = API + endpoint.path.replace("{announcement_id}", one)
    return await rig.ask(endpoint.method, path, token=token, headers=headers, **body)


@pytest.mark.parametrize("name", NAMES)
async def test_a_stranger_gets_nowhere(rig: Rig, name: str) -> None:
    stranger = await ask(rig, NAMES[name])
    assert (stranger.status, stranger.key) == (401, "token_missing")
    assert stranger.headers["WWW-Authenticate"].startswith("Bearer")
    for wrong in ("byt_" + "A" * 43, "x", "byt_", "\u0111" * 8):
        refused = await ask(rig, NAMES[name], wrong)
        assert (refused.status, refused.key) == (401, "token_wrong")
    basic = await ask(rig, NAMES[name], Authorization="Basic bGFuOmxhbg==")
    assert (basic.status, basic.key) == (401, "token_missing")


@pytest.mark.parametrize("name", NAMES)
async def test_an_endpoint_opens_to_its_scope_and_no_other(rig: Rig, name: str) -> None:
    endpoint = NAMES[name]
    for scope in Scope:
        answer = await ask(rig, endpoint, await rig.caller(scope))
        if scope is endpoint.scope:
            assert answer.status not in {401, 403, 500}, answer.text
            assert answer.status in endpoint.statuses
        else:
            assert (answer.status, answer.key) == (403, "scope_missing")
            assert "insufficient_scope" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", Role)
async def test_a_token_may_no_more_than_its_officer(rig: Rig, name: str, role: Role) -> None:
    """The roles may have changed since the token was made."""
    endpoint = NAMES[name]
    officer = await rig.officer("lan", *Role)
    made = await rig.token(officer, *EVERYTHING)
    async with rig.program.storage.begin() as work:
        await work.officers.save(replace(officer, roles=frozenset({role})))
        await work.commit()
    answer = await ask(rig, endpoint, made.text)
    if NEEDS[endpoint.scope] in MAY[role]:
        assert answer.status not in {401, 403, 500}
    else:
        assert (answer.status, answer.key) == (403, "role_missing")


WITH_ID = [name for name, one in NAMES.items() if "{" in one.path]


@pytest.mark.parametrize("name", WITH_ID)
async def test_what_belongs_to_another_unit_is_not_there(rig: Rig, name: str) -> None:
    endpoint = NAMES[name]
    writer = await rig.caller(*EVERYTHING)
    ours = await rig.draft(writer)
    foreign = await rig.caller(*EVERYTHING, unit=rig.elsewhere)
    answer = await ask(rig, endpoint, foreign, one=ours)
    missing = await ask(rig, endpoint, foreign, one=SOME_ID)
    assert (answer.status, answer.key) == (missing.status, missing.key) == (404, "not_found")
    assert answer.text == missing.text
    still = await rig.get(f"/announcements/{ours}", writer)
    assert still.json["state"] == "draft"


async def test_nothing_is_written_for_another_unit(rig: Rig) -> None:
    foreign = await rig.caller(*EVERYTHING, unit=rig.elsewhere)
    for unit in ("T1", "XA", "NOWHERE"):
        refused = await rig.post("/announcements", foreign, json={**DRAFT, "unit": unit})
        assert (refused.status, refused.key) == (422, "fields_wrong")
        assert refused.fields == {"unit": "no unit of yours has this code"}
    own = await rig.post("/announcements", foreign, json={**DRAFT, "unit": "T2"})
    assert own.status == 201
    listed = await rig.get("/announcements", foreign)
    assert [one["unit"] for one in listed.json["announcements"]] == ["T2"]


@pytest.mark.parametrize("name", NAMES)
async def test_a_token_that_has_ended_opens_nothing(rig: Rig, name: str) -> None:
    endpoint, tokens = NAMES[name], made_api_tokens(rig.program)
    officer = await rig.officer("lan", *Role)
    revoked, closed = [await rig.token(officer, *EVERYTHING) for _ in range(2)]
    assert (await ask(rig, endpoint, revoked.text)).status != 401
    await tokens.revoke(revoked.token.id, by=officer)
    refused = await ask(rig, endpoint, revoked.text)
    assert (refused.status, refused.key) == (401, "token_wrong")
    async with rig.program.storage.begin() as work:
        await work.officers.save(replace(officer, is_active=False))
        await work.commit()
    assert (await ask(rig, endpoint, closed.text)).status == 401


async def test_a_token_that_asks_too_often_waits_and_others_do_not(rig: Rig) -> None:
    busy, calm = await rig.caller(Scope.READ), await rig.caller(Scope.READ)
    for _ in range(BURST):
        assert (await rig.get("/announcements", busy)).status == 200
    refused = await rig.get("/announcements", busy)
    assert (refused.status, refused.key) == (429, "too_many")
    assert refused.headers["Retry-After"] == "1"
    assert (await rig.get("/announcements", calm)).status == 200
    rig.clock.advance(1)
    assert (await rig.get("/announcements", busy)).status == 200


async def test_strangers_who_guess_wait_and_who_has_a_token_does_not(rig: Rig) -> None:
    token = await rig.caller(Scope.READ)
    statuses = {(await rig.get("/announcements", "byt_wrong")).status for _ in range(20)}
    assert (STRANGERS_BURST, statuses) == (20, {401})
    refused = await rig.get("/announcements", "byt_wrong")
    assert (refused.status, refused.key) == (429, "too_many")
    assert (await rig.get("/announcements")).status == 429
    assert (await rig.get("/announcements", token)).status == 200


async def test_an_officers_cookie_opens_nothing_here(rig: Rig) -> None:
    officer = await rig.officer("lan", *Role)
    signed_in = await rig.program.officer_services.sign_ins.sign_in(
        officer.login, "bốn từ ghép lại dễ nhớ"
    )
    assert signed_in is not None
    cookie = {"Cookie": f"binhyen_session={signed_in.token}"}
    assert (await rig.get("/announcements", headers=cookie)).status == 401


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("GET /nothing", "not_found"),
        ("GET ", "not_found"),
        ("GET /announcements/short", "not_found"),
        ("GET /announcements/%00123456789a", "not_found"),
        (f"DELETE /announcements/{SOME_ID}", "method_wrong"),
        ("PUT /announcements", "method_wrong"),
    ],
)
async def test_what_is_not_there_is_said_in_the_same_form(rig: Rig, asked: str, key: str) -> None:
    method, _, path = asked.partition(" ")
    answer = await rig.ask(method, API + path)
    assert (answer.status, answer.key) == (404 if key == "not_found" else 405, key)
    assert ("Allow" in answer.headers) == (key == "method_wrong")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_refusal_is_said_in_vietnamese_to_who_asks_for_it(rig: Rig) -> None:
    answer = await rig.get("/announcements", headers={"Accept-Language": "vi-VN,vi;q=0.9"})
    assert answer.json["error"]["message"].startswith("Cần gửi khóa")
