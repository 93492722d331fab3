"""The console of the stand-in of Zalo tests, saves, gives up, verifies; and the line has moods."""

import asyncio
import json
from collections.abc import Mapping

import pytest
from aiohttp import web

from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_domain_check import VerifiedBy, verify_domain
from tests.channels.stubs.zalo_line import Line
from tests.channels.stubs.zalo_webhook import RepeatOn, WebhookManners


@pytest.fixture
def line(zalo_line: Line, ear: WebhookEar) -> Line:
    zalo_line.stub.webhook.url = ear.url
    return zalo_line


def names(ear: WebhookEar) -> list[object]:
    return [json.loads(heard.body)["event_name"] for heard in ear.heard]


async def test_every_event_has_a_test_button(line: Line, ear: WebhookEar) -> None:
    assert await line.stub.webhook.press_test("follow") is True
    ear.answers.append(web.Response(status=403))
    assert await line.stub.webhook.press_test("user_withdraw") is False
    assert names(ear) == ["follow", "user_withdraw"]
    assert json.loads(ear.heard[0].body)["app_id"] == line.stub.app.app_id


async def test_a_webhook_that_turned_itself_off_says_so_and_can_be_enabled(
    line: Line, ear: WebhookEar
) -> None:
    line.stub.webhook.is_on = False
    await line.stub.user_says(line.person, "alo")
    assert ear.heard == []
    line.stub.webhook.turn_on()
    ear.answers.append(web.Response(status=500))
    line.stub.webhook.manners = WebhookManners(repeat_on=RepeatOn.NEVER)
    await line.stub.user_says(line.person, "alo")
    assert line.stub.webhook.notices == ["webhook is not working"]


async def test_events_can_be_late(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.manners = WebhookManners(delay_s=60.0)
    await line.stub.user_says(line.person, "alo")
    await line.stub.clock.wait_for_sleepers(1)
    assert ear.heard == []
    line.stub.clock.advance(60)
    await ear.wait_for(1)


async def test_events_can_come_as_one_burst(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.hold()
    for number in range(20):
        await line.stub.user_says(line.person, str(number))
    await line.stub.webhook.release_at_once(copies=2)
    assert len(ear.heard) == 40


async def test_unknown_events_and_fields_come_now_and_then(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.manners = WebhookManners(adds_unknown_fields=True, unknown_every=2)
    for _ in range(4):
        await line.stub.user_says(line.person, "alo")
    text, new = "user_send_text", "oa_new_thing"
    assert names(ear) == [text, text, new, text, text, new]
    assert "new_field" in json.loads(ear.heard[0].body)


async def test_two_seconds_can_be_those_of_the_stub(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.manners = WebhookManners(counts_stub_time=True, repeat_on=RepeatOn.NEVER)
    line.stub.webhook.answer_within_s = 60.0
    ear.answers.append(None)
    async with asyncio.TaskGroup() as group:
        saying = group.create_task(line.stub.user_says(line.person, "alo"))
        await ear.wait_for(1)
        line.stub.clock.advance(2)
    assert saying.result().status == 0
    assert [rule.rule for rule in line.stub.broken_rules] == ["an answer within 2 s"]


async def test_events_flow_only_while_the_oa_grants_them(line: Line, ear: WebhookEar) -> None:
    other = line.stub.add_oa("OA Khác")
    stranger = line.stub.person(oa=other)
    await line.stub.admin_revokes()
    await line.stub.user_says(line.person, "alo")
    await line.stub.user_follows(line.person)
    await line.stub.daily_quota_changes(before=1, after=2)
    await line.stub.user_says(stranger, "chào")
    assert names(ear) == ["permission_revoked", "user_send_text"]
    line.stub.oauth.issue(line.stub.oa.oa_id)
    await line.stub.user_says(line.person, "alo")
    assert len(ear.heard) == 3


PAGES: list[tuple[Mapping[str, str], VerifiedBy]] = [
    ({"/zalo_verifierAbC.html": "<html>AbC</html>"}, VerifiedBy.FILE),
    ({"/": '<meta name="zalo-platform-site-verification" content="AbC" />'}, VerifiedBy.TAG),
    ({"/": '<meta name="zalo-platform-site-verification" content="Xyz">'}, VerifiedBy.NOTHING),
    ({"/zalo_verifierAbC.html": ""}, VerifiedBy.NOTHING),
]


@pytest.mark.parametrize(("pages", "found"), PAGES)
async def test_a_domain_is_known_by_a_file_or_a_tag(
    pages: Mapping[str, str], found: VerifiedBy
) -> None:
    async def answer(request: web.Request) -> web.Response:
        text = pages.get(request.path)
        return web.Response(status=404 if text is None else 200, text=text)

    server = LoopbackServer(answer)
    await server.start()
    try:
        assert await verify_domain(server.url, "AbC") is found
    finally:
        await server.stop()
    with pytest.raises(ValueError, match="75"):
        await verify_domain(server.url, "a" * 76)
