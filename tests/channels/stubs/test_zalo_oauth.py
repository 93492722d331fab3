"""The stand-in of Zalo's OAuth: grants, codes, pairs that rotate."""

import json

import aiohttp
import pytest
from yarl import URL

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_grants import challenge_of
from tests.channels.stubs.zalo_line import CS, DAY_S, Line
from tests.channels.stubs.zalo_oauth import OauthManners


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


async def test_a_refresh_gives_a_new_pair_and_kills_the_old_one_at_once(line: Line) -> None:
    old = line.stub.tokens
    fresh = json.loads(await line.refresh(old.refresh_token))
    assert fresh["expires_in"] == "90000"
    assert fresh["access_token"] == line.stub.tokens.access_token
    body = {"recipient": {"user_id": line.person.user_id}, "message": {"text": "a"}}
    assert (await line.post(CS, body, {"access_token": old.access_token}))[0]["error"] == -216
    assert (await line.send())["error"] == 0
    assert await line.refresh(old.refresh_token) == ""
    assert [rule.rule for rule in line.stub.broken_rules] == ["a refresh token is used once"]


async def test_tokens_grow_old(line: Line) -> None:
    line.stub.clock.advance(25 * 3600)
    assert (await line.send())["error"] == -220
    line.stub.clock.advance(90 * DAY_S)
    said = json.loads(await line.refresh(line.stub.tokens.refresh_token))
    assert said["error"] == -14014
    assert line.stub.broken_rules == []


async def test_a_refresh_whose_answer_was_lost_may_be_tried_again(line: Line) -> None:
    old = line.stub.tokens.refresh_token
    line.stub.fail_next(FaultKind.CLOSE_AFTER, method="/v4/oa/access_token")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await line.refresh(old)
    assert await line.refresh(old) == ""
    assert line.stub.broken_rules == []


async def test_a_code_is_granted_and_used_once_within_ten_minutes(line: Line) -> None:
    verifier = "v" * 43
    query = {
        "app_id": line.stub.app.app_id,
        "redirect_uri": line.stub.app.redirect_uri,
        "code_challenge": challenge_of(verifier),
        "state": "s1",
    }
    codes = []
    for _ in range(3):
        async with line.client.get(
            "/v4/oa/permission", params=query, allow_redirects=False
        ) as answer:
            target = URL(answer.headers["Location"])
        assert (target.query["state"], target.query["oa_id"]) == ("s1", line.stub.oa.oa_id)
        codes.append(target.query["code"])
    grant = {"grant_type": "authorization_code", "code": codes[0]}
    assert json.loads((await line.token(**grant))[1])["error"] == -14012
    pair = json.loads((await line.token(**grant, code_verifier=verifier))[1])
    assert pair["access_token"] == line.stub.tokens.access_token
    again = json.loads((await line.token(**grant, code_verifier=verifier))[1])
    assert again["error"] == -14012
    line.stub.clock.advance(600)
    late = grant | {"code": codes[1]}
    said = json.loads((await line.token(**late, code_verifier=verifier))[1])
    assert said["error"] == -14012


async def test_a_wrong_redirect_lands_on_the_error_page(line: Line) -> None:
    query = {"app_id": line.stub.app.app_id, "redirect_uri": "http://127.0.0.1/other"}
    async with line.client.get("/v4/oa/permission", params=query, allow_redirects=False) as answer:
        assert "error_code=-14003" in answer.headers["Location"]


async def test_the_secret_belongs_into_the_header(line: Line) -> None:
    form = {"app_id": line.stub.app.app_id, "secret_key": line.stub.app.app_secret}
    async with line.client.post("/v4/oa/access_token", data=form) as answer:
        assert json.loads(await answer.text())["error"] == -14002
    assert len(line.stub.broken_rules) == 2


BAD_GRANTS = [
    {"app_id": "1"},
    {"grant_type": "password"},
    {"grant_type": "authorization_code", "code": "x"},
]


@pytest.mark.parametrize("form", BAD_GRANTS)
async def test_bad_grants_get_an_error_number(line: Line, form: dict[str, str]) -> None:
    line.stub.oauth.manners = OauthManners(quotes_error_numbers=True)
    said = json.loads((await line.token(**form))[1])
    assert said["error"] in {"-14002", "-14012"}


