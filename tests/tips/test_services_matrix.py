"""Every use case of officers, asked for by every role, about tips of its own unit and of others.

Whoever asks holds a key that opens the tip, so that nothing but the gate is in the way. A method
that is not declared here fails.
"""

import base64
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.officers import Role
from bot.core.papers import Purpose
from bot.core.tip_queue import TipFilter
from bot.core.tips import Report, Tip, TipCategory, TipState
from bot.core.units import Unit
from bot.services.tips.reading.access import Reader
from bot.services.tips.reading.reading import Reading
from bot.services.tips.receiving.routes import ReplyTo
from bot.services.tips.talk import Letter
from content.book import Book
from tests.builders.town import Town

REASON: Final = "Đã xác minh tại chỗ."
SAY: Final = Book.load().voice("tips")
SAID: Final = "Nhà cuối ngõ có người lạ ra vào ban đêm."
REPORT: Final = Report(category=TipCategory.DRUGS, what=SAID)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Somebody, and a tip they ask about."""

    town: Town
    reader: Reader
    tip: Tip
    other: Tip

    @property
    def reading(self) -> Reading:
        return self.town.reading


Asks = Callable[[Asking], Awaitable[object]]
# About one tip: whoever may not know of it is told that there is none.
ABOUT_ONE: Final[Mapping[str, Asks]] = {
    "desk.open": lambda a: a.reading.desk.open(a.tip.id, a.reader),
    "desk.note": lambda a: a.reading.desk.note(a.tip.id, a.reader, REASON),
    "desk.move": lambda a: a.reading.desk.move(a.tip.id, TipState.IN_VERIFICATION, a.reader),
    "talks.say": lambda a: a.reading.talks.say(a.tip.id, a.reader, Letter(text=REASON)),
    "claims.claim": lambda a: a.reading.claims.claim(a.tip.id, a.reader),
    "claims.release": lambda a: a.reading.claims.release(a.tip.id, a.reader),
    "claims.hand_over": lambda a: a.reading.claims.hand_over(
        a.tip.id, a.reader, a.reader.officer.id
    ),
    "claims.able": lambda a: a.reading.claims.able(a.tip.id, a.reader),
    "merging.merge": lambda a: a.reading.merging.merge(
        a.tip.id, a.reader, into=a.other.reference, reason=REASON
    ),
    "holding.hold": lambda a: a.reading.holding.hold(a.tip.id, a.reader, reason=REASON),
    "holding.let_go": lambda a: a.reading.holding.let_go(a.tip.id, a.reader, reason=REASON),
    "transfers.to_inspectorate": lambda a: a.reading.transfers.to_inspectorate(
        a.tip.id, a.reader, reason=REASON
    ),
    "redacting.redact": lambda a: a.reading.redacting.redact(
        a.tip.id, a.reader, numbers=[0], words=[]
    ),
    "viewer.pictures": lambda a: a.reading.viewer.pictures(a.tip.id, a.reader),
    "exporting.printed": lambda a: a.reading.exporting.printed(a.tip.id, a.reader),
    "exporting.sealed": lambda a: a.reading.exporting.sealed(
        a.tip.id, a.reader, base64.b64encode(a.town.vault.officers.new_pair().public).decode()
    ),
    "exporting.pdf": lambda a: a.reading.exporting.pdf(
        a.tip.id, a.reader, purpose=Purpose.COURT, say=SAY
    ),
    # Last: it gives the tip away.
    "transfers.to_unit": lambda a: a.reading.transfers.to_unit(
        a.tip.id, a.reader, a.town.commune.id, reason=REASON
    ),
}


async def _page(asking: Asking) -> object:
    return (await asking.reading.queue.page(asking.reader.officer)).tips


async def _searched(asking: Asking) -> object:
    found = await asking.reading.searching.search("người lạ", asking.reader, TipFilter())
    return found.tips


async def _counted(asking: Asking) -> object:
    return sum((await asking.reading.queue.counts(asking.reader.officer)).values())


async def _moved_all(asking: Asking) -> object:
    moved = await asking.reading.desk.move_all(
        [asking.tip.id], TipState.IN_VERIFICATION, asking.reader
    )
    return [one for one in moved if one.problem != "tip_gone"]


async def _around(asking: Asking) -> object:
    doubled = replace(asking.other, merged_into=asking.tip.id)
    main, doubles = await asking.reading.merging.around(doubled, asking.reader)
    return [one for one in (main, *doubles) if one is not None]


# Of many: what is not to be known of is left out, so nothing is returned.
OF_MANY: Final[Mapping[str, Asks]] = {
    "queue.page": _page,
    "queue.tips": lambda a: a.reading.queue.tips(a.reader.officer),
    "queue.counts": _counted,
    "searching.search": _searched,
    "desk.move_all": _moved_all,
    "merging.around": _around,
    "talks.collect": lambda a: a.reading.talks.collect(a.reader),
}
# What names no tip, with who stands before it.
NO_TIP: Final[Mapping[str, str]] = {
    "desk.opened": "opens what `desk.open` let through",
    "queue.metadata": "the command line, for whoever has the machine",
    "queue.saved": "the officer's own filters",
    "queue.save": "the officer's own filters",
    "queue.forget": "the officer's own filters",
    "rewrapping.rewrap": "the services of keys, inside their transaction",
    "viewer.cleaned": "cleans a picture an officer adds",
    "statistics.table": "numbers of the officer's units; test_tip_statistics",
}


# What the audit chain says of each, or why it says nothing.
TOLD: Final[Mapping[str, str]] = {
    "desk.open": "tip.open",
    "desk.note": "tip.note",
    "desk.move": "tip.move",
    "desk.move_all": "tip.move",
    "talks.say": "tip.reply",
    "talks.collect": "tip.letter",
    "claims.claim": "tip.claim",
    "claims.release": "tip.release",
    "claims.hand_over": "tip.hand_over",
    "merging.merge": "tip.merge",
    "holding.hold": "tip.hold",
    "holding.let_go": "tip.let_go",
    "transfers.to_inspectorate": "tip.transfer",
    "transfers.to_unit": "tip.transfer",
    "redacting.redact": "tip.redact",
    "viewer.pictures": "tip.open",
    "exporting.printed": "tip.export",
    "exporting.sealed": "tip.export",
    "exporting.pdf": "tip.export",
    "queue.page": "tip.list",
    "queue.tips": "tip.list",
    "searching.search": "tip.search",
}
UNTOLD: Final[Mapping[str, str]] = {
    "claims.able": "names of colleagues; who asks has opened the tip",
    "merging.around": "who asks has opened the tip; each of these is told of when opened",
    "queue.counts": "numbers, and no tip",
}


def test_every_use_case_is_declared() -> None:
    found = {
        f"{part.name}.{name}"
        for part in fields(Reading)
        for name, _ in inspect.getmembers(part.type, inspect.isfunction)
        if not name.startswith("_")
    }
    assert found == ABOUT_ONE.keys() | OF_MANY.keys() | NO_TIP.keys()
    assert ABOUT_ONE.keys() | OF_MANY.keys() == TOLD.keys() | UNTOLD.keys()
    assert not TOLD.keys() & UNTOLD.keys()


async def _sent(town: Town, unit: Unit) -> Tip:
    submission = await town.receiving.intake.submit(REPORT, unit)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    async with town.storage.read() as work:
        tip = await work.tips.by_locator(submission.receipt.locator)
    assert tip is not None
    return tip


async def _asking(town: Town, role: Role, *, of: Unit) -> Asking:
    """Return an officer of the hamlet with one role and the commune's key, and tips of a unit."""
    await town.founded()
    master = await town.moderator("truong", town.commune)
    tip, other = await _sent(town, of), await _sent(town, of)
    officer = (await town.moderator("lan", town.hamlet)).officer
    reader = replace(master, officer=replace(officer, roles=frozenset({role})))
    return Asking(town=town, reader=reader, tip=tip, other=other)


