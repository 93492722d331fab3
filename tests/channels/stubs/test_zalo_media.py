"""The stand-in of Zalo serves what people sent, as well and as badly as asked."""

import asyncio
import hashlib
import json
from typing import cast

import aiohttp
import pytest

from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_line import DAY_S, Json, Line
from tests.channels.stubs.zalo_media import SAMPLES, MediaTrouble


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


async def fetched(line: Line, url: str, **headers: str) -> tuple[int, bytes]:
    async with line.client.get(url, headers=headers, allow_redirects=False) as answer:
        return answer.status, await answer.read()


@pytest.mark.parametrize("kind", sorted(SAMPLES))
async def test_what_people_send_can_be_fetched(line: Line, ear: WebhookEar, kind: str) -> None:
    line.stub.webhook.url = ear.url
    await line.stub.user_sends(line.person, kind, caption="xem giúp em")
    message = json.loads(ear.heard[0].body)["message"]
    assert message["text"] == "xem giúp em"
    payload = message["attachments"][0]["payload"]
    assert await fetched(line, payload["url"]) == (200, SAMPLES[kind].body)
    assert line.stub.media.fetched == {payload["url"]: 1}
    assert line.stub.broken_rules == []


async def test_a_file_tells_its_size_and_checksum_as_strings(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    medium = line.stub.media.put(b"%PDF-1.4", name="to-khai.pdf", content_type="application/pdf")
    await line.stub.user_sends(line.person, "file", medium=medium)
    payload = json.loads(ear.heard[0].body)["message"]["attachments"][0]["payload"]
    checksum = hashlib.md5(b"%PDF-1.4", usedforsecurity=False).hexdigest()
    assert payload == {
        "url": medium.url,
        "size": "8",
        "name": "to-khai.pdf",
        "checksum": checksum,
        "type": "pdf",
    }


STATUSES = [
    (MediaTrouble.GONE, 404),
    (MediaTrouble.MOVED, 302),
    (MediaTrouble.HTML, 200),
    (MediaTrouble.ERROR_500, 500),
]


@pytest.mark.parametrize(("trouble", "status"), STATUSES)
async def test_a_media_host_can_be_in_trouble(
    line: Line, trouble: MediaTrouble, status: int
) -> None:
    medium = line.stub.media.sample("image")
    line.stub.media.manners.trouble = trouble
    got, body = await fetched(line, medium.url)
    assert (got, body == medium.body) == (status, False)


async def test_addresses_can_run_out(line: Line) -> None:
    line.stub.media.manners.lasts_s = 60.0
    medium = line.stub.media.sample("image")
    line.stub.clock.advance(59)
    assert (await fetched(line, medium.url))[0] == 200
    line.stub.clock.advance(1)
    assert (await fetched(line, medium.url))[0] == 404
    assert (await fetched(line, "/media/0/none.jpg"))[0] == 404


async def test_a_file_can_be_too_large_or_without_end(line: Line) -> None:
    line.stub.media.manners.large_bytes = 3_000_000
    large = line.stub.media.put(b"a", name="a.jpg", trouble=MediaTrouble.TOO_LARGE)
    endless = line.stub.media.put(b"a", name="a.jpg", trouble=MediaTrouble.ENDLESS)
    status, body = await fetched(line, large.url)
    assert (status, len(body)) == (200, 3_000_000)
    async with line.client.get(endless.url) as answer:
        assert answer.content_length is None
        assert len(await answer.content.readexactly(5_000_000)) == 5_000_000


async def test_a_file_can_come_drop_by_drop(line: Line) -> None:
    line.stub.media.manners.drip_s = 10.0
    slow = line.stub.media.put(b"abc", name="a.jpg", trouble=MediaTrouble.SLOW)
    async with asyncio.TaskGroup() as group:
        fetching = group.create_task(fetched(line, slow.url))
        for _ in range(3):
            await line.stub.clock.wait_for_sleepers(1)
            assert not fetching.done()
            line.stub.clock.advance(10)
    assert fetching.result() == (200, b"abc")


async def test_a_file_can_break_off(line: Line) -> None:
    cut = line.stub.media.put(b"a" * 1000, name="a.jpg", trouble=MediaTrouble.CUT_SHORT)
    with pytest.raises(aiohttp.ClientPayloadError):
        await fetched(line, cut.url)


async def test_addresses_may_show_another_host_or_plain_http(line: Line) -> None:
    line.stub.media.manners.shown_base = "http://f1-photo.zdn.vn"
    medium = line.stub.media.sample("image")
    assert medium.url.startswith("http://f1-photo.zdn.vn/media/")
    path = medium.url.removeprefix("http://f1-photo.zdn.vn")
    assert (await fetched(line, path))[0] == 200


async def test_a_media_host_must_not_be_given_the_token(line: Line) -> None:
    medium = line.stub.media.sample("image")
    await fetched(line, medium.url, access_token=line.stub.tokens.access_token)
    assert [rule.rule for rule in line.stub.broken_rules] == ["no token for a media host"]


async def test_uploads_have_a_limit_for_each_month(line: Line) -> None:
    line.stub.api.uploads.per_month = 2
    said = [await line.upload("image", name="a.jpg", size_bytes=10) for _ in range(3)]
    assert [one["error"] for one in said] == [0, 0, -211]
    line.stub.clock.advance(21 * DAY_S)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    assert (await line.upload("image", name="a.jpg", size_bytes=10))["error"] == 0


QUOTA = "/v3.0/oa/quota/message"


async def test_the_quota_of_a_person_can_be_asked(line: Line) -> None:
    said, _ = await line.post(QUOTA, {"user_id": line.person.user_id})
    assert said["data"] == {
        "last_interaction": str(line.stub.clock.now_ms()),
        "cs_reply": {"remain": 8, "total": 8},
        "promotion": {
            "daily_remain": 1,
            "daily_total": 1,
            "monthly_remain": 30,
            "monthly_total": 30,
        },
    }
    line.stub.clock.advance(2 * DAY_S + 1)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    said, _ = await line.post(QUOTA, {"user_id": line.person.user_id})
    assert cast(Json, said["data"])["cs_reply"] == {"remain": 0, "total": 8}
    old = {"user_id": line.person.user_id, "type": "promotion"}
    said, _ = await line.post("/v2.0/oa/quota/message", old)
    assert said["data"] == {"remain": 1, "total": 1}
    assert (await line.post("/v2.0/oa/quota/message", old | {"type": "cs"}))[0]["error"] == -201


async def test_the_quota_of_the_account_begins_anew_each_month(line: Line) -> None:
    line.stub.oa.sub_quota = 2
    asked = {"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}
    line.stub.clock.advance(3 * DAY_S)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    await line.send()
    said, _ = await line.post(QUOTA, asked)
    assert cast(list[Json], said["data"]) == [
        {
            "product_type": "cs",
            "quota_type": "sub_quota",
            "valid_through": "30/11/2026",
            "total": 2,
            "remain": 1,
        }
    ]
    line.stub.clock.advance(20 * DAY_S)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    said, _ = await line.post(QUOTA, asked)
    assert cast(list[Json], said["data"])[0]["remain"] == 2
    said, _ = await line.post(QUOTA, asked | {"quota_type": "reward_quota"})
    assert said["data"] == []
    for wrong in ({"quota_owner": "me"}, {"product_type": "x"}, {"quota_type": "x"}):
        assert (await line.post(QUOTA, asked | wrong))[0]["error"] == -201
    assert len(line.stub.broken_rules) == 3


async def test_a_billed_message_shows_no_quota_and_a_free_one_may_show_no_count(
    line: Line,
) -> None:
    line.stub.oa.shows_reply_count = False
    said = await line.send()
    assert cast(Json, said["data"])["quota"] == {"quota_type": "reply"}
    line.stub.oa.sub_quota, line.stub.oa.purchase_quota = 0, 1
    line.stub.clock.advance(3 * DAY_S)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    bought, billed = [cast(Json, (await line.send())["data"]) for _ in range(2)]
    assert cast(Json, bought["quota"])["quota_type"] == "purchase_quota"
    assert ("quota" in billed, line.stub.oa.billed) == (False, 1)


async def test_a_closed_window_may_have_the_other_number(line: Line) -> None:
    line.stub.oa.closed_window_code = -232
    line.stub.clock.advance(8 * DAY_S)
    line.stub.oauth.issue(line.stub.oa.oa_id)
    assert (await line.send())["error"] == -232
