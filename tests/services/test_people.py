"""Residents and units: joined, moved, lost, found, forgotten; a tree without rings."""

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import UnitId, read_code
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.people import Person, PersonState
from bot.core.units import UnitKind
from bot.services.people.people import JoinTarget
from bot.services.units.units import HouseholdRow, UnitRow, contacts_of
from tests.builders.town import Town
from tests.storage import nouns

TO = Address(channel_id=nouns.WEB, chat="chat-1")


async def found(town: Town) -> Person | None:
    async with town.storage.read() as work:
        return await work.people.find(TO.channel_id, TO.chat)


async def test_a_code_leads_to_a_unit_or_a_household(town: Town) -> None:
    await town.units.import_households(
        [HouseholdRow(unit="TO1", code="H1", address="Ngõ Bịa 1")], by="test"
    )
    (household,) = await town.units.households("TO1")
    target = await town.people.find_target(household.join_code)
    assert target == JoinTarget(unit=town.hamlet, household=household)
    assert await town.people.find_target(town.hamlet.join_code) == JoinTarget(unit=town.hamlet)
    assert await town.people.find_target("ZZZZZZ") is None


async def test_the_code_officers_gave_a_unit_leads_to_it_too(town: Town) -> None:
    assert await town.people.find_target(read_code("to-1")) == JoinTarget(unit=town.hamlet)
    assert await town.units.by_join_code(read_code("TO1")) == town.hamlet
    assert await town.people.find_target("") is None


async def test_a_code_that_could_mean_two_units_means_neither(town: Town) -> None:
    row = UnitRow(code="TO-1", name="Tổ bịa", kind=UnitKind.NEIGHBOURHOOD)
    (twin,) = await town.units.add([row], by="test")
    assert await town.people.find_target(read_code("TO1")) is None
    assert await town.people.find_target(twin.join_code) == JoinTarget(unit=twin)


async def test_joining_twice_makes_one_person(town: Town) -> None:
    one = await town.member("web", "chat-1")
    two = await town.member("web", "chat-1", town.elsewhere)
    assert (one.id, two.unit_id) == (two.id, town.elsewhere.id)


async def test_whoever_left_or_was_lost_can_come_back(town: Town) -> None:
    person = await town.member("web", "chat-1")
    async with town.storage.begin() as work:
        await town.people.lost(work, TO)
        await town.people.leave(work, TO)
        await town.people.lost(work, TO)
        await work.commit()
    gone = await found(town)
    assert gone is not None
    assert gone.state is PersonState.LEFT
    async with town.storage.begin() as work:
        await town.people.found_again(work, gone)
        await work.commit()
    assert await found(town) == gone
    assert (await town.member("web", "chat-1")).state is PersonState.JOINED
    assert person.id == gone.id


async def test_deleting_forgets_and_a_stranger_can_ask_too(town: Town) -> None:
    await town.member("web", "chat-1")
    async with town.storage.begin() as work:
        await town.people.delete(work, TO)
        await town.people.delete(work, TO)
        await town.people.leave(work, TO)
        await town.people.lost(work, TO)
        await work.commit()
    assert await found(town) is None


async def test_the_first_signature_stays(town: Town) -> None:
    await town.member("web", "chat-1")
    signed_at = town.clock.now()
    for _ in range(2):
        async with town.storage.begin() as work:
            await town.people.pledge(work, TO)
            await work.commit()
        town.clock.advance(60)
    person = await found(town)
    assert person is not None
    assert person.pledged_at == signed_at


async def test_a_stranger_signs_nothing(town: Town) -> None:
    async with town.storage.begin() as work:
        with pytest.raises(NotFound):
            await town.people.pledge(work, TO)


async def test_officers_count_only_their_own_units(town: Town) -> None:
    reader = await town.moderator(unit=town.hamlet)
    await town.member("web", "a")
    await town.member("zalo", "b")
    await town.member("web", "c", town.elsewhere)
    async with town.storage.begin() as work:
        await town.people.leave(work, Address(channel_id=nouns.ZALO, chat="b"))
        await work.commit()
    (count,) = await town.people.headcounts(reader.officer)
    assert (count.unit, count.joined, count.gone) == (town.hamlet, 1, 1)
    assert count.by_channel == {"web": 1}


async def test_units_are_renamed_by_their_code_and_keep_their_join_code(town: Town) -> None:
    row = UnitRow(code="TO1", name="Tổ Một", kind=UnitKind.NEIGHBOURHOOD, households=40)
    (renamed,) = await town.units.add([row], by="test")
    assert (renamed.id, renamed.join_code) == (town.hamlet.id, town.hamlet.join_code)
    assert (renamed.name, renamed.households) == ("Tổ Một", 40)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (UnitRow(code="X", name="X", kind=UnitKind.NEIGHBOURHOOD, parent="?"), "parent_unknown"),
        (UnitRow(code="XA", name="X", kind=UnitKind.COMMUNE, parent="TO1"), "parent_loop"),
        (UnitRow(code="TO1", name="X", kind=UnitKind.NEIGHBOURHOOD, parent="TO1"), "parent_loop"),
    ],
)
async def test_a_tree_stays_a_tree_and_all_or_nothing_is_added(
    town: Town, row: UnitRow, key: str
) -> None:
    good = UnitRow(code="TO9", name="Tổ 9", kind=UnitKind.NEIGHBOURHOOD, parent="XA")
    with pytest.raises(RuleBroken, match=f"unit_{key}"):
        await town.units.add([good, row], by="test")
    assert len(await town.units.all()) == 3


async def test_households_are_renewed_by_their_code(town: Town) -> None:
    rows = [HouseholdRow(unit="TO1", code=f"H{n}", address="cũ") for n in range(3)]
    assert await town.units.import_households(rows, by="test") == 3
    before = {one.code: one.join_code for one in await town.units.households("TO1")}
    await town.units.import_households(
        [HouseholdRow(unit="TO1", code="H1", address="mới")], by="test"
    )
    after = {one.code: one for one in await town.units.households("TO1")}
    assert after["H1"].address == "mới"
    assert {code: one.join_code for code, one in after.items()} == before
    with pytest.raises(RuleBroken, match="unit_unknown"):
        await town.units.import_households([HouseholdRow(unit="?", code="H1")], by="test")


def test_what_a_unit_does_not_say_is_taken_from_above() -> None:
    top = nouns.unit("top", contacts={"duty_phone": "1", "address": "A"})
    leaf = nouns.unit("leaf", parent_id=UnitId("top"), contacts={"duty_phone": "2", "address": ""})
    assert contacts_of([leaf, top]) == {
        "unit_name": "leaf",
        "unit_duty_phone": "2",
        "unit_address": "A",
    }


async def test_consent_and_language_are_kept_with_the_person(town: Town) -> None:
    async with town.storage.begin() as work:
        await town.people.join(
            work, TO, JoinTarget(unit=town.hamlet), consent="c:1", language=Language.EN
        )
        await work.commit()
    person = await found(town)
    assert person is not None
    assert (person.consent, person.language) == ("c:1", Language.EN)