_NOTHING: Final = ()
WHERE: Final = ("own", "beside", "above")


def _unit(town: Town, where: str) -> Unit:
    return {"own": town.hamlet, "beside": town.elsewhere, "above": town.commune}[where]


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("role", Role)
async def test_whoever_may_not_know_of_a_tip_learns_nothing_of_it(
    town: Town, role: Role, where: str
) -> None:
    asking = await _asking(town, role, of=_unit(town, where))
    may_know = role is Role.MODERATOR and where == "own"
    before = await _acts(town)
    wrong = []
    for name, asks in OF_MANY.items():
        # No letter waits, whoever asks.
        is_told = bool(await _answer(asks, asking))
        if is_told != (may_know and name != "talks.collect"):
            wrong.append(name)
    for name, asks in ABOUT_ONE.items():
        if (await _answer(asks, asking) is not _NOTHING) != may_know:
            wrong.append(name)
    assert wrong == []
    assert (await _acts(town) != before) == may_know


async def _answer(asks: Asks, asking: Asking) -> object:
    """Return what is answered, `_NOTHING` if there is no such tip."""
    try:
        return await asks(asking)
    except NotFound:
        return _NOTHING
    except RuleBroken as broken:
        return broken


async def _acts(town: Town) -> list[str]:
    """Return what was done to any one tip, as the chain tells."""
    newest = await town.audit.newest(limit=500)
    return [one.record.act for one in newest if one.record.subject and "tip." in one.record.act]


