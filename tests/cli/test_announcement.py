"""Announcements at the machine: sent, watched, held, stopped."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.core.announcements import SentBack
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Address
from bot.services.announcements.announcing import Wording
from bot.services.people.people import JoinTarget
from tests.cli.conftest import Ended, Machine
from tests.pictures import photograph

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
    return await machine.typed(*line, *more, "--json", stdin=text)


async def test_an_announcement_is_counted_held_and_stopped(commune: Machine) -> None:
    await joined(commune, "a", "b", "c")
    announcement_id = (await sent(commune)).document["id"]

    async def asked(verb: str) -> Ended:
        return await commune.typed("announcement", verb, announcement_id, "--json")

    shown = (await asked("show")).document
    assert set(shown) == {
        "id", "state", "recipients", "outcomes", "reasons", "started_at", "finished_at",
        "per_minute", "left_s",
    }  # fmt: skip
    assert (shown["state"], shown["recipients"], shown["reasons"]) == ("sending", 3, {})
    assert set(shown["outcomes"]) == OUTCOMES
    assert shown["outcomes"]["waiting"] == 3
    assert shown["started_at"].endswith("+00:00")
    assert shown["finished_at"] is None
    assert shown["left_s"] is None

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
    said = (await commune.typed("announcement", "show", announcement_id)).out
    assert "because cancelled: 3" in said


async def test_why_a_draft_came_back_is_told(commune: Machine) -> None:
    async with commune.program() as program:
        await program.prepare()
        unit = await program.units.by_code("X1")
        wording = Wording(unit_id=unit.id, title="Thử", text="Nội dung thử")
        draft = await program.announcements.write(wording, by=None)
        why = SentBack(at=program.clock.now(), reason="Thiếu số trực.")
        async with program.storage.begin() as work:
            await work.announcements.save(replace(draft, sent_back=why))
            await work.commit()
    shown = await commune.typed("announcement", "show", draft.id, "--json")
    assert shown.document["sent_back"] == "Thiếu số trực."
    said = await commune.typed("announcement", "show", draft.id)
    assert "sent back: Thiếu số trực." in said.out


async def test_what_nobody_receives_is_finished_at_once(commune: Machine) -> None:
    shown = await commune.typed(
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
    WrongCase(id="grace", more=("--grace", "0"), says="1 to 1440 minutes"),
    WrongCase(id="long grace", more=("--grace", "9" * 30), says="1 to 1440 minutes"),
    WrongCase(id="more", more=("--more-unit", "Z"), says="no unit has the code Z"),
    WrongCase(id="without", more=("--without-unit", "Z"), says="no unit has the code Z"),
    WrongCase(id="nobody left", more=("--without-unit", "X1"), says="No unit is left"),
    WrongCase(id="topic", more=("--topic", "zz"), says="no topic called zz"),
    WrongCase(id="missed", more=("--missed", "nowhere"), says="nowhere"),
    WrongCase(id="no link", more=("--link", "https://x.example"), status=2, says="is no link"),
    WrongCase(id="bad link", more=("--link", "Xem=ftp://x.example"), says="https://"),
    WrongCase(id="many links", more=("--link", "A=https://x.example") * 4, says="At most 3"),
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
    # The key of the chain's MACs begins with an entry of its own.
    assert commune("audit", "verify", "--json").document["entries"] == 7


# --- what goes with it, what takes its place ----------------------------------------------------


async def test_a_picture_or_a_file_goes_with_it(commune: Machine) -> None:
    picture = commune.file("IMG.jpg", photograph())
    ended = await sent(commune, "--picture", picture)
    shown = (await commune.typed("announcement", "show", ended.document["id"], "--json")).document
    assert shown["attachment"] == "hinh-anh.jpg"
    file = commune.file("Lịch trực.pdf", b"%PDF-1.7\n%%EOF\n")
    ended = await sent(commune, "--file", file)
    assert (
        "with Lịch-trực.pdf"
        in (await commune.typed("announcement", "show", ended.document["id"])).out
    )


def test_what_cannot_go_with_it_is_refused(commune: Machine) -> None:
    text, page = commune.file("text", "Nội dung"), commune.file("x.jpg", b"<svg/>")
    line = ("announcement", "send", "--unit", "X1", "--title", "Thử", "--text-file", text)
    ended = commune(*line, "--picture", page)
    assert (ended.status, "cannot be read" in ended.err) == (1, True)
    ended = commune(*line, "--file", page)
    assert (ended.status, "Only JPG and PNG" in ended.err) == (1, True)
    ended = commune(*line, "--file", page, "--picture", page)
    assert (ended.status, "not both" in ended.err) == (1, True)
    assert commune(*line, "--file", "nowhere").status == 2


async def test_it_is_corrected_and_taken_back(commune: Machine) -> None:
    await joined(commune, "a", "b")
    first = (await sent(commune)).document["id"]
    text = commune.file("text", "Nội dung đúng")
    corrected = (
        await commune.typed("announcement", "correct", first, "--text-file", text, "--json")
    ).document
    assert (corrected["amends"], corrected["amendment"]) == (first, "correction")
    assert (corrected["state"], corrected["recipients"]) == ("sending", 2)
    again = await commune.typed("announcement", "correct", first, "--text-file", text)
    assert (again.status, "Work with the newest" in again.err) == (1, True)
    shown = (await commune.typed("announcement", "show", first, "--json")).document
    assert (shown["state"], shown["amended_by"]) == ("cancelled", corrected["id"])
    recall = await commune.typed("announcement", "recall", corrected["id"])
    assert (recall.status, f"recall of {corrected['id']}" in recall.out) == (0, True)
    assert "recall: " in (await commune.typed("announcement", "show", corrected["id"])).out
    assert (await commune.typed("announcement", "recall", "nowhere")).status == 1


async def test_it_goes_to_whom_it_is_for(commune: Machine) -> None:
    add = ("unit", "add", "--code", "T2", "--name", "Tổ 2", "--kind", "neighbourhood")
    assert (await commune.typed(*add)).status == 0
    await joined(commune, "a", "b")
    first = (await sent(commune, "--without-unit", "T1")).document
    assert first["recipients"] == 0
    missed = (await sent(commune, "--missed", first["id"], "--more-unit", "T2")).document
    assert missed["recipients"] == 2
    narrowed = (await sent(commune, "--topic", "fire_safety")).document
    assert narrowed["recipients"] == 0
    more = ("--link", "Bản đồ=https://x.example/?a=b", "--grace", "90")
    last = (await sent(commune, *more, text=b"{{ ten_don_vi }}")).document
    async with commune.program() as program:
        shown = await program.announcements.show(last["id"], to=None)
        letter = await program.announcements.letter(last["id"], shown.unit.id)
    assert shown.announcement.grace == timedelta(minutes=90)
    assert [(one.label, one.url) for one in letter.choices] == [
        ("Bản đồ", "https://x.example/?a=b")
    ]
    assert "Xã thử" in letter.text


async def test_of_a_draft_is_told_whom_it_would_reach(commune: Machine) -> None:
    await joined(commune, "a", "b")
    async with commune.program() as program:
        unit = await program.units.by_code("T1")
        wording = Wording(unit_id=unit.id, title="Họp", text="Mời họp")
        draft = await program.announcements.write(wording, by=None)
    shown = (await commune.typed("announcement", "show", draft.id, "--json")).document
    (reach,) = shown["reach"]
    assert (reach["channel"], reach["people"], reach["no_window"]) == ("web", 2, 0)
    said = (await commune.typed("announcement", "show", draft.id)).out
    assert "would reach over web: 2 people" in said
    assert "at most 0 VND" in said
