"""Correcting and taking back: the newest text to everybody, the wrong one to nobody any more."""

import asyncio
from datetime import timedelta

import pytest

from bot.core.announcements import Announcement
from bot.core.deliveries import DeliveryState, Lane
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId
from bot.core.sending import Reason
from bot.services.announcements.amendments import Correction
from bot.services.announcements.announcing import TITLE_LONGEST, Wording
from bot.services.announcements.texts import TEXT_LONGEST
from tests.builders.town import Town
from tests.services.sending import FAILED, LATER, SENT, UNKNOWN, delivered, end, taken

NEW = Correction(title="Họp tổ", text="Họp lúc 20 giờ, không phải 19 giờ.")
AGAIN = Correction(title="Họp tổ", text="Họp lúc 20 giờ 30.")


async def corrected(town: Town, one: Announcement, what: Correction = NEW) -> Announcement:
    return await town.amendments.correct(one.id, what, by=None)


async def recalled(town: Town, one: Announcement) -> Announcement:
    return await town.amendments.recall(one.id, by=None)


async def sent_to(town: Town, *chats: str, **wording: object) -> Announcement:
    for chat in chats:
        await town.member("telegram", chat)
    one = await town.announced(**wording)  # type: ignore[arg-type] # fields by name
    await delivered(town)
    return one


async def waiting_for(town: Town) -> dict[str, tuple[str, ...]]:
    """Take what waits; return by chat what each copy takes the place of."""
    copies = await taken(town)
    return {one.address.chat: one.replaces for one in copies if one.address is not None}


async def test_a_correction_takes_the_place_of_what_each_one_got(town: Town) -> None:
    await town.member("web", "a")
    await town.member("telegram", "b")
    one = await town.announced()
    first = {copy.address.chat: copy.id for copy in await delivered(town) if copy.address}
    again = await corrected(town, one)
    assert (again.amends, again.unit_id, again.text) == (one.id, one.unit_id, NEW.text)
    assert await waiting_for(town) == {chat: (f"m-{number}",) for chat, number in first.items()}


async def test_a_correction_reads_as_one(town: Town) -> None:
    one = await sent_to(town, "a")
    letter = await town.announcements.letter((await corrected(town, one)).id)
    lines = letter.text.splitlines()
    assert lines[0] == "ĐÍNH CHÍNH – Tổ 1 Bịa"
    assert lines[1].endswith("thay cho thông báo trước: Họp tổ")
    assert NEW.text in lines
    assert letter.is_recall is False


async def test_the_longest_correction_fits_into_one_message_of_every_channel(town: Town) -> None:
    one = await sent_to(town, "a", title="y" * TITLE_LONGEST)
    what = Correction(title="z" * TITLE_LONGEST, text="x" * TEXT_LONGEST)
    letter = await town.announcements.letter((await corrected(town, one, what)).id)
    assert len(letter.text) <= 2_000


async def test_a_recall_says_what_no_longer_holds_and_nothing_of_what_it_said(
    town: Town,
) -> None:
    one = await sent_to(town, "a", text="Điều đã nói sai.")
    recall = await recalled(town, one)
    letter = await town.announcements.letter(recall.id)
    assert letter.is_recall is True
    assert "không còn hiệu lực: Họp tổ" in letter.text
    assert "Điều đã nói sai." not in letter.text
    assert list(await waiting_for(town)) == ["a"]


async def test_a_recall_goes_before_everything_else(town: Town) -> None:
    one = await sent_to(town, "a", "b")
    await town.announced("Tin khác.")
    await recalled(town, one)
    first = (await taken(town))[:2]
    assert [copy.lane for copy in first] == [Lane.URGENT, Lane.URGENT]


async def test_only_those_who_have_it_or_may_have_it_are_told(town: Town) -> None:
    for chat in ("got", "maybe", "blocked"):
        await town.member("telegram", chat)
    one = await town.announced()
    fates = {"got": SENT, "maybe": UNKNOWN, "blocked": FAILED}
    copies = await taken(town)
    await end(town, copies, lambda copy: fates[copy.address.chat if copy.address else ""])
    await town.member("telegram", "came later")
    await recalled(town, one)
    assert set(await waiting_for(town)) == {"got", "maybe"}


