"""The stand-in of Zalo keeps the platform's rules: tried with a plain HTTP client."""

import base64
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import cast

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.webhook_ear import Heard, WebhookEar
from tests.channels.stubs.zalo_accounts import Billing, OaBar, PersonBar, ZaloPerson
from tests.channels.stubs.zalo_oauth import OauthManners
from tests.channels.stubs.zalo_stub import EchoTiming, ZaloStub
from tests.channels.stubs.zalo_webhook import (
    LADDER_S,
    RepeatOn,
    Signature,
    WebhookManners,
)

CS = "/v3.0/oa/message/cs"
GROUP_MESSAGE = "/v3.0/oa/group/message"
DAY_S = 86_400.0
Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A stub with one person who just wrote, and a client that talks to it."""

    stub: ZaloStub
    client: aiohttp.ClientSession
    person: ZaloPerson

    def headers(self) -> dict[str, str]:
        return {"access_token": self.stub.tokens.access_token}

    async def post(
        self, path: str, body: object, headers: dict[str, str] | None = None
    ) -> tuple[Json, dict[str, str]]:
        async with self.client.post(
            path, json=body, headers=self.headers() if headers is None else headers
        ) as answer:
            assert answer.status == 200
            return await answer.json(), dict(answer.headers)

    async def send(self, message: object = None, to: object = None) -> Json:
        body = {
            "recipient": {"user_id": self.person.user_id if to is None else to},
            "message": {"text": "Chào bà con"} if message is None else message,
        }
        return (await self.post(CS, body))[0]

    async def get(self, path: str, **query: str) -> Json:
        async with self.client.get(path, params=query, headers=self.headers()) as answer:
            return cast(Json, await answer.json())

    async def upload(self, kind: str, *, name: str, size_bytes: int) -> Json:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(b"x" * size_bytes), filename=name)
        path = f"/v2.0/oa/upload/{kind}"
        async with self.client.post(path, data=form, headers=self.headers()) as answer:
            return cast(Json, await answer.json())

    async def token(self, **form: str) -> tuple[int, str]:
        form = {"app_id": self.stub.app.app_id, **form}
        headers = {"secret_key": self.stub.app.app_secret}
        async with self.client.post("/v4/oa/access_token", data=form, headers=headers) as answer:
            return answer.status, await answer.text()

    async def refresh(self, refresh_token: str) -> str:
        return (await self.token(grant_type="refresh_token", refresh_token=refresh_token))[1]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    stub = ZaloStub(clock=StubClock(frozen=True))
    async with stub, aiohttp.ClientSession(stub.url) as client:
        person = stub.person()
        person.last_interaction_at = stub.clock.now()
        yield Line(stub=stub, client=client, person=person)


@pytest.fixture
async def ear() -> AsyncIterator[WebhookEar]:
    async with WebhookEar() as listening:
        yield listening


def buttons(*rows: Json, text: str = "Bà con chọn") -> Json:
    payload = {"buttons": list(rows)}
    return {"text": text, "attachment": {"type": "template", "payload": payload}}


def media(element: Json) -> Json:
    payload = {"template_type": "media", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


ASK: Json = {"title": "Trợ giúp", "type": "oa.query.hide", "payload": "/trogiup"}
LINK: Json = {"title": "Mở", "type": "oa.open.url", "payload": {"url": "https://example.org/"}}


async def test_a_message_is_shown_with_ids_as_strings(line: Line) -> None:
    said = await line.send(buttons(ASK, LINK))
    sent = (await line.stub.wait_for_sent(1))[0]
    data = cast(Json, said["data"])
    assert (said["error"], data["message_id"]) == (0, sent.message_id)
    assert int(cast(str, data["user_id"])) > 2**53
    assert [button.payload for button in sent.buttons] == ["/trogiup", "https://example.org/"]
    assert cast(Json, data["quota"])["quota_type"] == "reply"
    assert line.stub.broken_rules == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    id: str
    message: object
    code: int
    to: object = None


WRONG = [
    Wrong(id="2001 code points", message={"text": "đ" * 2001}, code=-210),
    Wrong(id="no text", message={"text": ""}, code=-201),
    Wrong(id="text is a number", message={"text": 5}, code=-201),
    Wrong(id="a message that is none", message="Chào", code=-201),
    Wrong(id="id as a number", message={"text": "a"}, to=2_345_678_901_234_567_891, code=-201),
    Wrong(id="unknown key", message={"text": "a", "parse_mode": "HTML"}, code=-201),
    Wrong(id="six buttons", message=buttons(*[ASK] * 6), code=-210),
    Wrong(id="button without a title", message=buttons(ASK | {"title": ""}), code=-201),
    Wrong(id="button of no kind", message=buttons(ASK | {"type": "oa.dance"}), code=-201),
    Wrong(id="payload too long", message=buttons(ASK | {"payload": "a" * 1001}), code=-210),
    Wrong(id="link as a string", message=buttons(LINK | {"payload": "https://a.vn"}), code=-201),
    Wrong(id="buttons alone", message=buttons(ASK, text=""), code=-201),
    Wrong(
        id="image without its wrapper",
        message={"attachment": {"type": "image", "payload": {"url": "https://a.vn/a.jpg"}}},
        code=-201,
    ),
    Wrong(
        id="gif without measures",
        message=media({"media_type": "gif", "url": "https://a.vn/a.gif"}),
        code=-201,
    ),
    Wrong(
        id="file by attachment id",
        message={"attachment": {"type": "file", "payload": {"attachment_id": "1"}}},
        code=-201,
    ),
    Wrong(
        id="a list",
        message={
            "attachment": {
                "type": "template",
                "payload": {"template_type": "list", "elements": [{"title": "a"}]},
            }
        },
        code=-233,
    ),
    Wrong(id="elements empty", message=media({}) | {"text": 1}, code=-201),
    Wrong(id="media of no kind", message=media({"media_type": "film", "url": "a"}), code=-201),
    Wrong(id="sticker by url", message=media({"media_type": "sticker", "url": "a"}), code=-201),
    Wrong(
        id="two elements",
        message={
            "attachment": {
                "type": "template",
                "payload": {"template_type": "media", "elements": [{}, {}]},
            }
        },
        code=-210,
    ),
    Wrong(
        id="no elements",
        message={"attachment": {"type": "template", "payload": {"elements": []}}},
        code=-201,
    ),
    Wrong(
        id="buttons that are no list",
        message={"text": "a", "attachment": {"type": "template", "payload": {"buttons": {}}}},
        code=-201,
    ),
    Wrong(id="button to nowhere", message=buttons(LINK | {"payload": {"url": "nha"}}), code=-201),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
async def test_what_breaks_a_rule_is_refused_and_written_down(line: Line, case: Wrong) -> None:
    said = await line.send(case.message, to=case.to)
    assert (said["error"], "data" in said) == (case.code, False)
    assert [rule.method for rule in line.stub.broken_rules] == [CS]
    assert line.stub.sent == []


async def test_two_thousand_code_points_and_five_buttons_are_allowed(line: Line) -> None:
    said = await line.send(buttons(*[ASK] * 5, text="😀" * 2000))
    assert said["error"] == 0


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


async def test_an_account_tells_about_itself_and_its_people(line: Line) -> None:
    about = cast(Json, (await line.get("/v2.0/oa/getoa"))["data"])
    assert about["oaid"] == line.stub.oa.oa_id
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


# Tokens.


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


# Webhooks.


def is_signed(line: Line, heard: Heard) -> bool:
    stamp = json.loads(heard.body)["timestamp"]
    parts = [line.stub.app.app_id.encode(), heard.body, stamp.encode()]
    mac = hashlib.sha256(b"".join(parts) + line.stub.app.webhook_secret.encode()).hexdigest()
    return heard.headers["X-ZEvent-Signature"] == f"mac={mac}"


async def test_events_are_signed_over_odd_bytes(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    for text in ("một", "hai", "ba"):
        assert (await line.stub.user_says(line.person, text)).status == 200
    for heard in ear.heard:
        body = json.loads(heard.body)
        assert is_signed(line, heard)
        assert heard.body != json.dumps(body).encode()
        assert body["event_name"] == "user_send_text"
        assert body["recipient"]["id"] == line.stub.oa.oa_id
        assert heard.headers["User-Agent"] == "ZaloWebhook"
    assert len({json.loads(heard.body)["message"]["msg_id"] for heard in ear.heard}) == 3


@pytest.mark.parametrize("kind", set(Signature) - {Signature.GOOD})
async def test_signatures_can_be_spoiled(line: Line, ear: WebhookEar, kind: Signature) -> None:
    line.stub.webhook.url = ear.url
    line.stub.webhook.manners = WebhookManners(signature=kind)
    await line.stub.user_says(line.person, "alo")
    heard = ear.heard[0]
    assert "X-ZEvent-Signature" not in heard.headers or not is_signed(line, heard)


async def test_an_event_that_fails_climbs_the_ladder_until_the_webhook_is_off(
    line: Line, ear: WebhookEar
) -> None:
    ear.answers.extend([web.Response(status=500) for _ in range(6)])
    line.stub.webhook.url = ear.url
    await line.stub.user_says(line.person, "alo")
    for number, pause_s in enumerate(LADDER_S, start=2):
        line.stub.clock.advance(pause_s - 1)
        assert len(ear.heard) == number - 1
        line.stub.clock.advance(1)
        await ear.wait_for(number)
        await line.stub.webhook.wait_for_attempts(number)
    assert [heard.headers.get("num_retry") for heard in ear.heard] == [None, *"12345"]
    assert len({heard.body for heard in ear.heard}) == 1
    assert line.stub.webhook.is_on is False
    assert {rule.rule for rule in line.stub.broken_rules} == {"the answer is 200"}


async def test_an_answer_that_takes_too_long_counts_as_none(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.webhook.manners = WebhookManners(repeat_on=RepeatOn.NO_CONNECTION)
    line.stub.webhook.answer_within_s = 0.05
    ear.answers.append(None)
    assert (await line.stub.user_says(line.person, "alo")).status == 0
    assert [rule.rule for rule in line.stub.broken_rules] == ["an answer within 2 s"]


async def test_events_can_be_held_shuffled_and_doubled(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.webhook.hold()
    for text in ("một", "hai"):
        await line.stub.user_says(line.person, text)
    assert ear.heard == []
    await line.stub.webhook.release(copies=2)
    texts = [json.loads(heard.body)["message"]["text"] for heard in ear.heard]
    assert texts == ["hai", "hai", "một", "một"]


async def test_a_tap_on_a_question_comes_back_as_a_text(line: Line, ear: WebhookEar) -> None:
    line.stub.echo = EchoTiming.NEVER
    line.stub.webhook.url = ear.url
    await line.send(buttons(ASK, LINK))
    await line.stub.user_taps(line.stub.sent[0], "Trợ giúp")
    assert await line.stub.user_taps(line.stub.sent[0], "Mở") is None
    assert [json.loads(heard.body)["message"]["text"] for heard in ear.heard] == ["/trogiup"]


@pytest.mark.parametrize("timing", [EchoTiming.BEFORE_ANSWER, EchoTiming.AFTER_ANSWER])
async def test_our_own_sends_are_echoed(line: Line, ear: WebhookEar, timing: EchoTiming) -> None:
    line.stub.echo = timing
    line.stub.api.sends_receipts = True
    line.stub.webhook.url = ear.url
    await line.send()
    echo, receipt = [json.loads(heard.body) for heard in await ear.wait_for(2)]
    assert (echo["event_name"], echo["sender"]["id"]) == ("oa_send_text", line.stub.oa.oa_id)
    assert echo["message"]["msg_id"] == line.stub.sent[0].message_id
    assert receipt["event_name"] == "user_received_message"


async def test_a_lost_answer_leaves_only_the_echo(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.fail_next(FaultKind.CLOSE_AFTER, method=CS)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await line.send()
    echo = json.loads((await ear.wait_for(1))[0].body)
    assert echo["message"]["msg_id"] == line.stub.sent[0].message_id


KINDS = ["image", "gif", "link", "audio", "video", "sticker", "location", "file", "business_card"]


async def test_people_follow_send_things_and_leave(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    await line.stub.user_follows(line.person)
    for kind in KINDS:
        await line.stub.user_sends(line.person, kind, url="https://f1.zdn.vn/a")
    await line.stub.user_says_in_group(line.person, line.stub.group(), "Chào nhóm")
    await line.stub.unknown_event()
    await line.stub.user_unfollows(line.person)
    names = [json.loads(heard.body)["event_name"] for heard in ear.heard]
    sends = [f"user_send_{kind}" for kind in KINDS]
    assert names == ["follow", *sends, "user_send_group_text", "oa_new_thing", "unfollow"]


async def test_a_url_is_saved_only_if_it_answers_200(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(web.Response(status=401))
    assert await line.stub.webhook.save(ear.url) is False
    assert line.stub.webhook.url == ""
    assert await line.stub.webhook.save(ear.url) is True
    assert line.stub.webhook.url == ear.url


async def test_another_process_can_play_the_users(line: Line, ear: WebhookEar) -> None:
    orders: list[tuple[str, Json]] = [
        ("webhook", {"url": ear.url, "test": True}),
        ("say", {"user": line.person.user_id, "text": "alo"}),
        ("follow", {"user": line.person.user_id}),
        ("person", {"id": line.person.user_id, "bar": "-218"}),
    ]
    for door, order in orders:
        async with line.client.post(f"/_stub/{door}", json=order) as answer:
            assert answer.status == 200
    assert len(ear.heard) == 3
    assert (await line.send())["error"] == -218
    async with line.client.get("/_stub/state") as answer:
        state = await answer.json()
    assert state["access_token"] == line.stub.tokens.access_token
    async with line.client.get("/_stub/broken_rules") as answer:
        assert await answer.json() == []


async def test_a_scripted_refusal_has_the_platforms_shape(line: Line) -> None:
    line.stub.fail_next(FaultKind.REFUSED, method=CS, code=-32, text="Your OA reached its limit")
    line.stub.fail_next(FaultKind.REFUSED, method="/v4/oa/access_token", code=-14014)
    assert await line.send() == {"error": -32, "message": "Your OA reached its limit"}
    refused = json.loads(await line.refresh(line.stub.tokens.refresh_token))
    assert refused["error"] == -14014
    assert line.stub.faults.is_empty


SENDABLE = [
    media({"media_type": "image", "url": "https://example.org/a.jpg"}),
    media({"media_type": "gif", "url": "https://a.vn/a.gif", "width": 10, "height": 10}),
    media({"media_type": "sticker", "attachment_id": "bfe458bf64fa8da4d4eb"}),
    {"text": "Dạ", "quote_message_id": "0f1e2d3c4b5a69788"},
    buttons({"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "113"}}),
    {
        "attachment": {
            "type": "template",
            "payload": {
                "template_type": "request_user_info",
                "elements": [{"title": "a", "subtitle": "b", "image_url": "https://a.vn/a"}],
            },
        }
    },
]


@pytest.mark.parametrize("message", SENDABLE)
async def test_other_forms_of_messages_are_taken(line: Line, message: Json) -> None:
    assert (await line.send(message))["error"] == 0
    assert line.stub.broken_rules == []


async def test_a_body_must_be_json(line: Line) -> None:
    for kind in ("application/json", "text/plain"):
        headers = line.headers() | {"Content-Type": kind}
        async with line.client.post(CS, data=b"{", headers=headers) as answer:
            assert (await answer.json())["error"] == -201
    assert len(line.stub.broken_rules) == 2


async def test_nobody_is_nobody(line: Line) -> None:
    assert (await line.send(to="1"))["error"] == -201
    assert line.stub.broken_rules == []


async def test_a_token_does_not_belong_into_the_address(line: Line) -> None:
    said = await line.get("/v2.0/oa/getoa", access_token=line.stub.tokens.access_token)
    assert said["error"] == -216


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


async def test_uploads_need_a_multipart_field_and_a_short_name(line: Line) -> None:
    async with line.client.post(
        "/v2.0/oa/upload/image", json={}, headers=line.headers()
    ) as answer:
        assert (await answer.json())["error"] == -201
    form = aiohttp.FormData({"file": "text"}, default_to_multipart=True)
    async with line.client.post(
        "/v2.0/oa/upload/image", data=form, headers=line.headers()
    ) as answer:
        assert (await answer.json())["error"] == -201
    long = await line.upload("image", name="a" * 200 + ".jpg", size_bytes=10)
    assert long["error"] == -210


async def test_events_can_be_switched_off_and_filtered(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.webhook.manners = WebhookManners(
        only_hash_texts=True, switched_off=frozenset({"follow"}), copies=2
    )
    await line.stub.user_follows(line.person)
    await line.stub.user_says(line.person, "alo")
    await line.stub.user_says(line.person, "#alo")
    assert len(ear.heard) == 2


async def test_an_event_nobody_hears_is_repeated_later(line: Line) -> None:
    async with WebhookEar() as ear:
        line.stub.webhook.url = ear.url
    event = await line.stub.user_says(line.person, "alo")
    assert (event.status, event.was_connected) == (0, False)
    line.stub.clock.advance(30)
    await line.stub.webhook.wait_for_attempts(2)
    line.stub.webhook.manners = WebhookManners(repeat_on=RepeatOn.NEVER)
    await line.stub.webhook.send_again(event)
    assert len(line.stub.webhook.attempts) == 3
    assert line.stub.broken_rules == []


async def test_a_repeat_that_is_heard_ends_the_ladder(line: Line, ear: WebhookEar) -> None:
    ear.answers.append(web.Response(status=500))
    line.stub.webhook.url = ear.url
    await line.stub.user_says(line.person, "alo")
    line.stub.clock.advance(30)
    await line.stub.webhook.wait_for_attempts(2)
    assert line.stub.webhook.attempts[-1].status == 200
    assert line.stub.webhook.is_on


async def test_zalo_can_vanish_and_come_back(line: Line) -> None:
    await line.stub.go_down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await line.send()
    await line.stub.come_back()
    assert (await line.send())["error"] == 0


async def test_another_process_can_tap_and_leave(line: Line, ear: WebhookEar) -> None:
    line.stub.echo = EchoTiming.NEVER
    await line.send(buttons(ASK))
    message_id = line.stub.sent[0].message_id
    orders: list[tuple[str, Json, int]] = [
        ("webhook", {"url": ear.url}, 200),
        ("tap", {"message_id": message_id, "button": "Trợ giúp"}, 200),
        ("tap", {"message_id": "0", "button": "Trợ giúp"}, 400),
        ("follow", {"user": line.person.user_id, "over": True}, 200),
    ]
    for door, order, status in orders:
        async with line.client.post(f"/_stub/{door}", json=order) as answer:
            assert answer.status == status
    names = [json.loads(heard.body)["event_name"] for heard in ear.heard]
    assert names == ["user_send_text", "unfollow"]


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


async def test_what_an_admin_writes_is_told_with_the_admins_id(
    line: Line, ear: WebhookEar
) -> None:
    line.stub.webhook.url = ear.url
    await line.stub.admin_says(line.person, "Chào chị")
    echo = json.loads(ear.heard[0].body)
    assert echo["event_name"] == "oa_send_text"
    assert set(echo["sender"]) == {"id", "admin_id"}
    assert line.stub.sent == []
