"""Keys and officers from the command line: the recovery paper used without the console."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.core.officers import Role
from bot.core.tips import Report, TipCategory
from tests.cli.conftest import Machine

PASSWORD = "mật khẩu bịa ra".encode()


async def founded(machine: Machine) -> str:
    """Let a tip be sealed before set-up; return the paper, and end set-up."""
    async with machine.program() as program:
        await program.prepare()
        unit = await program.units.by_code("T1")
        report = Report(category=TipCategory.SCAM, what="nội dung kín", is_urgent=True)
        submission = await program.receiving.intake.submit(report, unit)
        async with program.storage.begin() as work:
            await submission.effect(work)
            await work.commit()
        paper = program.officer_services.setting_up.recovery_key(program.vault.setup.token).whole
        async with program.storage.begin() as work:
            await work.settings.put("set_up", "done")
            await work.commit()
        program.vault.setup.destroy()
    return paper


async def test_the_paper_opens_old_tips_for_a_moderator(commune: Machine) -> None:
    paper = await founded(commune)
    add = ("officer", "add", "--login", "Lan", "--name", "Lan", "--unit", "X1")
    line = (*add, "--role", "moderator", "--password-stdin")
    assert (await commune.typed(*line, stdin=PASSWORD)).status == 0
    listed = await commune.typed("keys", "list", "--json")
    rows = {one["holder"]: (one["opens"], one["lacks"]) for one in listed.document["keys"]}
    assert rows == {"lan": (0, 1), "recovery": (1, 0)}
    checked = await commune.typed("keys", "check", stdin=paper.lower().encode())
    assert (checked.status, "fits" in checked.out) == (0, True)
    wrong = await commune.typed("keys", "check", stdin=(paper[:-1] + "U").encode())
    assert (wrong.status, "group 14" in wrong.err) == (1, True)
    assert paper[:-1] not in wrong.err
    given = await commune.typed("keys", "give", "--to", "lan", "--json", stdin=paper.encode())
    assert given.document == {"to": "lan", "given": 1}
    async with commune.program() as program:
        signed_in = await program.officer_services.sign_ins.sign_in("lan", PASSWORD.decode())
        assert signed_in is not None
        reader = program.officer_services.sign_ins.reader(signed_in)
        assert reader is not None
        (tip,) = await program.reading.queue.tips(reader.officer)
        assert (await program.reading.desk.open(tip.id, reader)).report.what == "nội dung kín"


async def test_a_paper_is_exchanged_for_three_sheets(commune: Machine) -> None:
    paper = await founded(commune)
    new = (await commune.typed("keys", "paper", "--split", "--json")).document["sheets"]
    assert len(new) == 3
    handless = await commune.typed("keys", "exchange", stdin="\n".join(new[:2]).encode())
    assert (handless.status, "empty line" in handless.err) == (1, True)
    typed = f"{new[2]}\n{new[0]}\n\n{paper}\n"
    done = await commune.typed("keys", "exchange", stdin=typed.encode())
    assert (done.status, "destroy it" in done.out) == (0, True)
    assert (await commune.typed("keys", "check", stdin=paper.encode())).status == 1
    again = await commune.typed("keys", "split", "--json", stdin="\n".join(new[1:]).encode())
    sheets = again.document["sheets"]
    assert (await commune.typed("keys", "check", stdin="\n".join(sheets[:2]).encode())).status == 0


def test_nothing_typed_is_refused_with_what_to_do(commune: Machine) -> None:
    ended = commune("keys", "check", stdin=b"\n \n")
    assert (ended.status, "one sheet a line" in ended.err) == (1, True)


def test_officers_change_roles_leave_and_come_back(commune: Machine) -> None:
    for login, role in (("an", "admin"), ("lan", "viewer")):
        add = ("officer", "add", "--login", login, "--name", login, "--unit", "X1")
        line = (*add, "--role", role, "--password-stdin")
        assert commune(*line, stdin=PASSWORD).status == 0
    roles = commune("officer", "roles", "--login", "lan", "--role", "approver", "--json")
    assert roles.document == {"login": "lan", "roles": [Role.APPROVER]}
    last = commune("officer", "leave", "--login", "an")
    assert (last.status, "last administrator" in last.err) == (1, True)
    assert commune("officer", "leave", "--login", "lan").status == 0
    listed = commune("officer", "list", "--json").document["officers"]
    assert {one["login"]: one["is_active"] for one in listed} == {"an": True, "lan": False}
    assert "left" in commune("officer", "list").out
    url = commune("officer", "link", "--login", "LAN", "--json").document["url"]
    assert url.startswith("http://127.0.0.1:8080/console/mat-khau-moi/")
    missing = commune("officer", "link", "--login", "nobody")
    assert (missing.status, "No officer signs in as nobody" in missing.err) == (1, True)


async def test_public_keys_are_believed_once_and_never_again(commune: Machine) -> None:
    await founded(commune)
    marker = commune.folder / "data" / "keys" / "attested"
    assert marker.exists()
    database = commune.folder / "data" / "binhyen.db"
    # As an installation of before: nothing is attested, and nothing says that it was.
    marker.unlink()
    _by_hand(database, "UPDATE key_holders SET attested = ''")
    looked = await commune.typed("doctor", "--json")
    checks = {one["name"]: one["is_well"] for one in looked.document["checks"]}
    assert checks["public keys"]
    _by_hand(database, "UPDATE key_holders SET attested = ''")
    looked = await commune.typed("doctor", "--json")
    checks = {one["name"]: one["is_well"] for one in looked.document["checks"]}
    assert not checks["public keys"]
    listed = await commune.typed("keys", "list", "--json")
    assert [one["attested"] for one in listed.document["keys"]] == [False]


def _by_hand(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as opened, opened:
        assert opened.execute(statement).rowcount > 0