async def test_a_recall_stops_what_has_not_begun(town: Town) -> None:
    for chat in ("a", "b", "c"):
        await town.member("telegram", chat)
    one = await town.announced()
    await end(town, await taken(town, limit=1))
    recall = await recalled(town, one)
    assert await town.tally(one.id) == {"sent": 1, "skipped": 2}
    assert await town.tally(recall.id) == {"waiting": 1}
    shown = await town.announcements.show(one.id, to=None)
    assert (shown.state, shown.amended_by) == ("cancelled", await newest(town, recall.id))
    with pytest.raises(RuleBroken):
        await town.announcements.resume(one.id, by=None)


async def newest(town: Town, announcement_id: AnnouncementId) -> Announcement:
    return (await town.announcements.show(announcement_id, to=None)).announcement


async def test_a_correction_of_one_being_sent_reaches_all_it_was_meant_for(town: Town) -> None:
    for chat in ("a", "b", "c"):
        await town.member("telegram", chat)
    one = await town.announced()
    (first,) = await taken(town, limit=1)
    await end(town, [first])
    again = await corrected(town, one)
    assert await town.tally(one.id) == {"sent": 1, "skipped": 2}
    assert first.address is not None
    waiting = await waiting_for(town)
    assert set(waiting) == {"a", "b", "c"}
    assert waiting[first.address.chat] == (f"m-{first.id}",)
    assert await town.tally(again.id) == {"sending": 3}


async def test_a_paused_one_is_stopped_for_good_by_its_correction(town: Town) -> None:
    await town.member("telegram", "a")
    one = await town.announced()
    await town.announcements.pause(one.id, by=None)
    await corrected(town, one)
    assert (await town.announcements.show(one.id, to=None)).state == "cancelled"
    assert set(await waiting_for(town)) == {"a"}


@pytest.mark.parametrize("comes_back", [SENT, (DeliveryState.WAITING, Reason.SLOWED_DOWN)])
async def test_what_is_on_its_way_arrives_before_it_is_taken_back(
    town: Town, comes_back: tuple[DeliveryState, Reason | None]
) -> None:
    await town.member("telegram", "a")
    one = await town.announced()
    copies = await taken(town)
    recall = await recalled(town, one)
    assert (await town.announcements.show(recall.id, to=None)).state == "scheduled"
    assert await town.announcements.start_due() == 0
    await end(town, copies, lambda _: comes_back)
    assert await town.announcements.start_due() == 1
    has_it = comes_back is SENT
    assert await town.tally(recall.id) == ({"waiting": 1} if has_it else {})
    assert await town.tally(one.id) == ({"sent": 1} if has_it else {"skipped": 1})


async def test_who_could_not_be_written_to_gets_the_newest_text_at_the_next_chance(
    town: Town,
) -> None:
    person = await town.member("zalo", "a")
    one = await town.announced()
    await end(town, await taken(town), lambda _: LATER)
    again = await corrected(town, one)
    assert await town.tally(again.id) == {"skipped": 1}
    async with town.storage.begin() as work:
        now = town.clock.now()
        assert await town.announcements.next_chance(work, person, now) == 1
        await work.commit()
    assert [copy.announcement_id for copy in await taken(town)] == [again.id]


async def test_what_was_taken_back_is_kept_for_nobody(town: Town) -> None:
    person = await town.member("zalo", "a")
    one = await town.announced()
    await end(town, await taken(town), lambda _: LATER)
    recall = await recalled(town, one)
    assert await town.tally(recall.id) == {}
    async with town.storage.begin() as work:
        assert await town.announcements.next_chance(work, person, town.clock.now()) == 0


async def test_a_second_correction_follows_the_first(town: Town) -> None:
    one = await sent_to(town, "a", "b")
    first = await corrected(town, one)
    copies = await taken(town)
    await end(
        town, copies, lambda copy: SENT if copy.address and copy.address.chat == "a" else FAILED
    )
    second = await corrected(town, first, AGAIN)
    waiting = await waiting_for(town)
    assert await town.tally(second.id) == {"sending": 2}
    # Whom the first correction missed still has the very first text.
    (at_a,) = (copy.id for copy in copies if copy.address and copy.address.chat == "a")
    assert waiting["a"] == (f"m-{at_a}",)
    assert waiting["b"][0].startswith("m-")
    assert waiting["b"] != waiting["a"]


