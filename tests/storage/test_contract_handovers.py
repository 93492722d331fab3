"""What every store must do about conversations handed over to people."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.deliveries import DeliveryState, Lane, Outcome, Reply
from bot.core.errors import NotFound, StorageTrouble
from bot.core.handovers import (
    OPEN_STATES,
    Handover,
    HandoverReason,
    HandoverState,
    HandoverWord,
    Speaker,
    quarter_of,
)
from bot.core.ids import ConversationKey, DeliveryId, HandoverId, UnitId
from bot.core.sending import Reason
from bot.core.storage import Storage
from tests.storage.nouns import COMMUNE, HAMLET, MINUTE, NOON, OFFICER, WEB, officer, settle

QUARTER = quarter_of(NOON)
HOUR = timedelta(hours=1)
ASKED = HandoverId("asked")


@pytest.fixture(autouse=True)
async def village(store: Storage) -> None:
    await settle(store)


def handover(name: str = ASKED, **changes: Any) -> Handover:  # noqa: ANN401  # any field
    moments = {"asked_at": QUARTER, "wrote_at": QUARTER, "last_word_at": QUARTER}
    values = {"unit_id": HAMLET, "channel_id": WEB, "reason": HandoverReason.ASKED}
    return Handover(**{"id": HandoverId(name), **values, **moments, **changes})


def word(number: int, **changes: Any) -> HandoverWord:  # noqa: ANN401  # any field
    values = {"handover_id": ASKED, "speaker": Speaker.RESIDENT, "sealed": b"sealed"}
    return HandoverWord(**{"number": number, "at": QUARTER, **values, **changes})


def to_go_out(number: int, **changes: Any) -> HandoverWord:  # noqa: ANN401  # any field
    return word(number, speaker=Speaker.BOT, state=DeliveryState.WAITING, **changes)


async def kept(store: Storage, *many: Handover) -> None:
    async with store.begin() as work:
        for one in many:
            await work.handovers.add(one, chat=f"chat-{one.id}", way=b"way")
        await work.commit()


async def test_what_is_kept_is_found_and_changes_whole(store: Storage) -> None:
    await kept(store, handover())
    async with store.begin() as work:
        await work.officers.save(officer(OFFICER))
        found = await work.handovers.get(ASKED)
        assert found == handover()
        taken = found.said(Speaker.RESIDENT, at=NOON + HOUR).taken(
            OFFICER, at=NOON, instead_of=None
        )
        await work.handovers.save(taken)
        await work.commit()
    async with store.read() as work:
        assert await work.handovers.get(ASKED) == taken
        assert await work.handovers.open_of("chat-asked") == taken
        assert await work.handovers.open_of("another") is None
        assert await work.handovers.way(ASKED) == b"way"
        assert await work.handovers.has_any("chat-asked")
        with pytest.raises(NotFound):
            await work.handovers.get(HandoverId("missing"))


async def test_a_chat_is_handed_over_once_at_a_time(store: Storage) -> None:
    await kept(store, handover())
    async with store.begin() as work:
        with pytest.raises(StorageTrouble):
            await work.handovers.add(handover("second"), chat="chat-asked", way=b"")
    async with store.begin() as work:
        await work.handovers.save(handover().moved(HandoverState.DONE, at=NOON))
        await work.handovers.add(handover("second"), chat="chat-asked", way=b"")
        await work.commit()
    async with store.read() as work:
        found = await work.handovers.open_of("chat-asked")
        assert found is not None
        assert found.id == "second"


async def test_lists_hold_their_units_and_states_the_longest_asked_first(store: Storage) -> None:
    new, old = handover("new", asked_at=QUARTER + HOUR), handover("old")
    done = handover("done").moved(HandoverState.DONE, at=NOON)
    foreign = handover("foreign", unit_id=COMMUNE, last_number=1)
    read = handover(
        "read",
        state=HandoverState.TAKEN,
        asked_at=QUARTER + 3 * HOUR,
        last_number=1,
        seen_number=1,
    )
    unread = replace(read, id=HandoverId("unread"), asked_at=QUARTER + 2 * HOUR, last_number=2)
    await kept(store, new, done, foreign, old, unread, read)
    async with store.read() as work:
        assert await work.handovers.of_units({HAMLET}, OPEN_STATES, limit=9) == [
            old,
            new,
            unread,
            read,
        ]
        assert await work.handovers.of_units({HAMLET}, OPEN_STATES, limit=1) == [old]
        closed = await work.handovers.of_units({HAMLET}, {HandoverState.DONE}, limit=9)
        assert closed == [done]
        assert await work.handovers.count({HAMLET}) == 3
        assert await work.handovers.count({HAMLET, COMMUNE}) == 4
        assert await work.handovers.count({UnitId("none")}) == 0


async def test_open_ones_that_are_silent_are_found(store: Storage) -> None:
    silent = handover("silent", last_word_at=QUARTER - HOUR)
    await kept(store, handover(), silent, handover("over", state=HandoverState.LEFT))
    async with store.read() as work:
        assert await work.handovers.open_before(QUARTER, limit=9) == [silent]


async def test_words_stand_in_order_and_go_with_their_chat(store: Storage) -> None:
    await kept(store, handover(), handover("other"))
    words = [word(1), to_go_out(2), word(3)]
    async with store.begin() as work:
        for one in reversed(words):
            await work.handovers.add_word(one)
        await work.commit()
    async with store.read() as work:
        assert await work.handovers.words(ASKED) == words
    async with store.begin() as work:
        assert await work.handovers.remove_of("chat-asked") == 1
        await work.commit()
    async with store.read() as work:
        assert await work.handovers.words(ASKED) == []
        assert not await work.handovers.has_any("chat-asked")
        assert await work.handovers.has_any("chat-other")


async def sent(store: Storage, number: DeliveryId) -> None:
    """Let a row of the outbox fail for good."""
    later = NOON + MINUTE
    failed = Outcome(
        delivery_id=number, attempt_id="a", state=DeliveryState.FAILED, reason=Reason.BLOCKED
    )
    async with store.begin() as work:
        out = work.deliveries
        (row,) = await out.claim(WEB, list(Lane), 9, owner="one", now=NOON, lease_until=later)
        assert row.id == number
        await out.mark_sending([number], owner="one", attempt_id="a", now=NOON, until=later)
        await out.record([failed], at=NOON)
        await work.commit()


async def test_a_word_goes_out_once_and_its_fate_is_found(store: Storage) -> None:
    await kept(store, handover())
    reply = Reply(channel_id=WEB, conversation=ConversationKey("talk"), sealed=b"sealed")
    async with store.begin() as work:
        for one in (word(1), to_go_out(2), to_go_out(3)):
            await work.handovers.add_word(one)
        first, second = await work.handovers.to_bring(limit=9)
        assert (first.number, second.number) == (2, 3)
        number = await work.deliveries.add_reply(reply, at=NOON)
        await work.handovers.brought(first, number)
        await work.commit()
    async with store.read() as work:
        assert [one.number for one in await work.handovers.to_bring(limit=9)] == [3]
        assert await work.handovers.decided(limit=9) == []
    await sent(store, number)
    async with store.begin() as work:
        ((found, state, reason),) = await work.handovers.decided(limit=9)
        assert (found.number, state, reason) == (2, DeliveryState.FAILED, Reason.BLOCKED)
        await work.handovers.settle(found, state, reason)
        assert await work.handovers.decided(limit=9) == []
        settled = (await work.handovers.words(ASKED))[1]
        assert (settled.state, settled.reason) == (state, reason)


async def test_a_word_whose_row_was_forgotten_is_unknown(store: Storage) -> None:
    await kept(store, handover())
    reply = Reply(channel_id=WEB, conversation=ConversationKey("talk"), sealed=b"sealed")
    async with store.begin() as work:
        await work.handovers.add_word(to_go_out(1))
        number = await work.deliveries.add_reply(reply, at=NOON)
        await work.handovers.brought(to_go_out(1), type(number)(number + 1))
        ((_, state, reason),) = await work.handovers.decided(limit=9)
        assert (state, reason) == (DeliveryState.UNKNOWN, None)


async def test_old_words_are_forgotten_and_closed_handovers_after_them(store: Storage) -> None:
    done = replace(handover("done").moved(HandoverState.DONE, at=NOON))
    await kept(store, handover(), done)
    async with store.begin() as work:
        await work.handovers.add_word(word(1))
        await work.handovers.add_word(word(2, at=QUARTER + HOUR))
        await work.handovers.add_word(word(1, handover_id=done.id, at=QUARTER + HOUR))
        assert await work.handovers.forget_before(QUARTER + HOUR) == 1
        assert [one.number for one in await work.handovers.words(ASKED)] == [2]
        assert await work.handovers.get(done.id) == done
        assert await work.handovers.forget_before(QUARTER + 2 * HOUR) == 2
        assert await work.handovers.get(ASKED) == handover()
        with pytest.raises(NotFound):
            await work.handovers.get(done.id)


async def test_where_answers_go_is_forgotten_once_nothing_goes_out(store: Storage) -> None:
    done = handover("done").moved(HandoverState.DONE, at=NOON)
    busy = handover("busy").moved(HandoverState.DONE, at=NOON)
    await kept(store, handover(), done, busy)
    async with store.begin() as work:
        await work.handovers.add_word(to_go_out(1, handover_id=busy.id))
        await work.handovers.save_way(ASKED, b"new way")
        assert await work.handovers.forget_ways() == 1
        ways = [await work.handovers.way(one.id) for one in (handover(), done, busy)]
        assert ways == [b"new way", None, b"way"]
