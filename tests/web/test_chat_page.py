"""The page of the chat: without scripts, its secrets, its end."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest

from bot.channels.web.keys import COOKIE, chat_of
from bot.clock import RealChance
from bot.core.dialogues import SavedStep
from bot.core.languages import Language
from bot.core.messages import Address, Choice
from bot.core.people import PersonState
from bot.services.channels.channels import WEB
from bot.services.people.people import JoinTarget, People
from tests.web.site import Site, cookie


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
