"""The stand-in of Zalo broadcasts articles by day, and refuses what was withdrawn."""

from typing import cast

import pytest

from tests.channels.stubs.zalo_accounts import PersonBar
from tests.channels.stubs.zalo_broadcast_calls import BROADCASTS_PER_MONTH, PROMOTION, TRANSACTION
from tests.channels.stubs.zalo_line import DAY_S, Json, Line, media

OLD = "/v2.0/oa/message"
NIGHT_S = 14 * 3600.0  # the line's clock stands at nine in the morning


@pytest.fixture
def line(zalo_line: Line) -> Line:
    return zalo_line


async def article(line: Line) -> str:
    said, _ = await line.post("/v2.0/oa/article/create", {"title": "Phòng cháy"})
    token = cast(Json, said["data"])["token"]
    verify = "/v2.0/oa/article/verify"
    assert (await line.post(verify, {"token": token}))[0]["error"] == -214
    line.stub.clock.advance(60)
    said, _ = await line.post(verify, {"token": token})
    return cast(str, cast(Json, said["data"])["id"])


async def broadcast(line: Line, article_id: str, **changes: object) -> object:
    element: Json = {"media_type": "article", "attachment_id": article_id}
    body = {"recipient": {"target": {"cities": "4,20"}}, "message": media(element)}
    return (await line.post(OLD, body | changes))[0]["error"]


async def test_an_article_is_broadcast_by_day_and_forty_times_a_month(line: Line) -> None:
    ready = await article(line)
    codes = [await broadcast(line, ready) for _ in range(BROADCASTS_PER_MONTH + 1)]
    assert codes[-2:] == [0, -211]
    assert {sent.to for sent in line.stub.sent} == {"followers"}
    line.stub.clock.advance(NIGHT_S)
    assert await broadcast(line, ready) == -234
    assert line.stub.broken_rules == []


async def test_only_known_articles_go_to_targets_that_exist(line: Line) -> None:
    verify = "/v2.0/oa/article/verify"
    assert (await line.post(verify, {"token": "00ff"}))[0]["error"] == -201
    assert await broadcast(line, "00ff") == -201
    assert line.stub.broken_rules == []
    image = media({"media_type": "image", "url": "https://example.org/a.jpg"})
    two: Json = {"attachment": {"type": "template", "payload": {"elements": [{}, {}]}}}
    wrong: list[tuple[Json, int]] = [
        ({"recipient": {"target": {"cities": "64"}}}, -201),
        ({"recipient": {"target": {"mood": "1"}}}, -201),
        ({"recipient": {"target": {"ages": 1}}}, -201),
        ({"message": image}, -233),
        ({"message": two}, -201),
    ]
    codes = [await broadcast(line, "a", **change) for change, _ in wrong]
    assert codes == [code for _, code in wrong]
    assert len(line.stub.broken_rules) == len(wrong)


def offer(line: Line, kind: str, *elements: Json) -> Json:
    payload = {"template_type": kind, "language": "VI", "elements": list(elements)}
    return {
        "recipient": {"user_id": line.person.user_id},
        "message": {"attachment": {"type": "template", "payload": payload}},
    }


HEADER: Json = {"type": "header", "content": "Thông báo"}
TEXT: Json = {"type": "text", "content": "Nội dung"}


@pytest.mark.parametrize("path", [PROMOTION, TRANSACTION])
async def test_withdrawn_messages_are_refused(line: Line, path: str) -> None:
    assert (await line.post(path, offer(line, "promotion", HEADER)))[0]["error"] == -240
    assert len(line.stub.broken_rules) == 1


async def test_while_they_are_open_promotions_go_once_a_day_by_day(line: Line) -> None:
    line.stub.world.sending.promotions_are_open = True

    async def promote() -> object:
        return (await line.post(PROMOTION, offer(line, "promotion", HEADER, TEXT)))[0]["error"]

    assert [await promote(), await promote()] == [0, -1472]
    assert line.stub.sent[0].text == "Thông báo\nNội dung"
    line.stub.clock.advance(NIGHT_S)
    assert await promote() == -234
    line.stub.clock.advance(DAY_S - NIGHT_S)
    line.person.is_follower = False
    assert await promote() == -213
    said, _ = await line.post("/v3.0/oa/quota/message", {"user_id": line.person.user_id})
    assert cast(Json, cast(Json, said["data"])["promotion"])["monthly_remain"] == 29
    assert line.stub.broken_rules == []


async def test_transactions_are_taken_at_any_hour(line: Line) -> None:
    line.stub.world.sending.promotions_are_open = True
    line.stub.clock.advance(NIGHT_S)
    order = offer(line, "transaction_order", HEADER, {"type": "table", "content": []})
    assert (await line.post(TRANSACTION, order))[0]["error"] == 0
    line.person.bar = PersonBar.REFUSES
    assert (await line.post(TRANSACTION, order))[0]["error"] == -244


async def test_wrong_offers_are_written_down(line: Line) -> None:
    line.stub.world.sending.promotions_are_open = True
    wrong = [
        (offer(line, "transaction_order", HEADER), -201),
        (offer(line, "promotion", {"type": "song"}), -201),
        (offer(line, "promotion", HEADER | {"content": "a" * 101}), -210),
        (offer(line, "promotion", TEXT | {"content": "a" * 1001}), -210),
    ]
    for body, code in wrong:
        assert (await line.post(PROMOTION, body))[0]["error"] == code
    body = offer(line, "promotion")
    payload = {"template_type": "promotion", "elements": "none"}
    body["message"] = {"attachment": {"type": "template", "payload": payload}}
    assert (await line.post(PROMOTION, body))[0]["error"] == -201
    assert len(line.stub.broken_rules) == len(wrong) + 1
