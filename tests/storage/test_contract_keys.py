"""Who has which wrapped keys, who lacks some, and what ends with a key."""

from collections.abc import Sequence
from datetime import timedelta

from bot.core.ids import KeyHolderId, OfficerId, TipId
from bot.core.officers import HolderKind, Session
from bot.core.storage import Storage, Work
from bot.core.tip_keys import Shown
from bot.core.tip_queue import TipSight
from bot.core.tips import TipState, WrappedKey
from tests.storage.nouns import COMMUNE, HAMLET, MINUTE, NOON, OFFICER, holder, officer, tip, unit

ALL = Shown(sights=(TipSight(unit_ids=frozenset({COMMUNE, HAMLET}), own=COMMUNE),), now=NOON)
SMALL = TipSight(unit_ids=frozenset({HAMLET}), own=HAMLET)
NOTHING = TipSight(unit_ids=frozenset(), own=HAMLET)
LAN, MINH, PAPER = (KeyHolderId(name) for name in ("lan", "minh", "paper"))


def wrapped(tip_id: str, holder_id: KeyHolderId) -> WrappedKey:
    return WrappedKey(tip_id=TipId(tip_id), holder_id=holder_id, wrapped=f"{holder_id}".encode())


async def fill(work: Work) -> None:
    """Four tips; Lan opens three of them, Minh one of those, the paper all but one."""
    await work.units.save(unit())
    await work.units.save(unit(HAMLET, code="H", join_code="H"))
    for name in (OFFICER, "minh"):
        await work.officers.save(officer(name))
    kind = HolderKind.OFFICER
    await work.officers.save_holder(
        holder(LAN, kind=kind, officer_id=OFFICER, locked_private=b"lock")
    )
    await work.officers.save_holder(
        holder(MINH, kind=kind, officer_id=OfficerId("minh"), locked_private=b"lock")
    )
    await work.officers.save_holder(holder(PAPER))
    holders: dict[str, Sequence[KeyHolderId]] = {
        "a": (LAN, MINH, PAPER),
        "b": (LAN, PAPER),
        "c": (LAN,),
        "d": (PAPER,),
    }
    for name, who in holders.items():
        keys = [wrapped(name, one) for one in who]
        unit_id = HAMLET if name == "b" else COMMUNE
        await work.tips.add(tip(name, unit_id=unit_id), [], keys)


async def test_what_somebody_lacks_is_counted_in_the_units_asked_for(store: Storage) -> None:
    async with store.begin() as work:
        await fill(work)
        await work.tips.add(tip("later", visible_at=NOON + MINUTE), [], [])
        keys = work.tip_keys
        assert [await keys.missing(one, ALL) for one in (LAN, MINH, PAPER)] == [1, 3, 1]
        assert await keys.missing(MINH, Shown(sights=(SMALL,), now=NOON)) == 1
        assert await keys.missing(MINH, Shown(sights=(*ALL.sights, NOTHING), now=NOON)) == 0
        late = Shown(sights=ALL.sights, now=NOON + MINUTE)
        assert await keys.missing(LAN, late) == 2
        assert await keys.held(ALL) == {LAN: 3, MINH: 1, PAPER: 3}


