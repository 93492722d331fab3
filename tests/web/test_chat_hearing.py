"""Letters reach the open pages of a chat, and nobody else."""

import asyncio
from datetime import timedelta

import pytest

from bot.channels.web.keys import COOKIE, chat_of
from bot.core.messages import Choice
from bot.services.channels.channels import WEB
from tests.web.ear import HEAR, hearing
from tests.web.site import Site, cookie


@pytest.mark.parametrize("held", ["x", "x" * 43 + "!", "../../etc", "đ" * 43])
async def test_a_cookie_that_is_none_of_ours_opens_nothing(site: Site, held: str) -> None:
    headers = {"Cookie": f"{COOKIE}={held}"}
    async with site.get(HEAR, headers=headers) as answer:
        assert answer.status == 204
    async with site.get("/tro-chuyen", headers=headers) as answer:
        assert answer.status == 200


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


async def test_letters_to_many_chats_do_not_mix(site: Site) -> None:
    tokens = [await site.opened_chat() for _ in range(5)]
    await asyncio.gather(*(site.answer(token, f"cho {token}") for token in tokens))
    for token in tokens:
        async with hearing(site, token) as ear:
            assert await ear.letters_until_ready() == [f"cho {token}"]


async def test_a_quiet_line_is_kept_open_by_a_heartbeat(site: Site) -> None:
    token = await site.opened_chat()
    async with hearing(site, token) as ear:
        await ear.letters_until_ready()
        site.clock.advance(timedelta(seconds=20))
        # As if its own look every few seconds had come round.
        site.doorbells.ring(site.envelopes.conversation(WEB, chat_of(token)))
        assert await ear.comment() == ": still here\n"
