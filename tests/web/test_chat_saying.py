"""What is said in the chat comes in once, whole and in order."""

from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels.web.keys import COOKIE, chat_of
from bot.core.messages import IncomingKind
from tests.web.site import Site, cookie, open_site

SAY = "/tro-chuyen/gui"


async def test_what_is_said_is_stored_before_it_is_acknowledged(site: Site) -> None:
    async with site.post(SAY, json={"id": "abcdefgh", "text": "báo cháy gọi số nào"}) as answer:
        assert answer.status == 202
        assert await answer.json() == {"cut": False}
    (incoming,) = await site.arrived()
    assert incoming.kind is IncomingKind.TEXT
    assert incoming.text == "báo cháy gọi số nào"


async def test_the_first_word_gives_a_cookie_only_this_page_can_use(site: Site) -> None:
    async with site.post(SAY, json={"id": "abcdefgh", "text": "chào"}) as answer:
        morsel = SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]
    assert morsel["httponly"]
    assert morsel["samesite"] == "Strict"
    assert morsel["path"] == "/tro-chuyen"
    assert not morsel["secure"]
    (incoming,) = await site.arrived()
    assert incoming.chat == chat_of(morsel.value)
    assert morsel.value not in incoming.chat


async def test_over_https_the_cookie_stays_there(tmp_path: Path) -> None:
    async with (
        open_site(tmp_path, public_url="https://binhyen.test") as site,
        site.post(SAY, json={"id": "abcdefgh", "text": "chào"}) as answer,
    ):
        assert SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]["secure"]


async def test_the_same_message_sent_again_counts_once(site: Site) -> None:
    token = await site.opened_chat()
    for _ in range(3):
        async with site.post(
            SAY, json={"id": "same-message", "text": "một"}, headers=cookie(token)
        ) as answer:
            assert answer.status == 202
    assert await site.backlog() == 2


async def test_two_people_may_use_the_same_message_id(site: Site) -> None:
    await site.opened_chat()
    await site.opened_chat()
    assert await site.backlog() == 2


KINDS = [
    ({"word": "/togiac"}, IncomingKind.CHOICE, "/togiac"),
    ({"start": "join_ABC123"}, IncomingKind.START, "join_ABC123"),
    ({"start": ""}, IncomingKind.START, ""),
    ({"text": "a\u202eb\x00c\ud800d"}, IncomingKind.TEXT, "abcd"),
    ({"text": "🔥👨‍👩‍👧"}, IncomingKind.TEXT, None),
]


@pytest.mark.parametrize(("said", "kind", "text"), KINDS, ids=str)
async def test_a_tap_a_link_and_a_word_come_in_as_what_they_are(
    site: Site, said: dict[str, str], kind: IncomingKind, text: str | None
) -> None:
    async with site.post(SAY, json={"id": "abcdefgh", "lang": "en", **said}) as answer:
        assert answer.status == 202
    (incoming,) = await site.arrived()
    assert incoming.kind is kind
    assert incoming.language == "en"
    if text is not None:
        assert incoming.text == text


async def test_ten_thousand_letters_pass_and_more_are_cut_with_a_word(site: Site) -> None:
    async with site.post(SAY, json={"id": "abcdefgh", "text": "ộ" * 10_000}) as answer:
        assert await answer.json() == {"cut": False}
    async with site.post(SAY, json={"id": "abcdefgi", "text": "ộ" * 10_001}) as answer:
        assert await answer.json() == {"cut": True}
    assert {len(one.text) for one in await site.arrived()} == {10_000}


async def test_the_form_without_scripts_does_the_same(site: Site) -> None:
    form = aiohttp.FormData({"id": "abcdefgh", "text": "ộ" * 10_000}, default_to_multipart=True)
    async with site.post(SAY + "?lang=en", data=form) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/tro-chuyen?lang=en#write"
        assert COOKIE in answer.headers["Set-Cookie"]
    (incoming,) = await site.arrived()
    assert len(incoming.text) == 10_000


NONSENSE = [
    {"json": {}},
    {"json": {"id": "abcdefgh"}},
    {"json": {"id": "abcdefgh", "text": " \u200b "}},
    {"json": {"id": "abcdefgh", "text": 7}},
    {"json": {"id": "short", "text": "a"}},
    {"json": {"id": "no spaces!", "text": "a"}},
    {"json": [1]},
    {"data": b"{", "headers": {"Content-Type": "application/json"}},
    {"data": b"[" * 60_000, "headers": {"Content-Type": "application/json"}},
    {"data": b"\xff", "headers": {"Content-Type": "application/json"}},
    {"data": b"", "headers": {"Content-Type": "multipart/form-data"}},
]


@pytest.mark.parametrize("request_", NONSENSE, ids=lambda one: str(one)[:50])
async def test_nonsense_is_refused_and_breaks_nothing(
    site: Site, request_: dict[str, Any]
) -> None:
    async with site.post(SAY, **request_) as answer:
        assert answer.status == 400
    assert await site.backlog() == 0


async def test_somebody_too_fast_is_asked_to_wait_a_moment(site: Site) -> None:
    token = await site.opened_chat()
    statuses, wait_s = [], 0
    for number in range(25):
        said = {"id": f"message-{number}", "text": "a"}
        async with site.post(SAY, json=said, headers=cookie(token)) as answer:
            statuses.append(answer.status)
            wait_s = int(answer.headers.get("Retry-After", "0"))
    assert statuses.count(429) > 0
    assert 0 < wait_s <= 2
    site.clock.advance(timedelta(seconds=wait_s))
    async with site.post(
        SAY, json={"id": "afterwards", "text": "a"}, headers=cookie(token)
    ) as answer:
        assert answer.status == 202
