"""Officers added, tips counted without being opened, the audit chain walked."""

from dataclasses import dataclass

import pytest

from bot.core.officers import Role
from bot.core.tips import Report, TipCategory
from tests.cli.conftest import Machine

ADD = ("officer", "add", "--name", "Cán bộ thử", "--unit", "X1")
PASSWORD = "mật khẩu bịa ra".encode()


def test_an_officer_is_added_with_several_roles(commune: Machine) -> None:
    line = (*ADD, "--login", "CanBo", "--role", "announcer", "--role", "viewer")
    ended = commune(*line, "--password-stdin", "--json", stdin=PASSWORD + b"\r\nmore\n")
    assert ended.status == 0
    assert ended.document["login"] == "canbo"
    assert ended.document["roles"] == ["announcer", "viewer"]
    again = commune(*line, "--password-stdin", stdin=PASSWORD)
    assert (again.status, "canbo is already used" in again.err) == (1, True)


async def test_the_officer_signs_in_with_the_first_line(commune: Machine) -> None:
    line = (*ADD, "--login", "canbo", "--role", "moderator", "--password-stdin")
    assert (await commune.typed(*line, stdin=PASSWORD + b"\n")).status == 0
    async with commune.program() as program:
        signed_in = await program.officer_services.sign_ins.sign_in("canbo", PASSWORD.decode())
        assert signed_in is not None
        assert signed_in.officer.roles == {Role.MODERATOR}
        assert program.officer_services.sign_ins.reader(signed_in) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCase:
    id: str
    more: tuple[str, ...] = ("--login", "canbo", "--role", "admin", "--password-stdin")
    stdin: bytes = PASSWORD
    status: int = 1
    says: str


WRONG = [
    WrongCase(id="short", stdin=b"short\n", says="12 to 200 characters"),
    WrongCase(id="nothing typed", stdin=b"", says="12 to 200 characters"),
    WrongCase(id="no UTF-8", stdin=b"\xff" * 20, says="not UTF-8"),
    WrongCase(id="holds the login", stdin=b"canbo-canbo-canbo", says="must not contain"),
    WrongCase(
        id="login with a space",
        more=("--login", "can bo", "--role", "admin", "--password-stdin"),
        says="without spaces",
    ),
    WrongCase(
        id="unknown role",
        more=("--login", "canbo", "--role", "king", "--password-stdin"),
        status=2,
        says="'king' is not one of",
    ),
    WrongCase(
        id="password not from standard input",
        more=("--login", "canbo", "--role", "admin"),
        status=2,
        says="--password-stdin",
    ),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_a_wrong_officer_is_refused(commune: Machine, case: WrongCase) -> None:
    ended = commune(*ADD, *case.more, stdin=case.stdin)
    assert (ended.status, case.says in ended.err) == (case.status, True)
    assert case.stdin.decode(errors="replace") not in ended.err or not case.stdin


async def test_tips_are_listed_without_what_they_say(commune: Machine) -> None:
    async with commune.program() as program:
        await program.prepare()
        unit = await program.units.by_code("T1")
        report = Report(category=TipCategory.SCAM, what="nội dung kín", is_urgent=True)
        submission = await program.receiving.intake.submit(report, unit)
        async with program.storage.begin() as work:
            await submission.effect(work)
            await work.commit()
    ended = await commune.typed("tip", "list", "--unit", "X1", "--json")
    [tip] = ended.document["tips"]
    assert set(tip) == {"reference", "category", "status", "is_urgent", "received_at"}
    assert (tip["category"], tip["status"], tip["is_urgent"]) == ("scam", "new", True)
    said = await commune.typed("tip", "list", "--unit", "T1")
    assert "urgent" in said.out
    assert "kín" not in said.out + ended.out
