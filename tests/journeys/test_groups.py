"""A neighbourhood's group from its first day to its last, played over real HTTP."""

import asyncio
from typing import Any

import pytest

from tests.channels.stubs.sent_log import Sent
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.zalo_stub import ZaloStub
from tests.journeys.program import Installation

NEIGHBOUR = 7_000_001
GROUP, SUPERGROUP = -41, -1_000_000_000_041
REPORT = "Nhà ông Nam cuối ngõ bán ma túy"

pytestmark = pytest.mark.timeout(180)


async def announced(installation: Installation, title: str) -> str:
    """Send an announcement to the neighbourhood; return its id."""
    text = installation.folder / "text.txt"
    text.write_text("Từ 6 giờ đến 9 giờ sáng. Bà con sạc đèn trước.", encoding="utf-8")
    made = await installation.command(
        *("announcement", "send", "--unit", "THON-1", "--title", title),
        *("--text-file", str(text)),
    )
    announcement_id: str = made["id"]
    return announcement_id


async def outcomes(installation: Installation, announcement_id: str) -> dict[str, int]:
    """Return how it ended, once nothing waits any more."""
    found: dict[str, int] = {}
    for _ in range(60):
        shown = await installation.command("announcement", "show", announcement_id)
        found = shown["outcomes"]
        if not found["waiting"] + found["sending"]:
            return {state: many for state, many in found.items() if many}
    pytest.fail(f"not finished: {found}")


async def the_group(installation: Installation, **wanted: object) -> dict[str, Any]:
    """Return the one group as soon as it stands as wanted."""
    listed: dict[str, Any] = {}
    for _ in range(60):
        listed = await installation.command("group", "list")
        for group in listed["groups"]:
            if all(group[name] == value for name, value in wanted.items()):
                found: dict[str, Any] = group
                return found
        await asyncio.sleep(0)
    pytest.fail(f"no group is {wanted}: {listed}")


async def _linked(installation: Installation, stub: TelegramStub) -> dict[str, Any]:
    """Let the bot in and link the group with a code, which is taken away."""
    stub.groups.make(GROUP, creator=NEIGHBOUR, title="An ninh thôn (bịa)")
    stub.groups.add_bot(GROUP, by=NEIGHBOUR, as_admin=["can_delete_messages"])
    (hello,) = await stub.wait_for_sent(1, timeout_s=30, to=GROUP)
    assert "/lienket MÃ" in hello.text
    made = await installation.command("group", "code", "--unit", "THON-1")
    await stub.user_says(NEIGHBOUR, f"/lienket {made['code']}", chat=GROUP)
    _, welcome = await stub.wait_for_sent(2, timeout_s=30, to=GROUP)
    assert "?start=join_" in welcome.text
    assert [chat for chat, _ in stub.deleted] == [str(GROUP)]
    group = await the_group(installation, state="linked")
    assert (group["name"], group["can_delete"]) == ("An ninh thôn (bịa)", True)
    return group


async def test_a_group_on_telegram_from_its_code_to_its_end(installation: Installation) -> None:
    async with TelegramStub() as stub, installation.serving():
        await installation.command(
            *("channel", "add", "telegram", "--unit", "DEMO", "--token", stub.token),
            *("--api-url", stub.url, "--mode", "polling"),
        )
        group = await _linked(installation, stub)

        async def told(count: int, chat: int = GROUP) -> Sent:
            return (await stub.wait_for_sent(count, timeout_s=30, to=chat))[-1]

        # What tells on somebody is taken away and sent to private.
        await stub.user_says(NEIGHBOUR, f"/togiac {REPORT}", chat=GROUP)
        refusal = await told(3)
        assert "?start=togiac" in refusal.text
        assert "Nam" not in refusal.text
        assert refusal.quotes == ""
        assert len(stub.deleted) == 2

        # Announcements reach it, under its new id too.
        first = await announced(installation, "Cắt điện")
        assert "Cắt điện" in (await told(4)).text
        assert await outcomes(installation, first) == {"sent": 1}
        stub.migrate(GROUP, to=SUPERGROUP)
        second = await announced(installation, "Cắt nước")
        assert "Cắt nước" in (await told(1, SUPERGROUP)).text
        assert await outcomes(installation, second) == {"sent": 1}
        assert (await the_group(installation, state="linked"))["id"] == group["id"]

        # Put out, it hears nothing more.
        stub.groups.remove_bot(SUPERGROUP, by=NEIGHBOUR)
        assert (await the_group(installation, state="gone"))["unit"] == "THON-1"
        third = await announced(installation, "Họp thôn")
        assert await outcomes(installation, third) == {}
        assert stub.broken_rules == []


