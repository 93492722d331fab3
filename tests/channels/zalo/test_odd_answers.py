"""Answers and stores that are not what they should be: nothing is lost, nothing breaks."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import cast

import pytest

from bot.channels.zalo.api import OaApi
from bot.channels.zalo.calls import Answer, Parcel
from bot.channels.zalo.errors import Refusals
from bot.channels.zalo.groups import ZaloGroups
from bot.channels.zalo.uploads import Uploads
from bot.core.errors import StorageTrouble
from bot.core.groups import Group
from bot.core.ids import GroupId
from bot.core.messages import Outgoing
from bot.core.sending import MessageRefused, NoAnswer, PlatformTrouble
from tests.channels.rigs_zalo import CHANNEL_ID, ZaloRig
from tests.channels.stand_ins import MemoryAttachments, NoChance, say_key
from tests.fakes import FakeClock

GROUP = Group(
    id=GroupId("g1"),
    channel_id=CHANNEL_ID,
    chat="0a1b",
    name="Nhóm",
    seen_at=datetime(2026, 11, 22, tzinfo=UTC),
)


class OddApi:
    """An API that answers each path with what a test wants."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Answer:
        return await self.do(path, query)

    async def ask(self, path: str, body: object) -> Answer:
        return await self.do(path, body)

    async def do(self, path: str, body: object) -> Answer:
        name = path.rpartition("/")[2]
        self.asked.append(name)
        return Answer(code=0, data=self.answers.get(name, b"{}"))

    async def upload(self, path: str, parcel: Parcel) -> Answer:
        return await self.do(path, parcel)


def desk_with(**answers: bytes) -> tuple[ZaloGroups, OddApi]:
    api = OddApi(answers)
    refusals = Refusals(CHANNEL_ID, clock=FakeClock(), chance=NoChance(), say=say_key)
    return ZaloGroups(api=cast(OaApi, api), refusals=refusals, say=say_key), api


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"group_info":7}'])
async def test_what_nobody_can_read_of_a_group_is_trouble_of_the_platform(data: bytes) -> None:
    desk, _ = desk_with(getgroup=data)

    with pytest.raises(PlatformTrouble):
        await desk.look(GROUP)


async def test_assets_nobody_can_read_are_trouble_of_the_platform() -> None:
    desk, _ = desk_with(group=b'{"rows":1}')

    with pytest.raises(PlatformTrouble):
        await desk.assets()


async def test_a_group_told_flat_and_with_numbers_is_read_all_the_same() -> None:
    told = b'{"group_id":12,"group_name":"To 3","status":null,"total_member":"7","max_member":50}'
    desk, _ = desk_with(getgroup=told)

    found = await desk.look(GROUP)

    assert (found.chat, found.name, found.is_open) == ("12", "To 3", True)
    assert (found.members, found.most_members) == (7, 50)


async def test_a_group_without_a_count_of_members_is_counted() -> None:
    desk, _ = desk_with(getgroup=b'{"group_info":{"name":"To 3"}}', listmember=b'{"total":5}')

    assert (await desk.look(GROUP)).members == 4


async def test_the_day_a_group_is_deleted_tells_when_it_lapsed() -> None:
    told = b'{"group_info":{"status":"Disabled","auto_delete_date":"15/02/2027","total_member":1}}'
    desk, _ = desk_with(getgroup=told)

    found = await desk.look(GROUP)

    assert (found.is_open, found.lapses_on) == (False, date(2027, 1, 1))


async def test_a_list_without_an_end_is_cut() -> None:
    row = b'{"group_id":"0a1b","total_member":1}'
    page = b'{"groups":[' + b",".join([row] * 50) + b'],"total":0}'
    desk, api = desk_with(getgroupsofoa=page, getgroup=row)

    assert [one.chat for one in await desk.listed()] == ["0a1b"]
    assert api.asked.count("getgroupsofoa") == 40


async def test_a_new_group_without_an_id_is_one_nobody_knows_of() -> None:
    desk, _ = desk_with(creategroupwithoa=b"{}")

    with pytest.raises(NoAnswer):
        await desk.make("Tổ 3", asset="a", members=["1"])


def break_store(rig: ZaloRig, *names: str) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise StorageTrouble("the database is locked")

    for name in names:
        setattr(rig.attachments, name, broken)


@pytest.mark.parametrize("name", ["read", "uploaded"])
async def test_a_picture_that_cannot_be_read_now_is_tried_again(rig: ZaloRig, name: str) -> None:
    attachment = rig.attachments.put("a.jpg", b"\xff\xd8\xff")
    break_store(rig, name)

    with pytest.raises(PlatformTrouble):
        await rig.channel.send(rig.address, Outgoing(text="một", attachment=attachment))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"token":""}', b'{"token":[1]}'])
async def test_a_success_without_an_id_is_no_upload(data: bytes) -> None:
    store = MemoryAttachments()
    attachment = store.put("a.jpg", b"\xff\xd8\xff")
    uploads = Uploads(
        CHANNEL_ID,
        api=cast(OaApi, OddApi({"image": data})),
        store=store,
        clock=FakeClock(),
        refusal=lambda answer: MessageRefused(str(answer.code)),
    )

    with pytest.raises(PlatformTrouble):
        await uploads.handle(attachment)
    assert store.tokens == {}


async def test_an_upload_that_cannot_be_noted_is_used_all_the_same(
    rig: ZaloRig, caplog: pytest.LogCaptureFixture
) -> None:
    attachment = rig.attachments.put("a.jpg", b"\xff\xd8\xff")
    break_store(rig, "note_upload")

    for _ in range(2):
        await rig.channel.send(rig.address, Outgoing(text="một", attachment=attachment))

    assert rig.stub.calls["/v2.0/oa/upload/image"] == 1
    assert len(rig.stub.sent) == 2
    assert "zalo.upload_not_noted" in caplog.messages
