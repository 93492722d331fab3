"""A backup is made while people write, the program is killed, and another machine goes on."""

import asyncio
import re
import shutil
from pathlib import Path

import aiohttp
import pytest

from tests.journeys.program import Installation, free_port

RECEIPT = re.compile(r'id="receipt">([0-9A-Z-]+)<')
# Two programs are started one after the other, beside four commands.
pytestmark = pytest.mark.timeout(180)

TOLD = {"category": "drugs", "where": "Ngõ 3", "when": "tối thứ bảy"}


async def tell(session: aiohttp.ClientSession, url: str, number: int) -> str:
    data = {**TOLD, "what": f"Việc số {number} xảy ra ở đầu ngõ."}
    async with session.post(f"{url}/to-giac", data=data) as answer:
        text = await answer.text()
        found = RECEIPT.search(text)
        assert found is not None, text
        return found[1]


async def is_known(session: aiohttp.ClientSession, url: str, receipt: str) -> bool:
    async with session.post(f"{url}/theo-doi", data={"code": receipt}) as answer:
        assert answer.status == 200
        return "Đã nhận" in await answer.text()


async def test_nothing_acknowledged_before_the_backup_is_missing(
    installation: Installation, tmp_path: Path
) -> None:
    await _goes_on_elsewhere(installation, tmp_path, made_from="sqlite")


async def test_what_lay_on_postgresql_goes_on_in_a_file(
    installation: Installation, tmp_path: Path, postgres_url: str
) -> None:
    installation.database_url = postgres_url
    await _goes_on_elsewhere(installation, tmp_path, made_from="postgresql")


async def _goes_on_elsewhere(
    installation: Installation, tmp_path: Path, *, made_from: str
) -> None:
    file = str(tmp_path / "one.backup")
    acknowledged: list[str] = []
    async with aiohttp.ClientSession() as session:
        async with installation.serving() as program:

            async def people() -> None:
                for number in range(6):
                    receipt = await tell(session, installation.url, number)
                    acknowledged.append(receipt)

            first = asyncio.get_running_loop().create_task(people())
            while len(acknowledged) < 3:
                await asyncio.sleep(0)
                await asyncio.wait([first], timeout=0.05)
            before = list(acknowledged)
            made = await installation.command("backup", "make", file)
            assert made["is_whole"]
            await first
            await program.kill()
        shutil.rmtree(installation.folder)
        other = Installation(folder=tmp_path / "other", port=free_port())
        put = await other.command("backup", "restore", file)
        assert put["database"] == made_from
        await other.command("audit", "verify")
        async with other.serving():
            for receipt in before:
                assert await is_known(session, other.url, receipt)
            assert await is_known(session, other.url, await tell(session, other.url, 99))
        assert (await other.command("audit", "verify"))["is_whole"]
