"""What residents and officers do to a tip, each as the program does it, to be cut off anywhere."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from aiohttp.test_utils import TestServer

from bot.app.locking import ServeRole
from bot.app.program import Program
from bot.app.serving import Serving
from bot.core.ids import KeyHolderId, TipId
from bot.core.languages import Language
from bot.core.messages import Address, Incoming, IncomingKind
from bot.core.officers import HolderKind, Role
from bot.core.tips import Report, TipCategory, TipState
from bot.core.turns import Effect
from bot.core.units import Unit, UnitKind
from bot.services.channels.channels import WEB
from bot.services.officers.accounts import NewOfficer
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.routes import OpenTalk, ReplyTo
from bot.services.tips.receiving.talks import Followed
from bot.services.tips.talk import Letter
from bot.services.units.units import UnitRow
from tests.builders import PASSWORD, the_answers
from tests.journeys.test_leaks import RECEIPT, STEPS

REPORT = Report(category=TipCategory.DRUGS, what="Nhà cuối ngõ có người lạ ra vào ban đêm.")
QUESTION = "Bà con cho biết thêm: việc ấy thường vào giờ nào?"
ANSWER = Letter(text="Dạ khoảng 11 giờ đêm ạ.", pictures=(b"a clean picture",))
REASON = "Đã xác minh tại chỗ."
LOGIN = "lan"
HAMLET = "TO1"


@dataclass(kw_only=True)
class Stage:
    """A program, the officer in it, and one tip with its sender."""

    program: Program
    serving: Serving
    reader: Reader
    say: Callable[[str], None] = lambda _: None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def tip_id(self) -> TipId:
        return TipId(self.facts["tip"])

    @property
    def chat(self) -> str:
        return self.facts["chat"]

    @property
    def address(self) -> Address:
        return Address(channel_id=WEB, chat=self.chat)

    async def done(self, effect: Effect) -> None:
        async with self.program.storage.begin() as work:
            await effect(work)
            await work.commit()

    async def sent(self) -> None:
        """Let somebody send a tip and want to be answered in the chat."""
        commune = await commune_of(self.program)
        submission = await self.program.receiving.intake.submit(
            REPORT, commune, reply_to=ReplyTo(address=self.address, language=Language.VI)
        )
        await self.done(submission.effect)
        async with self.program.storage.read() as work:
            tip = await work.tips.by_locator(submission.receipt.locator)
        assert tip is not None
        self.facts |= {"receipt": submission.receipt.text, "tip": tip.id}

    async def followed(self) -> Followed:
        found = await self.program.receiving.talks.follow(self.facts["receipt"])
        assert found is not None
        return found

    async def talk(self) -> OpenTalk:
        conversation = self.program.envelopes.conversation(WEB, self.chat)
        (talk,) = await self.program.receiving.routes.talks(conversation)
        return talk

    async def says(self, number: int, text: str) -> None:
        """Let the chat's owner say something; the platform may bring it more than once."""
        incoming = Incoming(
            channel_id=WEB,
            event_id=f"{self.chat}-{number}",
            kind=IncomingKind.TEXT,
            chat=self.chat,
            sender=self.chat,
            text=text,
        )
        await self.serving._reception.receive([incoming])
        conversations = self.serving._conversations
        assert conversations is not None
        while await conversations.step():
            pass


async def commune_of(program: Program) -> Unit:
    """Return the unit above all others."""
    return next(unit for unit in await program.units.all() if unit.parent_id is None)


async def founded(program: Program) -> None:
    """Make what every start needs, one moderator and one hamlet."""
    await program.prepare()
    commune = await commune_of(program)
    hamlet = UnitRow(
        code=HAMLET, name="Tổ 1 Bịa", kind=UnitKind.NEIGHBOURHOOD, parent=commune.code
    )
    await program.units.add([hamlet], by="test")
    new = NewOfficer(
        login=LOGIN,
        name="Cán Bộ Bịa",
        password=PASSWORD,
        unit_id=commune.id,
        roles=frozenset({Role.MODERATOR}),
    )
    await program.officer_services.officers.add(new, by="test")


async def _reader(program: Program) -> Reader:
    """Return the moderator with the key in hand; signing in so often would be refused."""
    async with program.storage.read() as work:
        officer = await work.officers.by_login(LOGIN)
        assert officer is not None
        (holder,) = await work.officers.holders_of(officer.id)
    assert holder.locked_private is not None
    private_key = await program.vault.officers.unlock(holder.locked_private, PASSWORD)
    return Reader(officer=officer, holder_id=holder.id, private_key=private_key)


async def staged(program: Program, facts: Mapping[str, str]) -> Stage:
    """Start the program's parts, take up what was left, and give the moderator the key."""
    # They are the same for every start, and take longest to index.
    vars(program)["answers"] = the_answers()
    await program.prepare()
    await program.channels.refresh()
    reader = await _reader(program)
    serving = Serving(program, ServeRole.ALL, is_demo=False)
    await serving._settle_the_past()
    return Stage(program=program, serving=serving, reader=reader, facts=dict(facts))


Does = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that is done. `prepare` sees to what must have been there before.

    If it `is_taken_up`, a restart does the rest by itself: `does` again, as a platform that
    sends once more or a job that runs anew.
    """

    id: str
    prepare: Does
    does: Does
    is_taken_up: bool = False


async def _nothing(stage: Stage) -> None:
    stage.facts |= {"tip": ""}


async def _almost_sent(stage: Stage) -> None:
    stage.facts |= {"tip": ""}
    for number, said in enumerate(STEPS):
        await stage.says(number, said)


async def _send(stage: Stage) -> None:
    await stage.says(len(STEPS), "Gửi tin")


async def _fill_in(stage: Stage) -> None:
    server = TestServer(stage.serving._server(), host="127.0.0.1")
    await server.start_server(access_log=None)
    try:
        async with aiohttp.ClientSession() as http:
            form = {"category": "drugs", "what": REPORT.what}
            async with http.post(server.make_url("/to-giac"), data=form) as answer:
                shown = RECEIPT.search(await answer.text())
                assert shown is not None, await answer.text()
                stage.say(f"receipt {shown.group()}")
    finally:
        await server.close()


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


RESIDENTS: Sequence[Act] = (
    Act(id="send in the chat", prepare=_almost_sent, does=_send, is_taken_up=True),
    Act(id="send the form", prepare=_nothing, does=_fill_in),
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
    Act(id="merge", prepare=_two_sent, does=_merged),
    Act(id="give away", prepare=_sent, does=_given_away),
    Act(id="black out", prepare=_sent, does=_redacted),
    Act(id="give the key", prepare=_sent_and_locked_out, does=_keys_given),
    Act(id="collect", prepare=_sent_and_answered, does=_collected, is_taken_up=True),
)
BY_ID = {act.id: act for act in (*RESIDENTS, *OFFICERS)}