async def test_whatever_is_done_stands_in_the_chain_with_who_did_it(town: Town) -> None:
    first = await _asking(town, Role.MODERATOR, of=town.hamlet)
    found: dict[str, list[tuple[str, bool]]] = {}
    for name, asks in {**OF_MANY, **ABOUT_ONE}.items():
        tip, other = await _sent(town, town.hamlet), await _sent(town, town.hamlet)
        asking = replace(first, tip=tip, other=other)
        await _made_ready(asking, name)
        before = len(await _told_of(town, asking.reader))
        await asks(asking)
        told = (await _told_of(town, asking.reader))[before:]
        # What is done to many names each tip, or none.
        found[name] = [(act, subject == tip.id or name in OF_MANY) for act, subject in told]
    assert found == {name: [(TOLD[name], True)] if name in TOLD else [] for name in found}


async def _made_ready(asking: Asking, name: str) -> None:
    """See to it that there is something to be done."""
    town = asking.town
    if name == "transfers.to_inspectorate":
        inspectorate = replace(town.hamlet, inspectorate_id=town.commune.id)
        async with town.storage.begin() as work:
            await work.units.save(inspectorate)
            await work.commit()
    if name == "talks.collect":
        to = Address(channel_id=town.channels.all()[0].id, chat="chat-1")
        reply_to = ReplyTo(address=to, language=Language.VI)
        submission = await town.receiving.intake.submit(REPORT, town.hamlet, reply_to=reply_to)
        conversation = town.envelopes.conversation(to.channel_id, to.chat)
        async with town.storage.begin() as work:
            await submission.effect(work)
            await work.commit()
        (talk,) = await town.receiving.routes.talks(conversation)
        async with town.storage.begin() as work:
            await town.receiving.routes.answer(talk, Letter(text=REASON))(work)
            await work.commit()


async def _told_of(town: Town, reader: Reader) -> list[tuple[str, str]]:
    """Return what the chain says of somebody, oldest first."""
    newest = await town.audit.newest(limit=500)
    by = reader.officer.id
    return [
        (one.record.act, one.record.subject) for one in reversed(newest) if one.record.actor == by
    ]
