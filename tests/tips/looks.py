"""How a tip, its chat, its officer and its audit look from outside, before and after a kill."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.core.ids import KeyHolderId
from bot.core.officers import HolderKind, KeyHolder
from bot.core.routes import RouteLetter, RoutePost
from bot.core.storage import Work
from bot.core.tip_queue import TipFilter, TipSight
from bot.core.tips import Tip
from bot.core.units import below
from bot.services.channels.channels import WEB
from bot.vault.paper import Paper
from tests.builders.town import PASSWORD
from tests.journeys.test_leaks import RECEIPT
from tests.tips.acts import Act, Look
from tests.tips.acts_of_keys import ANOTHER
from tests.tips.stage import (
    LOGIN,
    OFFICER_CHAT,
    Stage,
    all_to_send,
    papers_in,
)

_ALL: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One doing of an act: what it is about, what was there before, the receipt it showed."""

    act: str
    facts: dict[str, str]
    known: frozenset[str] = frozenset()
    audited: int = 0
    receipt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A run about to begin, and how it looks."""

    run: Run
    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a run looks after a restart, and once the program has taken it up."""

    after: Look = field(default_factory=dict)
    taken_up: Look = field(default_factory=dict)


async def prepared(stage: Stage, act: Act) -> Prepared:
    """Make ready what the act needs, of a fresh tip."""
    async with stage.program.storage.begin() as work:
        # What earlier runs left to send is none of this one's business.
        await all_to_send(work, stage.program.clock.now())
        known = _ids(await _tips(stage, work), await _under_way(stage, work))
        await work.commit()
    await act.prepare(stage)
    async with stage.program.storage.read() as work:
        (newest,) = await work.audit.newest(limit=1)
    run = Run(act=act.id, facts=stage.facts, known=known, audited=newest.number)
    return Prepared(run=run, look=await look(stage, run))


async def judged(stage: Stage, act: Act, run: Run) -> Judged:
    """Look after a restart; let the program, or whoever began it, go on with it."""
    stage.facts = run.facts
    report = await stage.program.audit.verify()
    assert report.is_whole, report
    after = await look(stage, run)
    taken_up = after
    goes_on = act.finished or (act.does if act.is_taken_up else None)
    if goes_on is not None:
        await goes_on(stage)
        taken_up = await look(stage, run)
    await _keeps_its_word(stage, run)
    return Judged(after=after, taken_up=taken_up)


async def look(stage: Stage, run: Run) -> Look:
    """Return all there is of the run's tip, chat, officer and audit, without names."""
    program = stage.program
    conversation = program.envelopes.conversation(WEB, stage.chat)
    officers = program.envelopes.conversation(WEB, OFFICER_CHAT)
    # Nothing is kept of what is looked at here.
    async with program.storage.begin() as work:
        tips = await _fresh(stage, work, run)
        waiting = await all_to_send(work, program.clock.now())
        newest = await work.audit.newest(limit=40)
        held = [await work.tips.holders_of(tip.id) for tip in tips]
        own = await _own_holders(stage, work)
        seen = {
            "tips": [_bare(tip) for tip in tips],
            "keys": [len(holders & own) for holders in held],
            "opens for somebody": [bool(holders) for holders in held],
            "records": [
                [record.kind for record in await work.tips.records(tip.id)] for tip in tips
            ],
            "notices": sum(one.conversation == officers for one in waiting),
            "routes": len(await work.routes.chats(conversation)),
            "on their way": len(_ids(await _under_way(stage, work)) - run.known),
            "audit": sorted(one.record.act for one in newest if one.number > run.audited),
            "officer": await _officer(stage, work),
            "papers": await _papers(stage, work, tips),
        }
    replies = [
        program.envelopes.open_reply(conversation, one.sealed)[1].text
        for one in waiting
        if one.sealed is not None and one.conversation == conversation
    ]
    return {**seen, "replies": sorted(RECEIPT.sub("a receipt", text) for text in replies)}


async def _own_holders(stage: Stage, work: Work) -> set[KeyHolderId]:
    """Return the keys this run is about: officers of earlier runs are still there."""
    own = {await work.officers.by_login(login) for login in (LOGIN, stage.facts.get("login", ""))}
    ids = {None, *(one.id for one in own if one is not None)}
    return {one.id for one in await work.officers.holders() if one.officer_id in ids}


