"""The head of each day: kept once, brought to a second place, missed when it no longer fits."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.app.auditing import HeadAddress, HeadFile
from bot.core.audit import AuditHead
from bot.core.ids import ChannelId
from bot.core.messages import Address
from bot.core.officers import Role
from bot.services.audit_heads import (
    AuditHeads,
    HeadNotPosted,
    HeadPlace,
    HeadsUnreadable,
    head_line,
    read_heads,
)
from bot.services.officers.accounts import NewOfficer
from tests.builders.town import PASSWORD, Town
from tests.fakes import FakePoster

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Place:
    """A second place that can be away."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.is_away = False

    async def post(self, line: str) -> None:
        if self.is_away:
            raise HeadNotPosted("no_answer")
        self.lines.append(line)


def heads_of(town: Town, place: HeadPlace | None) -> AuditHeads:
    return AuditHeads(
        storage=town.storage,
        notices=town.notices,
        place=place,
        clock=town.clock,
        zone=ZONE,
    )


async def admin_hears(town: Town) -> None:
    new = NewOfficer(
        login="an",
        name="Cán Bộ Bịa",
        password=PASSWORD,
        unit_id=town.commune.id,
        roles=frozenset({Role.ADMIN}),
    )
    one = await town.officers.add(new, by="test")
    code = await town.notices.make_code(one)
    async with town.storage.begin() as work:
        await town.notices.link(
            work, code, Address(channel_id=ChannelId("telegram"), chat="officer")
        )
        await work.commit()


async def told(town: Town) -> list[str]:
    return [message.text for message in await town.outbox()]


async def test_one_head_a_day_is_kept_and_posted(town: Town) -> None:
    place = Place()
    heads = heads_of(town, place)
    assert [await heads.look() for _ in range(3)] == [1, 0, 0]
    town.clock.advance(DAY)
    assert await heads.look() == 1
    first, second = read_heads("\n".join(place.lines))
    assert second.day - first.day == DAY
    assert (await town.audit.verify(heads=[first, second])).is_whole


async def test_what_could_not_be_posted_is_told_once_a_day_and_goes_again(town: Town) -> None:
    await admin_hears(town)
    place = Place()
    place.is_away = True
    heads = heads_of(town, place)
    for _ in range(30):
        assert await heads.look() == 0
        town.clock.advance(HOUR)
    assert 2 <= len(await told(town)) <= 3
    place.is_away = False
    assert await heads.look() == 2
    assert await heads.look() == 0
    assert len(place.lines) == 2


async def test_without_a_second_place_heads_are_kept_for_one_that_comes(town: Town) -> None:
    alone = heads_of(town, None)
    for _ in range(3):
        assert await alone.look() == 0
        town.clock.advance(DAY)
    place = Place()
    assert await heads_of(town, place).look() == 4


async def test_a_head_that_no_longer_fits_is_told(town: Town, tmp_path: Path) -> None:
    await admin_hears(town)
    heads = heads_of(town, None)
    await heads.look()
    newest = await heads.newest()
    assert newest is not None
    async with town.storage.begin() as work:
        forged = AuditHead(day=newest.day, number=newest.number, hash=bytes(32))
        await work.audit.save_head(forged)
        await work.commit()
    await heads.look()
    (text,) = await told(town)
    assert str(newest.number) in text


async def test_a_file_gets_a_line_for_each_head(tmp_path: Path) -> None:
    file = tmp_path / "heads.txt"
    place = HeadFile(file)
    await place.post("one")
    await place.post("two")
    assert file.read_text() == "one\ntwo\n"


async def test_a_share_that_is_not_mounted_is_said(tmp_path: Path) -> None:
    with pytest.raises(HeadNotPosted, match="No such file"):
        await HeadFile(tmp_path / "away" / "heads.txt").post("one")
    assert not (tmp_path / "away").exists()


async def test_an_address_is_posted_json_and_its_no_is_said() -> None:
    poster = FakePoster()
    await HeadAddress("https://elsewhere.example/heads", poster).post("{}")
    (call,) = poster.posted
    assert (call.url, call.body) == ("https://elsewhere.example/heads", b"{}")
    poster.script.append(500)
    with pytest.raises(HeadNotPosted, match="answered_500"):
        await HeadAddress("https://elsewhere.example/heads", poster).post("{}")


async def test_heads_are_read_as_they_were_written(town: Town) -> None:
    head = await heads_of(town, None).newest()
    assert head is not None
    assert read_heads(f"{head_line(head)}\n\n{head_line(head)}\n") == [head, head]


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "[]",
        '{"day": "2026-11-22", "number": 0, "hash": ""}',
        '{"day": "x", "number": 1, "hash": "00"}',
    ],
)
def test_a_line_that_is_no_head_is_named(line: str) -> None:
    with pytest.raises(HeadsUnreadable, match="line 2"):
        read_heads(f"\n{line}\n")
