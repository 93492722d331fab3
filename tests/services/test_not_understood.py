"""Questions without an answer: what is taken note of, how it is kept, what officers see."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.officers import Role
from bot.core.unknown_questions import UnknownQuestion
from bot.services.answers.answers import Answers
from bot.services.answers.not_understood import (
    NotUnderstood,
    UnknownQuestions,
    first_kept,
    gathered,
    stripping_of,
)
from bot.services.audit import Audit
from content.book import Book
from tests.fakes import FakeClock
from tests.storage.nouns import HAMLET, officer, settle
from tests.storage.rig import Store

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def answers() -> Answers:
    return Answers(Book.load())


def noting(
    storage: Store, book: Book, answers: Answers, clock: FakeClock, *, days_kept: int = 30
) -> NotUnderstood:
    return NotUnderstood(
        storage=storage,
        answers=answers,
        stripping=stripping_of(book),
        clock=clock,
        zone=UTC,
        days_kept=days_kept,
    )


async def kept(storage: Store) -> dict[str, int]:
    async with storage.read() as work:
        return {one.text: one.many for one in await work.unknown_questions.all()}


@pytest.fixture
def noted(storage: Store, book: Book, answers: Answers, clock: FakeClock) -> NotUnderstood:
    return noting(storage, book, answers, clock)


ASKED = "làm sao xin cấp sổ hộ nghèo cho mẹ tôi"


async def test_questions_are_kept_together_by_the_day(
    storage: Store, noted: NotUnderstood
) -> None:
    for text in (ASKED, f"{ASKED} Nguyễn Thị Hoa, số 0912345678", ASKED):
        noted.note(text)
    assert await kept(storage) == {}
    await noted.flush()
    await noted.flush()
    assert await kept(storage) == {ASKED: 2, f"{ASKED} … số …": 1}
    noted.note(ASKED)
    noted.note(ASKED)
    await noted.flush()
    assert (await kept(storage))[ASKED] == 4


@pytest.mark.parametrize(
    "text",
    [
        "cháy nhà rồi cứu tôi với bà con ơi",
        "thằng hàng xóm bán ma túy cho bọn trẻ trong xóm tôi",
        "Nguyễn Văn An 0912345678",
    ],
    ids=["danger", "tells on somebody", "nothing but a name"],
)
async def test_what_is_nobodys_to_read_is_not_noted(
    storage: Store, noted: NotUnderstood, text: str
) -> None:
    noted.note(text)
    await noted.flush()
    assert await kept(storage) == {}


async def test_nothing_is_noted_where_it_is_switched_off(
    storage: Store, book: Book, answers: Answers, clock: FakeClock
) -> None:
    noted = noting(storage, book, answers, clock, days_kept=0)
    noted.note(ASKED)
    await noted.flush()
    assert await kept(storage) == {}
    assert first_kept(TODAY, 0) > TODAY
    assert first_kept(TODAY, 30) == TODAY - timedelta(days=30)


async def test_what_waits_is_written_when_the_process_ends(
    storage: Store, noted: NotUnderstood
) -> None:
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(noted.run(stopping))
        await asyncio.sleep(0)
        noted.note(ASKED)
        stopping.set()
    assert await kept(storage) == {ASKED: 1}


def test_questions_alike_are_counted_together() -> None:
    one = UnknownQuestion(text="bao giờ có tiền trợ cấp", day=TODAY, many=2)
    other = replace(one, text="bao gio co tien tro cap a", many=3, day=TODAY + timedelta(days=1))
    strange = replace(one, text="chợ phiên họp ngày mấy", many=4)
    found = gathered([one, other, strange])
    assert [(group.text, group.many, group.others) for group in found] == [
        ("bao gio co tien tro cap a", 5, ("bao giờ có tiền trợ cấp",)),
        ("chợ phiên họp ngày mấy", 4, ()),
    ]
    assert found[0].last_on == TODAY + timedelta(days=1)
    assert replace(found[0], text="… có … tiền").example == "có tiền"


async def test_a_question_is_dismissed_with_those_like_it(
    storage: Store, answers: Answers, clock: FakeClock
) -> None:
    await settle(storage)
    audit = Audit(storage=storage, clock=clock)
    service = UnknownQuestions(storage=storage, answers=answers, audit=audit, days_kept=30)
    async with storage.begin() as work:
        texts = {"bao giờ có tiền trợ cấp": 2, "bao gio co tien tro cap a": 1, "chợ phiên": 1}
        await work.unknown_questions.add(texts, TODAY)
        await work.commit()
    (first, _) = await service.asked(officer())
    await service.drop(first.text, by=officer())
    assert await kept(storage) == {"chợ phiên": 1}
    with pytest.raises(NotFound):
        await service.drop(first.text, by=officer())
    (entry, *_) = await audit.newest()
    assert (entry.record.act, entry.record.facts) == ("content.question_drop", {"count": "3"})
    assert service.nearest("xyz") == ""
    for other in (officer(unit_id=HAMLET), officer(roles=frozenset({Role.MODERATOR}))):
        with pytest.raises(RuleBroken, match="edit_of_commune_only"):
            await service.asked(other)
