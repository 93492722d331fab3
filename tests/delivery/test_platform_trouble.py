"""A platform that hangs, is slow, talks nonsense or hangs up: what the rows say of it.

The real sender and adapter over a server that behaves badly once. What cannot be known is
unknown; what was not accepted goes again; what was accepted is not sent twice in silence.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from bot.channels.telegram.account import Surroundings
from bot.channels.telegram.adapter import TelegramChannel
from bot.core.deliveries import Lane
from tests.channels.rigs_telegram import CHANNEL_ID, account_on
from tests.channels.stand_ins import MemoryAttachments, MemoryCredentials, say_key
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.telegram_flood import NO_LIMITS
from tests.channels.stubs.telegram_stub import TelegramStub
from tests.delivery.rig import Rig
from tests.storage import nouns

CHATS = ("5100000001", "5100000002", "5100000003")
TROUBLED = CHATS[1]
# Long enough for an answer on a busy machine, short enough to wait for none.
LIMIT_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One trouble with the second of three: how an ordinary copy ends, and how often it is seen.

    An urgent one is sent in any case, and seen once more where it had been accepted.
    """

    kind: FaultKind
    accepted: bool
    ends: str

    @property
    def id(self) -> str:
        return f"{self.kind}, {'accepted' if self.accepted else 'not accepted'}"


CASES = [
    *(
        Case(kind=kind, accepted=accepted, ends="unknown")
        for kind in (FaultKind.HANG, FaultKind.RUBBISH, FaultKind.EMPTY, FaultKind.HTML_504)
        for accepted in (False, True)
    ),
    Case(kind=FaultKind.ENDLESS, accepted=True, ends="unknown"),
    Case(kind=FaultKind.CLOSE_BEFORE, accepted=False, ends="unknown"),
    Case(kind=FaultKind.CLOSE_AFTER, accepted=True, ends="unknown"),
    Case(kind=FaultKind.SLOW, accepted=True, ends="sent"),
    Case(kind=FaultKind.TRICKLE, accepted=True, ends="sent"),
    Case(kind=FaultKind.ERROR_500, accepted=False, ends="sent"),
    Case(kind=FaultKind.HTML_502, accepted=False, ends="sent"),
]


@pytest.fixture
async def stub() -> AsyncIterator[TelegramStub]:
    async with TelegramStub(limits=NO_LIMITS, open_house=True) as opened:
        yield opened


@pytest.fixture
async def channel(rig: Rig, stub: TelegramStub) -> AsyncIterator[TelegramChannel]:
    async with rig.storage.begin() as work:
        await work.channels.save(nouns.channel(CHANNEL_ID))
        for chat in CHATS:
            await work.people.save(nouns.person(chat, channel_id=CHANNEL_ID, chat=chat))
        await work.commit()
    async with aiohttp.ClientSession() as session:
        yield TelegramChannel(
            account_on(stub),
            Surroundings(
                session=session,
                store=MemoryCredentials({}),
                clock=rig.clock,
                say=say_key,
                attachments=MemoryAttachments(),
                call_limit_s=LIMIT_S,
            ),
        )


@pytest.mark.parametrize("lane", [Lane.ORDINARY, Lane.URGENT], ids=["ordinary", "urgent"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_what_is_known_of_each_adds_up(
    rig: Rig, stub: TelegramStub, channel: TelegramChannel, *, case: Case, lane: Lane
) -> None:
    stub.fail_next(case.kind, to=TROUBLED, accepted=case.accepted, delay_s=0.01)
    await rig.announce(lane=lane)
    await rig.run(rig.sender(channel=channel))
    is_repeated = lane is Lane.URGENT and case.ends == "unknown"
    ends = "sent" if is_repeated else case.ends
    assert await rig.outcomes() == ({"sent": 3} if ends == "sent" else {"sent": 2, "unknown": 1})
    seen = [len(stub.sent.to(chat)) for chat in CHATS]
    once = int(case.accepted or case.ends == "sent")
    assert seen == [1, once + is_repeated, 1]
    assert stub.faults.is_empty
    assert stub.broken_rules == []
