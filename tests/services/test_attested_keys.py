"""A public key that somebody else put into the database gets no tip, and is told of."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import NotFound
from bot.core.officers import KeyHolder, Officer, Role
from bot.core.sealing import SealBroken
from bot.core.tips import Report, TipCategory
from bot.services.officers.tries import Place
from bot.services.tips.reading.access import Reader
from tests.builders.opening import open_town
from tests.builders.town import PASSWORD, Town
from tests.services.test_notices import officer
from tests.storage.rig import sqlite_url

REPORT = Report(category=TipCategory.SCAM, what="Có người lạ xin tiền điện")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        await opened.founded()
        yield opened


def by_hand(town: Town, statement: str, *values: object) -> None:
    """Do what somebody does who can write into the database and has no key of ours."""
    path = sqlite_url(town.folder).removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database, database:
        assert database.execute(statement, values).rowcount > 0


async def holder_of(town: Town, one: Officer) -> KeyHolder:
    async with town.storage.read() as work:
        (holder,) = await work.officers.holders_of(one.id)
    return holder


async def sealed_to(town: Town) -> set[str]:
    """Send a tip; return the holders it was sealed to."""
    return set(await wrapped_keys(town))


async def wrapped_keys(town: Town) -> dict[str, bytes]:
    """Send a tip; return its key as it was sealed to each holder."""
    submission = await town.receiving.intake.submit(REPORT, town.commune)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    async with town.storage.read() as work:
        tip = await work.tips.by_locator(submission.receipt.locator)
        assert tip is not None
        holders = await work.officers.holders()
        keys = {one.id: await work.tips.key_for(tip.id, one.id) for one in holders}
    return {holder_id: key.wrapped for holder_id, key in keys.items() if key is not None}


async def strange(town: Town) -> set[str]:
    async with town.storage.read() as work:
        return {one.id for one in await work.officers.unattested()}


async def test_a_public_key_that_was_swapped_gets_no_tip(town: Town) -> None:
    one = await officer(town, role=Role.MODERATOR)
    holder = await holder_of(town, one)
    assert holder.id in await sealed_to(town)
    theirs = town.vault.officers.new_pair()
    by_hand(town, "UPDATE key_holders SET public_key = ? WHERE id = ?", theirs.public, holder.id)
    # The program may know the true one from before; theirs opens nothing.
    for wrapped in (await wrapped_keys(town)).values():
        with pytest.raises(SealBroken):
            town.vault.seals.tips.unwrap(wrapped, theirs.private)
    # Looked up anew, because somebody joined.
    await officer(town, login="hai", role=Role.MODERATOR)
    sealed = await sealed_to(town)
    assert sealed
    assert holder.id not in sealed
    assert await strange(town) == {holder.id}


async def test_a_holder_that_was_put_in_gets_no_tip(town: Town) -> None:
    one = await officer(town, role=Role.MODERATOR)
    holder = await holder_of(town, one)
    theirs = town.vault.officers.new_pair()
    by_hand(
        town,
        "INSERT INTO key_holders SELECT 'strange', kind, officer_id, unit_id, ?, NULL, NULL,"
        " attested FROM key_holders WHERE id = ?",
        theirs.public,
        holder.id,
    )
    assert "strange" not in await sealed_to(town)
    assert await strange(town) == {"strange"}


@pytest.mark.parametrize("column", ["officer_id", "unit_id", "id"])
async def test_what_is_attested_is_whose_key_it_is_too(town: Town, column: str) -> None:
    one = await officer(town, role=Role.MODERATOR)
    other = await officer(town, "binh", role=Role.MODERATOR)
    first, second = await holder_of(town, one), await holder_of(town, other)
    moved = {"officer_id": other.id, "unit_id": town.hamlet.id, "id": "another"}[column]
    by_hand(town, f"UPDATE key_holders SET {column} = ? WHERE id = ?", moved, first.id)  # noqa: S608 - our own column
    assert await strange(town) == {"another" if column == "id" else first.id}
    assert second.id in await sealed_to(town)


async def test_nobody_gives_older_tips_to_a_swapped_key(town: Town) -> None:
    giver = await officer(town, role=Role.MODERATOR)
    await sealed_to(town)
    taker = await officer(town, "binh", role=Role.MODERATOR)
    holder = await holder_of(town, taker)
    signed_in = await town.sign_ins.sign_in(giver.login, PASSWORD)
    assert signed_in is not None
    reader = town.sign_ins.reader(signed_in)
    assert isinstance(reader, Reader)
    theirs = town.vault.officers.new_pair()
    by_hand(town, "UPDATE key_holders SET public_key = ? WHERE id = ?", theirs.public, holder.id)
    with pytest.raises(NotFound):
        await town.officer_services.key_care.give(holder.id, reader, most=10)


async def test_whose_key_was_swapped_is_told_of_at_the_next_sign_in(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    one = await officer(town, role=Role.MODERATOR)
    holder = await holder_of(town, one)
    first = await town.sign_ins.sign_in(one.login, PASSWORD)
    assert first is not None
    mark = town.sign_ins.fingerprint(first)
    assert [
        entry for entry in await town.audit.newest() if entry.record.act == "key.differs"
    ] == []
    theirs = town.vault.officers.new_pair()
    by_hand(town, "UPDATE key_holders SET public_key = ? WHERE id = ?", theirs.public, holder.id)
    again = await town.sign_ins.sign_in(one.login, PASSWORD)
    assert again is not None
    (told,) = [entry for entry in await town.audit.newest() if entry.record.act == "key.differs"]
    assert told.record.subject == one.id
    assert "key.differs" in caplog.text
    # The officer's own page shows the key the password leads to, not the one put there.
    assert town.sign_ins.fingerprint(again) == mark
    assert len(mark) == len("ABCD-EFGH-JKMN-PQRS")


async def test_a_new_lock_and_a_new_pair_are_this_programs_own(town: Town) -> None:
    one = await officer(town, role=Role.MODERATOR)
    own = town.officer_services.own_account
    signed_in = await town.sign_ins.sign_in(one.login, PASSWORD)
    assert signed_in is not None
    new = "một mật khẩu khác hẳn"
    await own.change_password(signed_in, PASSWORD, new, place=Place())
    again = await town.sign_ins.sign_in(one.login, new)
    assert again is not None
    await own.rotate(again, new, place=Place())
    assert await strange(town) == set()
