"""How an account stands: its package, what is left of its quotas, what nothing paid for."""

from datetime import date, timedelta

import pytest

from bot.channels.zalo.standing import Quota, Standing
from bot.core.messages import Outgoing
from bot.core.sending import NotNow
from tests.channels.rigs_zalo import ZaloRig
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_accounts import Billing

PROFILE = "/v2.0/oa/getoa"
QUOTA = "/v3.0/oa/quota/message"


async def what_is_wrong(rig: ZaloRig) -> list[tuple[str, str]]:
    return [(one.what, one.fix) for one in await rig.channel.check() if not one.is_well]


async def what_is_said(rig: ZaloRig) -> list[str]:
    return [one.what for one in await rig.channel.check()]


def standing_of(rig: ZaloRig) -> Standing:
    found = vars(rig.channel)["_standing"]
    assert isinstance(found, Standing)
    return found


def wrote_days_ago(rig: ZaloRig, days: float) -> None:
    rig.person.last_interaction_at = rig.stub.clock.now() - timedelta(days=days)


async def test_the_newest_figures_come_with_the_answers_to_sends(rig: ZaloRig) -> None:
    await rig.channel.send(rig.address, Outgoing(text="miễn phí"))
    assert standing_of(rig).quotas == {}

    wrote_days_ago(rig, 3)
    await rig.channel.send(rig.address, Outgoing(text="có phí"))
    await rig.channel.send(rig.address, Outgoing(text="có phí"))

    (quota,) = standing_of(rig).quotas.values()
    assert (quota.left, quota.total) == (498, 500)
    assert isinstance(quota.until, date)


async def test_a_billed_message_tells_of_no_quota_and_is_well(rig: ZaloRig) -> None:
    rig.stub.oa.sub_quota = 0
    wrote_days_ago(rig, 3)

    assert await rig.channel.send(rig.address, Outgoing(text="có phí"))
    assert standing_of(rig).quotas == {}


@pytest.mark.parametrize(
    "answer",
    [
        b'{"message_id":"m","quota":null}',
        b'{"message_id":"m","quota":{}}',
        b'{"message_id":"m","quota":{"quota_type":"sub_quota"}}',
        b'{"message_id":"m","quota":{"quota_type":"new_kind","remain":"1"}}',
    ],
)
async def test_a_quota_of_any_shape_is_information_only(rig: ZaloRig, answer: bytes) -> None:
    assert standing_of(rig).take(answer) == "m"
    assert standing_of(rig).quotas == {}


async def test_figures_may_be_numbers_or_words(rig: ZaloRig) -> None:
    for told in (b'{"quota":{"quota_type":"sub_quota","remain":7,"total":"9"}}', b"[]", b""):
        standing_of(rig).take(told)

    assert standing_of(rig).quotas == {"sub_quota": Quota(left=7, total=9)}
    assert rig.channel.capabilities.paid_left == 7


async def test_the_check_tells_package_quota_and_pace(rig: ZaloRig) -> None:
    rig.stub.oa.limit_per_minute = 200
    rig.stub.oa.about["package_valid_through_date"] = "31/12/2099"
    rig.stub.oa.purchase_quota = 40

    said = await what_is_said(rig)

    assert "zalo_package_until package=Growth day=31/12/2099" in said
    assert "zalo_quota left=540 total=540" in said
    assert "zalo_pace limit=200 pace=197" in said
    assert await what_is_wrong(rig) == []


@pytest.mark.parametrize(
    ("days", "renews", "wrong"),
    [
        (31, "", []),
        (29, "", ["zalo_package_fix"]),
        (29, "01/01/2030", []),
        (-1, "01/01/2030", ["zalo_package_fix"]),
    ],
)
async def test_a_package_that_ends_soon_is_warned_of(
    rig: ZaloRig, days: int, renews: str, wrong: list[str]
) -> None:
    ends = rig.stub.clock.now() + timedelta(days=days, hours=7)
    rig.stub.oa.about["package_valid_through_date"] = f"{ends:%d/%m/%Y}"
    rig.stub.oa.about["package_auto_renew_date"] = renews

    assert [fix for _, fix in await what_is_wrong(rig)] == wrong


