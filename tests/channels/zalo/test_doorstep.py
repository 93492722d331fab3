"""Which requests are believed, which account they are for, and what odd bodies become."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.zalo.doorstep import RETRY_HEADER, Doorstep
from bot.channels.zalo.signature import CLOCK_SKEW, OLDEST, BadTimestamp
from bot.core.channels import WebhookRequest
from bot.core.errors import BadSignature, NotForMe, WebhookRefused
from bot.core.messages import GroupEvent, Incoming, IncomingKind, MediaKind
from tests.channels.mutations import mutated
from tests.channels.rigs_zalo import signed_by
from tests.channels.zalo.bodies import (
    GROUP,
    NOON,
    OA,
    PERSON,
    Body,
    event,
    from_account,
    from_person,
    in_group,
    message,
    of_account,
    of_group,
    spelled,
)
from tests.channels.zalo.test_catalogue import ACCOUNT, ROWS, read
from tests.fakes import FakeClock

OTHER = "9999999999999999999"
HUGE = str(2**53 + 1)
BODIES = [spelled(row.body) for row in ROWS]


def doorstep(**changes: str) -> Doorstep:
    return Doorstep(replace(ACCOUNT, **changes), FakeClock(NOON))  # type: ignore[arg-type] # fields by name


def at(moment: timedelta) -> WebhookRequest:
    stamp = str(round((NOON + moment).timestamp() * 1000))
    body = {**from_person("user_send_text", message=message("text")), "timestamp": stamp}
    return signed_by(ACCOUNT, spelled(body))


# --- whom it is for ----------------------------------------------------------------------------

NAMED: list[Callable[[str], Body]] = [
    lambda oa: {**from_person("user_send_text"), "recipient": {"id": oa}},
    lambda oa: {**from_account("oa_send_text"), "sender": {"id": oa}},
    lambda oa: {**of_account("permission_revoked"), "oa_id": oa},
    lambda oa: event("change_oa_daily_quota", oaId=oa),
]


@pytest.mark.parametrize("named", NAMED, ids=["recipient", "sender", "oa_id", "oaId"])
def test_an_account_is_known_by_whichever_field_names_it(named: Callable[[str], Body]) -> None:
    assert doorstep().read(signed_by(ACCOUNT, spelled(named(OA))))
    with pytest.raises(NotForMe) as caught:
        doorstep().read(signed_by(ACCOUNT, spelled(named(OTHER))))
    assert OTHER in caught.value.meant


def test_of_several_accounts_of_one_app_only_the_one_that_is_meant_takes_it() -> None:
    request = signed_by(ACCOUNT, spelled(from_person("user_send_text", message=message("text"))))
    takers: list[Incoming] = []
    for oa in (OTHER, OA, "1"):
        try:
            takers += doorstep(oa_id=oa).read(request)
        except NotForMe:
            continue
    assert [one.chat for one in takers] == [PERSON]


def test_an_event_of_another_app_is_refused_however_it_is_signed() -> None:
    body = spelled({**from_person("user_send_text", message=message("text")), "app_id": OTHER})
    for account in (ACCOUNT, replace(ACCOUNT, app_id=OTHER)):
        with pytest.raises(BadSignature):
            doorstep().read(signed_by(account, body))


# --- when --------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", [-OLDEST, timedelta(0), CLOCK_SKEW])
def test_clocks_may_differ_and_repeats_come_late(moment: timedelta) -> None:
    assert doorstep().read(at(moment))


@pytest.mark.parametrize("moment", [-OLDEST - timedelta(seconds=1), CLOCK_SKEW * 1.01])
def test_a_stale_request_and_one_from_the_future_are_refused(moment: timedelta) -> None:
    with pytest.raises(BadTimestamp):
        doorstep().read(at(moment))


@pytest.mark.parametrize(
    ("told", "repeats"),
    [("3", 3), ("", 0), ("x", 0), ("-1", 0), ("²", 0), ("9" * 5000, 0)],
    ids=["three", "none", "no number", "negative", "a superscript", "endless"],
)
def test_the_number_of_the_repeat_is_read(told: str, repeats: int) -> None:
    request = at(timedelta(0))
    headers = {**request.headers, RETRY_HEADER: told}
    (incoming,) = doorstep().read(WebhookRequest(headers=headers, body=request.body))
    assert incoming.repeats == repeats


# --- groups ------------------------------------------------------------------------------------


def said_in_group(text: str, *, quotes: str = "", door: Doorstep | None = None) -> Incoming:
    more = {"quote_msg_id": quotes} if quotes else {}
    body = in_group("user_send_group_text", message={"text": text, "msg_id": "g1", **more})
    (incoming,) = (door or doorstep()).read(signed_by(ACCOUNT, spelled(body)))
    return incoming


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (f"[@{OA}] báo cháy gọi số nào", "báo cháy gọi số nào"),
        (f"hỏi chút [@{OA}]", "hỏi chút"),
        ("/khancap", "/khancap"),
        ("  /khancap", "/khancap"),
    ],
)
def test_words_that_name_the_bot_or_begin_with_a_slash_are_for_it(text: str, cleaned: str) -> None:
    incoming = said_in_group(text)
    assert (incoming.is_for_bot, incoming.text) == (True, cleaned)
    assert (incoming.chat, incoming.sender, incoming.is_group) == (GROUP, PERSON, True)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("tối nay ai đi tuần?", "tối nay ai đi tuần?"),
        (f"[@{PERSON}] về chưa em", "về chưa em"),
        (f"[@{GROUP}] mọi người ơi", "mọi người ơi"),
        (f"[@{PERSON} lạ", "lạ"),
        (f"[@{OA}1] bạn khác", "bạn khác"),
    ],
)
def test_other_words_of_a_group_are_not_for_the_bot(text: str, cleaned: str) -> None:
    incoming = said_in_group(text)
    assert (incoming.is_for_bot, incoming.text) == (False, cleaned)


def test_an_answer_to_words_of_ours_is_meant_for_the_bot() -> None:
    door = doorstep()
    echo = in_group("oa_send_group_text", sender=OA, message={"text": "Chào", "msg_id": "own-1"})
    door.read(signed_by(ACCOUNT, spelled(echo)))
    assert said_in_group("là sao?", quotes="own-1", door=door).is_for_bot
    assert not said_in_group("là sao?", quotes="another", door=door).is_for_bot


def test_who_came_to_a_group_is_not_kept() -> None:
    incoming = read(of_group("user_join_group", PERSON, OTHER))
    assert incoming.group is not None
    assert incoming.group.event is GroupEvent.MEMBERS
    assert PERSON not in str(incoming.chat + incoming.sender + incoming.text)


def test_two_people_who_come_at_the_same_moment_are_two_events() -> None:
    ids = {read(of_group("user_join_group", user)).event_id for user in (PERSON, OTHER, PERSON)}
    assert len(ids) == 2


# --- odd bodies --------------------------------------------------------------------------------

ODD = [
    pytest.param({"attachments": None}, id="no attachments"),
    pytest.param({"attachments": "x"}, id="attachments are a word"),
    pytest.param({"attachments": [None, 7, {"type": 3, "payload": []}]}, id="rubbish in a list"),
    pytest.param({"attachments": {"type": "image"}}, id="one instead of a list"),
]


@pytest.mark.parametrize("odd", ODD)
def test_an_attachment_of_an_odd_shape_never_costs_the_words(odd: Body) -> None:
    said: Body = {"text": "cháy nhà", "msg_id": "o1", **odd}
    incoming = read(from_person("user_send_image", message=said))
    assert (incoming.kind, incoming.text) == (IncomingKind.MEDIA, "cháy nhà")
    assert incoming.media != ()


def test_what_is_null_instead_of_absent_is_absent() -> None:
    said: Body = {"text": "chào", "msg_id": "o1", "quote_msg_id": None, "attachments": None}
    body = from_person("user_send_text", message=said, oa_id=None, follower=None)
    assert read(body).text == "chào"


@pytest.mark.parametrize(
    "told",
    [("91", "0"), ("0", "181"), ("nan", "0"), ("inf", "0"), ("x", "y"), (None, None), ([], {})],
)
def test_a_place_that_is_nowhere_is_no_place(told: tuple[object, object]) -> None:
    payload = {"coordinates": {"latitude": told[0], "longitude": told[1]}}
    parts: Body = {"msg_id": "p1", "attachments": [{"type": "location", "payload": payload}]}
    (media,) = read(from_person("user_send_location", message=parts)).media
    assert (media.kind, media.latitude, media.longitude) == (MediaKind.PLACE, None, None)


def test_several_attachments_are_one_album() -> None:
    one: Body = {"type": "image", "payload": {"url": "https://f1.zdn.vn/1.jpg"}}
    body = from_person("user_send_image", message={"msg_id": "m1", "attachments": [one, one]})
    assert [part.album for part in read(body).media] == ["m1", "m1"]


@pytest.mark.parametrize("spelling", [HUGE, f'"{HUGE}"'], ids=["number", "string"])
def test_an_id_too_large_for_a_float_stays_what_it_is(spelling: str) -> None:
    body = spelled(from_person("user_send_text", message=message("text")))
    incoming = read(body.replace(f'"{PERSON}"'.encode(), spelling.encode()))
    assert (incoming.chat, incoming.sender) == (HUGE, HUGE)


def test_an_account_does_not_talk_to_itself() -> None:
    body = {**from_person("user_send_text", message=message("text")), "sender": {"id": OA}}
    assert read(body).kind is IncomingKind.IGNORED


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=mutated(BODIES))
def test_whatever_comes_nobody_is_named_who_does_not_stand_in_it(body: bytes) -> None:
    try:
        (incoming,) = doorstep().read(signed_by(ACCOUNT, body))
    except WebhookRefused:
        return
    told = _told(body)
    visitors = {f"anonymous:{talk}:{visitor}" for talk in told for visitor in told}
    assert incoming.chat in told | visitors | {""}
    assert incoming.sender in told | {""}
    assert incoming.chat != OA
    if incoming.kind is IncomingKind.IGNORED:
        assert (incoming.chat, incoming.sender, incoming.text) == ("", "", "")


def _told(body: bytes) -> set[str]:
    """Return every string and number that stands in a body, as a string."""
    decoder = json.JSONDecoder(strict=False)
    text = body.decode(errors="replace")
    found: set[str] = set(re.findall(r"\d+", text))
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"', text, re.DOTALL):
        try:
            found.add(decoder.decode(match.group()))
        except ValueError:
            continue
    return found


@given(text=st.text(max_size=60))
def test_no_mention_survives_in_words_of_a_group(text: str) -> None:
    assert re.search(r"\[@\w", said_in_group(f"{text}[@{PERSON}]{text}").text) is None