async def test_token_answers_have_their_oddities(line: Line) -> None:
    line.stub.oauth.manners = OauthManners(omits_refresh_token=True, expires_in_is_number=True)
    kept = line.stub.tokens.refresh_token
    for _ in range(2):
        said = json.loads(await line.refresh(kept))
        assert (said["expires_in"], "refresh_token" in said) == (90_000, False)
    assert line.stub.broken_rules == []
    async with line.client.post("/v4/oa/access_token", json={}) as answer:
        assert json.loads(await answer.text())["error"] == -14002


async def test_a_stranger_app_lands_on_the_error_page(line: Line) -> None:
    query = {"app_id": "1"}
    async with line.client.get("/v4/oa/permission", params=query, allow_redirects=False) as answer:
        assert "error_code=-14002" in answer.headers["Location"]


async def granted(line: Line, **query: str) -> URL:
    """Return where the permission page sends the browser."""
    asked = {"app_id": line.stub.app.app_id, "redirect_uri": line.stub.app.redirect_uri, **query}
    async with line.client.get("/v4/oa/permission", params=asked, allow_redirects=False) as answer:
        assert answer.status == 302
        return URL(answer.headers["Location"])


async def test_an_admin_may_refuse_and_a_human_sees_a_page(line: Line) -> None:
    line.stub.oauth.manners = OauthManners(admin_refuses=True)
    target = await granted(line)
    assert "code" not in target.query
    async with line.client.get(str(target)) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "-14024" in await answer.text()
    assert line.stub.broken_rules == []


async def test_an_app_must_be_active_and_approved(line: Line) -> None:
    line.stub.app.is_approved = False
    assert (await granted(line)).query["error_code"] == "-14029"
    line.stub.app.is_active = False
    assert (await granted(line)).query["error_code"] == "-14002"
    said = json.loads(await line.refresh(line.stub.tokens.refresh_token))
    assert said["error"] == -14002


async def test_the_state_may_be_lost_and_travel_in_the_redirect(line: Line) -> None:
    line.stub.oauth.manners = OauthManners(omits_state=True, ignores_redirect_query=True)
    redirect = f"{line.stub.app.redirect_uri}?proof=s1"
    target = await granted(line, redirect_uri=redirect, state="s1")
    assert ("state" in target.query, target.query["proof"]) == (False, "s1")


async def test_a_challenge_kept_in_the_console_counts_for_requests_without_one(
    line: Line,
) -> None:
    verifier = "w" * 43
    line.stub.oauth.manners = OauthManners(saved_challenge=challenge_of(verifier))
    code = (await granted(line)).query["code"]
    grant = {"grant_type": "authorization_code", "code": code}
    assert json.loads((await line.token(**grant))[1])["error"] == -14012
    pair = json.loads((await line.token(**grant, code_verifier=verifier))[1])
    assert "access_token" in pair


async def test_the_admin_chooses_among_several_accounts(line: Line) -> None:
    other = line.stub.add_oa("OA Khác")
    line.stub.oauth.grants.chosen_oa = other.oa_id
    before = line.stub.oauth.current(other.oa_id)
    target = await granted(line)
    assert target.query["oa_id"] == other.oa_id
    await line.token(grant_type="authorization_code", code=target.query["code"])
    assert line.stub.oauth.current(other.oa_id) != before


async def test_strange_parameters_and_challenges_are_written_down(line: Line) -> None:
    await granted(line, response_type="code", code_challenge="abc=")
    assert len(line.stub.broken_rules) == 2


async def test_a_reused_refresh_token_may_be_refused_in_words(line: Line) -> None:
    line.stub.oauth.manners = OauthManners(refuses_reuse=True, tells_refresh_life=True)
    old = line.stub.tokens.refresh_token
    assert json.loads(await line.refresh(old))["refresh_token_expires_in"] == "7776000"
    assert json.loads(await line.refresh(old))["error"] == -14014
    assert len(line.stub.broken_rules) == 1


LOST = [FaultKind.HTML_502, FaultKind.HTML_504, FaultKind.EMPTY, FaultKind.RUBBISH]


@pytest.mark.parametrize("kind", LOST)
async def test_a_rotation_can_happen_although_the_answer_is_rubbish(
    line: Line, kind: FaultKind
) -> None:
    old = line.stub.tokens
    line.stub.fail_next(kind, method="/v4/oa/access_token", accepted=True)
    await line.refresh(old.refresh_token)
    assert line.stub.tokens != old
    assert await line.refresh(old.refresh_token) == ""
    assert line.stub.broken_rules == []