async def test_what_can_be_given_is_what_one_opens_and_the_other_does_not(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await fill(work)
        keys = work.tip_keys
        hamlet = Shown(sights=(SMALL,), now=NOON)
        assert await keys.giveable(LAN, MINH) == 2
        assert await keys.giveable(LAN, MINH, hamlet) == 1
        assert await keys.giveable(MINH, LAN) == 0
        assert await keys.next_giveable(LAN, MINH, limit=1) == [wrapped("b", LAN)]
        assert await keys.next_giveable(LAN, MINH, hamlet, limit=9) == [wrapped("b", LAN)]
        await work.tips.add_keys([wrapped("b", MINH)])
        assert await keys.next_giveable(LAN, MINH, limit=9) == [wrapped("c", LAN)]


async def test_the_last_officer_who_opens_a_tip_is_known(store: Storage) -> None:
    async with store.begin() as work:
        await fill(work)
        keys = work.tip_keys
        # Tip a opens for Minh too; the paper is nobody who works on tips.
        assert await keys.only_held_by(LAN, with_paper=False) == 2
        assert await keys.only_held_by(MINH, with_paper=False) == 0
        assert await keys.only_held_by(LAN, with_paper=True) == 1
        (minh,) = await work.officers.holders_of(OfficerId("minh"))
        await work.officers.save_holder(
            holder(MINH, kind=minh.kind, officer_id=minh.officer_id, retired_at=NOON)
        )
        assert await keys.only_held_by(LAN, with_paper=False) == 3


async def test_a_key_that_ended_opens_nothing(store: Storage) -> None:
    async with store.begin() as work:
        await fill(work)
        assert await work.tip_keys.remove_of(LAN) == 3
        assert await work.tip_keys.held(ALL) == {MINH: 1, PAPER: 3}
        assert await work.tips.key_for(TipId("c"), LAN) is None


async def test_tips_that_are_gone_are_known(store: Storage) -> None:
    async with store.begin() as work:
        await fill(work)
        asked = [TipId("a"), TipId("gone")]
        assert await work.tip_keys.kept_still(asked) == {TipId("a")}
        assert await work.tip_keys.kept_still([]) == frozenset()


async def test_only_open_tips_are_given_back(store: Storage) -> None:
    async with store.begin() as work:
        await fill(work)
        for name, to in (("a", TipState.IN_VERIFICATION), ("b", TipState.SPAM)):
            taken = await work.tips.get(TipId(name))
            await work.tips.save(taken.moved(to, reason="x", at=NOON, by=OFFICER))
        assert await work.tip_keys.free_claims(OFFICER) == 1
        assert (await work.tips.get(TipId("a"))).claimed_by is None
        assert (await work.tips.get(TipId("b"))).claimed_by == OFFICER


async def test_of_an_officers_keys_the_living_one_comes_first_and_dead_ones_not(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await fill(work)
        old = holder("a-old", kind=HolderKind.OFFICER, officer_id=OFFICER, retired_at=NOON)
        for lock in (b"lock", None):
            kept = holder(
                "a-old" if lock else "a-dead",
                kind=old.kind,
                officer_id=OFFICER,
                retired_at=NOON,
                locked_private=lock,
            )
            await work.officers.save_holder(kept)
        found = [one.id for one in await work.officers.holders_of(OFFICER)]
        assert found == [LAN, KeyHolderId("a-old")]


async def test_all_sessions_end_but_the_own(store: Storage) -> None:
    async with store.begin() as work:
        await fill(work)
        for token in (b"one", b"two", b"three"):
            session = Session(
                token_hash=token, officer_id=OFFICER, csrf="c", started_at=NOON, seen_at=NOON
            )
            await work.sessions.save(session)
        await work.sessions.remove_of(OFFICER, but=b"two")
        assert await work.sessions.get(b"one") is None
        assert await work.sessions.get(b"two") is not None
        await work.sessions.remove_of(OFFICER)
        assert await work.sessions.forget_before(NOON + timedelta(days=1)) == 0


async def test_a_tip_about_an_officer_is_lacked_in_its_own_unit_alone(store: Storage) -> None:
    async with store.begin() as work:
        await fill(work)
        await work.tips.add(tip("about", unit_id=HAMLET, is_about_officer=True), [], [])
        assert await work.tip_keys.missing(LAN, ALL) == 1
        assert await work.tip_keys.missing(LAN, Shown(sights=(SMALL,), now=NOON)) == 1
        both = Shown(sights=(SMALL, *ALL.sights), now=NOON)
        assert await work.tip_keys.missing(LAN, both) == 0
        await work.tips.add_keys([wrapped("about", MINH)])
        assert (await work.tip_keys.held(ALL))[MINH] == 1
        assert await work.tip_keys.giveable(MINH, LAN, ALL) == 0
        assert await work.tip_keys.giveable(MINH, LAN) == 1
        assert await work.tip_keys.only_held_by(MINH, with_paper=True) == 1
