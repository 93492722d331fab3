"""What every store must do about groups, slips, attachments, and when people last wrote."""

from datetime import date, timedelta

import pytest

from bot.core.errors import NotFound
from bot.core.groups import GroupState
from bot.core.ids import AttachmentId, ChannelId, GroupId
from bot.core.messages import Attachment, AttachmentKind
from bot.core.slips import Slip, SlipKind
from bot.core.storage import Storage
from tests.storage.nouns import (
    COMMUNE,
    HAMLET,
    MINUTE,
    NOON,
    WEB,
    ZALO,
    group,
    person,
    settle,
)

LATER = NOON + MINUTE
PICTURE = Attachment(
    id=AttachmentId("a1"),
    kind=AttachmentKind.PICTURE,
    name="canh-bao.jpg",
    media_type="image/jpeg",
    size_bytes=3,
)


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


def slip(key: str, *, holder: str = "", until_minutes: int = 1, body: bytes = b"") -> Slip:
    until = NOON + until_minutes * MINUTE
    return Slip(kind=SlipKind.GROUP_CODE, key=key, until=until, holder=holder, body=body)


async def test_a_group_is_found_by_its_chat_and_by_its_unit(store: Storage) -> None:
    ours = group(unit_id=HAMLET, state=GroupState.LINKED, lapses_on=date(2026, 12, 31))
    async with store.begin() as work:
        await work.groups.save(ours)
        await work.groups.save(group("other", channel_id=WEB))
        await work.commit()
    async with store.read() as work:
        assert await work.groups.get(GroupId("group")) == ours
        assert await work.groups.find(ZALO, "chat-group") == ours
        assert await work.groups.find(WEB, "chat-group") is None
        assert await work.groups.of_units({HAMLET, COMMUNE}) == [ours]
        assert await work.groups.of_channel(WEB) == [group("other", channel_id=WEB)]
        with pytest.raises(NotFound):
            await work.groups.get(GroupId("nobody"))


async def test_a_slip_is_taken_once_and_only_before_its_hour(store: Storage) -> None:
    async with store.begin() as work:
        await work.slips.put(slip("a", body=b"kept"))
        await work.slips.put(slip("b"))
        assert await work.slips.take(SlipKind.GROUP_CODE, "a", now=NOON) == slip("a", body=b"kept")
        assert await work.slips.take(SlipKind.GROUP_CODE, "a", now=NOON) is None
        assert await work.slips.take(SlipKind.OFFICER_CODE, "b", now=NOON) is None
        assert await work.slips.get(SlipKind.GROUP_CODE, "b", now=LATER) is None
        assert await work.slips.take(SlipKind.GROUP_CODE, "b", now=LATER) is None
        await work.commit()


async def test_slips_of_a_holder_come_in_the_order_they_run_out(store: Storage) -> None:
    late, soon = slip("late", holder="h", until_minutes=2), slip("soon", holder="h")
    async with store.begin() as work:
        await work.slips.put_many([late, soon, slip("else", holder="g")])
        assert await work.slips.of_holder(SlipKind.GROUP_CODE, "h", now=NOON) == [soon, late]
        assert await work.slips.of_holder(SlipKind.GROUP_CODE, "h", now=LATER) == [late]
        assert await work.slips.remove_of(SlipKind.GROUP_CODE, "h") == 2
        await work.slips.put_many([])
        assert await work.slips.of_holder(SlipKind.GROUP_CODE, "h", now=NOON) == []
        await work.commit()


async def test_a_slip_put_again_is_replaced_and_old_ones_are_forgotten(store: Storage) -> None:
    async with store.begin() as work:
        await work.slips.put(slip("a"))
        await work.slips.put(slip("a", until_minutes=3))
        await work.slips.put(slip("b"))
        await work.slips.remove(SlipKind.GROUP_CODE, "never")
        assert await work.slips.forget_before(NOON + 2 * MINUTE) == 1
        assert await work.slips.get(SlipKind.GROUP_CODE, "a", now=LATER) == slip(
            "a", until_minutes=3
        )
        await work.slips.remove(SlipKind.GROUP_CODE, "a")
        assert await work.slips.get(SlipKind.GROUP_CODE, "a", now=NOON) is None
        await work.commit()


async def test_an_attachment_is_kept_once_with_its_bytes(store: Storage) -> None:
    async with store.begin() as work:
        await work.attachments.add(PICTURE, b"one", at=NOON)
        await work.attachments.add(PICTURE, b"two", at=LATER)
        await work.commit()
    async with store.read() as work:
        assert await work.attachments.get(PICTURE.id) == PICTURE
        assert await work.attachments.body(PICTURE.id) == b"one"
        with pytest.raises(NotFound):
            await work.attachments.get(AttachmentId("never"))
        with pytest.raises(NotFound):
            await work.attachments.body(AttachmentId("never"))


async def test_an_upload_is_remembered_until_it_runs_out(store: Storage) -> None:
    async def known(channel_id: ChannelId, seconds: int = 0) -> str | None:
        now = NOON + timedelta(seconds=seconds)
        return await work.attachments.uploaded(channel_id, PICTURE.id, now=now)

    async with store.begin() as work:
        await work.attachments.add(PICTURE, b"one", at=NOON)
        await work.attachments.note_upload(ZALO, PICTURE.id, "t1", until=NOON)
        await work.attachments.note_upload(ZALO, PICTURE.id, "t2", until=LATER)
        assert (await known(ZALO), await known(WEB), await known(ZALO, 60)) == ("t2", None, None)
        await work.attachments.note_upload(ZALO, PICTURE.id, "", until=LATER)
        assert await known(ZALO) is None
        await work.attachments.note_upload(ZALO, PICTURE.id, "t3", until=LATER)
        assert await work.attachments.forget_uploads_before(LATER) == 0
        assert await work.attachments.forget_uploads_before(LATER + MINUTE) == 1
        await work.commit()


async def test_when_somebody_wrote_only_moves_forward(store: Storage) -> None:
    who = person("p1")
    async with store.begin() as work:
        await work.people.save(who)
        await work.people.wrote(who.id, block=LATER)
        await work.people.wrote(who.id, block=NOON)
        await work.commit()
    async with store.read() as work:
        assert (await work.people.get(who.id)).wrote_at == LATER
