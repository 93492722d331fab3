"""What every store must do, for all that is neither inbox nor deliveries."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.announcements import AnnouncementState, SentBack
from bot.core.audience import Audience
from bot.core.audit import GENESIS, AuditRecord, chain_hash
from bot.core.channels import AccountState
from bot.core.dialogues import SavedStep
from bot.core.errors import LocatorTaken, NotFound, StorageTrouble
from bot.core.ids import (
    AnnouncementId,
    ChannelId,
    ConversationKey,
    HouseholdId,
    OfficerId,
    PersonId,
    TipId,
    UnitId,
)
from bot.core.officers import Session
from bot.core.people import PersonState
from bot.core.storage import Storage
from bot.core.tip_queue import TipSight
from bot.core.tips import TipState, WrappedKey
from tests.storage.nouns import (
    COMMUNE,
    HAMLET,
    MINUTE,
    NOON,
    OFFICER,
    WEB,
    ZALO,
    announcement,
    channel,
    holder,
    household,
    officer,
    person,
    record,
    settle,
    tip,
    unit,
)

LATER = NOON + MINUTE
TALK = ConversationKey("talk")


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


async def test_what_is_not_committed_is_forgotten(store: Storage) -> None:
    async with store.begin() as work:
        await work.settings.put("kept", "no")
    async with store.begin() as work:
        await work.settings.put("kept", "yes")
        await work.commit()
    async with store.read() as work:
        assert await work.settings.get("kept") == "yes"
        assert await work.settings.get("never") is None


async def test_a_failing_unit_of_work_lets_its_error_out_and_is_forgotten(
    store: Storage,
) -> None:
    async def fail() -> None:
        async with store.begin() as work:
            await work.settings.put("kept", "no")
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fail()
    async with store.read() as work:
        assert await work.settings.get("kept") is None


async def test_nothing_can_be_done_after_the_commit(store: Storage) -> None:
    async with store.begin() as work:
        await work.settings.put("a", "b")
        await work.commit()
        with pytest.raises(RuntimeError):
            await work.settings.put("a", "c")
        with pytest.raises(RuntimeError):
            await work.commit()


async def test_who_only_looks_cannot_write(store: Storage) -> None:
    async with store.read() as work:
        with pytest.raises(StorageTrouble):
            await work.settings.put("a", "b")


async def test_who_looks_sees_one_state(store: Storage) -> None:
    async with store.read() as looking:
        assert len(await looking.units.all()) == 2
        async with store.begin() as work:
            await work.units.save(unit("more"))
            await work.commit()
        assert len(await looking.units.all()) == 2
    async with store.read() as looking:
        assert len(await looking.units.all()) == 3


async def test_units_are_kept_whole(store: Storage) -> None:
    full = unit("full", parent_id=COMMUNE, households=12, contacts={"duty_phone": "số giả"})
    async with store.begin() as work:
        await work.units.save(unit("full"))
        await work.units.save(full)
        assert await work.units.get(full.id) == full
        assert await work.units.by_code(full.code) == full
        assert await work.units.by_join_code(full.join_code) == full
        assert await work.units.by_code("none") is None
        assert [one.id for one in await work.units.all()] == ["commune", "full", "hamlet"]
        with pytest.raises(NotFound):
            await work.units.get(UnitId("none"))


async def test_a_taken_name_is_refused(store: Storage) -> None:
    async with store.begin() as work:
        with pytest.raises(StorageTrouble, match="refused"):
            await work.units.save(unit("other", code=unit().code))


async def test_households_are_kept_whole(store: Storage) -> None:
    homes = [household("b", address="Ngõ giả", head_name="Tên giả"), household("a")]
    async with store.begin() as work:
        await work.households.save_many([])
        await work.households.save_many([household("b"), household("a")])
        await work.households.save_many(homes)
        assert await work.households.of_unit(HAMLET) == [homes[1], homes[0]]
        assert await work.households.get(homes[0].id) == homes[0]
        assert await work.households.by_join_code(homes[0].join_code) == homes[0]
        assert await work.households.by_join_code("none") is None
        with pytest.raises(NotFound):
            await work.households.get(HouseholdId("none"))


async def test_people_are_kept_whole_and_found_by_their_chat(store: Storage) -> None:
    someone = person("a", pledged_at=LATER)
    async with store.begin() as work:
        await work.people.save(someone)
        await work.people.save(person("b", channel_id=ZALO, chat=someone.chat))
        assert await work.people.get(someone.id) == someone
        assert await work.people.find(WEB, someone.chat) == someone
        assert await work.people.find(WEB, "nobody") is None
        await work.people.save(someone.left(at=LATER))
        assert await work.people.get(someone.id) == someone.left(at=LATER)
        assert await work.people.counts([HAMLET, COMMUNE]) == {
            (HAMLET, WEB, PersonState.LEFT): 1,
            (HAMLET, ZALO, PersonState.JOINED): 1,
        }
        await work.people.remove(someone.id)
        with pytest.raises(NotFound):
            await work.people.get(PersonId("a"))


async def test_officers_and_holders_are_kept_whole(store: Storage) -> None:
    key = holder(locked_private=b"locked")
    async with store.begin() as work:
        assert await work.officers.get(OFFICER) == officer()
        assert await work.officers.by_login("officer") == officer()
        assert await work.officers.by_login("nobody") is None
        await work.officers.save(replace(officer(), is_active=False))
        assert await work.officers.all() == [replace(officer(), is_active=False)]
        await work.officers.save_holder(key)
        await work.officers.save_holder(holder("old", retired_at=NOON))
        assert await work.officers.holders() == [key]
        with pytest.raises(NotFound):
            await work.officers.get(OfficerId("none"))


async def test_sessions_end_one_by_one_all_of_one_officer_or_by_age(store: Storage) -> None:
    one = Session(token_hash=b"1", officer_id=OFFICER, csrf="c", started_at=NOON, seen_at=NOON)
    async with store.begin() as work:
        for number in (b"1", b"2", b"3"):
            await work.sessions.save(replace(one, token_hash=number))
        await work.sessions.save(replace(one, seen_at=LATER))
        assert await work.sessions.get(b"1") == replace(one, seen_at=LATER)
        await work.sessions.remove(b"2")
        assert await work.sessions.get(b"2") is None
        assert await work.sessions.forget_before(LATER) == 1
        await work.sessions.remove_of(OFFICER)
        assert await work.sessions.get(b"1") is None


async def test_tries_at_signing_in_are_counted_and_forgotten(store: Storage) -> None:
    async with store.begin() as work:
        for at in (NOON, LATER):
            await work.sessions.note_try("who", at)
            await work.sessions.note_try("other", at)
        assert await work.sessions.tries_since("who", LATER) == 1
        assert await work.sessions.tries_since("who", NOON) == 2
        await work.sessions.forget_tries("who")
        assert await work.sessions.tries_since("who", NOON) == 0
        assert await work.sessions.forget_tries_before(LATER) == 1


async def test_accounts_are_kept_whole(store: Storage) -> None:
    async with store.begin() as work:
        await work.channels.save(channel(WEB).broken("token refused"))
        assert await work.channels.get(WEB) == channel(WEB).broken("token refused")
        await work.channels.save(channel(ZALO, state=AccountState.REMOVED))
        await work.channels.save(channel("old", added_at=NOON - MINUTE))
        assert [account.id for account in await work.channels.all()] == ["old", "web"]
        assert (await work.channels.get(ZALO)).state is AccountState.REMOVED
        with pytest.raises(NotFound):
            await work.channels.get(ChannelId("none"))


async def test_steps_are_replaced_and_expire(store: Storage) -> None:
    step = SavedStep(conversation=TALK, sealed=b"1", expires_at=LATER)
    async with store.begin() as work:
        await work.dialogues.save(replace(step, sealed=b"0"))
        await work.dialogues.save(step)
        assert await work.dialogues.get(TALK) == step
        assert await work.dialogues.forget_before(LATER) == 0
        assert await work.dialogues.forget_before(LATER + MINUTE) == 1
        await work.dialogues.save(step)
        await work.dialogues.remove(TALK)
        assert await work.dialogues.get(TALK) is None


async def test_announcements_are_kept_whole_and_found(store: Storage) -> None:
    full = announcement(
        "full",
        channels=(WEB, ZALO),
        author_id=OFFICER,
        grace=timedelta(minutes=5),
        due_at=LATER,
        sent_back=SentBack(by=OFFICER, at=NOON, reason="Sai giờ"),
    )
    async with store.begin() as work:
        await work.announcements.save(full)
        assert await work.announcements.get(full.id) == full
        assert await work.announcements.by_slug(full.slug) == full
        assert await work.announcements.by_slug("none") is None
        await work.announcements.save(announcement("newer", written_at=LATER))
        found = await work.announcements.of_units([COMMUNE], limit=1)
        assert [one.id for one in found] == ["newer"]
        wide = Audience(more_unit_ids=(HAMLET,))
        await work.announcements.save(announcement("wide", written_at=LATER, audience=wide))
        assert [one.id for one in await work.announcements.of_units([COMMUNE])] == [
            "newer",
            "full",
        ]
        found = await work.announcements.of_units([COMMUNE, HAMLET])
        assert {one.id for one in found} == {"newer", "full", "wide"}
        with pytest.raises(NotFound):
            await work.announcements.get(AnnouncementId("none"))


async def test_what_is_due_is_scheduled_and_its_hour_has_come(store: Storage) -> None:
    async with store.begin() as work:
        for name, state, due_at in (
            ("later", AnnouncementState.SCHEDULED, LATER),
            ("now", AnnouncementState.SCHEDULED, NOON),
            ("at once", AnnouncementState.SCHEDULED, None),
            ("draft", AnnouncementState.DRAFT, NOON),
        ):
            one = announcement(name, state=state, due_at=due_at, started_at=None)
            await work.announcements.save(one)
        assert [one.id for one in await work.announcements.due(NOON)] == ["at once", "now"]


async def test_the_public_sees_what_started_and_was_not_cancelled(store: Storage) -> None:
    async with store.begin() as work:
        await work.announcements.save(announcement("old"))
        await work.announcements.save(announcement("new", started_at=LATER))
        await work.announcements.save(announcement("inner", is_public=False))
        await work.announcements.save(announcement("future", started_at=None))
        await work.announcements.save(announcement("gone", state=AnnouncementState.CANCELLED))
        assert [one.id for one in await work.announcements.public()] == ["new", "old"]


async def test_tips_are_kept_whole(store: Storage) -> None:
    key = WrappedKey(tip_id=TipId("tip"), holder_id=holder().id, wrapped=b"w")
    async with store.begin() as work:
        await work.officers.save_holder(holder())
        await work.tips.add(tip(), [record(sequence=0)], [key])
        await work.tips.add_record(record(sequence=1, sealed=b"why"))
        assert await work.tips.get(tip().id) == tip()
        assert await work.tips.by_locator("L-tip") == tip()
        assert await work.tips.by_locator("none") is None
        assert await work.tips.records(tip().id) == [record(), record(sequence=1, sealed=b"why")]
        assert await work.tips.key_for(tip().id, holder().id) == key
        await work.tips.add_keys([replace(key, wrapped=b"again")])
        assert await work.tips.keys_of(holder().id) == [replace(key, wrapped=b"again")]
        moved = tip().moved(TipState.IN_VERIFICATION, reason="", at=LATER, by=OFFICER)
        await work.tips.save(moved)
        assert await work.tips.get(tip().id) == moved
        with pytest.raises(NotFound):
            await work.tips.get(TipId("none"))


async def test_a_taken_locator_asks_for_another_receipt_and_spoils_nothing(
    store: Storage,
) -> None:
    async with store.begin() as work:
        await work.tips.add(tip(), [], [])
        with pytest.raises(LocatorTaken):
            await work.tips.add(tip("other", locator="L-tip"), [], [])
        await work.tips.add(tip("other"), [], [])
        await work.commit()
    async with store.read() as work:
        sight = TipSight(unit_ids=frozenset({COMMUNE}), own=COMMUNE)
        assert (await work.tips.counts(sight, now=NOON, most=9)) == {TipState.NEW: 2}


async def test_wrong_receipts_are_counted_and_forgotten(store: Storage) -> None:
    async with store.begin() as work:
        for at in (NOON, LATER):
            await work.tips.note_try("L", at)
            await work.tips.note_try("M", at)
        assert await work.tips.tries_since("L", LATER) == 1
        await work.tips.forget_tries("L")
        assert await work.tips.tries_since("L", NOON) == 0
        assert await work.tips.forget_tries_before(LATER) == 1


async def test_the_chain_binds_each_entry_to_the_one_before(store: Storage) -> None:
    acts = [
        AuditRecord(at=NOON, actor="clock", act="a", subject="s", facts={"b": "ớ", "a": "1"}),
        AuditRecord(at=LATER, actor="machine", act="b"),
    ]
    async with store.begin() as work:
        for act in acts:
            await work.audit.append(act)
        await work.commit()
    async with store.read() as work:
        walked = [entry async for entry in work.audit.walk()]
        assert await work.audit.newest(limit=1) == walked[1:]
    before = GENESIS
    for number, (entry, act) in enumerate(zip(walked, acts, strict=True), start=1):
        assert (entry.number, entry.record) == (number, act)
        assert entry.hash == chain_hash(before, number, act)
        before = entry.hash


async def test_the_whole_chain_is_walked(store: Storage) -> None:
    async with store.begin() as work:
        for number in range(501):
            await work.audit.append(AuditRecord(at=NOON, actor="clock", act=f"{number}"))
        assert [entry.number async for entry in work.audit.walk()] == list(range(1, 502))


async def test_a_moment_is_claimed_once(store: Storage) -> None:
    async with store.begin() as work:
        assert await work.claims.once("job", NOON)
        assert not await work.claims.once("job", NOON)
        assert await work.claims.once("job", LATER)
        assert await work.claims.once("other", NOON)
        assert await work.claims.forget_before(LATER) == 2


async def test_a_lease_is_one_owners_until_it_runs_out_or_is_ended(store: Storage) -> None:
    async with store.begin() as work:
        lease = work.claims.lease
        assert await lease("clock", owner="a", now=NOON, until=LATER)
        assert not await lease("clock", owner="b", now=NOON, until=LATER)
        assert await lease("clock", owner="a", now=NOON, until=LATER + MINUTE)
        assert not await lease("clock", owner="b", now=LATER, until=LATER + MINUTE)
        assert await lease("clock", owner="b", now=LATER + MINUTE, until=LATER + 2 * MINUTE)
        await work.claims.end_lease("clock", owner="a")
        assert not await lease("clock", owner="a", now=NOON, until=LATER)
        await work.claims.end_lease("clock", owner="b")
        assert await lease("clock", owner="a", now=NOON, until=LATER)


async def test_letters_are_numbered_within_their_mailbox_for_good(store: Storage) -> None:
    async with store.begin() as work:
        boxes = work.mailboxes
        assert await boxes.put(TALK, b"1", is_secret=True, at=NOON) == 1
        assert await boxes.put(TALK, b"2", is_secret=False, at=NOON) == 2
        assert await boxes.put(TALK, b"3", is_secret=True, at=LATER) == 3
        assert await boxes.put(ConversationKey("other"), b"1", is_secret=False, at=LATER) == 1
        assert [letter.sealed for letter in await boxes.after(TALK, 1)] == [b"2", b"3"]
        assert [letter.number for letter in await boxes.after(TALK, 0, limit=1)] == [1]
        await boxes.wipe_secrets(TALK, 2)
        assert [letter.number for letter in await boxes.after(TALK, 0)] == [2, 3]
        assert await boxes.forget_before(LATER) == 1
        await boxes.wipe_secrets(TALK, 3)
        assert await boxes.put(TALK, b"4", is_secret=False, at=LATER) == 4
        await boxes.remove(TALK)
        assert await boxes.after(TALK, 0) == []


async def test_settings_are_replaced(store: Storage) -> None:
    async with store.begin() as work:
        await work.settings.put("a", "1")
        await work.settings.put("a", "2")
        assert await work.settings.get("a") == "2"
