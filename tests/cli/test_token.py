"""Tokens of other software at the command line."""

import pytest

from bot.app.api import made_api_tokens
from tests.cli.conftest import Machine

PASSWORD = "mật khẩu bịa ra\n".encode()
READ = ("--scope", "announcements:read")


@pytest.fixture
def lan(commune: Machine) -> Machine:
    """Return a machine with an announcer, Lan."""
    words = ("officer", "add", "--login", "lan", "--name", "Lan", "--unit", "X1")
    added = commune(*words, "--role", "announcer", "--password-stdin", stdin=PASSWORD)
    assert added.status == 0
    return commune


async def test_a_token_is_made_listed_and_revoked(lan: Machine) -> None:
    add = ("token", "add", "--officer", "lan", "--name", "Tỉnh", *READ, "--days", "30")
    said = await lan.typed(*add)
    assert said.status == 0
    text = said.out.strip()
    assert text.startswith("byt_")
    assert "not shown again" in said.err
    listed = await lan.typed("token", "list", "--json")
    (one,) = listed.document["tokens"]
    assert text not in listed.out
    assert (one["officer"], one["scopes"], one["is_alive"], one["used_on"]) == (
        "lan",
        ["announcements:read"],
        True,
        None,
    )
    async with lan.program() as program:
        caller = await made_api_tokens(program).caller(text)
        assert caller is not None
        assert caller.token.id == one["id"]
    assert "lan" in (await lan.typed("token", "list")).out
    revoked = await lan.typed("token", "revoke", one["id"], "--json")
    assert revoked.document == {"id": one["id"], "is_revoked": True}
    assert "over" in (await lan.typed("token", "list")).out


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("add", "--officer", "minh", "--name", "x", *READ), 1, "No officer signs in as minh"),
        (("add", "--officer", "lan", "--name", " ", *READ), 1, "1 to 60 characters"),
        (("add", "--officer", "lan", "--name", "x", *READ, "--days", "0"), 1, "1 to 730 days"),
        (
            ("add", "--officer", "lan", "--name", "x", "--scope", "announcements:approve"),
            1,
            "no role for announcements:approve",
        ),
        (("add", "--officer", "lan", "--name", "x", "--scope", "tips:read"), 2, "tips:read"),
        (("revoke", "never"), 1, "Not found: token never"),
    ],
)
def test_a_wrong_token_is_refused(
    lan: Machine, words: tuple[str, ...], status: int, says: str
) -> None:
    ended = lan("token", *words)
    assert (ended.status, says in ended.err) == (status, True)
