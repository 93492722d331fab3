"""What residents and officers do to a tip, each as the program does it, to be cut off anywhere."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from bot.app.tipping import made_assisted_entry
from bot.core.ids import KeyHolderId, TipId
from bot.core.officers import HolderKind
from bot.core.tips import TipState
from bot.services.tips.talk import Letter
from tests.journeys.test_leaks import RECEIPT, STEPS
from tests.sealed_tips import body_of, envelope_of, sealed_tip
from tests.tips.stage import HAMLET, REPORT, Stage, commune_of

QUESTION = "Bà con cho biết thêm: việc ấy thường vào giờ nào?"
ANSWER = Letter(text="Dạ khoảng 11 giờ đêm ạ.", pictures=(b"a clean picture",))
REASON = "Đã xác minh tại chỗ."

Does = Callable[[Stage], Awaitable[None]]
# How a tip and what belongs to it looks from outside, as JSON.
Look = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that is done. `prepare` sees to what must have been there before.

    If it `is_taken_up`, a restart does the rest by itself: `does` again, as a platform that
    sends once more or a job that runs anew.

    What takes several commits on purpose says by `between` what must hold of a life cut off
    between them, and is `finished` afterwards by whoever began it. The audit chain tells of
    every try, so it is not compared then.
    """

    id: str
    prepare: Does
    does: Does
    is_taken_up: bool = False
    between: Callable[[Look], bool] | None = None
    finished: Does | None = None


async def _nothing(stage: Stage) -> None:
    stage.facts |= {"tip": ""}


async def _almost_sent(stage: Stage) -> None:
    stage.facts |= {"tip": ""}
    for number, said in enumerate(STEPS):
        await stage.says(number, said)


async def _send(stage: Stage) -> None:
    await stage.says(len(STEPS), "Gửi tin")


async def _posted(stage: Stage, path: str, form: aiohttp.FormData) -> None:
    """Post a form as a browser does, and show the receipt that comes back."""
    server = TestServer(stage.serving._server(), host="127.0.0.1")
    await server.start_server(access_log=None)
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.post(server.make_url(path), data=form) as answer,
        ):
            shown = RECEIPT.search(await answer.text())
            assert shown is not None, await answer.text()
            stage.say(f"receipt {shown.group()}")
    finally:
        await server.close()


async def _fill_in(stage: Stage) -> None:
    form = aiohttp.FormData({"category": "drugs", "what": REPORT.what})
    await _posted(stage, "/to-giac", form)


async def _fill_in_sealed(stage: Stage) -> None:
    commune = await commune_of(stage.program)
    readers = await stage.program.receiving.sealed.readers()
    tip = sealed_tip(stage.program.vault, readers, commune.id, pictures=(b"a picture",))
    await _posted(stage, "/to-giac/kin", body_of(envelope_of(tip), tip.records))


async def _typed_in(stage: Stage) -> None:
    """Let the officer on the telephone type in what somebody tells."""
    commune = await commune_of(stage.program)
    entry = made_assisted_entry(stage.program)
    receipt = await entry.enter(REPORT, commune, by=stage.reader.officer)
    stage.say(f"receipt {receipt.text}")


async def _sent(stage: Stage) -> None:
    await stage.sent()


async def _opened(stage: Stage) -> None:
    await stage.program.reading.desk.open(stage.tip_id, stage.reader)


async def _moved(stage: Stage) -> None:
    await stage.program.reading.desk.move(
        stage.tip_id, TipState.IN_VERIFICATION, stage.reader, reason=REASON
    )


async def _noted(stage: Stage) -> None:
    await stage.program.reading.desk.note(stage.tip_id, stage.reader, REASON)


async def _asked(stage: Stage) -> None:
    await stage.program.reading.talks.say(stage.tip_id, stage.reader, Letter(text=QUESTION))


async def _sent_and_asked(stage: Stage) -> None:
    await stage.sent()
    await _asked(stage)


async def _delivered(stage: Stage) -> None:
    await stage.program.receiving.routes.deliver()


async def _answered(stage: Stage) -> None:
    await stage.done(stage.program.receiving.routes.answer(await stage.talk(), ANSWER))


async def _sent_and_answered(stage: Stage) -> None:
    await stage.sent()
    await _answered(stage)


async def _collected(stage: Stage) -> None:
    await stage.program.reading.talks.collect(stage.reader)