async def test_a_package_without_a_day_or_a_name_is_told_as_far_as_it_goes(rig: ZaloRig) -> None:
    rig.stub.oa.about |= {"package_valid_through_date": None}
    assert "zalo_package package=Growth" in await what_is_said(rig)

    rig.stub.oa.about |= {"package_name": None}
    assert not [said for said in await what_is_said(rig) if "zalo_package" in said]


async def test_an_unverified_account_is_told(rig: ZaloRig) -> None:
    rig.stub.oa.about["is_verified"] = False

    assert await what_is_wrong(rig) == [("zalo_unverified", "zalo_unverified_fix")]


async def test_a_quota_that_is_used_up_is_told(rig: ZaloRig) -> None:
    rig.stub.oa.sub_quota = 1
    wrote_days_ago(rig, 3)
    await rig.channel.send(rig.address, Outgoing(text="có phí"))

    assert await what_is_wrong(rig) == [("zalo_quota_ended total=1", "zalo_quota_fix")]


@pytest.mark.parametrize("billing", [Billing.USED_UP, Billing.NOT_LINKED, Billing.OUT_OF_MONEY])
async def test_what_nothing_paid_for_is_told_for_a_day(rig: ZaloRig, billing: Billing) -> None:
    rig.stub.oa.sub_quota = 0
    rig.stub.oa.billing = billing
    wrote_days_ago(rig, 3)
    with pytest.raises(NotNow):
        await rig.channel.send(rig.address, Outgoing(text="có phí"))

    ((what, fix),) = await what_is_wrong(rig)
    assert (what, fix.endswith(f"code={billing.value}")) == ("zalo_unpaid", True)

    rig.stub.clock.advance(timedelta(days=1).total_seconds())
    assert await what_is_wrong(rig) == []


async def test_the_months_last_upload_is_told_until_the_month_ends(rig: ZaloRig) -> None:
    rig.stub.api.uploads.per_month = 0
    attachment = rig.attachments.put("a.jpg", b"\xff\xd8\xff\xe0")
    with pytest.raises(NotNow):
        await rig.channel.send(rig.address, Outgoing(text="một", attachment=attachment))

    assert ("zalo_uploads", "zalo_uploads_fix") in await what_is_wrong(rig)

    rig.stub.clock.advance(timedelta(days=31).total_seconds())
    assert "zalo_uploads" not in [what for what, _ in await what_is_wrong(rig)]


@pytest.mark.parametrize("kind", [FaultKind.HTML_502, FaultKind.REFUSED, FaultKind.RUBBISH])
async def test_a_check_goes_on_without_the_quotas(rig: ZaloRig, kind: FaultKind) -> None:
    rig.stub.fail_next(kind, method=QUOTA, code=-201)

    assert await what_is_wrong(rig) == []


async def test_the_form_shows_the_accounts_picture_which_is_asked_for_once(rig: ZaloRig) -> None:
    for _ in range(2):
        await rig.channel.send(rig.address, Outgoing(text="Số nào?", asks_contact=True))

    assert [sent.markup for sent in rig.stub.sent] == ["", "request_user_info"] * 2
    assert rig.stub.calls[PROFILE] == 1


@pytest.mark.parametrize("avatar", ["", "http://example.org/a.jpg", None])
async def test_without_a_picture_only_the_words_go_out(rig: ZaloRig, avatar: str | None) -> None:
    rig.stub.oa.about["avatar"] = avatar

    await rig.channel.send(rig.address, Outgoing(text="Số nào?", asks_contact=True))

    assert [sent.text for sent in rig.stub.sent] == ["Số nào?"]


async def test_a_picture_that_cannot_be_asked_for_is_asked_for_again(rig: ZaloRig) -> None:
    rig.stub.fail_next(FaultKind.HTML_502, method=PROFILE)

    for _ in range(2):
        await rig.channel.send(rig.address, Outgoing(text="Số nào?", asks_contact=True))

    assert [sent.markup for sent in rig.stub.sent] == ["", "", "request_user_info"]
