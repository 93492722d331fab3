"""Announcements at the machine: sent, watched, held, stopped."""

from dataclasses import dataclass

import pytest

from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Address
from bot.services.people import JoinTarget
from tests.cli.conftest import Ended, Machine

OUTCOMES = {"waiting", "sending", "sent", "failed", "skipped", "unknown"}


async def joined(machine: Machine, *chats: str) -> None:
    """Let chats join T1 over the chat page."""
    async with machine.program() as program:
        await program.prepare()
        unit = await program.units.by_code("T1")
        async with program.storage.begin() as work:
            for chat in chats:
                await program.people.join(
                    work,
                    Address(channel_id=ChannelId("web"), chat=chat),
                    JoinTarget(unit=unit),
                    consent="invented",
                    language=Language.VI,
                )
            await work.commit()


async def sent(machine: Machine, *more: str, text: bytes = "Nội dung thử".encode()) -> Ended:
    line = ("announcement", "send", "--unit", "X1", "--title", "Thử", "--text-file", "-")
    return await machine.child(*line, *more, "--json", stdin=text)


async def test_an_announcement_is_counted_held_and_stopped(commune: Machine) -> None:
    await joined(commune, "a", "b", "c")
    announcement_id = (await sent(commune)).document["id"]

    async def asked(verb: str) -> Ended:
        return await commune.child("announcement", verb, announcement_id, "--json")

    shown = (await asked("show")).document
    assert set(shown) == {
        "id", "state", "recipients", "outcomes", "reasons", "started_at", "finished_at",
    }  # fmt: skip
    assert (shown["state"], shown["recipients"], shown["reasons"]) == ("sending", 3, {})
    assert set(shown["outcomes"]) == OUTCOMES
    assert shown["outcomes"]["waiting"] == 3
    assert shown["started_at"].endswith("+00:00")
    assert shown["finished_at"] is None

    assert (await asked("pause")).document["state"] == "paused"
    assert (await asked("resume")).document["state"] == "sending"
    again = await asked("resume")
    assert (again.status, "not paused" in again.document["error"]) == (1, True)

    cancelled = (await asked("cancel")).document
    assert (cancelled["state"], cancelled["reasons"]) == ("cancelled", {"cancelled": 3})
    assert sum(cancelled["outcomes"].values()) == cancelled["recipients"] == 3
    assert cancelled["finished_at"] is not None
    assert (await asked("resume")).status == 1
    assert (await asked("cancel")).document["error"].startswith("This announcement is cancelled")
    said = (await commune.child("announcement", "show", announcement_id)).out
    assert "because cancelled: 3" in said


async def test_what_nobody_receives_is_finished_at_once(commune: Machine) -> None:
    shown = await commune.child(
        "announcement", "show", (await sent(commune)).document["id"], "--json"
    )
    assert (shown.document["state"], shown.document["recipients"]) == ("finished", 0)
    assert shown.document["finished_at"] == shown.document["started_at"]


async def test_an_hour_without_an_offset_is_the_units_own(commune: Machine) -> None:
    ended = await sent(commune, "--at", "2027-02-01T07:30", "--urgent")
    assert ended.document["state"] == "scheduled"
    assert ended.document["due_at"] == "2027-02-01T00:30:00+00:00"
    ended = await sent(commune, "--at", "2027-02-01T07:30:00+09:00")
    assert ended.document["due_at"] == "2027-01-31T22:30:00+00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCase:
    id: str
    more: tuple[str, ...] = ()
    text: bytes = b"text"
    status: int = 1
    says: str


WRONG = [
    WrongCase(id="past", more=("--at", "2020-01-01T00:00"), says="between now and a year"),
    WrongCase(id="no hour", more=("--at", "tomorrow"), status=2, says="no moment"),
    WrongCase(id="end of time", more=("--at", "9999-12-31T23:59-12:00"), says="a year from now"),
    WrongCase(id="unknown channel", more=("--channel", "zz"), says="the id zz"),
    WrongCase(id="empty", text=b" \n", says="1 to 1600 characters"),
    WrongCase(id="too long", text=b"a" * 1601, says="1 to 1600 characters"),
    WrongCase(id="no UTF-8", text=b"\xff\xfe\xfa", says="not UTF-8"),
    WrongCase(id="empty title", more=("--title", " "), says="1 to 120 characters"),
    WrongCase(id="unknown unit", more=("--unit", "Z"), says="no unit has the code Z"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.id)
def test_a_wrong_announcement_is_refused(commune: Machine, case: WrongCase) -> None:
    file = commune.file("text", case.text)
    line = ("announcement", "send", "--unit", "X1", "--title", "Thử", "--text-file", file)
    ended = commune(*line, *case.more)
    assert (ended.status, case.says in ended.err) == (case.status, True)


def test_what_is_sent_at_the_machine_is_audited_so(commune: Machine) -> None:
    file = commune.file("text", "\ufeffNội dung")
    line = ("announcement", "send", "--unit", "X1", "--title", "Thử", "--text-file", file)
    ended = commune(*line)
    assert ended.status == 0
    assert "binhyen announcement show" in ended.out
    assert commune("audit", "verify", "--json").document["entries"] == 5
