"""What every store must do about addresses of officers and letters on their way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.ids import OfficerId
from bot.core.mails import OfficerMail, WaitingMail
from bot.core.storage import Storage
from tests.storage.nouns import MINUTE, NOON, OFFICER, officer, settle


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


def address(name: str = "a", *, minute: int = 0, officer_id: OfficerId = OFFICER) -> OfficerMail:
    at = NOON + timedelta(minutes=minute)
    return OfficerMail(id=name, officer_id=officer_id, sealed=b"s", code="c", added_at=at)


def mail(name: str, to: str = "a", *, minute: int = 0) -> WaitingMail:
    at = NOON + timedelta(minutes=minute)
    return WaitingMail(id=name, to_id=to, sealed=name.encode(), not_before=at)


async def test_addresses_are_kept_by_their_officers(store: Storage) -> None:
    other = OfficerId("other")
    async with store.begin() as work:
        await work.officers.save(replace(officer(), id=other, login="other"))
        await work.mails.save_address(address("b", minute=1))
        await work.mails.save_address(address("a"))
        await work.mails.save_address(address("c", officer_id=other))
        await work.commit()
    async with store.begin() as work:
        kept = replace(address("a"), confirmed_at=NOON, code="", trouble="later")
        await work.mails.save_address(kept)
        await work.commit()
    async with store.read() as work:
        assert await work.mails.addresses([OFFICER]) == [kept, address("b", minute=1)]
        assert len(await work.mails.addresses([OFFICER, other])) == 3
        assert await work.mails.addresses([]) == []
        assert await work.mails.address("a") == kept
        assert await work.mails.address("nobody") is None


async def test_letters_are_claimed_once_and_put_off(store: Storage) -> None:
    async with store.begin() as work:
        await work.mails.save_address(address())
        await work.mails.add([mail("late", minute=9), mail("one"), mail("two")])
        await work.mails.add([])
        await work.commit()
    lease = NOON + MINUTE
    async with store.begin() as work:
        taken = await work.mails.claim(5, now=NOON, lease_until=lease)
        assert [one.id for one in taken] == ["one", "two"]
        assert {one.attempts for one in taken} == {1}
        assert await work.mails.claim(5, now=NOON, lease_until=lease) == []
        await work.mails.save(replace(taken[0], not_before=NOON))
        await work.mails.remove("two")
        await work.mails.save(taken[1])
        await work.commit()
    async with store.begin() as work:
        (again,) = await work.mails.claim(5, now=NOON, lease_until=lease)
        assert (again.id, again.attempts, again.sealed) == ("one", 2, b"one")
        assert await work.mails.waiting() == 2


async def test_two_processes_never_get_the_same_letter(store: Storage) -> None:
    async with store.begin() as work:
        await work.mails.save_address(address())
        await work.mails.add([mail(f"m{number}") for number in range(20)])
        await work.commit()

    async def take() -> list[str]:
        async with store.begin() as work:
            found = await work.mails.claim(5, now=NOON, lease_until=NOON + MINUTE)
            await work.commit()
        return [one.id for one in found]

    taken = [one for some in await asyncio.gather(*(take() for _ in range(4))) for one in some]
    assert sorted(taken) == sorted({f"m{number}" for number in range(20)})


async def test_what_waits_for_an_address_goes_with_it(store: Storage) -> None:
    confirmed = replace(address("kept"), confirmed_at=NOON)
    async with store.begin() as work:
        for one in (address("gone"), address("old"), address("new", minute=2), confirmed):
            await work.mails.save_address(one)
        await work.mails.add([mail(f"to-{to}", to) for to in ("gone", "old", "new", "kept")])
        await work.mails.remove_address("gone")
        assert await work.mails.forget_unconfirmed_before(NOON + MINUTE) == 1
        await work.commit()
    async with store.read() as work:
        assert [one.id for one in await work.mails.addresses([OFFICER])] == ["kept", "new"]
        assert await work.mails.waiting() == 2
