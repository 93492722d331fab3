"""The stand-in of Zalo keeps the platform's rules: tried with a plain HTTP client."""

import hashlib
import hmac
import json
from typing import cast

import aiohttp
import pytest

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_accounts import Billing, OaBar, PersonBar
from tests.channels.stubs.zalo_line import ASK, CS, DAY_S, LINK, Json, Line, buttons
from tests.channels.stubs.zalo_stub import ZaloStub


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


GROUP_MESSAGE = "/v3.0/oa/group/message"


async def test_a_message_is_shown_with_ids_as_strings(line: Line) -> None:
    said = await line.send(buttons(ASK, LINK))
    sent = (await line.stub.wait_for_sent(1))[0]
    data = cast(Json, said["data"])
    assert (said["error"], data["message_id"]) == (0, sent.message_id)
    assert int(cast(str, data["user_id"])) > 2**53
    assert [button.payload for button in sent.buttons] == ["/trogiup", "https://example.org/"]
    assert cast(Json, data["quota"])["quota_type"] == "reply"
    assert line.stub.broken_rules == []


async def test_only_the_header_access_token_counts(line: Line) -> None:
    bearer = {"Authorization": f"Bearer {line.stub.tokens.access_token}"}
    body = {"recipient": {"user_id": line.person.user_id}, "message": {"text": "a"}}
    assert (await line.post(CS, body, bearer))[0]["error"] == -216
    assert (await line.post(CS, body, {"access_token": "at-wrong"}))[0]["error"] == -216
    assert len(line.stub.broken_rules) == 1
    assert line.stub.tokens.access_token not in repr(line.stub.broken_rules)


async def test_the_app_secret_proof_is_checked_where_it_is_switched_on(line: Line) -> None:
    line.stub.app.checks_proof = True
    assert (await line.send())["error"] == -242
    token, secret = line.stub.tokens.access_token, line.stub.app.app_secret
    proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    body = {"recipient": {"user_id": line.person.user_id}, "message": {"text": "a"}}
    said, _ = await line.post(CS, body, line.headers() | {"appsecret_proof": proof})
    assert said["error"] == 0


WINDOW = [
    ("just now", 0.0, 0, "reply"),
    ("48 hours", 2 * DAY_S, 0, "reply"),
    ("beyond 48 hours", 2 * DAY_S + 1, 0, "sub_quota"),
    ("7 days", 7 * DAY_S, 0, "sub_quota"),
    ("beyond 7 days", 7 * DAY_S + 1, -230, None),
]


@pytest.mark.parametrize(("silent_s", "code", "quota"), [row[1:] for row in WINDOW])
async def test_the_window_of_a_person_closes_with_time(
    line: Line, silent_s: float, code: int, quota: str | None
) -> None:
    line.stub.clock.advance(silent_s)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    said = await line.send()
    assert said["error"] == code
    if quota is not None:
        assert cast(Json, cast(Json, said["data"])["quota"])["quota_type"] == quota
    assert line.stub.broken_rules == []


BILLS = [(Billing.PAYS, 0), (Billing.USED_UP, -211), (Billing.NOT_LINKED, -320)]


@pytest.mark.parametrize(("billing", "code"), [*BILLS, (Billing.OUT_OF_MONEY, -321)])
async def test_when_quotas_are_used_up_messages_are_billed(
    line: Line, billing: Billing, code: int
) -> None:
    line.stub.oa.sub_quota = line.stub.oa.purchase_quota = 1
    line.stub.oa.billing = billing
    line.stub.clock.advance(3 * DAY_S)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    assert [(await line.send())["error"] for _ in range(3)] == [0, 0, code]


async def test_a_silent_follower_gets_three_words_of_welcome(line: Line) -> None:
    silent, stranger = line.stub.person(), line.stub.person()
    stranger.is_follower = False
    codes = [(await line.send(to=silent.user_id))["error"] for _ in range(4)]
    assert codes == [0, 0, 0, -230]
    assert (await line.send(to=stranger.user_id))["error"] == -213


