"""The stand-in of Zalo can answer every error and send every event the pages list."""

import json

import pytest

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_catalogue import CATALOGUE, TEMPLATE_SERVER, ReadyEvent
from tests.channels.stubs.zalo_errors import ERRORS, OAUTH_ERRORS, UNHEARD_OF
from tests.channels.stubs.zalo_line import CS, Json, Line

TO_GROUP = "/v3.0/oa/group/message"


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


@pytest.mark.parametrize("code", sorted(ERRORS, reverse=True))
async def test_every_error_can_be_asked_for(line: Line, code: int) -> None:
    for text in ERRORS[code]:
        line.stub.fail_next(FaultKind.REFUSED, method=CS, code=code, text=text)
        assert await line.send() == {"error": code, "message": text}
    line.stub.fail_next(FaultKind.REFUSED, method=CS, code=code)
    assert await line.send() == {"error": code, "message": ERRORS[code][0]}
    assert (line.stub.sent, line.stub.broken_rules) == ([], [])


async def test_an_error_may_be_one_of_no_table(line: Line) -> None:
    line.stub.fail_next(FaultKind.REFUSED, code=UNHEARD_OF, accepted=True)
    assert (await line.send())["error"] == UNHEARD_OF
    assert len(line.stub.sent) == 1


@pytest.mark.parametrize("code", sorted(OAUTH_ERRORS, reverse=True))
async def test_every_error_of_the_token_page_can_be_asked_for(line: Line, code: int) -> None:
    line.stub.fail_next(FaultKind.REFUSED, method="/v4/oa/access_token", code=code)
    said = json.loads(await line.refresh(line.stub.tokens.refresh_token))
    assert (said["error"], said["error_name"]) == (code, OAUTH_ERRORS[code])


async def test_a_scripted_limit_says_that_nothing_remains(line: Line) -> None:
    line.stub.fail_next(FaultKind.REFUSED, method=CS, code=-32)
    body = {"recipient": {"user_id": line.person.user_id}, "message": {"text": "a"}}
    _, headers = await line.post(CS, body)
    assert headers["X-RateLimit-Remain"] == "0"


async def test_trouble_finds_its_victim_in_groups_lists_and_uploads(line: Line) -> None:
    first, second = line.stub.group(), line.stub.group()
    line.stub.fail_next(FaultKind.REFUSED, to=second.group_id, code=-200, times=2)
    bodies: list[Json] = [
        {"recipient": {"group_id": group.group_id}, "message": {"text": "a"}}
        for group in (first, second)
    ]
    assert [(await line.post(TO_GROUP, body))[0]["error"] for body in bodies] == [0, -200]
    for group, code in ((first, 0), (second, -200)):
        said = await line.get("/v3.0/oa/group/getgroup", group_id=group.group_id)
        assert said["error"] == code
    line.stub.fail_next(FaultKind.REFUSED, to="b.jpg", code=-210)
    names = ("a.jpg", "b.jpg")
    codes = [(await line.upload("image", name=one, size_bytes=9))["error"] for one in names]
    assert codes == [0, -210]
    assert line.stub.faults.is_empty


async def test_a_gateway_may_give_up_on_what_was_delivered(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    line.stub.fail_next(FaultKind.HTML_504, method=CS, accepted=True)
    body = {"recipient": {"user_id": line.person.user_id}, "message": {"text": "a"}}
    async with line.client.post(CS, json=body, headers=line.headers()) as answer:
        assert (answer.status, answer.content_type) == (504, "text/html")
    echo = json.loads((await ear.wait_for(1))[0].body)
    assert echo["message"]["msg_id"] == line.stub.sent[0].message_id


NAMED = """
user_send_text user_send_image user_send_gif user_send_link user_send_audio user_send_video
user_send_sticker user_send_location user_send_business_card user_send_file
oa_send_text oa_send_image oa_send_gif oa_send_list oa_send_file oa_send_sticker oa_send_template
user_received_message user_seen_message user_reacted_message oa_reacted_message user_click_chatnow
anonymous_send_text anonymous_send_image anonymous_send_file anonymous_send_sticker
oa_send_anonymous_text oa_send_anonymous_image oa_send_anonymous_file oa_send_anonymous_sticker
follow unfollow user_submit_info add_user_to_tag remove_user_from_tag remove_tag update_user_info
user_withdraw permission_revoked change_oa_daily_quota change_oa_template_tags
change_template_quality change_template_quota change_template_status user_feedback
user_click_response_button event_journey_time_out event_journey_acknowledged oa_send_consent
user_reply_consent user_call_oa oa_call_user widget_interaction_accepted
widget_failed_to_sync_user_external_id shop_has_order extension_purchased oa_new_thing
create_group user_join_group user_request_join_group accept_request_join_group
react_request_join_group_accept react_request_join_group reject_request_join_group
react_request_join_group_reject add_group_admin remove_group_admin update_group_info
user_out_group user_leave_group delete_group disperse_group
user_send_group_text user_send_group_image user_send_group_gif user_send_group_link
user_send_group_audio user_send_group_video user_send_group_sticker
user_send_group_business_card user_send_group_file user_send_group_location
oa_send_group_text oa_send_group_image oa_send_group_gif oa_send_group_link oa_send_group_audio
oa_send_group_video oa_send_group_sticker oa_send_group_business_card oa_send_group_file
oa_send_group_location
"""


def test_the_catalogue_holds_every_name_of_the_pages() -> None:
    assert {event.name for event in CATALOGUE} == set(NAMED.split())
    ids = [event.id for event in CATALOGUE]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("event", CATALOGUE, ids=lambda event: event.id)
def test_a_body_of_the_catalogue_is_as_the_platform_writes(event: ReadyEvent) -> None:
    assert event.body["timestamp"] == "1770000000000"
    assert event.body["app_id"] == "1234567890123456789"
    assert None not in _leaves(event.body)


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in _leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


async def test_the_whole_catalogue_can_be_sent(line: Line, ear: WebhookEar) -> None:
    line.stub.webhook.url = ear.url
    events = line.stub.catalogue(person=line.person)
    for event in events:
        assert (await line.stub.send_ready(event)).status == 200
    names = [json.loads(heard.body)["event_name"] for heard in ear.heard]
    assert names == [event.name for event in events]
    servers = [heard.headers["X-ZEvent-Server"] for heard in ear.heard]
    assert servers.count(TEMPLATE_SERVER) == 1
