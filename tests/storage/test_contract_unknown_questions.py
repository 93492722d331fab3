"""What every store must do about questions without an answer."""

from datetime import date, timedelta

from bot.core.storage import Storage
from bot.core.unknown_questions import UnknownQuestion

TODAY = date(2026, 11, 22)
BEFORE = TODAY - timedelta(days=1)


async def test_texts_are_counted_by_the_day_and_forgotten(store: Storage) -> None:
    async with store.begin() as work:
        await work.unknown_questions.add({"chợ phiên": 1}, BEFORE)
        await work.unknown_questions.add({"chợ phiên": 2, "án phí": 1}, TODAY)
        await work.unknown_questions.add({"chợ phiên": 3}, TODAY)
        await work.unknown_questions.add({}, TODAY)
        await work.commit()
    async with store.begin() as work:
        found = await work.unknown_questions.all()
        assert sorted(found, key=lambda one: (one.many, one.text)) == [
            UnknownQuestion(text="chợ phiên", day=BEFORE, many=1),
            UnknownQuestion(text="án phí", day=TODAY, many=1),
            UnknownQuestion(text="chợ phiên", day=TODAY, many=5),
        ]
        assert await work.unknown_questions.forget_before(TODAY) == 1
        assert await work.unknown_questions.remove(["chợ phiên", "nothing"]) == 1
        assert [one.text for one in await work.unknown_questions.all()] == ["án phí"]
