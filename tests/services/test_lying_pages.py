"""What a page that lies has sealed opens for nobody, breaks nothing, and can be set aside."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.core.sealing import SealBroken
from bot.core.tips import TipState
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.sealed_intake import SealedTip
from bot.services.tips.records import Readers
from tests.builders.town import Town
from tests.sealed_tips import WHAT, sealed_tip

Lie = Callable[[Town, Readers], SealedTip]


def _wrong_keys(town: Town, readers: Readers) -> SealedTip:
    tip = sealed_tip(town.vault, readers, town.hamlet.id)
    return replace(tip, keys={holder: b"\x01" + bytes(97) for holder in tip.keys})


def _moved_records(town: Town, readers: Readers) -> SealedTip:
    tip = sealed_tip(town.vault, readers, town.hamlet.id)
    return replace(tip, records=[tip.records[1], tip.records[0]])


def _report(report: bytes) -> Lie:
    return lambda town, readers: sealed_tip(town.vault, readers, town.hamlet.id, report=report)


def _talk(talk: bytes) -> Lie:
    return lambda town, readers: sealed_tip(town.vault, readers, town.hamlet.id, talk=talk)


LIES: dict[str, Lie] = {
    "keys of nothing": _wrong_keys,
    "records in the wrong places": _moved_records,
    "no JSON": _report(b"\xff\x00 nothing"),
    "other JSON": _report(b'{"what": 7}'),
    "an unknown category": _report(b'{"category": "opinions", "what": "x"}'),
    "nothing at all": _report(b""),
    "no key of a dialogue": _talk(b"short"),
}


@pytest.fixture
async def reader(town: Town) -> Reader:
    await town.founded()
    return await town.moderator(unit=town.hamlet)


async def stored(town: Town, tip: SealedTip) -> None:
    submission = await town.receiving.sealed.accept(tip)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_what_does_not_open_can_be_closed_as_spam(
    town: Town, reader: Reader, lie: Lie
) -> None:
    tip = lie(town, await town.receiving.sealed.readers())
    await stored(town, tip)
    with pytest.raises(SealBroken):
        await town.reading.desk.open(tip.tip_id, reader)
    (moved,) = await town.reading.desk.move_all(
        [tip.tip_id], TipState.SPAM, reader, reason="không đọc được"
    )
    assert not moved.problem
    async with town.storage.read() as work:
        assert (await work.tips.get(tip.tip_id)).state is TipState.SPAM


async def test_what_a_page_sealed_is_cleaned_before_it_is_read(town: Town, reader: Reader) -> None:
    hidden = WHAT.replace(" ", "\u202e ", 1)
    report = f'{{"category": "drugs", "what": "{hidden}"}}'.encode()
    tip = sealed_tip(
        town.vault, await town.receiving.sealed.readers(), town.hamlet.id, report=report
    )
    await stored(town, tip)
    assert (await town.reading.desk.open(tip.tip_id, reader)).report.what == WHAT
