"""The check of an account says in words what is wrong and what to do."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.channels.zalo.explaining import (
    OF_ACCOUNT,
    OF_GROUP,
    OF_MESSAGE,
    OF_PERSON,
    explained,
    explained_oauth,
)
from bot.channels.zalo.pairs import ACCESS_TOKEN, EXPIRES_AT
from bot.services.channels.credentials import RENEWED_AT
from content.book import Book
from tests.channels.rigs_zalo import ZaloRig
from tests.channels.stand_ins import say_key
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_accounts import OaBar

VOICE = Book.load().voice("channels")


def know_expiry(rig: ZaloRig, at: datetime) -> None:
    rig.store.put({**rig.store.stored.values, EXPIRES_AT: at.isoformat()})


async def test_a_pair_that_was_not_renewed_for_two_months_is_warned_of(
    rig: ZaloRig, caplog: pytest.LogCaptureFixture
) -> None:
    now = rig.stub.clock.now()
    values = {**rig.store.stored.values, EXPIRES_AT: (now + timedelta(hours=9)).isoformat()}
    rig.store.put({**values, RENEWED_AT: (now - timedelta(days=61)).isoformat()})
    rig.stub.clock.freeze()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(rig.channel.run(_nobody))
        await rig.time.has_moved_by(60)
        task.cancel()

    assert "zalo.pair_old" in caplog.messages
    assert [one.what for one in await rig.channel.check() if not one.is_well] == [
        "zalo_pair_old days=61"
    ]


async def test_the_check_says_how_long_the_pair_lasts(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=24, minutes=30))

    findings = await rig.channel.check()

    assert findings[-1].what == "zalo_token_lasts hours=24"


async def test_the_check_names_what_the_account_lacks(rig: ZaloRig) -> None:
    rig.stub.oa.bar = OaBar.UNVERIFIED

    (finding,) = await rig.channel.check()

    assert (finding.is_well, finding.fix) == (False, "zalo_not_verified code=-221")


async def _nobody(events: object) -> None:
    raise AssertionError("Zalo is not fetched from")


# Every row of the table of codes of the OA API.
TABLE = [
    *(-32, -100, -200, -201, -204, -205, -209, -210, -211, -212, -213, -214, -216, -217, -218),
    *(-219, -220, -221, -223, -224, -227, -230, -232, -233, -234, -235, -237, -238, -240, -241),
    *(-242, -244, -248, -249, -320, -321, -403, -1340, -1341, -1472),
]


@pytest.mark.parametrize("code", TABLE)
def test_every_code_of_the_table_is_explained_or_belongs_to_a_group(code: int) -> None:
    groups = [OF_PERSON, OF_MESSAGE, OF_GROUP]
    assert [code in OF_ACCOUNT, *(code in group for group in groups)].count(True) == 1
    said = explained(code, VOICE)
    assert str(code) in said
    assert said != explained(-7777, VOICE)


@pytest.mark.parametrize("code", ["-14002", "-14003", "-14012", "-14014", "-14024", "-14029"])
def test_every_known_code_of_oauth_is_explained(code: str) -> None:
    assert code in explained_oauth(code, VOICE)


@pytest.mark.parametrize("code", [-32, -204, -209, -219, -221, -223, -224, -242, -320, -9999])
async def test_the_check_explains_the_code_zalo_answers_with(rig: ZaloRig, code: int) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method="/v2.0/oa/getoa", code=code)

    (finding,) = await rig.channel.check()

    assert (finding.is_well, finding.fix) == (False, explained(code, say_key))


async def test_the_check_tells_that_the_pair_could_not_be_renewed(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=2))
    rig.stub.fail_next(FaultKind.REFUSED, method="/v4/oa/access_token", code=-14002)

    findings = await rig.channel.check()

    assert [one.fix for one in findings if not one.is_well] == ["zalo_renewal_refused code=-14002"]


async def test_the_check_notices_the_account_of_somebody_else(rig: ZaloRig) -> None:
    other = rig.stub.add_oa("Tài khoản khác")
    pair = rig.stub.oauth.issue(other.oa_id)
    rig.store.put({**rig.store.stored.values, ACCESS_TOKEN: pair.access_token})

    found = [one.what for one in await rig.channel.check() if not one.is_well]

    assert found == ["zalo_other_account name=Tài khoản khác"]
