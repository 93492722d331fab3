"""Four eyes: who must approve, who may, what an approval is worth after a change."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.errors import NotFound, RuleBroken, UnlawfulMove
from bot.core.ids import ChannelId
from bot.core.messages import Address
from bot.core.officers import Officer, Role
from bot.core.units import Unit
from bot.services.announcements.amendments import Correction
from bot.services.announcements.announcing import Wording
from bot.services.officers.accounts import NewOfficer
from tests.builders.town import PASSWORD, Town
from tests.services.sending import delivered

HOUR = timedelta(hours=1)


async def officer(town: Town, login: str, *roles: Role, unit: Unit | None = None) -> Officer:
    new = NewOfficer(
        login=login,
        name="Cán Bộ Bịa",
        password=PASSWORD,
        unit_id=(unit or town.commune).id,
        roles=frozenset(roles),
    )
    return await town.officers.add(new, by="test")


def wording(town: Town, **changes: object) -> Wording:
    asked: dict[str, object] = {"title": "Họp tổ", "text": "Mời bà con.", **changes}
    return Wording(unit_id=town.hamlet.id, **asked)  # type: ignore[arg-type]  # same


async def proposed(town: Town, by: Officer, **changes: object) -> Announcement:
    written = await town.announcements.write(
        wording(town, **{"is_urgent": True, **changes}), by=by
    )
    return await town.approvals.release(written.id, by=by)


async def state(town: Town, one: Announcement) -> str:
    return (await town.announcements.show(one.id, to=None)).state


async def acts(town: Town) -> list[str]:
    return [entry.record.act for entry in await town.audit.newest()]


@pytest.fixture
async def writer(town: Town) -> Officer:
    return await officer(town, "writer", Role.ANNOUNCER)


@pytest.fixture
async def second(town: Town) -> Officer:
    return await officer(town, "second", Role.APPROVER)


# --- when --------------------------------------------------------------------------------------


async def test_few_people_need_no_second_officer(town: Town, writer: Officer) -> None:
    for number in range(5):
        await town.member("web", f"w{number}")
    one = await proposed(town, writer, is_urgent=False)
    assert await state(town, one) == "sending"


async def test_a_new_hour_goes_round_nobody(town: Town, writer: Officer) -> None:
    await town.member("web", "a")
    written = await town.announcements.write(wording(town, is_urgent=True), by=writer)
    for waits in ("draft", "proposed"):
        assert await state(town, written) == waits
        with pytest.raises(UnlawfulMove):
            await town.announcements.reschedule(written.id, None, by=writer)
        if waits == "draft":
            await town.approvals.release(written.id, by=writer)
    assert await town.tally(written.id) == {}


async def test_many_people_or_something_urgent_need_one(town: Town, writer: Officer) -> None:
    urgent = await proposed(town, writer)
    for number in range(6):
        await town.member("web", f"w{number}")
    many = await proposed(town, writer, is_urgent=False)
    assert (urgent.state, many.state) == (AnnouncementState.PROPOSED, AnnouncementState.PROPOSED)
    await town.announcements.start_due()
    assert await town.tally(urgent.id) == {}


async def test_who_has_the_machine_needs_nobody(town: Town) -> None:
    await town.member("web", "w")
    written = await town.announcements.write(wording(town, is_urgent=True), by=None)
    await town.approvals.release(written.id, by=None)
    assert await state(town, written) == "sending"


# --- approving ---------------------------------------------------------------------------------


async def test_what_is_approved_goes_at_once_or_at_its_hour(
    town: Town, writer: Officer, second: Officer
) -> None:
    await town.member("web", "w")
    now = await proposed(town, writer)
    later = await proposed(town, writer, due_at=town.clock.now() + HOUR)
    for one in (now, later):
        await town.approvals.approve(one.id, one.mark, by=second)
    assert (await state(town, now), await state(town, later)) == ("sending", "scheduled")
    kept = (await town.announcements.show(now.id, to=None)).announcement
    assert kept.approval is not None
    assert (kept.approval.by, kept.is_approved) == (second.id, True)
    assert "announcement.approve" in await acts(town)


async def test_what_was_approved_is_not_put_up_once_more(
    town: Town, writer: Officer, second: Officer
) -> None:
    one = await proposed(town, writer, due_at=town.clock.now() + HOUR)
    await town.approvals.approve(one.id, one.mark, by=second)
    with pytest.raises(UnlawfulMove):
        await town.approvals.release(one.id, by=writer)
    assert await state(town, one) == "scheduled"


async def test_nobody_approves_what_they_wrote_any_of(town: Town, writer: Officer) -> None:
    both = await officer(town, "both", Role.ANNOUNCER, Role.APPROVER)
    own = await proposed(town, both)
    with pytest.raises(RuleBroken, match="approval_own"):
        await town.approvals.approve(own.id, own.mark, by=both)
    edited = await proposed(town, writer)
    await town.announcements.revise(edited.id, wording(town, text="Mới.", is_urgent=True), by=both)
    again = await town.approvals.release(edited.id, by=writer)
    with pytest.raises(RuleBroken, match="approval_own"):
        await town.approvals.approve(again.id, again.mark, by=both)


async def test_any_change_voids_an_approval_and_what_was_seen(
    town: Town, writer: Officer, second: Officer
) -> None:
    one = await proposed(town, writer)
    await town.announcements.revise(one.id, wording(town, text="Khác.", is_urgent=True), by=writer)
    assert await state(town, one) == "draft"
    with pytest.raises(RuleBroken, match="announcement_not_proposed"):
        await town.approvals.approve(one.id, one.mark, by=second)
    again = await town.approvals.release(one.id, by=writer)
    with pytest.raises(RuleBroken, match="announcement_changed"):
        await town.approvals.approve(one.id, one.mark, by=second)
    await town.approvals.approve(again.id, again.mark, by=second)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Khác"},
        {"text": "Khác"},
        {"is_urgent": False},
        {"is_public": False},
        {"channels": ("web",)},
    ],
    ids=str,
)
async def test_content_and_audience_make_the_mark_and_the_hour_does_not(
    town: Town, writer: Officer, change: dict[str, object]
) -> None:
    one = await proposed(town, writer)
    changed = replace(one, **change)  # type: ignore[arg-type]  # whatever field is named
    assert changed.mark != one.mark
    assert replace(one, due_at=town.clock.now(), slug="khac").mark == one.mark
    elsewhere = replace(one, unit_id=town.elsewhere.id)
    assert elsewhere.mark != one.mark


@pytest.mark.parametrize("role", [Role.ANNOUNCER, Role.VIEWER, Role.ADMIN, Role.MODERATOR])
async def test_other_roles_cannot_approve(town: Town, writer: Officer, role: Role) -> None:
    one = await proposed(town, writer)
    other = await officer(town, "other", role)
    for act in (
        town.approvals.approve(one.id, one.mark, by=other),
        town.approvals.send_back(one.id, "sửa", by=other),
    ):
        with pytest.raises(NotFound):
            await act
    assert await town.approvals.waiting_for(other) == []


async def test_an_approver_of_another_unit_sees_nothing(
    town: Town, writer: Officer, second: Officer
) -> None:
    far = await officer(town, "far", Role.APPROVER, unit=town.elsewhere)
    one = await proposed(town, writer)
    with pytest.raises(NotFound):
        await town.approvals.approve(one.id, one.mark, by=far)
    assert await town.approvals.waiting_for(far) == []
    assert [shown.announcement.id for shown in await town.approvals.waiting_for(second)] == [
        one.id
    ]


async def test_what_is_sent_back_is_a_draft_again_with_the_reason_on_record(
    town: Town, writer: Officer, second: Officer
) -> None:
    one = await proposed(town, writer)
    with pytest.raises(RuleBroken, match="send_back_reason_missing"):
        await town.approvals.send_back(one.id, " ", by=second)
    await town.approvals.send_back(one.id, "Sai giờ họp", by=second)
    assert await state(town, one) == "draft"
    (entry,) = [e for e in await town.audit.newest() if e.record.act == "announcement.send_back"]
    assert entry.record.facts["reason"] == "Sai giờ họp"
    back = (await town.announcements.show(one.id, to=None)).announcement
    assert back.sent_back is not None
    assert (back.sent_back.by, back.sent_back.reason) == (second.id, "Sai giờ họp")
    assert (await town.approvals.release(one.id, by=writer)).sent_back is None


async def test_what_was_changed_since_somebody_looked_is_not_put_up(
    town: Town, writer: Officer
) -> None:
    draft = await town.announcements.write(wording(town, is_urgent=True), by=writer)
    await town.announcements.revise(draft.id, wording(town, text="Khác."), by=writer)
    with pytest.raises(RuleBroken, match="announcement_changed"):
        await town.approvals.release(draft.id, by=writer, seen=draft.mark)
    assert await state(town, draft) == "draft"


async def test_how_an_officer_stands_to_it_is_told(
    town: Town, writer: Officer, second: Officer
) -> None:
    far = await officer(town, "far", Role.ANNOUNCER, Role.APPROVER, unit=town.elsewhere)
    one = await proposed(town, writer)
    stands = {
        login: await town.approvals.standing(one, to=to)
        for login, to in (("writer", writer), ("second", second), ("far", far))
    }
    told = {login: (one.may_write, one.may_approve) for login, one in stands.items()}
    assert told == {"writer": (True, False), "second": (False, True), "far": (False, False)}
    assert stands["second"].writers == ("Cán Bộ Bịa",)
    assert stands["second"].approved_by == ""
    approved = await town.approvals.approve(one.id, one.mark, by=second)
    assert (await town.approvals.standing(approved, to=writer)).approved_by == "Cán Bộ Bịa"


# --- alone in an emergency ----------------------------------------------------------------------


async def test_an_emergency_goes_without_approval_and_says_so_to_everybody(
    town: Town, writer: Officer, second: Officer
) -> None:
    await town.member("web", "w")
    code = await town.notices.make_code(second)
    async with town.storage.begin() as work:
        await town.notices.link(work, code, Address(channel_id=ChannelId("telegram"), chat="o"))
        await work.commit()
    one = await proposed(town, writer)
    with pytest.raises(RuleBroken, match="approval_reason_missing"):
        await town.approvals.override(one.id, "", by=writer)
    await town.approvals.override(one.id, "Vỡ đê, không gọi được ai", by=writer)
    assert await state(town, one) == "sending"
    assert "announcement.override" in await acts(town)
    # That it waits, and that it did not wait.
    assert len([one for one in await town.outbox() if "Họp tổ" in one.text]) == 2


async def test_who_may_not_announce_cannot_override(
    town: Town, writer: Officer, second: Officer
) -> None:
    one = await proposed(town, writer)
    with pytest.raises(NotFound):
        await town.approvals.override(one.id, "gấp", by=second)
    draft = await town.announcements.write(wording(town), by=writer)
    with pytest.raises(RuleBroken, match="announcement_not_proposed"):
        await town.approvals.override(draft.id, "gấp", by=writer)


# --- corrections -------------------------------------------------------------------------------


async def test_a_correction_that_reaches_many_wants_approval_and_stops_the_wrong_text_at_once(
    town: Town, writer: Officer, second: Officer
) -> None:
    for number in range(6):
        await town.member("web", f"w{number}")
    one = await town.announced()
    new = Correction(title="Họp tổ", text="Họp lúc 20 giờ.")
    correction = await town.amendments.correct(one.id, new, by=writer)
    assert correction.state is AnnouncementState.PROPOSED
    assert await town.tally(one.id) == {"skipped": 6}
    await town.approvals.approve(correction.id, correction.mark, by=second)
    assert len(await delivered(town)) == 6


async def test_a_correction_sent_back_can_be_written_anew(
    town: Town, writer: Officer, second: Officer
) -> None:
    for number in range(6):
        await town.member("web", f"w{number}")
    one = await town.announced()
    new = Correction(title="Họp tổ", text="Họp lúc 20 giờ.")
    correction = await town.amendments.correct(one.id, new, by=writer)
    await town.approvals.send_back(correction.id, "vẫn sai", by=second)
    again = await town.amendments.correct(one.id, replace(new, text="Họp lúc 21 giờ."), by=writer)
    await town.approvals.approve(again.id, again.mark, by=second)
    assert len(await delivered(town)) == 6
    with pytest.raises(RuleBroken, match="announcement_not_draft"):
        await town.announcements.revise(correction.id, wording(town), by=writer)
