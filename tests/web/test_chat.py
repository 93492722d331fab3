"""The chat in the browser: saying, hearing, resuming, forgetting."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels.web.keys import COOKIE, chat_of
from bot.clock import RealChance
from bot.core.dialogues import SavedStep
from bot.core.languages import Language
from bot.core.messages import Address, Choice, IncomingKind
from bot.core.people import PersonState
from bot.services.channels import WEB
from bot.services.people import JoinTarget, People
from tests.web.site import Site, cookie, open_site

SAY = "/tro-chuyen/gui"
HEAR = "/tro-chuyen/nghe"


class Ear:
    """Reads one stream of server-sent events."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> tuple[str, dict[str, Any]]:
        """Return the next event's name and data; comments and settings are passed over."""
        name, data, number = "", "", ""
        while True:
            line = (await self._answer.content.readline()).decode()
            if not line:
                return "end", {}
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = value
            elif field == "id":
                number = value
            elif not field and data:
                return name, {**json.loads(data), **({"id": number} if number else {})}

    async def letters_until_ready(self) -> list[str]:
        texts = []
        while (event := await self.next())[0] != "ready":
            texts.append(event[1]["text"])
        return texts


@asynccontextmanager
async def hearing(site: Site, token: str, query: str = "", **headers: str) -> AsyncIterator[Ear]:
    async with site.get(HEAR + query, headers={**cookie(token), **headers}) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield Ear(answer)


# --- saying --------------------------------------------------------------------------------


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


@pytest.mark.parametrize("held", ["x", "x" * 43 + "!", "../../etc", "đ" * 43])
async def test_a_cookie_that_is_none_of_ours_opens_nothing(site: Site, held: str) -> None:
    headers = {"Cookie": f"{COOKIE}={held}"}
    async with site.get(HEAR, headers=headers) as answer:
        assert answer.status == 204
    async with site.get("/tro-chuyen", headers=headers) as answer:
        assert answer.status == 200


# --- hearing -------------------------------------------------------------------------------


async def test_a_browser_without_a_chat_is_told_not_to_listen(site: Site) -> None:
    async with site.get(HEAR) as answer:
        assert answer.status == 204


async def test_a_letter_reaches_the_open_page_at_once(site: Site) -> None:
    token = await site.opened_chat()
    async with hearing(site, token) as ear:
        assert await ear.letters_until_ready() == []
        await site.answer(
            token,
            "Dòng một\nDòng hai",
            choices=(
                Choice(label="Gọi 114", phone="114"),
                Choice(label="Báo tin", word="/togiac"),
                Choice(label="Trang", url="https://binhyen.test/to-giac"),
                Choice(label="Ở đây", url="http://binhyen.test/to-giac"),
                Choice(label="Lạ", url="http://evil.example/"),
                Choice(label="Xấu", url="javascript:alert(1)"),
            ),
        )
        name, letter = await ear.next()
    assert name == "letter"
    assert letter["text"] == "Dòng một\nDòng hai"
    assert letter["choices"] == [
        {"label": "Gọi 114", "phone": "114"},
        {"label": "Báo tin", "word": "/togiac"},
        {"label": "Trang", "url": "https://binhyen.test/to-giac"},
        {"label": "Ở đây", "url": "http://binhyen.test/to-giac"},
    ]


async def test_a_page_that_comes_back_hears_what_it_missed_and_nothing_twice(site: Site) -> None:
    token = await site.opened_chat()
    numbers = [await site.answer(token, text) for text in ("một", "hai", "ba")]
    async with hearing(site, token) as ear:
        assert await ear.letters_until_ready() == ["một", "hai", "ba"]
    async with hearing(site, token, **{"Last-Event-ID": numbers[0]}) as ear:
        assert await ear.letters_until_ready() == ["hai", "ba"]
    async with hearing(site, token, f"?sau={numbers[1]}") as ear:
        assert await ear.letters_until_ready() == ["ba"]
    # The browser's own header is newer than the address it first asked for.
    async with hearing(site, token, "?sau=0", **{"Last-Event-ID": numbers[2]}) as ear:
        assert await ear.letters_until_ready() == []


@pytest.mark.parametrize("number", ["-1", "x", "9" * 40, "١", "1.5"])
async def test_a_wrong_number_means_from_the_beginning(site: Site, number: str) -> None:
    token = await site.opened_chat()
    await site.answer(token, "một")
    async with hearing(site, token, "", **{"Last-Event-ID": number}) as ear:
        assert await ear.letters_until_ready() == ["một"]


async def test_many_missed_letters_all_come(site: Site) -> None:
    token = await site.opened_chat()
    for number in range(230):
        await site.answer(token, str(number))
    async with hearing(site, token) as ear:
        assert await ear.letters_until_ready() == [str(number) for number in range(230)]
    async with site.get("/tro-chuyen", headers=cookie(token)) as answer:
        text = await answer.text()
    assert text.count("data-n=") == 200
    assert ">229</div>" in text
    assert ">29</div>" not in text


async def test_every_open_window_hears_a_letter(site: Site) -> None:
    token = await site.opened_chat()
    async with hearing(site, token) as first, hearing(site, token) as second:
        await first.letters_until_ready()
        await second.letters_until_ready()
        await site.answer(token, "tin")
        assert (await first.next())[1]["text"] == "tin"
        assert (await second.next())[1]["text"] == "tin"


