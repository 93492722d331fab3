"""What holds of a change and of a look that run in one piece."""

import asyncio

import pytest

from bot.core.audit import AuditRecord
from bot.core.errors import StorageTrouble
from bot.core.storage import Storage, Work
from tests.storage.nouns import NOON


async def put(work: Work, key: str) -> str:
    await work.settings.put(key, "kept")
    return key


async def kept(store: Storage, key: str) -> str | None:
    return await store.look(lambda work: work.settings.get(key))


async def test_a_change_is_kept_whole_and_says_what_it_returns(store: Storage) -> None:
    async def both(work: Work) -> str:
        return await put(work, "one") + await put(work, "two")

    assert await store.change(both) == "onetwo"
    assert [await kept(store, "one"), await kept(store, "two")] == ["kept", "kept"]


async def test_a_change_that_fails_keeps_nothing_and_hinders_nobody(store: Storage) -> None:
    async def fails(work: Work) -> None:
        await put(work, "failed")
        raise LookupError

    async def tried() -> None:
        with pytest.raises(LookupError):
            await store.change(fails)

    async def done(key: str) -> None:
        await store.change(lambda work: put(work, key))

    await asyncio.gather(*(tried() for _ in range(3)), *(done(key) for key in ("a", "b", "c")))
    assert await kept(store, "failed") is None
    assert [await kept(store, key) for key in ("a", "b", "c")] == ["kept"] * 3


async def test_acts_are_audited_in_one_piece_as_well(store: Storage) -> None:
    record = AuditRecord(at=NOON, actor="somebody", act="something")
    first = await store.change(lambda work: work.audit.append(record))
    second = await store.change(lambda work: work.audit.append(record))
    assert second.number > first.number


async def test_a_look_sees_and_keeps_nothing(store: Storage) -> None:
    async def writes(work: Work) -> None:
        await put(work, "written")

    with pytest.raises(StorageTrouble):
        await store.look(writes)
    assert await kept(store, "written") is None


async def test_what_looks_and_fails_leaves_the_connection_to_the_next(store: Storage) -> None:
    async def fails(work: Work) -> None:
        await work.settings.get("any")
        raise LookupError

    for _ in range(10):
        with pytest.raises(LookupError):
            await store.look(fails)
    await store.change(lambda work: put(work, "later"))
    assert await kept(store, "later") == "kept"


async def test_a_change_given_up_while_it_waits_changes_nothing(store: Storage) -> None:
    async with asyncio.TaskGroup() as group, store.begin() as work:
        await put(work, "first")
        waiting = group.create_task(store.change(lambda other: put(other, "given up")))
        await asyncio.sleep(0)
        waiting.cancel()
        await work.commit()
    assert waiting.cancelled()
    assert await kept(store, "given up") is None
    assert await kept(store, "first") == "kept"
