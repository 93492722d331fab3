"""Releasing and approving go through the desk, in the officer's name and noted for the token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app.api import made_api_services
from bot.core.announcements import Announcement
from bot.core.api_tokens import Scope
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import AnnouncementId
from bot.core.officers import Officer, Role
from bot.services.audit import Audit
from bot.web.api.door import api_app
from tests.web.api.rig import API, Rig

EVERYTHING = tuple(Scope)


@dataclass(kw_only=True)
class FakeDesk:
    """A desk where whoever put something up may not approve it. Fits `ApprovalDesk`."""

    proposed: dict[AnnouncementId, Officer] = field(default_factory=dict)
    approved: list[tuple[AnnouncementId, str, str]] = field(default_factory=list)
    noted_by: list[Audit] = field(default_factory=list)

    def __call__(self, audit: Audit) -> "FakeDesk":
        self.noted_by.append(audit)
        return self

    def mark(self, announcement: Announcement) -> str:
        return f"mark of {announcement.text}"

    async def propose(self, announcement_id: AnnouncementId, *, by: Officer) -> None:
        if announcement_id == "0123456789ab":
            raise NotFound("no such announcement")
        self.proposed[announcement_id] = by

    async def approve(self, announcement_id: AnnouncementId, mark: str, *, by: Officer) -> None:
        if announcement_id not in self.proposed:
            raise RuleBroken("announcement_not_proposed")
        if mark != "mark of A":
            raise RuleBroken("never_worded_here")
        if self.proposed[announcement_id].id == by.id:
            raise RuleBroken("announcement_not_draft")
        self.approved.append((announcement_id, mark, by.login))


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def asked(rig: Rig, desk: FakeDesk) -> AsyncIterator[Rig]:
    """Yield the program with an API whose desk is the fake one."""
    root = web.Application()
    root.add_subapp(API, api_app(replace(made_api_services(rig.program), desk=desk)))
    async with TestServer(root, host="127.0.0.1") as server:
        yield replace(rig, url=str(server.make_url("")).rstrip("/"))


async def test_a_second_officer_approves_what_was_seen(asked: Rig, desk: FakeDesk) -> None:
    writer, approver = await asked.officer("lan", *Role), await asked.officer("an", *Role)
    ours, theirs = [await asked.token(one, *EVERYTHING) for one in (writer, approver)]
    one = await asked.draft(ours.text, text="A")
    path = f"/announcements/{one}"
    early = await asked.post(f"{path}/approve", theirs.text, json={"mark": "mark of A"})
    assert (early.status, early.key) == (409, "announcement_not_proposed")
    released = await asked.post(f"{path}/release", ours.text)
    assert (released.status, released.json["mark"]) == (200, "mark of A")
    assert {key: by.login for key, by in desk.proposed.items()} == {one: "lan"}

    seen = (await asked.get(path, theirs.text)).json["mark"]
    assert seen == (await asked.get(f"{path}/plan", theirs.text)).json["mark"]
    other = await asked.post(f"{path}/approve", theirs.text, json={"mark": "of another text"})
    # A rule that has no sentence yet still has one form.
    assert (other.status, other.key) == (409, "never_worded_here")
    own = await asked.post(f"{path}/approve", ours.text, json={"mark": seen})
    assert own.status == 409
    assert desk.approved == []
    approved = await asked.post(f"{path}/approve", theirs.text, json={"mark": seen})
    assert (approved.status, approved.json["id"]) == (200, one)
    assert desk.approved == [(one, "mark of A", "an")]


async def test_what_is_not_there_is_neither_released_nor_approved(
    asked: Rig, desk: FakeDesk
) -> None:
    token = await asked.caller(*EVERYTHING)
    nowhere = "/announcements/0123456789ab"
    assert (await asked.post(f"{nowhere}/release", token)).status == 404
    assert (await asked.post(f"{nowhere}/approve", token, json={"mark": "x"})).status == 404
    # Another unit's is not even brought before the desk.
    one = await asked.draft(token)
    desk.proposed[AnnouncementId(one)] = await asked.officer("lan", *Role)
    foreign = await asked.caller(*EVERYTHING, unit=asked.elsewhere)
    path = f"/announcements/{one}/approve"
    assert (await asked.post(path, foreign, json={"mark": "mark of A"})).status == 404
    assert desk.approved == []


async def test_the_desk_notes_what_is_done_with_the_token(asked: Rig, desk: FakeDesk) -> None:
    made = await asked.token(await asked.officer("lan", *Role), *EVERYTHING)
    one = await asked.draft(made.text)
    await asked.post(f"/announcements/{one}/release", made.text)
    async with asked.program.storage.begin() as work:
        await desk.noted_by[-1].note(work, "announcement.propose", by="x", subject=one)
        await work.commit()
    assert await asked.audited("announcement.propose") == [("x", one, {"token": made.token.id})]