@pytest.mark.parametrize("bar", [*PersonBar, *OaBar])
async def test_people_and_accounts_can_be_barred(line: Line, bar: PersonBar | OaBar) -> None:
    if isinstance(bar, PersonBar):
        line.person.bar = bar
    else:
        line.stub.oa.bar = bar
    assert (await line.send())["error"] == int(bar)
    assert line.stub.broken_rules == []


async def test_a_full_minute_is_refused_until_the_next(line: Line) -> None:
    line.stub.oa.limit_per_minute = 2
    body = {"recipient": {"user_id": line.person.user_id}, "message": {"text": "a"}}
    answers = [await line.post(CS, body) for _ in range(3)]
    assert [said["error"] for said, _ in answers] == [0, 0, -32]
    assert [headers["X-RateLimit-Remain"] for _, headers in answers] == ["1", "0", "0"]
    assert "OA" in str(answers[2][0]["message"])
    line.stub.clock.advance(60)
    assert (await line.send())["error"] == 0
    assert [rule.rule for rule in line.stub.broken_rules] == ["pace of the OA"]
    line.stub.app.limit_per_minute = 1
    assert "application" in str((await line.send())["message"])


async def test_the_busiest_minute_is_any_sixty_seconds(line: Line) -> None:
    # Three minutes with two requests each, but four of them within one sixty seconds.
    for pause_s in (55, 1, 20, 1, 100, 1):
        line.stub.clock.advance(pause_s)
        await line.send()
    assert line.stub.limits.busiest_minute() == 4
    assert line.stub.limits.busiest_minute(line.stub.oa) == 4
    assert line.stub.limits.busiest_minute(line.stub.add_oa("OA Khác")) == 0


async def test_an_account_tells_about_itself_and_its_people(line: Line) -> None:
    about = cast(Json, (await line.get("/v2.0/oa/getoa"))["data"])
    assert about["oaid"] == line.stub.oa.oa_id
    line.stub.oa.about = {"oaid": None, "oa_id": line.stub.oa.oa_id, "package_name": "Basic"}
    about = cast(Json, (await line.get("/v2.0/oa/getoa"))["data"])
    assert (about["oa_id"], "oaid" in about) == (line.stub.oa.oa_id, False)
    asked = json.dumps({"user_id": line.person.user_id})
    detail = cast(Json, (await line.get("/v3.0/oa/user/detail", data=asked))["data"])
    assert detail["display_name"] == "Người Thử"
    line.stub.app.is_outside_vietnam = True
    detail = cast(Json, (await line.get("/v3.0/oa/user/detail", data=asked))["data"])
    assert "display_name" not in detail
    wrong = await line.get("/v3.0/oa/user/detail", user_id=line.person.user_id)
    assert wrong["error"] == -201


async def test_uploads_are_kept_for_seven_days(line: Line) -> None:
    said = await line.upload("file", name="bao-cao.pdf", size_bytes=400)
    token = cast(Json, said["data"])["token"]
    file = {"attachment": {"type": "file", "payload": {"token": token}}}
    assert (await line.send(file))["error"] == 0
    kept = line.stub.sent[0].file
    assert kept is not None
    assert (kept.name, kept.size_bytes) == ("bao-cao.pdf", 400)
    line.stub.clock.advance(7 * DAY_S)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    assert (await line.send(file))["error"] == -100


UPLOADS = [
    (("image", "a.jpg", 1024 * 1024), 0),
    (("image", "a.jpg", 1024 * 1024 + 1), -210),
    (("image", "a.pdf", 10), -201),
    (("gif", "a.gif", 10), 0),
    (("file", "a.xlsx", 10), -201),
]


