"""The account's groups: listed, looked at, made, filled, closed, and what pays for them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.zalo.days import day_of
from bot.core.channels import GroupDesk
from bot.core.groups import Group
from bot.core.ids import GroupId
from bot.core.sending import (
    ChannelBroken,
    MessageRefused,
    NoAnswer,
    NotNow,
    PersonUnreachable,
    Reason,
    SendError,
    SlowedDown,
)
from tests.channels.rigs_zalo import CHANNEL_ID, ZaloRig
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_accounts import ZaloPerson
from tests.channels.stubs.zalo_groups import AssetKind, ZaloGroup, vietnam_day

BASE = "/v3.0/oa/group"
YEAR_END = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)


@pytest.fixture
def desk(rig: ZaloRig) -> GroupDesk:
    found = rig.channel.groups
    assert found is not None
    return found


def group_at(group: ZaloGroup) -> Group:
    return group_named(group.group_id)


def group_named(chat: str) -> Group:
    seen_at = datetime(2026, 11, 22, tzinfo=UTC)
    return Group(id=GroupId("g1"), channel_id=CHANNEL_ID, chat=chat, name="Nhóm", seen_at=seen_at)


def friend(rig: ZaloRig) -> ZaloPerson:
    person = rig.stub.person()
    person.last_interaction_at = rig.stub.clock.now()
    return person


async def test_all_groups_are_listed_page_by_page(rig: ZaloRig, desk: GroupDesk) -> None:
    groups = [rig.stub.group(f"Nhóm {n}", members=[friend(rig)]) for n in range(103)]

    found = await desk.listed()

    assert [one.chat for one in found] == [group.group_id for group in groups]
    assert {one.members for one in found} == {1}
    assert rig.stub.calls[f"{BASE}/getgroupsofoa"] == 3


async def test_an_account_without_groups_lists_none(desk: GroupDesk) -> None:
    assert desk.can_make
    assert list(await desk.listed()) == []


async def test_a_group_is_told_with_what_pays_for_it(rig: ZaloRig, desk: GroupDesk) -> None:
    asset = rig.stub.asset(AssetKind.GMF100, lasts=timedelta(days=20))
    group = rig.stub.group("Tổ 3 (bịa)", asset=asset, members=[friend(rig), friend(rig)])
    lapses = vietnam_day(asset.valid_through_at)

    looked = await desk.look(group_at(group))

    assert [looked] == list(await desk.listed())
    assert (looked.name, looked.members, looked.most_members) == ("Tổ 3 (bịa)", 2, 100)
    assert (looked.is_open, looked.asset) == (True, asset.asset_id)
    assert looked.invite_url == group.link
    assert looked.lapses_on is not None
    assert f"{looked.lapses_on:%d/%m/%Y}" == lapses


async def test_a_lapsed_group_is_not_open(rig: ZaloRig, desk: GroupDesk) -> None:
    group = rig.stub.group(asset=rig.stub.asset(lasts=timedelta(days=1)))
    rig.stub.clock.advance(timedelta(days=3).total_seconds())

    looked = await desk.look(group_at(group))

    assert not looked.is_open
    assert looked.lapses_on is not None
    assert looked.lapses_on < rig.stub.clock.now().date()


async def test_a_group_that_is_gone_is_told_from_one_that_cannot_be_asked_for(
    rig: ZaloRig, desk: GroupDesk
) -> None:
    with pytest.raises(PersonUnreachable) as gone:
        await desk.look(group_named("0a1b2c3d"))
    assert gone.value.reason is Reason.NOT_FOUND
    assert str(gone.value) == "zalo_code_of_group code=-403"

    rig.stub.fail_next(FaultKind.REFUSED, method=f"{BASE}/getgroup", code=-32)
    with pytest.raises(SlowedDown):
        await desk.look(group_named("0a1b2c3d"))


async def test_every_asset_is_found_whatever_it_is_and_wherever_from(
    rig: ZaloRig, desk: GroupDesk
) -> None:
    assets = [
        rig.stub.asset(kind, quota_type=quota)
        for kind in AssetKind
        for quota in ("sub_quota", "purchase_quota", "reward_quota")
    ]
    rig.stub.group(asset=assets[0])

    found = {one.id: one for one in await desk.assets()}

    assert {one.asset_id: one.kind.max_member for one in assets} == {
        one.id: one.most_members for one in found.values()
    }
    assert [one.is_free for one in found.values()].count(False) == 1
    assert not found[assets[0].asset_id].is_free
    assert all(one.valid_until is not None for one in found.values())


async def test_a_product_that_is_no_longer_sold_hides_no_others(
    rig: ZaloRig, desk: GroupDesk
) -> None:
    asset = rig.stub.asset(AssetKind.GMF1000)
    rig.stub.fail_next(FaultKind.REFUSED, method="/v3.0/oa/quota/group", code=-201)

    assert [one.id for one in await desk.assets()] == [asset.asset_id]


async def test_a_group_is_made_filled_and_closed(rig: ZaloRig, desk: GroupDesk) -> None:
    admin, asset, person = rig.stub.admin(), rig.stub.asset(), friend(rig)

    made = await desk.make("Tổ 5 (bịa)", asset=asset.asset_id, members=[admin.user_id])
    group = rig.stub.oa.groups[made.chat]
    await desk.invite(group_at(group), [person.user_id])

    assert (made.name, made.asset, made.invite_url) == ("Tổ 5 (bịa)", asset.asset_id, group.link)
    assert made.lapses_on is not None
    assert group.invited == [person.user_id]

    await desk.leave(group_at(group))
    assert rig.stub.oa.groups == {}


async def test_a_group_that_is_made_is_told_even_if_it_cannot_be_looked_at(
    rig: ZaloRig, desk: GroupDesk
) -> None:
    admin, asset = rig.stub.admin(), rig.stub.asset()
    rig.stub.fail_next(FaultKind.HTML_502, method=f"{BASE}/getgroup")

    made = await desk.make("Tổ 5 (bịa)", asset=asset.asset_id, members=[admin.user_id])

    assert made.chat in rig.stub.oa.groups
    assert made.name == "Tổ 5 (bịa)"


async def test_more_people_than_one_call_takes_are_invited_in_several(
    rig: ZaloRig, desk: GroupDesk
) -> None:
    group = rig.stub.group(asset=rig.stub.asset(AssetKind.GMF1000))
    people = [friend(rig).user_id for _ in range(230)]

    await desk.invite(group_at(group), people)

    assert group.invited == people
    assert rig.stub.calls[f"{BASE}/invite"] == 3


async def test_nobody_is_invited_by_no_call(rig: ZaloRig, desk: GroupDesk) -> None:
    await desk.invite(group_named("0a1b"), [])

    assert rig.stub.calls.total() == 0


async def test_the_same_asset_carries_no_second_group(rig: ZaloRig, desk: GroupDesk) -> None:
    asset, admin = rig.stub.asset(), rig.stub.admin()
    rig.stub.group(asset=asset)

    with pytest.raises(MessageRefused) as caught:
        await desk.make("Tổ 6 (bịa)", asset=asset.asset_id, members=[admin.user_id])
    assert str(caught.value) == "zalo_code_of_group code=-238"


async def test_who_neither_follows_nor_wrote_cannot_be_invited(
    rig: ZaloRig, desk: GroupDesk
) -> None:
    stranger = rig.stub.person()
    stranger.is_follower = False

    with pytest.raises(NotNow) as caught:
        await desk.invite(group_at(rig.stub.group()), [stranger.user_id])
    assert str(caught.value) == "zalo_code_of_person code=-213"


@pytest.mark.parametrize(
    ("code", "raises"),
    [
        (-237, NotNow),
        (-241, NotNow),
        (-210, MessageRefused),
        (-201, MessageRefused),
        (-204, ChannelBroken),
        (-32, SlowedDown),
        (-7777, MessageRefused),
        # A group needs a permission and a tier of its own; without them people are reached.
        (-223, MessageRefused),
        (-224, MessageRefused),
    ],
)
async def test_a_refusal_tells_officers_what_it_means(
    rig: ZaloRig, desk: GroupDesk, code: int, raises: type[SendError]
) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method=f"{BASE}/invite", code=code)

    with pytest.raises(SendError) as caught:
        await desk.invite(group_named("0a1b"), ["1"])

    assert type(caught.value) is raises
    assert str(code) in str(caught.value)


@pytest.mark.parametrize("kind", [FaultKind.HTML_502, FaultKind.CLOSE_BEFORE, FaultKind.RUBBISH])
async def test_nobody_knows_what_became_of_a_call_without_an_answer(
    rig: ZaloRig, desk: GroupDesk, kind: FaultKind
) -> None:
    rig.stub.fail_next(kind, method=f"{BASE}/creategroupwithoa")

    with pytest.raises(NoAnswer):
        await desk.make("Tổ 5 (bịa)", asset="a", members=["1"])


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        (" 01/02/2027 ", date(2027, 2, 1)),
        ("31/12/2026 23:59", date(2026, 12, 31)),
        (str(round(YEAR_END.timestamp() * 1000)), date(2026, 12, 31)),
        (round(YEAR_END.timestamp() * 1000), date(2026, 12, 31)),
        ("", None),
        (0, None),
        (None, None),
        ("31/02/2026", None),
        ("12/31", None),
        ("-1", None),
        ("9" * 30, None),
        ("chưa rõ", None),
    ],
)
def test_a_day_is_read_in_either_form(told: str | int | None, day: date | None) -> None:
    assert day_of(told) == day


@settings(deadline=None)
@given(st.one_of(st.text(max_size=20), st.integers(), st.none()))
def test_no_day_makes_trouble(told: str | int | None) -> None:
    found = day_of(told)

    assert found is None or isinstance(found, date)
