"""What people ask to hear more of: kept once, and never a limit on the rest."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from bot.core.audience import Audience
from bot.core.errors import NotFound, RuleBroken
from bot.core.messages import Address
from bot.core.people import Person
from bot.services.announcements.announcing import Wording
from bot.services.people.interests import Interests
from tests.builders.town import Town
from tests.one_book import the_book

FIRE = Audience(topics=("fire_safety",))


@pytest.fixture
def interests(town: Town) -> Interests:
    return Interests(storage=town.storage, offered=the_book().interests)


async def change(
    town: Town,
    interests: Interests,
    to: Address,
    *,
    add: Collection[str] = (),
    drop: Collection[str] = (),
) -> None:
    async with town.storage.begin() as work:
        await interests.change(work, to, add=add, drop=drop)
        await work.commit()


async def waiting_for(town: Town, wording: dict[str, object]) -> int:
    announcement = await town.announced(**wording)  # type: ignore[arg-type] # fields by name
    return (await town.tally(announcement.id)).get("waiting", 0)


async def member(town: Town, chat: str = "a") -> Person:
    return await town.member("web", chat)


async def test_adding_and_dropping_twice_changes_nothing_more(
    town: Town, interests: Interests
) -> None:
    person = await member(town)
    for _ in range(2):
        await change(town, interests, person.address, add=["traffic", "fire_safety"])
        assert await interests.of(person.id) == {"traffic", "fire_safety"}
    for _ in range(2):
        await change(town, interests, person.address, drop=["traffic"])
        assert await interests.of(person.id) == {"fire_safety"}


async def test_only_who_joined_can_choose_and_only_what_is_offered(
    town: Town, interests: Interests
) -> None:
    person = await member(town)
    stranger = replace(person.address, chat="stranger")
    with pytest.raises(NotFound):
        await change(town, interests, stranger, add=["traffic"])
    with pytest.raises(RuleBroken, match="topic_unknown"):
        await change(town, interests, person.address, add=["traffic", "greeting"])
    assert await interests.of(person.id) == frozenset()


async def test_what_is_offered_no_more_can_still_be_dropped(town: Town) -> None:
    person = await member(town)
    async with town.storage.begin() as work:
        await work.people.set_interests(person.id, ["traffic"])
        await work.commit()
    nothing_offered = Interests(storage=town.storage, offered={})
    assert await nothing_offered.of(person.id) == {"traffic"}
    await change(town, nothing_offered, person.address, drop=["traffic"])
    assert await nothing_offered.of(person.id) == frozenset()


async def test_choosing_adds_the_topical_and_takes_nothing_away(
    town: Town, interests: Interests
) -> None:
    person = await member(town, "fire")
    await member(town, "none")
    await change(town, interests, person.address, add=["fire_safety"])
    assert await waiting_for(town, {}) == 2
    assert await waiting_for(town, {"is_urgent": True}) == 2
    assert await waiting_for(town, {"audience": FIRE}) == 1
    assert await waiting_for(town, {"audience": Audience(topics=("traffic",))}) == 0


async def test_a_topic_nobody_can_choose_is_refused_while_writing(town: Town) -> None:
    wording = Wording(unit_id=town.hamlet.id, title="Họp tổ", text="Mời bà con.", audience=FIRE)
    draft = await town.announcements.write(wording, by=None)
    wrong = replace(wording, audience=Audience(topics=("fire_safety", "fire")))
    with pytest.raises(RuleBroken, match="topic_unknown") as caught:
        await town.announcements.write(wrong, by=None)
    assert caught.value.values["topic"] == "fire"
    assert "fire_safety" in str(caught.value.values["known"])
    with pytest.raises(RuleBroken, match="topic_unknown"):
        await town.announcements.revise(draft.id, wrong, by=None)


async def test_what_is_urgent_is_for_everybody(town: Town) -> None:
    wording = Wording(unit_id=town.hamlet.id, title="Bão", text="Bão đến.", audience=FIRE)
    draft = await town.announcements.write(wording, by=None)
    urgent = replace(wording, is_urgent=True)
    with pytest.raises(RuleBroken, match="topics_urgent"):
        await town.announcements.write(urgent, by=None)
    with pytest.raises(RuleBroken, match="topics_urgent"):
        await town.announcements.revise(draft.id, urgent, by=None)
    to_all = replace(urgent, audience=Audience())
    assert (await town.announcements.write(to_all, by=None)).is_urgent