async def test_a_link_brings_the_bot_and_its_code_into_a_group(
    installation: Installation,
) -> None:
    async with TelegramStub() as stub, installation.serving():
        account = await installation.command(
            *("channel", "add", "telegram", "--unit", "DEMO", "--token", stub.token),
            *("--api-url", stub.url, "--mode", "polling"),
        )
        made: dict[str, Any] = {"links": []}
        for _ in range(60):
            made = await installation.command(
                "group", "code", "--unit", "THON-1", "--channel", account["id"]
            )
            # The bot's name is asked when it is first used.
            if made["links"]:
                break
        (link,) = made["links"]
        stub.groups.make(GROUP, creator=NEIGHBOUR)
        await stub.groups.user_opens_link(NEIGHBOUR, link, chat_id=GROUP)
        assert (await the_group(installation, state="linked"))["unit"] == "THON-1"
        sent = await stub.wait_for_sent(2, timeout_s=30, to=GROUP)
        assert "?start=join_" in "".join(one.text for one in sent)
        assert stub.broken_rules == []


async def test_a_group_on_zalo_from_its_making_to_its_lapse(installation: Installation) -> None:
    async with ZaloStub() as stub, installation.serving():
        account = await installation.command(
            *("channel", "add", "zalo", "--unit", "DEMO"),
            *("--app-id", stub.app.app_id, "--app-secret", stub.app.app_secret),
            *("--oa-id", stub.oa.oa_id, "--oa-secret", stub.app.webhook_secret),
            *("--access-token", stub.tokens.access_token),
            *("--refresh-token", stub.tokens.refresh_token),
            *("--api-url", stub.url, "--oauth-url", stub.url),
        )
        stub.webhook.url = installation.url + account["webhook_path"]
        asset = stub.asset()
        made = await installation.command(
            *("group", "make", "--channel", account["id"], "--name", "An ninh thôn (bịa)"),
            *("--unit", "THON-1", "--admin", stub.admin().user_id, "--asset", asset.asset_id),
        )
        assert (made["state"], made["unit"]) == ("linked", "THON-1")
        (group,) = stub.oa.groups.values()

        async def told(count: int) -> Sent:
            return (await stub.wait_for_sent(count, timeout_s=30, to=group.group_id))[-1]

        # The group reads first who speaks there.
        assert "chương trình tự động" in (await told(1)).text

        # A neighbour who calls the bot is answered; who tells on somebody is sent to private.
        person = stub.person()
        await stub.user_joins_by_link(person, group)
        called = f"[@{stub.oa.oa_id}] {REPORT}"
        await stub.user_says_in_group(person, group, called)
        refusal = await told(2)
        assert f"https://zalo.me/{stub.oa.oa_id}" in refusal.text
        assert "Nam" not in refusal.text

        # Announcements reach it while it is paid for.
        first = await announced(installation, "Cắt điện")
        assert "Cắt điện" in (await told(3)).text
        assert await outcomes(installation, first) == {"sent": 1}
        asset.is_disabled = True
        synced = await installation.command("group", "sync")
        assert synced["lapsed"] == [made["id"]]
        second = await announced(installation, "Cắt nước")
        assert await outcomes(installation, second) == {}
        asset.is_disabled = False
        await installation.command("group", "sync")
        third = await announced(installation, "Họp thôn")
        assert "Họp thôn" in (await told(4)).text
        assert await outcomes(installation, third) == {"sent": 1}
        assert stub.broken_rules == []
