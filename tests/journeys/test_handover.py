"""A resident asks for a person and an officer answers, over the real program and a SIGKILL."""

import re
from http import HTTPStatus
from pathlib import Path

from tests.console.browser import Browser
from tests.journeys.chatting import Chatting
from tests.journeys.program import Installation

PASSWORD = "gieng nuoc dau lang"
LIST = "/console/hoi-can-bo"
WORDS = "lam can cuoc cho ba cu chin muoi tuoi thi den dau"
ANSWER = "Chung toi den tan nha lam duoc."
SECOND = "Sang thu Hai chung toi den."


async def an_officer(installation: Installation) -> None:
    words = ("--login", "minh", "--name", "Minh", "--unit", "DEMO", "--role", "announcer")
    await installation.command("officer", "add", *words, "--password-stdin", stdin=PASSWORD)


async def the_one_who_waits(browser: Browser) -> str:
    """Return the page of the only conversation in the inbox."""
    found = re.findall(rf'"({LIST}/[0-9a-z]{{12}})"', (await browser.get(LIST)).html)
    assert len(found) == 1
    return str(found[0])


def on_disk(folder: Path) -> bytes:
    """Return every byte of a folder, but for the random ones of keys."""
    return b"".join(
        path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "keys" not in path.parts
    )


async def test_an_answer_that_was_accepted_arrives_once_though_the_program_is_killed(
    installation: Installation,
) -> None:
    async with Chatting.open(installation.url) as resident:
        async with installation.serving() as program:
            await an_officer(installation)
            await resident.says("/nguoi", then="Đã nhờ cán bộ")
            await resident.says(WORDS)
            await resident.says("chay nha roi cuu voi", then="bà con gọi ngay")
            async with Browser.open(installation.url) as officer:
                await officer.sign_in("minh", PASSWORD)
                page = await the_one_who_waits(officer)
                assert WORDS in (await officer.get(page)).text
                sent = await officer.send(f"{page}/tra-loi", {"text": ANSWER}, page=page)
                assert sent.status == HTTPStatus.SEE_OTHER
            await program.kill()
            written = on_disk(installation.folder) + repr(program.log).encode()
            assert [one for one in (WORDS, ANSWER) if one.encode() in written] == []
        async with installation.serving():
            await resident.sees(ANSWER)
            async with Browser.open(installation.url) as officer:
                await officer.sign_in("minh", PASSWORD)
                await officer.send(f"{page}/tra-loi", {"text": SECOND}, page=page)
                # Whatever came twice would have come before this.
                assert (await resident.sees(SECOND)).count(ANSWER) == 1
                await officer.send(f"{page}/xong", page=page)
            await resident.sees("chương trình lại trả lời")
            await resident.says("bao chay goi so nao", then="114")
