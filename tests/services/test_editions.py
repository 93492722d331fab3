"""Every process takes up what officers changed, between two messages."""

import asyncio
import json

import pytest

from bot.core.edits import Edit, EditKind, Revision
from bot.core.languages import Language
from bot.services.answers.answers import Answers
from bot.services.answers.live import LiveAnswers
from bot.services.answers.topic_training import fingerprint
from bot.services.edits.editions import Editions
from content.book import Book
from content.live import LiveBook
from tests.storage.nouns import NOON, OFFICER, settle
from tests.storage.rig import Store

VI = Language.VI
SHORT = '{"short":{"vi":"Câu mới của xã.","en":"A new sentence."}}'
ASKED = "zxq vbw"
WITH_EXAMPLE = json.dumps({**json.loads(SHORT), "examples_added": {"vi": [ASKED]}})


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


def topic_of(answers: Answers) -> str:
    return answers.answer(ASKED, unit={}, language=VI).intent


async def test_what_is_said_changes_at_once_and_topics_when_they_are_learned(
    storage: Store, book: Book
) -> None:
    editions = Editions(storage=storage, book=LiveBook(book))
    answers = editions.answers
    assert await editions.learn() is False
    await change(storage, 1, WITH_EXAMPLE)
    await editions.follow()
    assert "Câu mới của xã." in said(answers)
    assert topic_of(answers) == "out_of_scope"
    assert await editions.learn() is True
    assert topic_of(answers) == "drugs"
    assert await editions.learn() is False


async def test_a_start_with_changed_examples_waits_for_nothing(storage: Store, book: Book) -> None:
    await change(storage, 1, WITH_EXAMPLE)
    editions = Editions(storage=storage, book=LiveBook(book))
    await editions.follow()
    answers = editions.answers
    assert "Câu mới của xã." in said(answers)
    assert answers.weights.learned_from == book.topic_weights.learned_from
    await editions.learn()
    assert topic_of(answers) == "drugs"


async def test_a_change_without_examples_is_nothing_to_learn(storage: Store, book: Book) -> None:
    editions = Editions(storage=storage, book=LiveBook(book))
    answers = editions.answers
    await change(storage, 1, SHORT)
    await editions.follow()
    assert await editions.learn() is False
    assert answers.weights is book.topic_weights


async def test_an_answer_that_is_no_more_gives_way_to_the_main_one(
    storage: Store, book: Book
) -> None:
    editions = Editions(storage=storage, book=LiveBook(book))
    answers = editions.answers
    own = {
        "title": {"vi": "Tên riêng", "en": "A title"},
        "mark": "likely",
        "short": {"vi": "Câu riêng của xã.", "en": "A sentence of our own."},
        "examples_added": {"vi": [ASKED], "en": [ASKED]},
    }
    await change(storage, 1, json.dumps(own), "drugs/own_one")
    await editions.follow()
    await editions.learn()
    asked = answers.answer(ASKED, unit={}, language=VI)
    assert "Câu riêng của xã." in "\n".join(asked.texts)
    await change(storage, 2, None, "drugs/own_one")
    await editions.follow()
    asked = answers.answer(ASKED, unit={}, language=VI)
    assert asked.intent == "drugs"
    assert "\n".join(asked.texts) == said(answers)
    assert await editions.learn() is True
    assert answers.weights.learned_from == book.topic_weights.learned_from


async def test_what_changed_while_learning_is_learned_next(storage: Store, book: Book) -> None:
    editions = Editions(storage=storage, book=LiveBook(book))
    answers = editions.answers
    await change(storage, 1, WITH_EXAMPLE)
    await editions.follow()
    await change(storage, 2, WITH_EXAMPLE, "traffic/main")
    await asyncio.gather(editions.learn(), editions.follow())
    assert await editions.learn() is True
    assert answers.weights.learned_from == fingerprint(editions.book)


def test_an_exchange_leaves_nothing_of_the_old_inside(book: Book) -> None:
    older, newer = Answers(book), Answers(book)
    live = LiveAnswers(older)
    live.exchange(newer)
    assert vars(live) == vars(newer)
    assert vars(older) != vars(newer)