async def test_taking_back_a_correction_takes_back_all(town: Town) -> None:
    one = await sent_to(town, "a", "b")
    first = await corrected(town, one)
    await end(town, await taken(town, limit=1))
    recall = await recalled(town, first)
    assert await town.tally(recall.id) == {"waiting": 2}
    assert set(await waiting_for(town)) == {"a", "b"}


async def test_one_without_recipients_is_corrected_for_the_bulletin(town: Town) -> None:
    again = await corrected(town, await town.announced())
    assert (await town.announcements.show(again.id, to=None)).state == "finished"


async def test_what_was_stopped_half_way_can_be_taken_back_but_not_corrected(
    town: Town,
) -> None:
    for chat in ("a", "b"):
        await town.member("telegram", chat)
    one = await town.announced()
    await end(town, await taken(town, limit=1))
    await town.announcements.cancel(one.id, by=None)
    with pytest.raises(RuleBroken, match="announcement_cancelled"):
        await corrected(town, one)
    assert await town.tally((await recalled(town, one)).id) == {"waiting": 1}


async def test_what_was_not_sent_is_not_amended(town: Town) -> None:
    wording = Wording(unit_id=town.hamlet.id, title="Họp", text="Mời họp")
    draft = await town.announcements.write(wording, by=None)
    scheduled = await town.announced(due_at=town.clock.now() + timedelta(hours=1))
    for one in (draft, scheduled):
        with pytest.raises(RuleBroken, match="announcement_not_started"):
            await recalled(town, one)
        with pytest.raises(RuleBroken, match="announcement_not_started"):
            await corrected(town, one)


async def test_what_was_amended_is_amended_no_more(town: Town) -> None:
    one = await sent_to(town, "a")
    again = await corrected(town, one)
    for _ in range(2):
        with pytest.raises(RuleBroken, match="announcement_amended"):
            await corrected(town, one, AGAIN)
        with pytest.raises(RuleBroken, match="announcement_amended"):
            await recalled(town, one)
    recall = await recalled(town, again)
    with pytest.raises(RuleBroken, match="announcement_is_recall"):
        await recalled(town, recall)
    with pytest.raises(RuleBroken, match="announcement_is_recall"):
        await corrected(town, recall)


async def test_of_two_who_correct_at_once_one_is_told(town: Town) -> None:
    one = await sent_to(town, "a")
    tries = (corrected(town, one), corrected(town, one, AGAIN))
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Announcement", "RuleBroken"]


async def test_after_a_correction_was_stopped_another_may_follow(town: Town) -> None:
    one = await sent_to(town, "a")
    first = await corrected(town, one)
    await town.announcements.cancel(first.id, by=None)
    second = await corrected(town, one, AGAIN)
    assert await town.tally(second.id) == {"waiting": 1}


async def test_what_changes_nothing_is_no_correction(town: Town) -> None:
    one = await sent_to(town, "a")
    same = Correction(title=one.title, text=f" {one.text} ")
    with pytest.raises(RuleBroken, match="correction_changes_nothing"):
        await corrected(town, one, same)
    with pytest.raises(RuleBroken, match="text_wrong"):
        await corrected(town, one, Correction(title="Họp tổ", text=" "))


async def test_unknown_copies_of_what_was_corrected_are_not_sent_again(town: Town) -> None:
    await town.member("telegram", "a")
    one = await town.announced()
    await end(town, await taken(town), lambda _: UNKNOWN)
    await corrected(town, one)
    with pytest.raises(RuleBroken, match="announcement_amended"):
        await town.announcements.resend_unknown(one.id, by=None)


async def test_another_units_officer_amends_nothing(town: Town) -> None:
    reader = await town.moderator(unit=town.elsewhere)
    one = await sent_to(town, "a")
    with pytest.raises(NotFound):
        await town.amendments.recall(one.id, by=reader.officer)
    with pytest.raises(NotFound):
        await town.amendments.correct(one.id, NEW, by=reader.officer)


async def test_amending_is_in_the_audit_chain(town: Town) -> None:
    one = await sent_to(town, "a")
    again = await corrected(town, one)
    await recalled(town, again)
    entries = await town.audit.newest(limit=10)
    acts = {entry.record.act: entry.record for entry in entries}
    assert acts["announcement.correct"].subject == one.id
    assert acts["announcement.correct"].facts == {"amended_by": again.id}
    assert acts["announcement.recall"].subject == again.id
