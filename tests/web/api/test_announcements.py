"""What software does with announcements: write once, plan, let go, look, approve."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.api_tokens import Scope
from bot.core.errors import StorageTrouble
from bot.core.officers import Role
from tests.web.api.rig import API, DRAFT, Rig

EVERYTHING = tuple(Scope)
KEY = "Idempotency-Key"


async def test_a_draft_is_written_planned_let_go_and_watched(rig: Rig) -> None:
    await rig.joined(rig.hamlet, "a", "b")
    officer = await rig.officer("lan", Role.ANNOUNCER)
    made = await rig.token(officer, Scope.READ, Scope.WRITE)
    written = await rig.post("/announcements", made.text, json=DRAFT)
    one = written.json
    assert (written.status, one["state"], one["recipients"]) == (201, "draft", 0)
    assert written.headers["Location"] == f"/api/v1/announcements/{one['id']}"
    assert written.headers["Cache-Control"] == "no-store"
    assert {name: one[name] for name in DRAFT} == DRAFT

    path = f"/announcements/{one['id']}"
    planned = (await rig.get(f"{path}/plan", made.text)).json
    assert (planned["people"], planned["announcement"]) == (2, one["id"])
    assert planned["mark"] == one["mark"]
    (channel,) = planned["channels"]
    assert (channel["channel"], channel["kind"], channel["free"]) == ("web", "web", 2)

    released = await rig.post(f"{path}/release", made.text)
    assert (released.status, released.json["state"]) == (200, "sending")
    assert released.json["outcomes"]["waiting"] == released.json["recipients"] == 2
    assert (await rig.get(path, made.text)).json == released.json
    assert (await rig.get("/announcements", made.text)).json == {"announcements": [released.json]}

    again = await rig.post(f"{path}/release", made.text)
    assert (again.status, again.key) == (409, "unlawful_move")
    too_late = await rig.get(f"{path}/plan", made.text)
    assert (too_late.status, too_late.key) == (409, "plan_over")

    # Everything stands in the chain, with the officer and the token.
    for act in ("announcement.write", "announcement.release"):
        assert await rig.audited(act) == [(officer.id, one["id"], {"token": made.token.id})]
    ((who, _, facts),) = await rig.audited("announcement.freeze")
    assert (who, facts["token"], facts["recipients"]) == ("clock", made.token.id, "2")


async def test_an_hour_waits_until_it_has_come(rig: Rig) -> None:
    token = await rig.caller(*EVERYTHING)
    due = "2026-11-22T19:30:00+07:00"
    one = await rig.draft(token, due_at=due, grace_minutes=45, is_public=False)
    released = (await rig.post(f"/announcements/{one}/release", token)).json
    assert (released["state"], released["due_at"]) == ("scheduled", "2026-11-22T12:30:00Z")
    assert (released["grace_minutes"], released["is_urgent"], released["is_public"]) == (
        45,
        False,
        False,
    )


async def test_whom_it_is_for_and_its_links_are_kept(rig: Rig) -> None:
    await rig.joined(rig.hamlet, "a")
    token = await rig.caller(*EVERYTHING)
    earlier = await rig.draft(token)
    asked = {
        "unit": "T1",
        "more_units": ["T2"],
        "without_units": [],
        "topics": [next(iter(rig.program.book.interests))],
        "missed": earlier,
        "links": [LINK],
    }
    one = await rig.draft(token, **asked)
    seen = (await rig.get(f"/announcements/{one}", token)).json
    assert {name: seen[name] for name in asked} == asked
    # Nobody chose that topic.
    assert (await rig.get(f"/announcements/{one}/plan", token)).json["people"] == 0


async def test_a_unit_named_twice_or_left_out_counts_so(rig: Rig) -> None:
    await rig.joined(rig.hamlet, "a")
    await rig.joined(rig.elsewhere, "b", "c")
    token = await rig.caller(*EVERYTHING)
    both = await rig.draft(token, more_units=["T2", "T1", "T2"])
    less = await rig.draft(token, unit=rig.commune.code, without_units=["T2", "T2"])
    seen = (await rig.get(f"/announcements/{both}", token)).json
    assert seen["more_units"] == ["T2"]
    for one, people in ((both, 3), (less, 1)):
        planned = (await rig.get(f"/announcements/{one}/plan", token)).json
        assert planned["people"] == people


async def test_it_is_corrected_and_taken_back(rig: Rig) -> None:
    await rig.joined(rig.hamlet, "a", "b")
    officer = await rig.officer("lan", Role.ANNOUNCER)
    made = await rig.token(officer, *(Scope.READ, Scope.WRITE))
    one = await rig.draft(made.text, links=[LINK])
    path, new = f"/announcements/{one}", {"title": "Họp tổ", "text": "Họp lúc 20 giờ."}
    for act, body in (("correct", {"json": new}), ("recall", {})):
        early = await rig.post(f"{path}/{act}", made.text, **body)
        assert (early.status, early.key) == (409, "announcement_not_started")
    await rig.post(f"{path}/release", made.text)

    corrected = await rig.post(f"{path}/correct", made.text, json=new)
    assert (corrected.status, corrected.json["text"]) == (201, new["text"])
    assert (corrected.json["amends"], corrected.json["amendment"]) == (one, "correction")
    assert corrected.json["links"] == [LINK]
    later = corrected.headers["Location"].removeprefix(API)
    assert (await rig.get(later, made.text)).json == corrected.json
    assert (await rig.get(path, made.text)).json["amended_by"] == corrected.json["id"]
    again = await rig.post(f"{path}/correct", made.text, json={**new, "text": "Khác."})
    assert (again.status, again.key) == (409, "announcement_amended")
    empty = await rig.post(f"{later}/correct", made.text, json={**new, "text": "{{ nowhere }}"})
    assert (empty.status, set(empty.fields)) == (422, {"text"})

    recalled = await rig.post(f"{later}/recall", made.text)
    assert (recalled.status, recalled.json["amendment"]) == (201, "recall")
    for act, about, by in (
        ("correct", one, corrected.json["id"]),
        ("recall", corrected.json["id"], recalled.json["id"]),
    ):
        facts = {"amended_by": by, "token": made.token.id}
        assert await rig.audited(f"announcement.{act}") == [(officer.id, about, facts)]


async def test_what_cannot_be_read_any_more_is_not_released(rig: Rig) -> None:
    token = await rig.caller(*EVERYTHING)

    async def phone(number: str) -> None:
        async with rig.program.storage.begin() as work:
            unit = await work.units.get(rig.hamlet.id)
            await work.units.save(replace(unit, contacts={"duty_phone": number}))
            await work.commit()

    await phone("0201 bịa")
    one = await rig.draft(token, text="Gọi {{ so_truc }}.", due_at="2026-11-22T19:30:00+07:00")
    await phone("")
    # Nothing that this request said is wrong.
    refused = await rig.post(f"/announcements/{one}/release", token)
    assert (refused.status, refused.key, refused.fields) == (409, "text_place_empty", {})
    await phone("0201 bịa")
    await rig.post(f"/announcements/{one}/release", token)
    await phone("")
    rig.clock.advance(timedelta(hours=7, minutes=30))
    await rig.program.announcements.start_due()
    seen = (await rig.get(f"/announcements/{one}", token)).json
    assert (seen["state"], "so_truc" in seen["sent_back"]) == ("draft", True)


async def test_the_same_request_again_writes_nothing_more(rig: Rig) -> None:
    token, other = await rig.caller(*EVERYTHING), await rig.caller(*EVERYTHING)
    headers = {KEY: "8c1f-1"}
    first = await rig.post("/announcements", token, json=DRAFT, headers=headers)
    again = await rig.post("/announcements", token, json=DRAFT, headers=headers)
    assert (first.status, again.status) == (201, 200)
    assert (first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]) == (
        "false",
        "true",
    )
    assert first.json == again.json
    assert len(await rig.audited("announcement.write")) == 1
    # A key belongs to what was said with it, and to its token.
    changed = {**DRAFT, "text": "Khác."}
    reused = await rig.post("/announcements", token, json=changed, headers=headers)
    assert (reused.status, reused.key) == (409, "key_reused")
    theirs = await rig.post("/announcements", other, json=changed, headers=headers)
    assert theirs.status == 201
    # After a day the key is nobody's.
    rig.clock.advance(timedelta(hours=24, seconds=1))
    later = await rig.post("/announcements", token, json=changed, headers=headers)
    assert later.status == 201
    assert later.json["id"] not in {first.json["id"], theirs.json["id"]}


async def test_the_same_request_side_by_side_writes_one(rig: Rig) -> None:
    token = await rig.caller(*EVERYTHING)
    answers = await asyncio.gather(
        *(rig.post("/announcements", token, json=DRAFT, headers={KEY: "same"}) for _ in range(8))
    )
    assert sorted(one.status for one in answers) == [200] * 7 + [201]
    assert len({one.json["id"] for one in answers}) == 1
    assert len(await rig.audited("announcement.write")) == 1


async def test_a_request_that_was_refused_may_come_again_with_its_key(rig: Rig) -> None:
    token = await rig.caller(*EVERYTHING)
    past = {**DRAFT, "due_at": "2020-01-01T00:00:00Z"}
    refused = await rig.post("/announcements", token, json=past, headers={KEY: "k"})
    assert (refused.status, refused.key, set(refused.fields)) == (422, "due_wrong", {"due_at"})
    assert (await rig.post("/announcements", token, json=DRAFT, headers={KEY: "k"})).status == 201


LINK: Mapping[str, str] = {"label": "Bản đồ", "url": "https://xa.example.vn/ban-do"}
WRONG: list[tuple[str, dict[str, Any], set[str]]] = [
    ("everything missing", {}, {"unit", "title", "text"}),
    ("unknown fields", {**DRAFT, "colour": 1, "Title": "x"}, {"colour", "Title"}),
    ("several at once", {"unit": 1, "text": "x", "x": 1}, {"unit", "title", "x"}),
    ("a number as text", {**DRAFT, "title": 5}, {"title"}),
    ("a text as yes", {**DRAFT, "is_urgent": "yes"}, {"is_urgent"}),
    ("an hour without offset", {**DRAFT, "due_at": "2026-11-22T19:30:00"}, {"due_at"}),
    ("no hour", {**DRAFT, "due_at": "tonight"}, {"due_at"}),
    ("too long a text", {**DRAFT, "text": "x" * 1601}, {"text"}),
    ("too long a title", {**DRAFT, "title": "x" * 121}, {"title"}),
    ("nothing to read", {**DRAFT, "text": " \u200b "}, {"text"}),
    ("no such unit", {**DRAFT, "unit": "NOWHERE"}, {"unit"}),
    ("no such channel", {**DRAFT, "channels": ["nowhere"]}, {"channels"}),
    ("a channel that is no text", {**DRAFT, "channels": [1]}, {"channels"}),
    ("no grace", {**DRAFT, "grace_minutes": 0}, {"grace_minutes"}),
    ("half a minute", {**DRAFT, "grace_minutes": 1.5}, {"grace_minutes"}),
    ("null", {**DRAFT, "title": None}, {"title"}),
    ("no such further unit", {**DRAFT, "more_units": ["T2", "NOWHERE"]}, {"more_units"}),
    ("no such unit left out", {**DRAFT, "without_units": ["NOWHERE"]}, {"without_units"}),
    ("nobody left", {**DRAFT, "without_units": ["T1"]}, {"without_units"}),
    ("no such topic", {**DRAFT, "topics": ["nothing"]}, {"topics"}),
    ("urgent for some", {**DRAFT, "topics": ["scam"], "is_urgent": True}, {"topics"}),
    ("no such earlier one", {**DRAFT, "missed": "0123456789ab"}, {"missed"}),
    ("a link to no page", {**DRAFT, "links": [{"label": "x", "url": "ftp://x"}]}, {"links"}),
    ("an empty label", {**DRAFT, "links": [{**LINK, "label": " "}]}, {"links"}),
    ("half a link", {**DRAFT, "links": [{"label": "x"}]}, {"links"}),
    ("four links", {**DRAFT, "links": [LINK] * 4}, {"links"}),
    ("no such place", {**DRAFT, "text": "{{ nowhere }}"}, {"text"}),
    ("long ago", {**DRAFT, "due_at": "0001-01-01T00:00:00+14:00"}, {"due_at"}),
    ("far away", {**DRAFT, "due_at": "9999-12-31T23:59:59-14:00"}, {"due_at"}),
]


@pytest.mark.parametrize(("body", "fields"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
async def test_every_field_that_is_wrong_is_named(
    rig: Rig, body: dict[str, Any], fields: set[str]
) -> None:
    token = await rig.caller(*EVERYTHING)
    refused = await rig.post("/announcements", token, json=body)
    assert (refused.status, bool(refused.key), set(refused.fields)) == (422, True, fields)
    assert (await rig.get("/announcements", token)).json == {"announcements": []}


BODIES: list[tuple[str, bytes, str, int, str]] = [
    ("no JSON", b"{", "application/json", 400, "body_unreadable"),
    ("nothing", b"", "application/json", 400, "body_unreadable"),
    ("a list", b"[]", "application/json", 400, "body_unreadable"),
    ("no UTF-8", b'{"unit":"\xff"}', "application/json", 400, "body_unreadable"),
    ("half a character", b'{"unit":"\\ud83d"}', "application/json", 400, "body_unreadable"),
    ("very deep", b"[" * 30_000, "application/json", 400, "body_unreadable"),
    ("no number", b'{"unit":NaN}', "application/json", 400, "body_unreadable"),
    ("a form", b"unit=T1", "application/x-www-form-urlencoded", 415, "body_not_json"),
    ("plain text", b"{}", "text/plain", 415, "body_not_json"),
    ("too large", b'{"text":"' + b"x" * 33_000, "application/json", 413, "body_too_large"),
]


@pytest.mark.parametrize("row", BODIES, ids=[row[0] for row in BODIES])
async def test_a_body_nobody_can_read_is_refused(
    rig: Rig, row: tuple[str, bytes, str, int, str]
) -> None:
    _, body, kind, status, key = row
    token = await rig.caller(*EVERYTHING)
    for path in ("/announcements", "/announcements/0123456789ab/approve"):
        refused = await rig.post(path, token, data=body, headers={"Content-Type": kind})
        assert (refused.status, refused.key) == (status, key)


async def test_a_body_without_a_length_is_bounded_too(rig: Rig) -> None:
    token = await rig.caller(*EVERYTHING)

    async def endless() -> Any:  # noqa: ANN401 - an async generator
        for _ in range(5):
            yield b" " * 8_192

    refused = await rig.post(
        "/announcements", token, data=endless(), headers={"Content-Type": "application/json"}
    )
    assert (refused.status, refused.key) == (413, "body_too_large")


@pytest.mark.parametrize("key", ["x" * 256, "đ", "a\tb"])
async def test_a_key_that_is_none_is_refused(rig: Rig, key: str) -> None:
    token = await rig.caller(*EVERYTHING)
    refused = await rig.post("/announcements", token, json=DRAFT, headers={KEY: key})
    assert (refused.status, set(refused.fields)) == (422, {KEY})


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", {"limit"}),
        ("limit=101", {"limit"}),
        ("limit=x", {"limit"}),
        ("page=2&limit=5", {"page"}),
    ],
)
async def test_a_wrong_query_is_refused_by_name(rig: Rig, query: str, fields: set[str]) -> None:
    token = await rig.caller(Scope.READ)
    refused = await rig.get(f"/announcements?{query}", token)
    assert (refused.status, set(refused.fields)) == (422, fields)


async def test_the_list_is_as_long_as_was_asked(rig: Rig) -> None:
    token = await rig.caller(*EVERYTHING)
    for number in range(3):
        await rig.draft(token, title=f"Tin {number}")
        rig.clock.advance(1)
    listed = await rig.get("/announcements?limit=2", token)
    assert [one["title"] for one in listed.json["announcements"]] == ["Tin 2", "Tin 1"]


async def test_hostile_words_stay_words(rig: Rig) -> None:
    token = await rig.caller(*EVERYTHING)
    text = "<script>alert(1)</script>\u202e\u0000 'x' \"y\""
    one = await rig.draft(token, text=text)
    kept = (await rig.get(f"/announcements/{one}", token)).json["text"]
    assert kept == "<script>alert(1)</script> 'x' \"y\""


async def test_what_is_urgent_waits_for_the_token_of_a_second_officer(rig: Rig) -> None:
    await rig.joined(rig.hamlet, "a")
    writer, approver = await rig.officer("lan", *Role), await rig.officer("an", *Role)
    ours, theirs = [(await rig.token(one, *EVERYTHING)).text for one in (writer, approver)]
    one = await rig.draft(ours, is_urgent=True)
    path = f"/announcements/{one}"
    early = await rig.post(f"{path}/approve", theirs, json={"mark": "x"})
    assert (early.status, early.key) == (409, "announcement_not_proposed")
    wrong = await rig.post(f"{path}/approve", theirs, json={"mark": "", "x": 1})
    assert (wrong.status, set(wrong.fields)) == (422, {"mark", "x"})
    released = await rig.post(f"{path}/release", ours)
    assert (released.status, released.json["state"]) == (200, "proposed")
    mark = released.json["mark"]
    own = await rig.post(f"{path}/approve", ours, json={"mark": mark})
    assert (own.status, own.key) == (409, "approval_own")
    other = await rig.post(f"{path}/approve", theirs, json={"mark": "another"})
    assert (other.status, other.key) == (409, "announcement_changed")
    approved = await rig.post(f"{path}/approve", theirs, json={"mark": mark})
    assert (approved.status, approved.json["state"]) == (200, "sending")


async def test_what_breaks_is_said_without_a_trace(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    token = await rig.caller(*EVERYTHING)
    rig.program.announcements._letters = None  # type: ignore[assignment] # so that it breaks
    rig.program.announcements._storage = None  # type: ignore[assignment] # nobody foresaw it
    broken = await rig.get("/announcements", token)
    assert (broken.status, broken.key) == (500, "failed")
    assert "NoneType" not in broken.text
    assert [record.message for record in caplog.records] == ["api.failed"]


class _NoStorage:
    """A database that is gone."""

    def read(self) -> Any:  # noqa: ANN401 - never returns
        raise StorageTrouble("the disk is full")

    begin = read


async def test_without_the_database_software_is_told_to_come_again(rig: Rig) -> None:
    token = await rig.caller(*EVERYTHING)
    rig.program.announcements._storage = _NoStorage()  # type: ignore[assignment] # so that it breaks
    broken = await rig.get("/announcements", token)
    assert (broken.status, broken.key) == (503, "unavailable")
    assert broken.headers["Retry-After"] == "10"
