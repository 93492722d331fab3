"""An officer writes down what somebody tells; an administrator names the inspectorate."""

import re
from collections.abc import Mapping

import pytest

from bot.core.officers import Role
from bot.core.tips import Tip
from tests.console.rig import Rig

FORM = "/console/tin-bao/ghi-giup"
RECEIPT = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){5}")


def told(rig: Rig, **changes: str) -> Mapping[str, str]:
    fields = {"category": "scam", "unit": rig.commune.id, "what": "Gọi điện giả danh công an"}
    return {**fields, **changes}


async def the_tip(rig: Rig, receipt: str) -> Tip:
    followed = await rig.receiving.talks.follow(receipt)
    assert followed is not None
    assert followed.is_handed
    return followed.tip


async def test_what_somebody_told_is_stored_and_its_receipt_shown_once(rig: Rig) -> None:
    await rig.officer("mai", Role.MODERATOR)
    async with rig.signed_in("mai") as browser:
        page = await browser.send(FORM, told(rig, urgent="1"))
        found = RECEIPT.search(page.text)
        assert found is not None
        tip = await the_tip(rig, found[0])
        assert tip.is_urgent
        opened = await browser.get(f"/console/tin-bao/{tip.id}")
    assert "Gọi điện giả danh công an" in opened.text
    assert "Cán bộ ghi giúp tin này" in opened.text
    assert page.headers["Cache-Control"] == "no-store"
    (entry,) = (
        one.record for one in await rig.services.audit.newest() if one.record.act == "tip.enter"
    )
    assert entry.subject == rig.commune.id
    assert found[0] not in repr(entry)


@pytest.mark.parametrize(
    "changes",
    [{"what": " "}, {"category": "nothing"}, {"unit": "nowhere"}, {"about": "1"}],
    ids=["empty", "no category", "no unit", "no inspectorate"],
)
async def test_what_cannot_be_stored_stays_in_the_form(
    rig: Rig, changes: Mapping[str, str]
) -> None:
    await rig.officer("mai", Role.MODERATOR)
    async with rig.signed_in("mai") as browser:
        refused = await browser.send(FORM, {**told(rig, where="đầu ngõ 12"), **changes})
    assert refused.status == 422
    assert "đầu ngõ 12" in refused.html


async def test_nobody_writes_down_for_another_unit(rig: Rig) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("mai", Role.MODERATOR, unit=one)
    async with rig.signed_in("mai") as browser:
        refused = await browser.send(FORM, told(rig, unit=other.id))
    assert refused.status == 422


async def test_an_inspectorate_is_named_and_then_takes_what_is_about_officers(rig: Rig) -> None:
    inspectorate = await rig.unit("thanh-tra", "Thanh tra")
    await rig.officer("an", Role.ADMIN)
    await rig.officer("mai", Role.MODERATOR)
    await rig.officer("vinh", Role.MODERATOR, unit=inspectorate)
    naming = f"/console/don-vi/{rig.commune.id}/thanh-tra"
    async with rig.signed_in("an") as browser:
        assert (await browser.get(naming)).status == 200
        itself = await browser.send(naming, {"inspectorate": rig.commune.id})
        assert itself.status == 422
        done = await browser.send(naming, {"inspectorate": inspectorate.id})
        assert done.status == 303
    async with rig.signed_in("mai") as browser:
        page = await browser.send(FORM, told(rig, about="1"))
        found = RECEIPT.search(page.text)
        assert found is not None
        tip = await the_tip(rig, found[0])
        assert (await browser.get(f"/console/tin-bao/{tip.id}")).status == 404
        assert "Không có tin báo nào" in (await browser.get("/console/tin-bao")).text
    async with rig.signed_in("vinh") as browser:
        assert "giả danh công an" in (await browser.get(f"/console/tin-bao/{tip.id}")).text


async def test_an_administrator_names_none_for_another_unit(rig: Rig) -> None:
    one, other = await rig.unit("to-1", "Tổ 1"), await rig.unit("to-2", "Tổ 2")
    await rig.officer("an", Role.ADMIN, unit=one)
    naming = f"/console/don-vi/{other.id}/thanh-tra"
    async with rig.signed_in("an") as browser:
        assert (await browser.get(naming)).status == 404
        refused = await browser.send(
            naming, {"inspectorate": one.id}, page=f"/console/don-vi/{one.id}"
        )
        assert refused.status == 404