@pytest.mark.parametrize(("upload", "code"), UPLOADS)
async def test_uploads_have_types_and_sizes(
    line: Line, upload: tuple[str, str, int], code: int
) -> None:
    kind, name, size_bytes = upload
    assert (await line.upload(kind, name=name, size_bytes=size_bytes))["error"] == code


async def test_a_file_without_an_ending_is_lost_without_a_word(line: Line) -> None:
    said = await line.upload("file", name="khongduoi", size_bytes=10)
    assert (said["error"], said["data"]) == (0, {})


async def test_there_are_no_uploads_in_version_three(line: Line) -> None:
    async with line.client.post("/v3.0/oa/upload/image", headers=line.headers()) as answer:
        assert answer.status == 404


async def test_a_group_takes_messages_while_it_is_enabled(line: Line) -> None:
    group = line.stub.group()
    body = {"recipient": {"group_id": group.group_id}, "message": {"text": "Chào nhóm"}}
    said, _ = await line.post(GROUP_MESSAGE, body)
    assert cast(Json, said["data"])["group_id"] == group.group_id
    assert [sent.to for sent in line.stub.sent] == [group.group_id]
    group.is_enabled = False
    assert (await line.post(GROUP_MESSAGE, body))[0]["error"] == -237
    body["recipient"] = {"group_id": "00ff"}
    assert (await line.post(GROUP_MESSAGE, body))[0]["error"] == -403


async def test_a_scripted_refusal_has_the_platforms_shape(line: Line) -> None:
    line.stub.fail_next(FaultKind.REFUSED, method=CS, code=-32, text="Your OA reached its limit")
    line.stub.fail_next(FaultKind.REFUSED, method="/v4/oa/access_token", code=-14014)
    assert await line.send() == {"error": -32, "message": "Your OA reached its limit"}
    refused = json.loads(await line.refresh(line.stub.tokens.refresh_token))
    assert refused["error"] == -14014
    assert line.stub.faults.is_empty


async def test_nobody_is_nobody(line: Line) -> None:
    assert (await line.send(to="1"))["error"] == -201
    assert line.stub.broken_rules == []


async def test_a_token_does_not_belong_into_the_address(line: Line) -> None:
    said = await line.get("/v2.0/oa/getoa", access_token=line.stub.tokens.access_token)
    assert said["error"] == -216


async def test_uploads_need_a_multipart_field_and_a_short_name(line: Line) -> None:
    async with line.client.post(
        "/v2.0/oa/upload/image", json={}, headers=line.headers()
    ) as answer:
        assert (await answer.json())["error"] == -201
    headers = line.headers() | {"Content-Type": "multipart/form-data; boundary=b"}
    async with line.client.post(
        "/v2.0/oa/upload/image", data=b"--b\r\n", headers=headers
    ) as answer:
        assert (await answer.json())["error"] == -201
    form = aiohttp.FormData({"file": "text"}, default_to_multipart=True)
    async with line.client.post(
        "/v2.0/oa/upload/image", data=form, headers=line.headers()
    ) as answer:
        assert (await answer.json())["error"] == -201
    long = await line.upload("image", name="a" * 200 + ".jpg", size_bytes=10)
    assert long["error"] == -210


async def test_zalo_can_vanish_and_come_back(line: Line) -> None:
    await line.stub.go_down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await line.send()
    await line.stub.come_back()
    assert (await line.send())["error"] == 0


async def test_in_an_open_house_everybody_is_known() -> None:
    stub = ZaloStub(open_house=True)
    stub.app.limit_per_minute = None
    async with stub, aiohttp.ClientSession(stub.url) as client:
        body = {"recipient": {"user_id": "42"}, "message": {"text": "a"}}
        headers = {"access_token": stub.tokens.access_token}
        async with client.post(CS, json=body, headers=headers) as answer:
            assert (await answer.json())["error"] == 0
            assert "X-RateLimit-Limit" not in answer.headers
    assert [sent.to for sent in stub.sent] == ["42"]
