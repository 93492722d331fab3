"""Every process takes up what officers changed, between two messages."""

import asyncio

import pytest

from bot.core.edits import Edit, EditKind, Revision
from bot.core.languages import Language
from bot.services.answers.answers import Answers
from bot.services.answers.live import LiveAnswers
from bot.services.edits.editions import Editions
from content.book import Book
from content.live import LiveBook
from tests.storage.nouns import NOON, OFFICER, settle
from tests.storage.rig import Store

VI = Language.VI
SHORT = '{"short":{"vi":"Câu mới của xã.","en":"A new sentence."}}'


@pytest.fixture(autouse=True)
async def village(storage: Store) -> None:
    await settle(storage)


async def change(storage: Store, number: int, value: str | None, key: str = "drugs/main") -> None:
    async with storage.begin() as work:
        await work.edits.append(
            Edit(
                revision=Revision(number),
                kind=EditKind.ANSWER,
                key=key,
                value=value,
                officer_id=OFFICER,
                at=NOON,
                reason="Sửa cho rõ",
            )
        )
        await work.commit()


def said(answers: Answers) -> str:
    return "\n".join(answers.topic("drugs", unit={}, language=VI).texts)


async def test_a_change_and_its_taking_back_reach_every_process(
    storage: Store, book: Book
) -> None:
    processes = [Editions(storage=storage, book=LiveBook(book)) for _ in range(2)]
    kept = [one.answers for one in processes]
    was = said(kept[0])
    assert await processes[0].follow() is False
    await change(storage, 1, SHORT)
    assert [await one.follow() for one in processes] == [True, True]
    assert all("Câu mới của xã." in said(answers) for answers in kept)
    assert [one.revision for one in processes] == [1, 1]
    await change(storage, 2, None)
    assert await processes[1].follow() is True
    assert said(kept[1]) == was


async def test_what_fits_no_file_is_set_aside_and_the_rest_holds(
    storage: Store, book: Book
) -> None:
    live = LiveBook(book)
    editions = Editions(storage=storage, book=live)
    await change(storage, 1, SHORT)
    await change(storage, 2, '{"colour":"red"}', "fire_safety/main")
    await change(storage, 3, "no JSON", "traffic/main")
    await editions.follow()
    assert {one.edit.key for one in editions.set_aside} == {"fire_safety/main", "traffic/main"}
    assert live.topics["drugs"].answers["main"].short[VI] == "Câu mới của xã."


async def test_messages_are_answered_while_a_change_is_taken_up(
    storage: Store, book: Book
) -> None:
    editions = Editions(storage=storage, book=LiveBook(book))
    answers, was = editions.answers, said(editions.answers)
    await change(storage, 1, SHORT)
    heard: list[str] = []
    async with asyncio.TaskGroup() as group:
        following = group.create_task(editions.follow())
        while not following.done():
            heard.append(said(answers))
            await asyncio.sleep(0)
    assert set(heard) == {was}
    assert len(heard) > 10
    assert "Câu mới" in said(answers)


def test_an_exchange_leaves_nothing_of_the_old_inside(book: Book) -> None:
    older, newer = Answers(book), Answers(book)
    live = LiveAnswers(older)
    live.exchange(newer)
    assert vars(live) == vars(newer)
    assert vars(older) != vars(newer)
