"""What is planned, proposed, approved, sent back and overridden in the invented commune."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.announcements import Announcement, Link
from bot.core.audience import Audience
from bot.core.ids import ChannelId, HouseholdId
from bot.core.officers import Officer, Role
from bot.core.units import Household, Unit
from bot.services.announcements.announcing import Wording
from bot.services.officers.accounts import NewOfficer
from tests.console.checked_channel import CHARGING
from tests.console.rig import PASSWORD, Rig

TEXT = (
    "Nước sông lên nhanh. Bà con {{ ten_don_vi }} ở nhà thấp lên trường học ngay.\n"
    "Cần giúp, gọi {{ so_truc }}."
)


async def build_approvals(rig: Rig) -> dict[str, str]:
    """Fill the commune further; return the pages to look at, name -> path."""
    units = [one for one in await rig.services.units.all() if one.parent_id is not None]
    chief = next(one for one in await rig.services.officers.all() if one.login == "lan.an")
    writer = await _officer(rig, "Nguyễn Thị Soạn Bịa")
    channel_id = await charging(rig, units)
    proposed = await _proposed(rig, rig.commune, writer)
    own = await _proposed(rig, units[0], chief)
    approved = await _proposed(rig, units[0], writer, is_later=True)
    await rig.services.approvals.approve(approved.id, approved.mark, by=chief)
    alone = await _proposed(rig, units[0], chief, is_later=True)
    why = "Vỡ đê lúc nửa đêm, gọi trưởng ban và phó ban không được."
    await rig.services.approvals.override(alone.id, why, by=chief)
    back = await _proposed(rig, units[0], writer)
    await rig.services.approvals.send_back(back.id, "Ghi rõ tên trường học.", by=chief)
    plan = await rig.services.announcements.write(_wording(rig, units), by=chief)
    return {
        "proposed": f"/thong-bao/{proposed.id}",
        "proposed-own": f"/thong-bao/{own.id}",
        "override": f"/thong-bao/{own.id}/gui-gap",
        "proposed-edit": f"/thong-bao/{own.id}/sua",
        "approved": f"/thong-bao/{approved.id}",
        "overridden": f"/thong-bao/{alone.id}",
        "sent-back": f"/thong-bao/{back.id}",
        "sent-back-edit": f"/thong-bao/{back.id}/sua",
        "plan": f"/thong-bao/{plan.id}/gui",
        "plan-edit": f"/thong-bao/{plan.id}/sua",
        "plan-behind": f"/thong-bao/{plan.id}/ke-hoach/{channel_id}/paid",
        "plan-empty": f"/thong-bao/{plan.id}/ke-hoach/{channel_id}/blocked",
        "announcements-waiting": "/thong-bao",
    }


def _wording(rig: Rig, units: list[Unit]) -> Wording:
    return Wording(
        unit_id=rig.commune.id,
        title="Tập huấn chữa cháy tại nhà (minh họa)",
        text=TEXT.replace("Nước sông lên nhanh", "Bà con mang theo bình chữa cháy"),
        due_at=rig.clock.now() + timedelta(hours=3),
        grace=timedelta(minutes=60),
        audience=Audience(without_unit_ids=(units[3].id,)),
        links=(Link(label="Xem bản đồ", url="https://binhyen.example.vn/ban-do-minh-hoa"),),
    )


async def _officer(rig: Rig, name: str) -> Officer:
    new = NewOfficer(
        login="soan.bia",
        name=name,
        password=PASSWORD,
        unit_id=rig.commune.id,
        roles=frozenset({Role.ANNOUNCER}),
    )
    return await rig.services.officers.add(new, by="machine")


async def _proposed(rig: Rig, unit: Unit, by: Officer, *, is_later: bool = False) -> Announcement:
    wording = Wording(
        unit_id=unit.id,
        title="Nước lên, đi lánh ngay (minh họa)",
        text=TEXT,
        is_urgent=True,
        due_at=rig.clock.now() + timedelta(hours=5) if is_later else None,
    )
    written = await rig.services.announcements.write(wording, by=by)
    return await rig.services.approvals.release(written.id, by=by)


async def charging(rig: Rig, units: Sequence[Unit], *, price: int | None = 55) -> ChannelId:
    """Let people join over an account that charges: at once, long ago, together, and gone.

    To three it is free, to two it costs, two wrote too long ago, one lives with one of those to
    whom it costs, one has left.
    """
    channel_id = await rig.channel(CHARGING)
    await rig.services.channels.prices.enter(channel_id, price, by="machine")
    for number in range(9):
        await rig.joined(units[number % 2], f"zalo-{number}", channel_id)
    days = {2: 3, 3: 4, 4: 6, 5: 30, 6: 30}
    async with rig.storage.begin() as work:
        house = Household(
            id=HouseholdId("ho-minh-hoa"),
            unit_id=units[0].id,
            code="HO-017",
            address="Số 17, ngõ 4 (minh họa)",
            join_code="HOMINHHOA",
        )
        await work.households.save_many([house])
        for number in range(9):
            person = await work.people.find(channel_id, f"zalo-{number}")
            assert person is not None
            joined_at = rig.clock.now() - timedelta(days=days.get(number, 0))
            person = replace(person, joined_at=joined_at)
            if number in {2, 4}:
                person = replace(person, household_id=house.id)
            if number == 8:
                person = person.left(at=rig.clock.now())
            await work.people.save(person)
        await work.commit()
    return channel_id