async def _burnt(stage: Stage) -> None:
    await stage.done(stage.program.receiving.routes.burn(await stage.talk()))


async def _followed(stage: Stage) -> None:
    await stage.followed()


async def _added(stage: Stage) -> None:
    await stage.done(stage.program.receiving.talks.add(await stage.followed(), ANSWER))


async def _withdrawn(stage: Stage) -> None:
    await stage.done(stage.program.receiving.talks.withdraw(await stage.followed()))


async def _exchanged(stage: Stage) -> None:
    talks = stage.program.receiving.talks
    fresh = await talks.draw()
    # Shown before it counts, so that a kill leaves its holder with one that opens.
    stage.say(f"receipt {fresh}")
    await stage.done(await talks.exchange(await stage.followed(), fresh))


async def _claimed(stage: Stage) -> None:
    await stage.program.reading.claims.claim(stage.tip_id, stage.reader)


async def _two_sent(stage: Stage) -> None:
    await stage.sent()
    main = stage.facts["tip"]
    async with stage.program.storage.read() as work:
        stage.facts["into"] = (await work.tips.get(TipId(main))).reference
    await stage.sent()


async def _merged(stage: Stage) -> None:
    await stage.program.reading.merging.merge(
        stage.tip_id, stage.reader, into=stage.facts["into"], reason=REASON
    )


async def _given_away(stage: Stage) -> None:
    hamlet = await stage.program.units.by_code(HAMLET)
    await stage.program.reading.transfers.to_unit(
        stage.tip_id, stage.reader, hamlet.id, reason=REASON
    )


async def _redacted(stage: Stage) -> None:
    await stage.program.reading.redacting.redact(stage.tip_id, stage.reader, numbers=[0], words=[])


async def _sent_and_locked_out(stage: Stage) -> None:
    """Leave the recovery key without the tip's key, as if it had been made later."""
    await stage.sent()
    async with stage.program.storage.begin() as work:
        holder = next(
            one for one in await work.officers.holders() if one.kind is HolderKind.RECOVERY
        )
        await work.tips.remove_keys(stage.tip_id, {holder.id})
        await work.commit()
    stage.facts["holder"] = holder.id


async def _keys_given(stage: Stage) -> None:
    holder = KeyHolderId(stage.facts["holder"])
    await stage.program.officer_services.key_care.give(holder, stage.reader, most=1_000)


async def _held(stage: Stage) -> None:
    await stage.program.reading.holding.hold(stage.tip_id, stage.reader, reason=REASON)


async def _sent_and_held(stage: Stage) -> None:
    await stage.sent()
    await _held(stage)


async def _let_go(stage: Stage) -> None:
    await stage.program.reading.holding.let_go(stage.tip_id, stage.reader, reason=REASON)


RESIDENTS: Sequence[Act] = (
    Act(id="send in the chat", prepare=_almost_sent, does=_send, is_taken_up=True),
    Act(id="send the form", prepare=_nothing, does=_fill_in),
    Act(id="send the sealed form", prepare=_nothing, does=_fill_in_sealed),
    Act(id="answer in the chat", prepare=_sent, does=_answered),
    Act(id="burn", prepare=_sent, does=_burnt),
    Act(id="follow", prepare=_sent, does=_followed),
    Act(id="add", prepare=_sent, does=_added),
    Act(id="withdraw", prepare=_sent, does=_withdrawn),
    Act(id="exchange the receipt", prepare=_sent, does=_exchanged),
)
OFFICERS: Sequence[Act] = (
    Act(id="open", prepare=_sent, does=_opened),
    Act(id="move", prepare=_sent, does=_moved),
    Act(id="note", prepare=_sent, does=_noted),
    Act(id="ask", prepare=_sent, does=_asked),
    Act(id="deliver", prepare=_sent_and_asked, does=_delivered, is_taken_up=True),
    Act(id="claim", prepare=_sent, does=_claimed),
    Act(id="hold", prepare=_sent, does=_held),
    Act(id="let go", prepare=_sent_and_held, does=_let_go),
    Act(id="type in", prepare=_nothing, does=_typed_in),
    Act(id="merge", prepare=_two_sent, does=_merged),
    Act(id="give away", prepare=_sent, does=_given_away),
    Act(id="black out", prepare=_sent, does=_redacted),
    Act(id="give the key", prepare=_sent_and_locked_out, does=_keys_given),
    Act(id="collect", prepare=_sent_and_answered, does=_collected, is_taken_up=True),
)
