"""The stand-in of Zalo's OAuth: grants, codes, pairs that rotate."""

import base64
import hashlib
import json

import aiohttp
import pytest
from yarl import URL

from tests.channels.stubs.fault_script import FaultKind
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
        "code_challenge": _challenge(verifier),
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


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


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