async def test_nobody_hears_the_letters_of_another(site: Site) -> None:
    mine, other = await site.opened_chat(), await site.opened_chat()
    await site.answer(other, "của người khác")
    async with hearing(site, mine) as ear:
        assert await ear.letters_until_ready() == []


async def test_too_many_windows_of_one_chat_are_refused(site: Site) -> None:
    token = await site.opened_chat()
    open_windows = [await site.http.get(site.url + HEAR, headers=cookie(token)) for _ in range(8)]
    async with site.get(HEAR, headers=cookie(token)) as answer:
        assert answer.status == 429
    for window in open_windows:
        window.close()


async def test_a_stopping_server_ends_every_stream(site: Site) -> None:
    token = await site.opened_chat()
    async with hearing(site, token) as ear:
        await ear.letters_until_ready()
        site.doorbells.close()
        assert await ear.next() == ("end", {})


async def test_a_letter_nobody_can_open_hides_no_other(site: Site) -> None:
    token = await site.opened_chat()
    mailbox = site.envelopes.conversation(WEB, chat_of(token))
    async with site.storage.begin() as work:
        await work.mailboxes.put(mailbox, b"broken", is_secret=False, at=site.clock.now())
        await work.commit()
    await site.answer(token, "sau đó")
    async with hearing(site, token) as ear:
        assert await ear.letters_until_ready() == ["sau đó"]


# --- the page ------------------------------------------------------------------------------


async def test_the_page_works_without_scripts(site: Site) -> None:
    token = await site.opened_chat()
    await site.answer(token, "Chọn <b>một</b>", choices=(Choice(label="Báo tin", word="/togiac"),))
    async with site.get("/tro-chuyen", headers=cookie(token)) as answer:
        text = await answer.text()
    assert "Chọn &lt;b&gt;một&lt;/b&gt;" in text
    assert '<button class="choice" name="word" value="/togiac">Báo tin</button>' in text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "start"),
    [("?ma=abc-123", "join_ABC123"), ("?ma=%22%3E%3Cb%3E", ""), ("", ""), ("?ma=đđđ", "")],
)
async def test_a_join_link_starts_the_chat_with_its_code(
    site: Site, query: str, start: str
) -> None:
    async with site.get("/tro-chuyen" + query) as answer:
        assert f'data-start="{start}"' in await answer.text()


async def test_a_secret_letter_is_gone_once_the_page_has_shown_it(site: Site) -> None:
    token = await site.opened_chat()
    number = await site.answer(token, "MÃ-BÍ-MẬT", is_secret=True)
    async with site.get("/tro-chuyen", headers=cookie(token)) as answer:
        assert "MÃ-BÍ-MẬT" in await answer.text()
    async with site.post(
        "/tro-chuyen/da-xem", json={"n": number}, headers=cookie(token)
    ) as answer:
        assert answer.status == 202
    async with site.get("/tro-chuyen", headers=cookie(token)) as answer:
        assert "MÃ-BÍ-MẬT" not in await answer.text()


async def test_nobody_wipes_the_letters_of_another(site: Site) -> None:
    mine, other = await site.opened_chat(), await site.opened_chat()
    number = await site.answer(other, "MÃ-BÍ-MẬT", is_secret=True)
    for headers in (cookie(mine), {}):
        async with site.post("/tro-chuyen/da-xem", json={"n": number}, headers=headers):
            pass
    async with site.get("/tro-chuyen", headers=cookie(other)) as answer:
        assert "MÃ-BÍ-MẬT" in await answer.text()


async def test_a_deleted_chat_leaves_nothing_and_is_a_member_of_nothing(site: Site) -> None:
    token = await site.opened_chat()
    address = Address(channel_id=WEB, chat=chat_of(token))
    people = People(storage=site.storage, clock=site.clock, chance=RealChance())
    mailbox = site.envelopes.conversation(WEB, address.chat)
    async with site.storage.begin() as work:
        target = JoinTarget(unit=await site.neighbourhood())
        await people.join(work, address, target, consent="v1", language=Language.VI)
        until = site.clock.now() + timedelta(minutes=30)
        await work.dialogues.save(SavedStep(conversation=mailbox, sealed=b"x", expires_at=until))
        await work.commit()
    await site.answer(token, "tin cũ")
    async with site.post("/tro-chuyen/xoa", headers=cookie(token)) as answer:
        assert answer.status == 200
        assert SimpleCookie(answer.headers["Set-Cookie"])[COOKIE].value == ""
    async with site.storage.read() as work:
        assert await work.mailboxes.after(mailbox, 0) == []
        assert await work.dialogues.get(mailbox) is None
        person = await work.people.find(WEB, address.chat)
    assert person is not None
    assert person.state is PersonState.LEFT


async def test_deleting_is_asked_for_on_a_page_first(site: Site) -> None:
    async with site.get("/tro-chuyen/xoa") as answer:
        text = await answer.text()
    assert "thôi nhận thông báo" in text
    assert 'method="post"' in text


async def test_letters_to_many_chats_do_not_mix(site: Site) -> None:
    tokens = [await site.opened_chat() for _ in range(5)]
    await asyncio.gather(*(site.answer(token, f"cho {token}") for token in tokens))
    for token in tokens:
        async with hearing(site, token) as ear:
            assert await ear.letters_until_ready() == [f"cho {token}"]
