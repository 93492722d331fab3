"""What every store must do about changes to answers and facts."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core.edits import AS_IN_THE_FILES, Draft, DraftId, Edit, EditKind, Revision
from bot.core.errors import NotFound, StorageTrouble
from bot.core.storage import Storage
from tests.storage.nouns import MINUTE, NOON, OFFICER, settle


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


def edit(number: int, key: str = "drugs/main", **changes: Any) -> Edit:  # noqa: ANN401  # any field
    made = {"kind": EditKind.ANSWER, "value": '{"mark":"sure"}', "officer_id": OFFICER}
    return Edit(
        **{
            **made,
            "revision": Revision(number),
            "key": key,
            "at": NOON,
            "reason": "Sửa",
            **changes,
        }
    )


def draft(name: str, **changes: Any) -> Draft:  # noqa: ANN401  # any field
    made = {"kind": EditKind.FACT, "key": "drug_law", "value": None, "officer_id": OFFICER}
    return Draft(**{**made, "id": DraftId(name), "at": NOON, "reason": "Xem", **changes})


async def test_versions_are_added_and_the_newest_of_each_holds(store: Storage) -> None:
    first, second = edit(1), edit(2, "drug_law", kind=EditKind.FACT)
    third = edit(3, value=None, before=Revision(1), undoes=Revision(1), effect="{}")
    async with store.begin() as work:
        assert await work.edits.revision() == AS_IN_THE_FILES
        assert await work.edits.newest() == []
        for one in (first, second, third):
            await work.edits.append(one)
        await work.commit()
    async with store.read() as work:
        assert await work.edits.revision() == 3
        assert await work.edits.get(Revision(1)) == first
        assert await work.edits.newest() == [second, third]
        assert await work.edits.newest_of(EditKind.ANSWER, "drugs/main") == third
        assert await work.edits.newest_of(EditKind.FACT, "drugs/main") is None
        assert await work.edits.history(EditKind.ANSWER, "drugs/main", limit=9) == [third, first]
        assert await work.edits.history(limit=2) == [third, second]
        with pytest.raises(NotFound):
            await work.edits.get(Revision(4))


async def test_a_revision_is_given_once(store: Storage) -> None:
    async def append(key: str) -> None:
        async with store.begin() as work:
            await work.edits.append(edit(1, key))
            await work.commit()

    await append("drugs/main")
    with pytest.raises(StorageTrouble):
        await append("fire_safety/main")


async def test_drafts_wait_to_be_measured_in_their_order(store: Storage) -> None:
    late, early = draft("late", at=NOON + MINUTE), draft("early")
    async with store.begin() as work:
        await work.drafts.save(late)
        await work.drafts.save(early)
        assert await work.drafts.unmeasured() == early
        await work.drafts.save(replace(early, effect=""))
        assert await work.drafts.unmeasured() == late
        await work.commit()
    async with store.begin() as work:
        assert await work.drafts.get(early.id) == replace(early, effect="")
        assert await work.drafts.forget_before(NOON + MINUTE) == 1
        await work.drafts.remove(late.id)
        await work.drafts.remove(late.id)
        assert await work.drafts.unmeasured() is None
        with pytest.raises(NotFound):
            await work.drafts.get(late.id)
