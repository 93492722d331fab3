"""At the machine: an announcement followed while it is sent, and who was not reached."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import openpyxl

from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.ids import ChannelId
from bot.core.sending import Reason
from tests.cli.conftest import Machine
from tests.cli.test_announcement import joined, sent

WEB = ChannelId("web")


async def ended(machine: Machine, *ends: tuple[DeliveryState, Reason | None]) -> None:
    """Let copies end as delivery would."""
    async with machine.program() as program:
        now = program.clock.now() + timedelta(days=400)
        until = now + timedelta(minutes=1)
        async with program.storage.begin() as work:
            rows = await work.deliveries.claim(
                WEB, tuple(Lane), len(ends), owner="post", now=now, lease_until=until
            )
            ids = [row.id for row in rows]
            await work.deliveries.mark_sending(
                ids, owner="post", attempt_id="a", now=now, until=until
            )
            outcomes = [
                Outcome(delivery_id=one, attempt_id="a", state=state, reason=reason)
                for one, (state, reason) in zip(ids, ends, strict=True)
            ]
            await work.deliveries.record(outcomes, at=now)
            await work.commit()


async def test_it_is_followed_until_it_is_finished(commune: Machine) -> None:
    await joined(commune, "a", "b")
    one = (await sent(commune)).document["id"]
    process = await commune.started("announcement", "show", one, "--follow", "--json")
    assert process.stdout is not None
    first = json.loads(await process.stdout.readline())
    assert (first["state"], first["outcomes"]["waiting"]) == ("sending", 2)
    assert {"per_minute", "left_s"} <= set(first)
    await ended(commune, *[(DeliveryState.SENT, None)] * 2)
    rest, _ = await process.communicate()
    last = json.loads(rest.splitlines()[-1])
    assert (last["state"], last["outcomes"]["sent"]) == ("finished", 2)
    assert process.returncode == 0


async def test_what_cannot_change_is_told_once_and_in_words(commune: Machine) -> None:
    one = (await sent(commune)).document["id"]
    told = await commune.typed("announcement", "show", one, "--follow")
    assert (told.status, told.out) == (0, "finished: 0 recipients\n")
    assert (await commune.typed("announcement", "show", "nothing", "--follow")).status == 1


async def test_who_was_not_reached_is_counted_and_written_out(commune: Machine) -> None:
    await joined(commune, "a", "b", "c")
    file = commune.file("h.csv", "unit,code,address,head_name\nT1,H1,Số 1,Ông Bịa\n")
    assert (await commune.typed("household", "import", file)).status == 0
    one = (await sent(commune)).document["id"]
    await ended(commune, (DeliveryState.SENT, None), (DeliveryState.FAILED, Reason.BLOCKED))
    ask = ("announcement", "results", one)

    counted = (await commune.typed(*ask, "--json")).document
    assert counted == {
        "id": one,
        "counts": [
            {"outcome": "failed", "reason": "blocked", "count": 1},
            {"outcome": "waiting", "reason": None, "count": 1},
        ],
        "households": {"with_copies": 0, "without_copies": 1},
    }
    said = (await commune.typed(*ask)).out
    assert "failed, blocked: 1" in said
    assert "0 with copies, 1 without" in said

    out = (await commune.typed(*ask, "--csv", "-")).out
    rows = list(csv.reader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    assert out.startswith("\ufeffĐơn vị,Mã hộ,")
    assert [row[5:7] for row in rows[1:]] == [
        ["Không gửi được", "Người nhận đã chặn"],
        ["Đang chờ gửi", ""],
    ]
    path = commune.folder / "walk.xlsx"
    made = await commune.typed(*ask, "--households", "--xlsx", str(path), "--json")
    assert made.document == {"id": one, "file": str(path), "rows": 1}
    assert rows_of(path)[1][:3] == ["Tổ 1", "H1", "Số 1"]
    async with commune.program() as program:
        acts = [entry.record for entry in await program.audit.newest(limit=2)]
    assert [(one.actor, one.act) for one in acts] == [("machine", "announcement.export")] * 2
    assert [dict(one.facts)["kind"] for one in acts] == ["xlsx", "csv"]


def rows_of(path: Path) -> list[list[object]]:
    page = openpyxl.load_workbook(path).worksheets[0]
    return [[cell.value for cell in row] for row in page.iter_rows()]


async def test_a_list_that_cannot_be_made_is_refused(commune: Machine) -> None:
    one = (await sent(commune)).document["id"]
    ask = ("announcement", "results")
    both = await commune.typed(*ask, one, "--csv", "a", "--xlsx", "b")
    assert (both.status, "one of them" in both.err) == (1, True)
    assert (await commune.typed(*ask, "nothing")).status == 1
    nowhere = str(commune.folder / "no" / "where.csv")
    assert (await commune.typed(*ask, one, "--csv", nowhere)).status == 1
