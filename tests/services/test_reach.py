"""Whom a draft would reach: the same people that the start then takes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.announcements import Announcement
from bot.core.channels import Pace
from bot.core.groups import Group, GroupState
from bot.core.ids import ChannelId, GroupId, HouseholdId, PersonId
from bot.core.people import Person
from bot.core.quiet import QuietHours
from bot.core.sending import Reason
from bot.core.units import Household
from bot.core.windows import WindowRule
from bot.services.announcements.amendments import Correction
from bot.services.announcements.announcing import Wording
from bot.services.announcements.reach import ChannelReach, Reach, Reaches
from tests.builders.town import Town

RULE = WindowRule(free_for=timedelta(hours=48), open_for=timedelta(days=7))
DAY = timedelta(days=1)


async def reach_of(town: Town, draft: Announcement) -> Reach:
    reaches = Reaches(storage=town.storage, offers=town.channels.offers, clock=town.clock)
    return await reaches.of(draft)


async def draft_of(town: Town, **changes: object) -> Announcement:
    wording = Wording(unit_id=town.hamlet.id, title="Họp", text="Mời họp")
    return await town.announcements.write(replace(wording, **changes), by=None)  # type: ignore[arg-type] # fields by name


def with_windows(town: Town) -> None:
    zalo = town.channel("zalo")
    zalo.capabilities = replace(zalo.capabilities, windows=RULE, pace=Pace(per_s=2.0))


def by_channel(reach: Reach) -> Mapping[str, ChannelReach]:
    return {one.channel_id: one for one in reach.channels}


async def linked(town: Town, channel: str, chat: str, state: GroupState) -> None:
    group = Group(
        id=GroupId(chat),
        channel_id=ChannelId(channel),
        chat=chat,
        name="Tổ 1 (bịa)",
        unit_id=town.hamlet.id,
        state=state,
        seen_at=town.clock.now(),
    )
    async with town.storage.begin() as work:
        await work.groups.save(group)
        await work.commit()


async def test_windows_pace_and_groups_are_told_by_channel(town: Town) -> None:
    with_windows(town)
    await town.member("zalo", "closed")
    await town.member("telegram", "anybody")
    town.clock.advance(5 * DAY)
    await town.member("zalo", "paid")
    town.clock.advance(3 * DAY)
    await town.member("zalo", "free")
    await town.member("web", "elsewhere", town.elsewhere)
    await linked(town, "zalo", "group", GroupState.LINKED)
    await linked(town, "zalo", "lapsed", GroupState.LAPSED)
    reach = await reach_of(town, await draft_of(town))
    found = by_channel(reach)
    zalo = found["zalo"]
    assert (zalo.free, zalo.paid, zalo.closed, zalo.groups) == (1, 1, 1, 1)
    assert zalo.ends_at == town.clock.now() + timedelta(seconds=1.5)
    assert found["telegram"].free == 1
    assert (reach.people, reach.groups, reach.paid, reach.closed) == (3, 1, 1, 1)
    assert reach.ends_at == zalo.ends_at


async def test_the_quota_that_is_left_tells_who_may_go_without(town: Town) -> None:
    with_windows(town)
    for name in ("a", "b", "c"):
        await town.member("zalo", name)
    town.clock.advance(3 * DAY)
    channel = town.channel("zalo")
    channel.capabilities = replace(channel.capabilities, paid_left=2)
    zalo = by_channel(await reach_of(town, await draft_of(town)))["zalo"]
    assert (zalo.paid, zalo.paid_left, zalo.over_quota) == (3, 2, 1)
    channel.capabilities = replace(channel.capabilities, paid_left=None)
    zalo = by_channel(await reach_of(town, await draft_of(town)))["zalo"]
    assert (zalo.paid_left, zalo.over_quota) == (None, 0)


async def test_chosen_channels_alone_are_counted(town: Town) -> None:
    await town.member("zalo", "a")
    await town.member("web", "b")
    await linked(town, "zalo", "group", GroupState.LINKED)
    reach = await reach_of(town, await draft_of(town, channels=(ChannelId("web"),)))
    assert (list(by_channel(reach)), reach.people) == (["web"], 1)


async def test_nobody_is_reached_in_no_time(town: Town) -> None:
    reach = await reach_of(town, await draft_of(town))
    assert (reach.people, reach.ends_at) == (0, reach.starts_at)


async def test_late_are_those_whom_taking_them_in_sends_it(town: Town) -> None:
    await town.member("web", "early")
    one = await town.announced()
    reaches = Reaches(storage=town.storage, offers=town.channels.offers, clock=town.clock)

    async def late() -> int:
        return (
            await reaches.late((await town.announcements.show(one.id, to=None)).announcement)
        ).people

    assert await late() == 0
    town.clock.advance(timedelta(minutes=1))
    await town.member("web", "late")
    await town.member("zalo", "late")
    assert await late() == 2
    before = (await town.tally(one.id))["waiting"]
    await town.announcements.take_late(one.id, by=None)
    assert ((await town.tally(one.id))["waiting"] - before, await late()) == (2, 0)
    await town.member("web", "later")
    await town.announcements.cancel(one.id, by=None)
    assert await late() == 0


async def test_nobody_is_late_for_what_was_corrected(town: Town) -> None:
    await town.member("web", "early")
    one = await town.announced()
    await town.amendments.correct(one.id, Correction(title="Họp", text="Khác."), by=None)
    await town.member("web", "late")
    reaches = Reaches(storage=town.storage, offers=town.channels.offers, clock=town.clock)
    found = [await reaches.late(one) for one in await announcements(town)]
    assert [(one.people, one.groups) for one in found] == [(0, 0), (0, 0)]


async def announcements(town: Town) -> list[Announcement]:
    async with town.storage.read() as work:
        return await work.announcements.of_units([town.hamlet.id])


async def test_the_night_is_told_of_what_rests_in_it(town: Town) -> None:
    await town.member("web", "a")
    now = town.clock.now()
    zone = now.tzinfo
    assert zone is not None
    begins = (now + timedelta(hours=1)).time()
    quiet = QuietHours(begins=begins, ends=(now + timedelta(hours=9)).time(), zone=zone)
    reaches = Reaches(
        storage=town.storage, offers=town.channels.offers, clock=town.clock, quiet=quiet
    )
    later = now + timedelta(hours=2)
    assert (await reaches.of(await draft_of(town))).rests is None
    at_night = await reaches.of(await draft_of(town, due_at=later))
    assert (at_night.rests, at_night.starts_at) == (quiet, now + timedelta(hours=9))
    assert (await reaches.of(await draft_of(town, due_at=later, is_urgent=True))).rests is None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    crowd=st.lists(
        st.tuples(
            st.sampled_from(["web", "zalo"]), st.integers(0, 12), st.sampled_from(["", "h1", "h2"])
        ),
        max_size=12,
    )
)
async def test_what_is_told_is_what_then_happens(
    town: Town, crowd: list[tuple[str, int, str]]
) -> None:
    with_windows(town)
    now = town.clock.now()
    async with town.storage.begin() as work:
        for house in ("h1", "h2"):
            await work.households.save_many([household(town, house)])
        earlier = await work.announcements.of_units([town.hamlet.id])
        for number, (channel, days, house) in enumerate(crowd):
            await work.people.save(
                Person(
                    id=PersonId(f"p{len(earlier)}-{number}"),
                    channel_id=ChannelId(channel),
                    chat=f"c{len(earlier)}-{number}",
                    unit_id=town.hamlet.id,
                    household_id=HouseholdId(house) if house else None,
                    consent="test",
                    joined_at=now - days * DAY,
                )
            )
        await work.commit()
    draft = await draft_of(town)
    reach = await reach_of(town, draft)
    await town.announcements.release(draft.id, by=None)
    shown = await town.announcements.show(draft.id, to=None)
    doubled = sum(one.doubled for one in reach.channels)
    assert (await town.tally(draft.id)).get("waiting", 0) == reach.people
    assert shown.tally.reasons.get(Reason.NO_WINDOW, 0) == reach.closed
    assert shown.tally.reasons.get(Reason.DOUBLED, 0) == doubled


def household(town: Town, name: str) -> Household:
    return Household(
        id=HouseholdId(name),
        unit_id=town.hamlet.id,
        code=name,
        address="",
        head_name="",
        join_code=f"JOIN{name}",
    )
