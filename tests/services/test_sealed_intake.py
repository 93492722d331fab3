"""Tips that come sealed: taken whole from a page that tells today's readers, or not at all."""

from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import KeyHolderId, TipId, UnitId
from bot.core.tips import Report, TipCategory
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.intake import Submission
from bot.services.tips.receiving.pictures import MOST_PICTURES
from bot.services.tips.receiving.sealed_intake import (
    ReadersChanged,
    SealedTip,
    SealedWrongly,
    TipKnown,
)
from bot.services.tips.talk import Letter
from tests.builders.town import Town
from tests.sealed_tips import WHAT, sealed_tip

PICTURE = b"\xff\xd8 a cleaned picture \xff\xd9"


@pytest.fixture
async def reader(town: Town) -> Reader:
    await town.founded()
    return await town.moderator(unit=town.hamlet)


async def made(town: Town, **changes: Any) -> SealedTip:  # noqa: ANN401 - any field
    readers = await town.receiving.sealed.readers()
    tip = sealed_tip(town.vault, readers, town.hamlet.id, pictures=(PICTURE,))
    return replace(tip, **changes)


async def stored(town: Town, submission: Submission) -> None:
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()


async def many(town: Town) -> int:
    return len(await town.reading.queue.metadata(town.commune, by="test"))


async def test_what_came_sealed_is_read_talked_about_and_followed_like_any(
    town: Town, reader: Reader
) -> None:
    tip = await made(town)
    submission = await town.receiving.sealed.accept(tip)
    await stored(town, submission)
    opened = await town.reading.desk.open(tip.tip_id, reader)
    assert opened.report.what == WHAT
    assert opened.pictures == (PICTURE,)
    await town.reading.talks.say(tip.tip_id, reader, Letter(text="Vào giờ nào ạ?"))
    found = await town.receiving.talks.follow(submission.receipt.text)
    assert found is not None
    assert [said.text for said in found.said] == ["Vào giờ nào ạ?"]
    assert found.private_key == tip.talk_private


async def test_the_time_of_a_sealed_tip_is_as_coarse_as_any(town: Town, reader: Reader) -> None:
    tip = await made(town)
    await stored(town, await town.receiving.sealed.accept(tip))
    async with town.storage.read() as work:
        kept = await work.tips.get(tip.tip_id)
        records = await work.tips.records(tip.tip_id)
    for at in (kept.received_at, kept.moved_at, *(record.at for record in records)):
        assert (at.minute, at.second, at.microsecond) == (0, 0, 0)


SHORT = b"\x01" + bytes(40 + 1024)
WRONG = [
    ({"tip_id": TipId("")}, "no number"),
    ({"tip_id": TipId("x" * 13)}, "a long number"),
    ({"tip_id": TipId("ILOUilouilou")}, "signs no number has"),
    ({"tip_id": TipId("'; drop--00\x00")}, "rubbish"),
    ({"talk_private": b""}, "no key of the dialogue"),
    ({"talk_private": bytes(33)}, "a long key of the dialogue"),
    ({"records": []}, "no records"),
    ({"records": [SHORT]}, "a report alone"),
    ({"records": [SHORT] * (MOST_PICTURES + 3)}, "too many pictures"),
    ({"records": [SHORT, b""]}, "an empty record"),
    ({"records": [SHORT, SHORT + b"\0"]}, "a size that padding does not give"),
    ({"records": [b"\x02" + SHORT[1:], SHORT]}, "another version"),
    ({"records": [b"\x01" + bytes(40 + 64 * 1024), SHORT]}, "a report too long"),
    ({"records": [SHORT, b"\x01" + bytes(40 + 2048)]}, "a key too long"),
    ({"records": [SHORT, SHORT, b"\x01" + bytes(40 + 2**21)]}, "a picture too large"),
    ({"keys": {KeyHolderId("a"): b"\x01" + bytes(96)}}, "a key cut short"),
    ({"keys": {KeyHolderId("a"): b"\x02" + bytes(97)}}, "a key of another version"),
]


@pytest.mark.parametrize("changes", [row[0] for row in WRONG], ids=[row[1] for row in WRONG])
async def test_what_no_page_makes_is_refused(
    town: Town, reader: Reader, changes: dict[str, Any]
) -> None:
    with pytest.raises(SealedWrongly):
        await town.receiving.sealed.accept(await made(town, **changes))
    assert await many(town) == 0


async def test_a_tip_for_other_readers_than_todays_is_sealed_anew(
    town: Town, reader: Reader
) -> None:
    tip = await made(town)
    one = next(iter(tip.keys))
    fewer = {holder: key for holder, key in tip.keys.items() if holder != one}
    for keys in (fewer, {**tip.keys, KeyHolderId("0" * 12): tip.keys[one]}, {}):
        with pytest.raises(ReadersChanged):
            await town.receiving.sealed.accept(replace(tip, keys=keys))
    with pytest.raises(ReadersChanged):
        await town.receiving.sealed.accept(replace(tip, unit_id=UnitId("\x00")))


async def test_who_became_a_moderator_while_the_receipt_was_made_is_not_left_out(
    town: Town, reader: Reader
) -> None:
    submission = await town.receiving.sealed.accept(await made(town))
    await town.moderator("moi", unit=town.commune)
    with pytest.raises(ReadersChanged):
        await stored(town, submission)
    assert await many(town) == 0


async def test_a_number_is_taken_once(town: Town, reader: Reader) -> None:
    tip = await made(town)
    await stored(town, await town.receiving.sealed.accept(tip))
    with pytest.raises(TipKnown):
        await stored(town, await town.receiving.sealed.accept(tip))
    assert await many(town) == 1
    assert (await town.reading.desk.open(tip.tip_id, reader)).report.what == WHAT


async def test_where_nobody_may_read_nothing_is_taken(town: Town) -> None:
    with pytest.raises(RuleBroken):
        await town.receiving.sealed.accept(await made(town))
    with pytest.raises(NotFound):
        async with town.storage.read() as work:
            await work.tips.get(TipId("0" * 12))


async def test_an_officer_may_type_a_tip_in_for_somebody(town: Town, reader: Reader) -> None:
    report = Report(category=TipCategory.DRUGS, what=WHAT)
    await stored(town, await town.receiving.intake.submit(report, town.hamlet, is_handed=True))
    (tip,) = await town.reading.queue.metadata(town.commune, by="test")
    assert tip.is_handed
