"""What holds of a change and of a look that run in one piece."""

import asyncio
from collections.abc import Awaitable, Callable

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


async def test_of_many_changes_at_once_the_one_that_fails_takes_nobody_along(
    store: Storage,
) -> None:
    async def fail(work: Work) -> str:
        await put(work, "failed")
        raise LookupError

    def kept_as(name: str) -> Callable[[Work], Awaitable[str]]:
        return lambda work: put(work, name)

    changes = [fail if number % 5 == 2 else kept_as(f"k{number}") for number in range(60)]
    ends = await asyncio.gather(*map(store.change, changes), return_exceptions=True)
    for number, end in enumerate(ends):
        if number % 5 == 2:
            assert isinstance(end, LookupError)
        else:
            assert end == f"k{number}"
            assert await kept(store, f"k{number}") == "kept"
    assert await kept(store, "failed") is None
