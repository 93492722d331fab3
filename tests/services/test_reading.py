"""What fills a place was taken away after writing: nothing goes out, and officers are told why."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.errors import RuleBroken
from bot.core.ids import ChannelId
from bot.core.messages import Address
from bot.core.officers import Officer, Role
from bot.services.announcements.amendments import Correction
from bot.services.announcements.announcing import Wording
from bot.services.officers.accounts import NewOfficer
from tests.builders.town import PASSWORD, Town
from tests.services.sending import delivered, end, taken

HOUR = timedelta(hours=1)
CALL = "Cần giúp, gọi {{ so_truc }}."
HERE = Address(channel_id=ChannelId("telegram"), chat="officer-chat")


async def phone(town: Town, number: str) -> None:
    contacts = {"duty_phone": number} if number else {}
    async with town.storage.begin() as work:
        await work.units.save(replace(town.hamlet, contacts=contacts))
        await work.commit()


async def officer(town: Town, *roles: Role) -> Officer:
    new = NewOfficer(
        login=f"an-{len(roles)}-{roles[0]}",
        name="Cán Bộ Bịa",
        password=PASSWORD,
        unit_id=town.commune.id,
        roles=frozenset(roles),
    )
    return await town.officers.add(new, by="test")


async def kept(town: Town, one: Announcement) -> Announcement:
    return (await town.announcements.show(one.id, to=None)).announcement


async def refused(act: Awaitable[object]) -> None:
    with pytest.raises(RuleBroken, match="text_place_empty") as caught:
        await act
    assert caught.value.values == {"place": "so_truc", "units": "Tổ 1 Bịa"}


@pytest.fixture(autouse=True)
async def reachable(town: Town) -> None:
    await phone(town, "0201 bịa")
    await town.member("web", "a")


def wording(town: Town, **changes: object) -> Wording:
    asked: dict[str, object] = {"title": "Trực Tết", "text": CALL, **changes}
    return Wording(unit_id=town.hamlet.id, **asked)  # type: ignore[arg-type]  # any field


async def test_a_draft_is_not_let_go(town: Town) -> None:
    draft = await town.announcements.write(wording(town), by=None)
    await phone(town, "")
    await refused(town.announcements.release(draft.id, by=None))
    assert (await kept(town, draft)).state is AnnouncementState.DRAFT
    await phone(town, "0202 bịa")
    await town.announcements.release(draft.id, by=None)
    assert await town.tally(draft.id) == {"waiting": 1}


async def test_it_is_not_put_up_nor_approved_nor_sent_without_approval(town: Town) -> None:
    writer, second = await officer(town, Role.ANNOUNCER), await officer(town, Role.APPROVER)
    draft = await town.announcements.write(wording(town, is_urgent=True), by=writer)
    await phone(town, "")
    await refused(town.approvals.release(draft.id, by=writer))
    await phone(town, "0202 bịa")
    one = await town.approvals.release(draft.id, by=writer)
    await phone(town, "")
    await refused(town.approvals.approve(one.id, one.mark, by=second))
    await refused(town.approvals.override(one.id, "Vỡ đê", by=writer))
    assert (await kept(town, one)).state is AnnouncementState.PROPOSED


async def test_at_its_hour_it_goes_back_to_its_writers_who_are_told(town: Town) -> None:
    writer = await officer(town, Role.ANNOUNCER)
    code = await town.notices.make_code(writer)
    async with town.storage.begin() as work:
        await town.notices.link(work, code, HERE)
        await work.commit()
    one = await town.announced(CALL, title="Trực Tết", due_at=town.clock.now() + HOUR)
    await phone(town, "")
    town.clock.advance(HOUR)
    assert await town.announcements.start_due() == 0
    back = await kept(town, one)
    assert (back.state, back.due_at, back.started_at) == (AnnouncementState.DRAFT, None, None)
    assert back.sent_back is not None
    assert (back.sent_back.by, back.sent_back.at) == (None, town.clock.now())
    assert "so_truc ở Tổ 1 Bịa" in back.sent_back.reason
    (told,) = [message.text for message in await town.outbox()]
    assert "“Trực Tết” (Tổ 1 Bịa)" in told
    assert back.sent_back.reason in told
    assert await town.tally(one.id) == {}
    entries = [entry.record for entry in await town.audit.newest()]
    (entry,) = [one for one in entries if one.act == "announcement.not_started"]
    assert (entry.actor, dict(entry.facts)) == ("clock", {"reason": "text_place_empty"})

    town.clock.advance(timedelta(minutes=1))
    await phone(town, "0202 bịa")
    await town.announcements.release(one.id, by=None)
    again = await kept(town, one)
    assert (again.state, again.sent_back) == (AnnouncementState.SENDING, None)
    assert await town.tally(one.id) == {"waiting": 1}


async def test_one_that_is_overdue_does_not_go_round_it(town: Town) -> None:
    one = await town.announced(CALL, due_at=town.clock.now() + HOUR)
    await phone(town, "")
    town.clock.advance(2 * HOUR)
    await town.announcements.start_due()
    await refused(town.announcements.reschedule(one.id, None, by=None))
    assert (await kept(town, one)).state is AnnouncementState.OVERDUE


async def test_who_came_late_is_not_sent_it_either(town: Town) -> None:
    one = await town.announced(CALL)
    await delivered(town)
    await phone(town, "")
    await refused(town.announcements.take_late(one.id, by=None))


async def test_a_correction_is_over_and_a_recall_goes_out(town: Town) -> None:
    one = await town.announced("Họp lúc 19 giờ.")
    copies = await taken(town)
    # It waits for the copy that is on its way; meanwhile the number is taken away.
    corrected = await town.amendments.correct(one.id, Correction(title="Họp", text=CALL), by=None)
    await phone(town, "")
    await end(town, copies)
    await town.announcements.start_due()
    back = await kept(town, corrected)
    assert (back.state, back.sent_back is None) == (AnnouncementState.CANCELLED, False)
    recall = await town.amendments.recall(one.id, by=None)
    assert (await kept(town, recall)).state is AnnouncementState.SENDING
