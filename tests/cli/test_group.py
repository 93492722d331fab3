"""Groups from the command line: codes, links, lists, and what platforms are asked."""

from dataclasses import replace

import pytest

from bot.core.groups import Group, GroupState
from bot.core.ids import ChannelId, GroupId
from tests.channels.stubs.zalo_stub import ZaloStub
from tests.cli.conftest import Ended, Machine
from tests.fakes import NOON

TELEGRAM = ("channel", "add", "telegram", "--unit", "X1", "--token", "123456:an-invented-token")
NAME = "An ninh tổ 1 (bịa)"


@pytest.fixture
def bot(commune: Machine) -> str:
    """Return the id of a Telegram account of the commune."""
    account = commune(*TELEGRAM, "--api-url", "http://127.0.0.1:9", "--json").document
    channel_id: str = account["id"]
    return channel_id


async def kept(commune: Machine, channel_id: str, **changes: object) -> None:
    """Keep a group that people let the bot into."""
    group = Group(
        id=GroupId("g1"),
        channel_id=ChannelId(channel_id),
        chat="-100",
        name=NAME,
        seen_at=NOON,
    )
    async with commune.program() as program, program.storage.begin() as work:
        await work.groups.save(replace(group, **changes))  # type: ignore[arg-type] # fields by name
        await work.commit()


def test_without_groups_the_list_says_so(commune: Machine) -> None:
    assert "There are no groups." in commune("group", "list").out
    assert commune("group", "list", "--json").document == {"groups": []}


def test_a_code_is_made_for_a_unit(commune: Machine, bot: str) -> None:
    made = commune("group", "code", "--unit", "T1", "--json")
    assert made.status == 0
    assert (len(made.document["code"]), made.document["unit"]) == (8, "T1")
    told = commune("group", "code", "--unit", "T1", "--channel", bot)
    assert "/lienket" in told.out
    assert commune("audit", "verify").status == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("code", "--unit", "T9"), "T9"),
        (("code", "--unit", "T1", "--channel", "nobody"), "nobody"),
        (("list", "--unit", "T9"), "T9"),
        (("link", "nobody", "--unit", "T1"), "nobody"),
        (("unlink", "nobody"), "nobody"),
        (
            ("make", "--channel", "nobody", "--name", "x", "--unit", "T1", "--admin", "1"),
            "nobody",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_what_is_not_there_is_refused_by_name(
    commune: Machine, line: tuple[str, ...], said: str
) -> None:
    ended = commune("group", *line, "--json")
    assert ended.status == 1
    assert said in ended.document["error"]


async def test_a_group_is_linked_moved_and_unlinked(commune: Machine, bot: str) -> None:
    await kept(commune, bot)

    async def typed(*words: str) -> Ended:
        return await commune.typed("group", *words, "--json")

    linked = (await typed("link", "g1", "--unit", "T1")).document
    assert (linked["state"], linked["unit"], linked["name"]) == ("linked", "T1", NAME)
    assert (await typed("link", "g1", "--unit", "X1")).document["unit"] == "X1"
    assert (await typed("list", "--unit", "T1")).document == {"groups": []}
    assert len((await typed("list", "--unit", "X1")).document["groups"]) == 1
    unlinked = (await typed("unlink", "g1")).document
    assert (unlinked["state"], unlinked["unit"]) == ("seen", None)


async def test_a_group_that_is_gone_is_not_linked(commune: Machine, bot: str) -> None:
    async with commune.program() as program:
        unit = await program.units.by_code("T1")
    await kept(commune, bot, state=GroupState.GONE, unit_id=unit.id)
    ended = await commune.typed("group", "link", "g1", "--unit", "T1")
    assert ended.status == 1
    assert "no longer in this group" in ended.err


async def test_groups_are_made_and_looked_at_on_zalo(commune: Machine) -> None:
    async with ZaloStub() as stub:
        added = await commune.typed(
            *("channel", "add", "zalo", "--unit", "X1", "--app-id", stub.app.app_id),
            *("--app-secret", stub.app.app_secret, "--oa-id", stub.oa.oa_id),
            *("--oa-secret", stub.app.webhook_secret),
            *("--access-token", stub.tokens.access_token),
            *("--refresh-token", stub.tokens.refresh_token),
            *("--api-url", stub.url, "--oauth-url", stub.url, "--json"),
        )
        admin = stub.admin()
        make = (
            *("group", "make", "--channel", added.document["id"], "--name", NAME),
            *("--unit", "T1", "--admin", admin.user_id),
        )
        none = await commune.typed(*make)
        assert "free are: none" in none.err
        asset = stub.asset()
        made = await commune.typed(*make, "--json")
        assert made.status == 0, made.out
        assert (made.document["state"], made.document["unit"]) == ("linked", "T1")
        assert made.document["most_members"] == 50
        assert made.document["invite_url"].startswith("https://")
        stub.group("Nhóm khác (bịa)")
        synced = await commune.typed("group", "sync", "--json")
        assert (synced.document["groups"], synced.document["found"]) == (2, 1)
        assert asset.used_id
        assert stub.broken_rules == []
        await stub.go_down()
        silent = await commune.typed("group", "sync")
        assert silent.status == 1
        assert added.document["id"] in silent.err
        await stub.come_back()
