"""A real SIGKILL and a new start: what was acknowledged is answered, the rest accounted for."""

import asyncio
from typing import Any

import pytest

from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.channels.stubs.zalo_stub import ZaloStub
from tests.journeys.program import Installation

PEOPLE = range(7_000_100, 7_000_112)


async def _add_telegram(installation: Installation, stub: TelegramStub) -> None:
    await installation.command(
        *("channel", "add", "telegram", "--unit", "DEMO", "--token", stub.token),
        *("--api-url", stub.url, "--mode", "webhook"),
    )


@pytest.mark.parametrize("answered_before", [0, 1, 4, 9])
async def test_what_was_acknowledged_is_answered_after_a_kill(
    installation: Installation, answered_before: int
) -> None:
    async with TelegramStub() as stub:
        async with installation.serving() as program:
            await _add_telegram(installation, stub)
            await program.wait_for_event("telegram.webhook_set")
            for person in PEOPLE:
                await stub.user_says(person, "bao chay goi so nao")
            await stub.webhook.wait_for_deliveries(len(PEOPLE), timeout_s=20)
            if answered_before:
                await stub.wait_for_sent(answered_before, timeout_s=20)
            await program.kill()
        async with installation.serving():
            for person in PEOPLE:
                sent = await stub.wait_for_sent(1, timeout_s=20, to=person)
                assert "114" in sent[0].text
        assert stub.broken_rules == []


async def test_what_was_being_sent_when_killed_is_counted_as_unknown_and_not_sent_twice(
    installation: Installation,
) -> None:
    async with TelegramStub() as stub:
        async with installation.serving() as program:
            await _add_telegram(installation, stub)
            await program.wait_for_event("telegram.webhook_set")
            units = await installation.command("unit", "list")
            code = next(u["join_code"] for u in units["units"] if u["code"] == "THON-1")
            for person in PEOPLE:
                await stub.user_says(person, f"/thamgia {code}")
                await stub.wait_for_sent(1, timeout_s=20, to=person)
                await stub.user_says(person, "Đồng ý")
            for person in PEOPLE:
                await stub.wait_for_sent(2, timeout_s=20, to=person)
            text = installation.folder / "text.txt"
            text.write_text("Họp tổ dân phố tối thứ Sáu.", encoding="utf-8")
            calls = len(stub.calls)
            stub.fail_next(FaultKind.HANG, method="sendMessage", skip=3, times=20)
            made = await installation.command(
                *("announcement", "send", "--unit", "THON-1", "--title", "Họp tổ"),
                *("--text-file", str(text)),
            )
            await stub.wait_for_sent(2 * len(PEOPLE) + 3, timeout_s=20)
            await stub.calls.wait_for("sendMessage", calls + 5)
            await program.kill()
        stub.faults.clear()
        async with installation.serving():
            shown = await _finished(installation, made["id"])
        assert sum(shown["outcomes"].values()) == shown["recipients"] == len(PEOPLE)
        assert shown["outcomes"]["unknown"] == shown["reasons"].get("no_answer", 0)
        assert shown["outcomes"]["unknown"] >= 1
        copies = [
            sum("Họp tổ" in one.text for one in stub.sent if one.to == str(person))
            for person in PEOPLE
        ]
        assert max(copies) == 1
        # What arrived without being written down is among the unknown, never beside them.
        sent, unknown = shown["outcomes"]["sent"], shown["outcomes"]["unknown"]
        assert sent <= sum(copies) <= sent + unknown


async def _finished(installation: Installation, announcement_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for _ in range(60):
        shown = await installation.command("announcement", "show", announcement_id)
        if not shown["outcomes"]["waiting"] and not shown["outcomes"]["sending"]:
            return shown
    pytest.fail(f"not finished: {shown}")


async def test_a_second_serve_on_one_data_directory_refuses(installation: Installation) -> None:
    async with installation.serving():
        other = Installation(folder=installation.folder, port=installation.port + 1)
        refused = await other.command("serve", status=1)
        assert "already serves" in str(refused)


async def test_a_term_signal_ends_the_program_in_good_order(installation: Installation) -> None:
    async with installation.serving() as program:
        assert await program.stop() == 0


async def test_a_zalo_event_is_answered_within_two_seconds_whatever_it_is(
    installation: Installation,
) -> None:
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
        person = stub.person()
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                group.create_task(stub.user_says(person, f"câu hỏi số {number}"))
        await stub.unknown_event()
        assert stub.broken_rules == []
