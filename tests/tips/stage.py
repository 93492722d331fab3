"""A running program for acts to be done in: an officer with a key, one tip, one sender."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.app.locking import ServeRole
from bot.app.program import Program
from bot.app.serving import Serving
from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome
from bot.core.ids import TipId
from bot.core.languages import Language
from bot.core.messages import Address, Incoming, IncomingKind
from bot.core.officers import Officer, Role
from bot.core.storage import Work
from bot.core.tips import Report, Tip, TipCategory
from bot.core.turns import Effect
from bot.core.units import Unit, UnitKind
from bot.services.channels.channels import WEB
from bot.services.officers.accounts import NewOfficer
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.routes import OpenTalk, ReplyTo
from bot.services.tips.receiving.talks import Followed
from bot.services.units.units import UnitRow
from bot.vault.paper import Paper
from tests.builders.routing import the_answers
from tests.builders.town import PASSWORD

REPORT = Report(category=TipCategory.DRUGS, what="Nhà cuối ngõ có người lạ ra vào ban đêm.")
LOGIN = "lan"
# Where the officer is told that tips wait.
OFFICER_CHAT: Final = "officer-chat"
HAMLET = "TO1"
# Every recovery paper there was, the newest last.
_PAPERS: Final = "papers"


@dataclass(kw_only=True)
class Stage:
    """A program, the officer in it, and one tip with its sender."""

    program: Program
    serving: Serving
    reader: Reader
    say: Callable[[str], None] = lambda _: None
    facts: dict[str, str] = field(default_factory=dict)
    is_acting: bool = False

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

    async def tip(self) -> Tip:
        async with self.program.storage.read() as work:
            return await work.tips.get(self.tip_id)

    async def sent(self, report: Report = REPORT) -> None:
        """Let somebody send a tip and want to be answered in the chat."""
        commune = await commune_of(self.program)
        submission = await self.program.receiving.intake.submit(
            report, commune, reply_to=ReplyTo(address=self.address, language=Language.VI)
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


async def founded(program: Program, folder: Path) -> None:
    """Set the program up: one moderator, who also administers, is told of tips, and one hamlet."""
    await program.prepare()
    commune = await commune_of(program)
    hamlet = UnitRow(
        code=HAMLET, name="Tổ 1 Bịa", kind=UnitKind.NEIGHBOURHOOD, parent=commune.code
    )
    await program.units.add([hamlet], by="test")
    setup = program.vault.setup
    keep_paper(folder, Paper().whole(setup.pair.private))
    new = NewOfficer(
        login=LOGIN,
        name="Cán Bộ Bịa",
        password=PASSWORD,
        unit_id=commune.id,
        roles=frozenset({Role.MODERATOR, Role.ADMIN}),
    )
    officer = await program.officer_services.setting_up.finish(setup.token, new)
    code = await program.notices.make_code(officer)
    async with program.storage.begin() as work:
        to = Address(channel_id=WEB, chat=OFFICER_CHAT)
        await program.notices.link(work, code, to)
        await work.commit()


def keep_paper(folder: Path, whole: str) -> None:
    """Put a recovery paper into the safe, which is a file here."""
    with (folder / _PAPERS).open("a") as safe:
        safe.write(f"{whole}\n")


def papers_in(folder: Path) -> list[str]:
    """Return the recovery papers in the safe."""
    return (folder / _PAPERS).read_text().splitlines()


async def reader_of(program: Program, login: str, password: str) -> Reader | None:
    """Return an officer with the key in hand; signing in so often would be refused.

    None if the password opens no key of theirs.
    """
    async with program.storage.read() as work:
        officer = await work.officers.by_login(login)
        holders = await work.officers.holders_of(officer.id) if officer else []
    if officer is None or not await _fits(program, officer, password):
        return None
    living = [one for one in holders if one.retired_at is None] or holders
    if not living:
        return None
    locked = living[0].locked_private
    assert locked is not None
    private_key = await program.vault.officers.unlock(locked, password)
    return Reader(officer=officer, holder_id=living[0].id, private_key=private_key)


async def _fits(program: Program, officer: Officer, password: str) -> bool:
    return await program.vault.passwords.verify(officer.password_hash, password)


async def staged(program: Program, facts: Mapping[str, str]) -> Stage:
    """Start the program's parts, take up what was left, and give the moderator the key."""
    # They are the same for every start, and take longest to index.
    vars(program)["answers"] = the_answers()
    await program.prepare()
    await program.channels.refresh()
    reader = await reader_of(program, LOGIN, PASSWORD)
    assert reader is not None
    serving = Serving(program, ServeRole.ALL, is_demo=False)
    await serving._settle_the_past()
    return Stage(program=program, serving=serving, reader=reader, facts=dict(facts))


async def all_to_send(work: Work, now: datetime) -> list[Delivery]:
    """Take all that waits to be sent, in a transaction that the caller keeps or not."""
    sent: list[Delivery] = []
    until = now + timedelta(minutes=1)
    while rows := await work.deliveries.claim(
        WEB, [Lane.REPLY], 1_000, owner="look", now=now, lease_until=until
    ):
        sent += rows
        ids = [row.id for row in rows]
        about = {"owner": "look", "attempt_id": "look"}
        await work.deliveries.mark_sending(ids, now=now, until=until, **about)
        outcomes = [
            Outcome(delivery_id=one, attempt_id="look", state=DeliveryState.SENT) for one in ids
        ]
        await work.deliveries.record(outcomes, at=now)
    return sent