async def _officer(stage: Stage, work: Work) -> Look:
    login = stage.facts.get("login")
    if login is None:
        return {}
    officer = await work.officers.by_login(login)
    if officer is None:
        return {"opens": []}
    holders = await work.officers.holders_of(officer.id)
    held = await work.tips.holders_of(stage.tip_id)
    return {
        "is active": officer.is_active,
        "roles": sorted(officer.roles),
        "keys": sorted((one.retired_at is None, one.id in held) for one in holders),
        "opens": [
            password
            for password in (PASSWORD, ANOTHER)
            if await stage.program.vault.passwords.verify(officer.password_hash, password)
            and await _opens(stage, work, password, holders)
        ],
    }


async def _opens(stage: Stage, work: Work, password: str, holders: Sequence[KeyHolder]) -> bool:
    """Tell whether the password opens the tip, by whichever of the officer's keys."""
    vault = stage.program.vault
    for holder in holders:
        key = await work.tips.key_for(stage.tip_id, holder.id)
        if key is not None and holder.locked_private is not None:
            private = await vault.officers.unlock(holder.locked_private, password)
            vault.tips.unwrap(key.wrapped, private)
            return True
    return False


async def _papers(stage: Stage, work: Work, tips: Sequence[Tip]) -> list[bool]:
    """Tell of each paper that counts today whether it opens the tips."""
    if "login" not in stage.facts:
        return []
    vault = stage.program.vault
    found = []
    holders = {one.public_key: one for one in await work.officers.holders()}
    for whole in papers_in(Path(stage.program.config.data_dir)):
        private = Paper().read([whole])
        holder = holders.get(vault.officers.public_of(private))
        if holder is None or holder.kind is not HolderKind.RECOVERY:
            continue
        keys = [await work.tips.key_for(tip.id, holder.id) for tip in tips]
        for key in keys:
            if key is not None:
                vault.tips.unwrap(key.wrapped, private)
        found.append(all(keys))
    return found


async def _fresh(stage: Stage, work: Work, run: Run) -> list[Tip]:
    """Return the tips of this run, the one that is acted upon last."""
    fresh = [tip for tip in await _tips(stage, work) if tip.id not in run.known]
    return sorted(fresh, key=lambda tip: tip.id == stage.tip_id)


async def _tips(stage: Stage, work: Work) -> list[Tip]:
    units = await work.units.all()
    commune = next(unit for unit in units if unit.parent_id is None)
    sight = TipSight(unit_ids=below(commune.id, units), own=commune.id)
    now = stage.program.clock.now()
    return await work.tips.queue(sight, now=now, wanted=TipFilter(), after=None, limit=_ALL)


async def _under_way(stage: Stage, work: Work) -> list[RoutePost | RouteLetter]:
    """Return the posts and letters that are on their way."""
    later = stage.program.clock.now() + timedelta(days=1)
    units = {unit.id for unit in await work.units.all()}
    return [
        *await work.routes.due_posts(later, _ALL),
        *await work.routes.letters(units, _ALL),
    ]


def _ids(*found: Sequence[Tip | RoutePost | RouteLetter]) -> frozenset[str]:
    return frozenset(one.id for some in found for one in some)


async def _keeps_its_word(stage: Stage, run: Run) -> None:
    """Check that whoever was given a receipt has one that opens, and officers open the tip."""
    shown = [run.receipt, stage.facts.get("receipt", "")]
    async with stage.program.storage.read() as work:
        fresh = await _fresh(stage, work, run)
    opening = [
        found
        for receipt in shown
        if receipt and (found := await stage.program.receiving.talks.follow(receipt))
    ]
    if any(shown):
        # Once it was withdrawn, nothing is left; otherwise one of them opens it.
        assert len(opening) == bool(fresh)
    for tip in fresh:
        read = await stage.program.reading.desk.open(tip.id, stage.reader)
        assert read.report.what


def _bare(tip: Tip) -> tuple[object, ...]:
    is_seen = tip.first_seen_at is not None
    is_double = tip.merged_into is not None
    return (
        *(tip.state, tip.version, tip.has_news, is_seen, tip.claimed_by, tip.unit_id, is_double),
        *(tip.is_held, tip.is_handed, tip.escalated),
    )
