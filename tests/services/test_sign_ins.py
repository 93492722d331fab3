"""Signing in: who is kept out by wrong passwords, and what is brought up to date on the way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.officers import made_officer_services
from bot.core.officers import Role
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.sign_ins import SignedIn, SignInsBusy
from bot.services.officers.tries import TRIES, TRIES_ELSEWHERE, Place, TooManySignIns
from bot.vault.officers import OfficerKeys, Passwords
from bot.vault.slow import Argon2Cost
from tests.builders.town import PASSWORD, Town

WRONG = "không phải mật khẩu này"
OFFICE = Place(address="192.0.2.1")
ELSEWHERE = Place(address="203.0.113.9")


async def somebody(town: Town, login: str = "truongca") -> None:
    roles = frozenset({Role.ADMIN, Role.MODERATOR})
    new = NewOfficer(
        login=login, name="Người Bịa", password=PASSWORD, unit_id=town.commune.id, roles=roles
    )
    await town.officers.add(new, by="test")


async def signed_in(town: Town, place: Place, login: str = "truongca") -> SignedIn:
    found = await town.sign_ins.sign_in(login, PASSWORD, place=place)
    assert found is not None
    return found


async def tried(town: Town, place: Place, login: str = "truongca") -> type[Exception] | None:
    try:
        found = await town.sign_ins.sign_in(login, WRONG, place=place)
    except TooManySignIns as error:
        return type(error)
    assert found is None
    return None


async def test_wrong_passwords_from_elsewhere_keep_nobody_out(town: Town) -> None:
    await somebody(town)
    first = await signed_in(town, OFFICE)
    known = Place(address=OFFICE.address, signs=("x.y", first.sign))
    for _ in range(TRIES):
        assert await tried(town, ELSEWHERE) is None
    with pytest.raises(TooManySignIns):
        await town.sign_ins.sign_in("truongca", PASSWORD, place=ELSEWHERE)
    # From the office all is as ever, also in a browser that was never used before.
    await signed_in(town, OFFICE)
    await signed_in(town, known)


async def test_guessing_from_many_addresses_shuts_out_strange_browsers_alone(town: Town) -> None:
    await somebody(town)
    first = await signed_in(town, OFFICE)
    places = [Place(address=f"198.51.100.{number}") for number in range(TRIES_ELSEWHERE)]
    endings = [await tried(town, place) for place in places]
    # The officer's own sign-in from a strange browser counted as one.
    assert endings.count(TooManySignIns) == 1
    assert await tried(town, OFFICE) is TooManySignIns
    known = Place(address="198.51.100.77", signs=("x.y", first.sign))
    assert (await signed_in(town, known)).sign == ""
    for _ in range(TRIES):
        assert await tried(town, known) is None
    assert await tried(town, known) is TooManySignIns


async def test_one_address_tries_many_logins_only_so_often(town: Town) -> None:
    for number in range(TRIES_ELSEWHERE):
        assert await tried(town, ELSEWHERE, f"login{number}") is None
    assert await tried(town, ELSEWHERE, "another") is TooManySignIns
    assert await tried(town, OFFICE, "another") is None


@pytest.mark.parametrize("made", ["", "x", "x.y", "é.é", "." * 500])
async def test_a_sign_nobody_gave_makes_no_browser_known(town: Town, made: str) -> None:
    await somebody(town)
    await somebody(town, "khac")
    other = await signed_in(town, OFFICE, "khac")
    for sign in (made, other.sign):
        town.clock.advance(timedelta(hours=1))
        place = Place(address=ELSEWHERE.address, signs=(sign,))
        for _ in range(TRIES):
            assert await tried(town, place) is None
        assert await tried(town, ELSEWHERE) is TooManySignIns


async def test_what_was_hashed_at_other_costs_is_brought_up_to_date(town: Town) -> None:
    await somebody(town)
    reader = town.sign_ins.reader(await signed_in(town, OFFICE))
    assert reader is not None
    dear, slow = Argon2Cost(passes=2, memory_kib=16, lanes=2), town.vault.slow
    dearer = replace(
        town.vault,
        passwords=Passwords(slow=slow, cost=dear),
        officers=OfficerKeys(slow=slow, cost=dear),
    )
    later = made_officer_services(
        storage=town.storage,
        vault=dearer,
        audit=town.audit,
        clock=town.clock,
        chance=town.chance,
    ).sign_ins
    for _ in range(2):
        again = await later.sign_in("truongca", PASSWORD)
        assert again is not None
        found = later.reader(again)
        assert found is not None
        assert found.private_key == reader.private_key
    async with town.storage.read() as work:
        (holder,) = await work.officers.holders_of(reader.officer.id)
        officer = await work.officers.get(reader.officer.id)
    assert holder.locked_private is not None
    assert not dearer.officers.needs_relock(holder.locked_private)
    assert not dearer.passwords.needs_rehash(officer.password_hash)
    acts = [one.record.act for one in await town.audit.newest()]
    assert acts.count("officer.rehash") == 1


async def test_only_so_many_strangers_wait_for_the_slow_hash(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await somebody(town)
    known = Place(signs=((await signed_in(town, OFFICE)).sign,))
    opened, verify = asyncio.Event(), Passwords.verify

    async def slowly(self: Passwords, hashed: str | None, password: str) -> bool:
        await opened.wait()
        return await verify(self, hashed, password)

    monkeypatch.setattr(Passwords, "verify", slowly)
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            place = Place(address=f"198.51.100.{number}")
            group.create_task(town.sign_ins.sign_in(f"kẻ-{number}", WRONG, place=place))
        officer = group.create_task(town.sign_ins.sign_in("truongca", PASSWORD, place=known))
        # One turn of the loop lets each of them come as far as the database.
        await asyncio.sleep(0)
        with pytest.raises(SignInsBusy):
            await town.sign_ins.sign_in("truongca", PASSWORD, place=ELSEWHERE)
        opened.set()
    assert officer.result() is not None
    assert await tried(town, ELSEWHERE) is None
